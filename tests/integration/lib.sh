# lib.sh - what the integration tests share; sourced, not a test of its own.
#
# Every test runs in a fresh folder of its own, so names are relative and short.
# What the program may leave behind is looked for in ./out and ./tmp (its TMPDIR).
set -u
mkdir -p out tmp || exit 1
export TMPDIR=$PWD/tmp
failures=0

# A check that does not hold is printed; the test goes on and fails at its end.
bad() {
	echo "FAILED: $*" >&2
	failures=$((failures + 1))
}
fail() {
	echo "FAILED: $*" >&2
	exit 1
}
skip() {
	echo "skipped: $*"
	exit 77
}
# To be the last line of a test.
finish() {
	[ "$failures" -eq 0 ] || fail "$failures checks"
}

# sql FILE STATEMENT: on one line for each row, columns apart by |
sql() {
	sqlite3 -batch -noheader "$1" "$2"
}

# json FILE PATH: a value of a JSON document, "" for null
json() {
	sqlite3 -batch -noheader :memory: \
		"SELECT json_extract(CAST(readfile('$1') AS TEXT), '$2')"
}

# plain_fleet FOLDER: the least fleet with something in every table that the tests
# break: two nodes, three pods, twelve hours.
plain_fleet() {
	rm -rf "$1" && mkdir -p "$1" || exit 1
	cat >"$1/snapshot.yaml" <<-'END'
		name: plain
		start: 2026-03-02T00:00:00Z
		end: 2026-03-02T12:00:00Z
		currency: EUR
	END
	cat >"$1/nodes.csv" <<-'END'
		node,node_group,instance_type,gpu_model,gpus,gpu_memory_mib,pricing,price_per_hour,started_at,ended_at,labels
		n1,g,i2,l4,2,24576,on_demand,3.25,,,
		n2,g,i1,l4,1,24576,on_demand,1.75,,,team=red
	END
	cat >"$1/pods.csv" <<-'END'
		pod,namespace,node,workload,workload_kind,gpus,gpu_sharing,started_at,ended_at,outcome,labels
		p1,a,n1,w1,inference,1,none,,,running,team=red
		p2,a,n1,w2,training,1,none,,,running,team=blue
		p3,b,n2,w3,batch,1,none,2026-03-02T00:00:00Z,2026-03-02T02:00:00Z,succeeded,
	END
	cat >"$1/prices.csv" <<-'END'
		provider,region,instance_type,gpu_model,gpus,pricing,payment,price_per_hour,as_of
		,,i2,l4,2,on_demand,,3.5,2026-01-01T00:00:00Z
		,,i1,l4,1,on_demand,,1.75,2026-01-01T00:00:00Z
	END
	cat >"$1/traffic.csv" <<-'END'
		time,workload,requests
		2026-03-02T00:00:00Z,w1,10
		2026-03-02T00:05:00Z,w1,12
	END
	# 144 times, three cards each: lines 2 to 433
	awk 'BEGIN {
		print "time,node,gpu,pod,gpu_util_pct,fb_used_mib"
		for (t = 1772409600; t < 1772452800; t += 300) {
			print t ",n1,0,p1," t / 300 % 90 ",20000"
			print t ",n1,1,p2,0,512"
			print t ",n2,0," (t < 1772416800 ? "p3,50,1000" : ",0,0")
		}
	}' >"$1/gpu_usage.csv"
}

# one_line FILE TEXT...: FILE is one line of the program's own with every TEXT in it
one_line() {
	local file=$1 text
	shift
	if [ "$(wc -l <"$file")" -ne 1 ] || ! grep -q '^trimtab: ' "$file"; then
		bad "$case_: not one line of the program's own: $(head -c 2000 "$file")"
		return
	fi
	[ "$(wc -c <"$file")" -le 1100 ] || bad "$case_: the line is $(wc -c <"$file") bytes long"
	for text in "$@"; do
		grep -qF -e "$text" "$file" || bad "$case_: no <$text> in: $(cat "$file")"
	done
}

# runs STATUS COMMAND...: the program ends with STATUS; what it says is in stdout.txt
# and stderr.txt
runs() {
	local want=$1 status=0
	shift
	"$@" >stdout.txt 2>stderr.txt || status=$?
	[ "$status" -eq "$want" ] && return 0
	bad "$case_: exit $status, want $want: ${*:2}: $(head -c 1000 stderr.txt)"
	return 1
}

# nothing_left: neither the output nor anything half-written
nothing_left() {
	local left
	left=$(find out tmp -mindepth 1 | head -n 5)
	[ -z "$left" ] || bad "$case_: left behind: $left"
	rm -rf out/* tmp/*
}

# refused COMMAND... -- TEXT...: exit 3, nothing on stdout, one line, nothing left
refused() {
	local command=()
	while [ "$1" != -- ]; do
		command+=("$1")
		shift
	done
	shift
	runs 3 "${command[@]}" || return 0
	[ ! -s stdout.txt ] || bad "$case_: says on stdout: $(head -n 3 stdout.txt)"
	one_line stderr.txt "$@"
	nothing_left
}
