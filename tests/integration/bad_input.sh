#!/usr/bin/env bash
# Every kind of bad input: refused in one line with file, line and column, the value
# and what was expected; exit 3; nothing half-written. Where single rows are to
# blame, --lenient goes on without them and says so.
. "$TT_SOURCE/tests/integration/lib.sh"

begin() { # WHAT: a fresh fleet to break
	case_=$1
	plain_fleet fleet
}
line() { # FILE N TEXT: line N becomes TEXT
	sed -i "$2c\\$3" "fleet/$1"
}
row() { # FILE TEXT: a further row
	printf '%s\n' "$2" >>"fleet/$1"
}

# bad_file TEXT...: there is no way to go on
bad_file() {
	refused "$TRIMTAB" snapshot build fleet -o out/fleet.db -- "$@"
	refused "$TRIMTAB" snapshot build fleet -o out/fleet.db --lenient -- "$@"
	refused "$TRIMTAB" audit fleet -- "$@"
}

# bad_row TABLE KIND TEXT...: refused, or counted where one can go on without it
bad_row() {
	local table=$1 kind=$2 first text
	shift 2
	refused "$TRIMTAB" snapshot build fleet -o out/fleet.db -- "$@"
	refused "$TRIMTAB" audit fleet --format json -- "$@"
	runs 0 "$TRIMTAB" snapshot build fleet -o out/fleet.db --lenient || return 0
	first=$(sql out/fleet.db "SELECT first FROM rejects
		WHERE table_name = '$table' AND kind = '$kind' AND n > 0")
	for text in "$@"; do
		case $first in
		*"$text"*) ;;
		*) bad "$case_: no <$text> in the first rejected row: <$first>" ;;
		esac
	done
	runs 0 "$TRIMTAB" snapshot check out/fleet.db
	runs 0 "$TRIMTAB" snapshot info out/fleet.db
	grep -qF "$kind" stdout.txt || bad "$case_: snapshot info does not say <$kind>"
	runs 0 "$TRIMTAB" audit out/fleet.db --format json
	mv stdout.txt audit.json
	[ "$(json audit.json '$.snapshot.rejected_rows')" = \
		"$(sql out/fleet.db 'SELECT sum(n) FROM rejects')" ] ||
		bad "$case_: rejected_rows of the audit are not those of the snapshot"
	grep -qF "${1%%:*}" audit.json || bad "$case_: the audit does not name the file"
	runs 1 "$TRIMTAB" audit out/fleet.db --format json --strict
	cmp -s stdout.txt audit.json || bad "$case_: --strict changes more than the verdict"
	runs 1 "$TRIMTAB" audit fleet --lenient --strict --format json
	rm -rf out/*
}

# --- The plain fleet itself --------------------------------------------------------------
begin "the plain fleet"
runs 0 "$TRIMTAB" snapshot build fleet -o plain.db
one_line stderr.txt "wrote plain.db"
# What detectors lack in half a day of two counters is all that there is to say against it.
runs 1 "$TRIMTAB" audit fleet --format json --strict
grep -v "^trimtab: --strict: detector [a-z_]* lacks data: " stderr.txt &&
	bad "$case_: a fault besides"
runs 0 "$TRIMTAB" audit fleet --format json

same_as_plain() { # the fleet still gives the plain one's bytes
	runs 0 "$TRIMTAB" snapshot build fleet -o out/fleet.db || return 0
	cmp -s plain.db out/fleet.db || bad "$case_: another snapshot than the plain one"
	rm -rf out/*
}
begin "CRLF"
sed -i 's/$/\r/' fleet/*
same_as_plain
begin "a byte order mark"
sed -i '1s/^/\xef\xbb\xbf/' fleet/*
same_as_plain
begin "no last newline"
for file in fleet/*; do truncate -s -1 "$file"; done
same_as_plain
begin "CRLF, a byte order mark and no last newline"
sed -i 's/$/\r/; 1s/^/\xef\xbb\xbf/' fleet/*
for file in fleet/*; do truncate -s -2 "$file"; done
same_as_plain
begin "columns in another order"
awk -F, -v OFS=, '{ t = $1; $1 = $6; $6 = t; print }' fleet/gpu_usage.csv >turned
mv turned fleet/gpu_usage.csv
awk -F, -v OFS=, '{ t = $1; $1 = $4; $4 = t; print }' fleet/nodes.csv >turned
mv turned fleet/nodes.csv
same_as_plain

# --- Files -------------------------------------------------------------------------------
begin "no such folder"
rm -rf fleet
bad_file "fleet" "No such file or directory"
begin "an empty folder"
rm fleet/*
bad_file "fleet" "no snapshot.yaml"
begin "no snapshot.yaml"
rm fleet/snapshot.yaml
bad_file "fleet" "no snapshot.yaml"
begin "an empty snapshot.yaml"
: >fleet/snapshot.yaml
bad_file "snapshot.yaml:1"
begin "an unknown key in snapshot.yaml"
row snapshot.yaml "colour: red"
bad_file "snapshot.yaml:5:1" '"colour"' "expected one of"
begin "a window that ends before it starts"
line snapshot.yaml 3 "end: 2026-03-01T00:00:00Z"
bad_file "snapshot.yaml:3:6" '"2026-03-01T00:00:00Z"' "a time after start"
begin "a currency that is none"
line snapshot.yaml 4 "currency: euro"
bad_file "snapshot.yaml:4:11" '"euro"' "three capital letters"
for file in nodes.csv pods.csv prices.csv traffic.csv gpu_usage.csv; do
	begin "an empty $file"
	: >"fleet/$file"
	bad_file "$file:1:1" "empty" "expected a header line"
done
begin "no header in nodes.csv"
sed -i 1d fleet/nodes.csv
bad_file "nodes.csv:1" 'no column "node"' '"n1"'
begin "no header in gpu_usage.csv"
sed -i 1d fleet/gpu_usage.csv
bad_file "gpu_usage.csv:1" 'no column "time"' 1772409600
begin "a missing column in pods.csv"
sed -i '1s/^pod,/name,/' fleet/pods.csv
bad_file "pods.csv:1" 'no column "pod"' '"name"'
begin "a missing column in prices.csv"
sed -i '1s/price_per_hour/price/' fleet/prices.csv
bad_file "prices.csv:1" 'no column "price_per_hour"' '"price"'
begin "a missing column in gpu_usage.csv"
sed -i '1s/,gpu,/,card,/' fleet/gpu_usage.csv
bad_file "gpu_usage.csv:1" 'no column "gpu"' card
begin "a column twice in nodes.csv"
sed -i '1s/node_group/node/' fleet/nodes.csv
bad_file "nodes.csv:1" '"node"'
begin "a column twice in gpu_usage.csv"
sed -i '1s/fb_used_mib/gpu_util_pct/' fleet/gpu_usage.csv
bad_file "gpu_usage.csv:1" 'gpu_util_pct'
begin "a table twice"
gzip -k fleet/pods.csv
bad_file "fleet/pods.csv" "fleet/pods.csv.gz" "both there"
begin "a folder where a table should be"
rm fleet/pods.csv && mkdir fleet/pods.csv
bad_file "fleet/pods.csv" "Is a directory"
for file in pods.csv gpu_usage.csv; do
	begin "$file.gz cut off"
	gzip "fleet/$file"
	truncate -s -9 "fleet/$file.gz"
	bad_file "fleet/$file.gz" "cut off or damaged gzip data after"
	begin "$file.gz damaged"
	gzip "fleet/$file"
	printf 'rubbish' | dd of="fleet/$file.gz" bs=1 seek=60 conv=notrunc status=none
	bad_file "$file.gz"
done
begin "a quote that is never closed in pods.csv"
row pods.csv 'p9,"a,n1'
bad_file "pods.csv:5:4" "quote that is never closed"
begin "a quote that is never closed in gpu_usage.csv"
row gpu_usage.csv '1772409600,"n1,0,p1,1,1'
bad_file "gpu_usage.csv:434" "quote that is never closed"

# --- Values ------------------------------------------------------------------------------
begin "a wrong type in nodes.csv"
line nodes.csv 2 "n1,g,i2,l4,two,24576,on_demand,3.25,,,"
bad_row nodes "wrong type" "nodes.csv:2:12" 'gpus is "two"' "expected a whole number"
begin "a wrong type in gpu_usage.csv"
line gpu_usage.csv 4 "1772409600,n2,0,p3,half,1000"
bad_row gpu_usage "wrong value" "gpu_usage.csv:4:20" 'gpu_util_pct is "half"' "from 0 to 100"
begin "a time that is none in pods.csv"
sed -i '4s/2026-03-02T02:00:00Z/2 pm/' fleet/pods.csv
bad_row pods "wrong type" "pods.csv:4:46" 'ended_at is "2 pm"' "expected a time"
begin "a time that is none in gpu_usage.csv"
line gpu_usage.csv 4 "2026-03-02 00:00:00,n2,0,p3,50,1000"
bad_row gpu_usage "wrong time" "gpu_usage.csv:4:1" '"2026-03-02 00:00:00"' "expected"
begin "a word that is none"
sed -i '3s/training/trainng/' fleet/pods.csv
bad_row pods "unknown word" "pods.csv:3:12" '"trainng"' "training"
for value in NaN inf -Infinity 1e999; do
	begin "$value in nodes.csv"
	line nodes.csv 2 "n1,g,i2,l4,$value,24576,on_demand,3.25,,,"
	bad_row nodes "wrong type" "nodes.csv:2:12" "gpus is \"$value\"" "expected"
	begin "$value as a price"
	line prices.csv 3 ",,i1,l4,1,on_demand,,$value,2026-01-01T00:00:00Z"
	bad_row prices "wrong type" "prices.csv:3:22" "price_per_hour is \"$value\"" "expected"
	begin "$value in gpu_usage.csv"
	line gpu_usage.csv 4 "1772409600,n2,0,p3,50,$value"
	bad_row gpu_usage "wrong value" "gpu_usage.csv:4:23" "fb_used_mib is \"$value\"" "expected"
done
begin "negative hours"
line pods.csv 4 "p3,b,n2,w3,batch,1,none,2026-03-02T02:00:00Z,2026-03-02T00:00:00Z,succeeded,"
bad_row pods "end before start" "pods.csv:4:46" '"2026-03-02T00:00:00Z"' \
	"started_at 2026-03-02T02:00:00Z"
begin "an end before the start of a node"
line nodes.csv 3 "n2,g,i1,l4,1,24576,on_demand,,2026-03-02T02:00:00Z,2026-03-02T01:00:00Z,"
bad_row nodes "end before start" "nodes.csv:3:52" '"2026-03-02T01:00:00Z"' \
	"started_at 2026-03-02T02:00:00Z"
begin "negative cards"
line nodes.csv 2 "n1,g,i2,l4,-2,24576,on_demand,3.25,,,"
bad_row nodes "out of range" "nodes.csv:2:12" 'gpus is "-2"' "of at least 0"
begin "a negative price"
line nodes.csv 2 "n1,g,i2,l4,2,24576,on_demand,-3.25,,,"
bad_row nodes "out of range" "nodes.csv:2:30" 'price_per_hour is "-3.25"' "of at least 0"
begin "a negative count"
row traffic.csv "2026-03-02T00:10:00Z,w1,-3"
bad_row traffic "out of range" "traffic.csv:4:25" 'requests is "-3"' "of at least 0"
begin "a negative reading"
line gpu_usage.csv 4 "1772409600,n2,0,p3,50,-1000"
bad_row gpu_usage "wrong value" "gpu_usage.csv:4:23" 'fb_used_mib is "-1000"' "of at least 0"
begin "more than all"
line gpu_usage.csv 4 "1772409600,n2,0,p3,100.5,1000"
bad_row gpu_usage "wrong value" "gpu_usage.csv:4:20" 'gpu_util_pct is "100.5"' "from 0 to 100"
begin "more digits than the scale"
line nodes.csv 2 "n1,g,i2,l4,2,24576,on_demand,3.2512345678901,,,"
bad_row nodes "too many digits" "nodes.csv:2:30" '"3.2512345678901"' "at most 12"
begin "too large a price"
line nodes.csv 2 "n1,g,i2,l4,2,24576,on_demand,1000000000000000,,,"
bad_row nodes "out of range" "nodes.csv:2:30" '"1000000000000000"' "below 1000000000000000"
begin "a short row"
row nodes.csv "n3,g,i1,l4"
bad_row nodes "malformed row" "nodes.csv:4" "has 4 fields" "the header has 11"
begin "a short row of usage"
row gpu_usage.csv "1772409600,n1,0"
bad_row gpu_usage "wrong number of fields" "gpu_usage.csv:434:16" "has 3 fields" "the header has 6"
begin "a name that is missing"
row pods.csv ",a,n1,w1,batch,1,none,,,running,"
bad_row pods "missing value" "pods.csv:5:1" "pod"
begin "a node that is missing"
row gpu_usage.csv "1772409600,,0,p1,1,1"
bad_row gpu_usage "missing value" "gpu_usage.csv:434:12" "node" "expected a node's name"

# --- Rows that contradict one another ----------------------------------------------------
begin "two rows for one node"
row nodes.csv "n1,g,i2,l4,4,24576,on_demand,3.25,,,"
bad_row nodes "conflicting duplicate" "nodes.csv:4" '"n1"' "gpus is 4" "in line 2 it is 2"
begin "two readings of one card and pod at one time"
row gpu_usage.csv "1772409600,n1,0,p1,77,20000"
bad_row gpu_usage "conflicting duplicate" "gpu_usage.csv:434" '"n1/0"' "gpu_util_pct is 77" \
	"2026-03-02T00:00:00Z" "in line 2 it is 72"
begin "two whole pods on one card in pods.csv"
row pods.csv "p9,a,n1,w1,inference,2,none,,,running,team=red"
bad_row pods "two whole pods on one card" "pods.csv:5" '"p9" needs 2 cards of node "n1"' \
	"2026-03-02T00:00:00Z" 'pod "p1" (line 2)'
begin "two whole pods on one card in gpu_usage.csv"
row gpu_usage.csv "1772409600,n1,0,p2,0,20000"
bad_row gpu_usage "two whole pods on one card" "gpu_usage.csv:434" '"n1/0"' '"p1"' '"p2"' \
	"2026-03-02T00:00:00Z"
begin "an unknown node in pods.csv"
row pods.csv "p9,a,n7,w1,inference,1,none,,,running,"
bad_row pods "unknown node" "pods.csv:5" '"n7"' '"p9"' "nodes.csv"
begin "an unknown node in gpu_usage.csv"
row gpu_usage.csv "1772409600,n7,0,p1,0,20000"
bad_row gpu_usage "unknown node" "gpu_usage.csv:434:12" '"n7"' "expected a node of nodes.csv"
begin "two prices for one key and date"
row prices.csv ",,i1,l4,1,on_demand,,2.5,2026-01-01T00:00:00Z"
bad_row prices "two prices for one key and date" "prices.csv:4" '"i1"' "price_per_hour is 2.5" \
	"in line 3 it is 1.75"
begin "two counts at one time"
row traffic.csv "2026-03-02T00:05:00Z,w1,13"
bad_row traffic "conflicting duplicate" "traffic.csv:4" '"w1"' "requests is 13" "in line 3 it is 12"

# Equal rows are no contradiction: they count once, which is said.
begin "equal rows"
for file in nodes.csv pods.csv prices.csv traffic.csv gpu_usage.csv; do
	sed -n 2p "fleet/$file" >>"fleet/$file"
done
runs 0 "$TRIMTAB" snapshot build fleet -o out/fleet.db
for file in nodes.csv pods.csv prices.csv traffic.csv gpu_usage.csv; do
	[ "$(sql out/fleet.db "SELECT duplicates FROM inputs WHERE file = '$file'")" = 1 ] ||
		bad "$case_: not counted in $file"
	[ "$(sql out/fleet.db "SELECT count(*) FROM notes WHERE note LIKE '$file%once'")" = 1 ] ||
		bad "$case_: no note for $file"
done
rm -rf out/*

# --- Bytes -------------------------------------------------------------------------------
begin "NUL in nodes.csv"
printf 'n3,g\0g,i1,l4,1,,,,,,\n' >>fleet/nodes.csv
bad_row nodes "malformed row" "nodes.csv:4:5" "NUL byte" "expected text"
begin "NUL in gpu_usage.csv"
printf '1772409600,n\0001,0,p1,1,20000\n' >>fleet/gpu_usage.csv
bad_row gpu_usage "NUL byte" "gpu_usage.csv:434:13" "NUL byte" "expected text"
begin "invalid UTF-8 in nodes.csv"
printf 'n3,g\377g,i1,l4,1,,,,,,\n' >>fleet/nodes.csv
bad_row nodes "malformed row" "nodes.csv:4:5" "not valid UTF-8"
begin "invalid UTF-8 in gpu_usage.csv"
printf '1772409600,n1,0,p\3771,1,20000\n' >>fleet/gpu_usage.csv
bad_row gpu_usage "invalid UTF-8" "gpu_usage.csv:434:18" "not valid UTF-8"
begin "invalid UTF-8 in snapshot.yaml"
printf 'note: "\377"\n' >>fleet/snapshot.yaml
bad_file "snapshot.yaml:5" "UTF-8"
begin "a line of 100 MB in pods.csv"
head -c 100000000 /dev/zero | tr '\0' x >>fleet/pods.csv
bad_file "pods.csv:5:" "longer than 1048576 bytes"
begin "a line of 100 MB in gpu_usage.csv"
{
	printf '1772409600,n1,0,p1,1,'
	head -c 100000000 /dev/zero | tr '\0' 1
	echo
} >>fleet/gpu_usage.csv
bad_file "gpu_usage.csv:434" "longer than 1048576 bytes"
begin "a quoted field of 100 MB in gpu_usage.csv"
{
	printf '1772409600,n1,0,"'
	head -c 100000000 /dev/zero | tr '\0' '\n'
	printf '",1,1\n'
} >>fleet/gpu_usage.csv
bad_file "gpu_usage.csv:434" "longer than 1048576 bytes"

# --- Sums --------------------------------------------------------------------------------
begin "a cost that overflows"
line nodes.csv 2 "n1,g,i2,l4,2,24576,on_demand,999999999999999,,,"
refused "$TRIMTAB" audit fleet -- "n1" "999999999999999"
begin "a sum of costs that overflows"
line nodes.csv 2 "n1,g,i2,l4,2,24576,on_demand,700000000000,,,"
line nodes.csv 3 "n2,g,i1,l4,1,24576,on_demand,700000000000,,,"
refused "$TRIMTAB" audit fleet -- "cost of all nodes" "more money than can be counted"
begin "a month that overflows while the window does not"
line nodes.csv 2 "n1,g,i2,l4,2,24576,on_demand,700000000000,,,"
runs 0 "$TRIMTAB" audit fleet --format json
[ "$(json stdout.txt '$.spend.total')" = 8400000000021.000000 ] ||
	bad "$case_: the total is $(json stdout.txt '$.spend.total')"
[ -z "$(json stdout.txt '$.findings[0].spend_concerned_per_month')" ] ||
	bad "$case_: a month that can't be counted is $(json stdout.txt '$.findings[0]')"

# --- Snapshot files ----------------------------------------------------------------------
bad_snapshot() { # TEXT...: out/.. stays empty: the file lies in ./
	local command
	for command in "snapshot check" "snapshot info" "audit"; do
		# shellcheck disable=SC2086 # two words
		refused "$TRIMTAB" $command broken.db -- "broken.db" "$@"
	done
}
case_="a database that is not ours"
rm -f broken.db && sql broken.db "CREATE TABLE nodes (node TEXT)"
bad_snapshot "not a trimtab snapshot"
case_="values that no build writes"
cp plain.db broken.db && sql broken.db "UPDATE nodes SET price_per_hour = '-5'"
bad_snapshot "damaged: row 1 of nodes: price_per_hour"
cp plain.db broken.db && sql broken.db "UPDATE carriers SET node = 'zz' WHERE id = 1"
bad_snapshot "damaged: carrier \"zz/0\" is"
case_="a newer snapshot"
cp plain.db broken.db && sql broken.db "PRAGMA user_version = 99"
bad_snapshot "99" "newer"
case_="an empty file"
: >broken.db
bad_snapshot
case_="a text file"
cp fleet/nodes.csv broken.db
bad_snapshot
size=$(stat -c %s plain.db)
for part in 20 4096 $((size / 2)) $((size - 2048)); do
	case_="a snapshot cut off at $part bytes"
	head -c "$part" plain.db >broken.db
	bad_snapshot
done
case_="a table that is gone"
cp plain.db broken.db && sql broken.db "DROP TABLE prices"
bad_snapshot "prices"
# Damage where a command does not look is none to it; what it does look at it names.
for column in histogram hourly; do
	case_="a packed $column that is damaged"
	cp plain.db broken.db
	sql broken.db "UPDATE measures SET $column = x'FFFFFF' WHERE metric = 'gpu_util_pct'"
	refused "$TRIMTAB" snapshot check broken.db -- "broken.db" "gpu_util_pct of n1/0" "damaged"
done
case_="a packed histogram that is damaged"
cp plain.db broken.db
sql broken.db "UPDATE measures SET histogram = x'FFFFFF' WHERE metric = 'gpu_util_pct'"
refused "$TRIMTAB" snapshot info broken.db -- "broken.db" "damaged"
for how in "" --in-process "--threads 1"; do # the input's failure, no detector's
	# shellcheck disable=SC2086 # none, or words
	refused "$TRIMTAB" audit broken.db $how -- "broken.db: gpu_util_pct of n" "damaged"
done
case_="a curve that is damaged"
cp plain.db broken.db && sql broken.db "UPDATE traffic SET requests = x'00'"
bad_snapshot
# Damage anywhere: said, or not where it matters; never a crash.
RANDOM=7 found=0
for i in $(seq 40); do
	case_="byte flip $i"
	cp plain.db broken.db
	at=$(((RANDOM * 32768 + RANDOM) % size))
	[ $((i % 2)) -eq 0 ] || at=$((at / 2048 * 2048 + RANDOM % 12)) # where a page begins
	printf '\xa5' | dd of=broken.db bs=1 seek="$at" conv=notrunc status=none
	for command in "snapshot check" "audit"; do
		status=0
		# shellcheck disable=SC2086
		"$TRIMTAB" $command broken.db >stdout.txt 2>stderr.txt || status=$?
		case $status in
		0) ;;
		3) found=$((found + 1)) && one_line stderr.txt "broken.db" ;;
		*) bad "$case_ at $at: $command: exit $status: $(head -c 500 stderr.txt)" ;;
		esac
	done
	nothing_left
done
[ "$found" -ge 8 ] || bad "only $found of 80 looks at damaged files found the damage"

# --- Where the snapshot goes -------------------------------------------------------------
begin "a full disk"
(
	trap '' XFSZ # then a write over the limit fails and does not kill
	ulimit -f 16
	failures=0
	refused "$TRIMTAB" snapshot build fleet -o out/fleet.db -- "out/fleet.db"
	exit "$failures"
) || bad "$case_ (limit on the size of a file)"
rm -rf out/*
mkdir -p full
if mount -t tmpfs -o size=64k none full 2>/dev/null; then
	cp plain.db full/fleet.db 2>/dev/null && truncate -s 4096 full/fleet.db
	cp full/fleet.db before.db
	refused "$TRIMTAB" snapshot build fleet -o full/fleet.db -- "full" "No space left on device"
	cmp -s before.db full/fleet.db || bad "$case_: the old file is gone"
	[ "$(ls full)" = fleet.db ] || bad "$case_: left behind: $(ls full)"
	refused env TMPDIR="$PWD/full" "$TRIMTAB" audit fleet -- "full/"
	[ "$(ls full)" = fleet.db ] || bad "$case_: left behind: $(ls full)"
	umount full
else
	echo "a disk that is really full is not tried: tmpfs can't be mounted here"
fi
case_="standard output is full"
for command in "audit fleet" "audit fleet --format json" "snapshot info fleet" "--help"; do
	status=0
	# shellcheck disable=SC2086
	"$TRIMTAB" $command >/dev/full 2>stderr.txt || status=$?
	[ "$status" -ge 3 ] && [ "$status" -le 4 ] || bad "$case_: exit $status: $command"
	one_line stderr.txt "stdout" "No space left on device"
done

begin "a folder that is not there"
refused "$TRIMTAB" snapshot build fleet -o nowhere/fleet.db -- "nowhere" "No such file"
begin "a file used as a folder"
refused "$TRIMTAB" snapshot build fleet -o plain.db/fleet.db -- "plain.db" "Not a directory"
begin "a folder in the way"
mkdir taken.db
refused "$TRIMTAB" snapshot build fleet -o taken.db -- "taken.db"
rmdir taken.db || bad "$case_: it is no longer empty"
begin "another's database in the way"
rm -f other.db && sql other.db "CREATE TABLE precious (a)"
refused "$TRIMTAB" snapshot build fleet -o other.db -- "other.db: is there and is no snapshot"
[ "$(sql other.db "SELECT name FROM sqlite_master")" = precious ] || bad "$case_: it is gone"
begin "a device in the way"
refused "$TRIMTAB" snapshot build fleet -o /dev/null -- "/dev/null"
[ -c /dev/null ] || fail "/dev/null is gone"

# What root may do anyway is tried as nobody.
as_nobody=()
if [ "$(id -u)" -eq 0 ]; then
	as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
fi
plain_fleet fleet
cp plain.db out/fleet.db
chmod 444 out/fleet.db
chmod 1777 tmp
chmod 755 . && chmod -R go+rX fleet && chmod 555 out
if "${as_nobody[@]}" test -x "$TRIMTAB" -a -r "$TT_BUILD/lib/trimtab/plugins/csv.so" \
	-a -r "$PWD/fleet/nodes.csv" 2>/dev/null; then
	case_="an unwritable folder"
	runs 3 "${as_nobody[@]}" "$TRIMTAB" snapshot build fleet -o out/new.db
	one_line stderr.txt "out" "Permission denied"
	[ "$(ls out)" = fleet.db ] || bad "$case_: left behind: $(ls out)"
	case_="no permission to read"
	chmod 000 fleet/pods.csv
	runs 3 "${as_nobody[@]}" "$TRIMTAB" audit fleet
	one_line stderr.txt "fleet/pods.csv" "Permission denied"
	case_="a read-only snapshot"
	for command in "audit" "snapshot check" "snapshot info"; do
		# shellcheck disable=SC2086
		runs 0 "${as_nobody[@]}" "$TRIMTAB" $command out/fleet.db
	done
	[ "$(ls out)" = fleet.db ] || bad "$case_: left behind: $(ls out)"
else
	echo "not tried as nobody: $TRIMTAB can't be run without being root"
fi
chmod 755 out && rm -rf out/* tmp/*

# --- The configuration -------------------------------------------------------------------
begin "an unknown key in the configuration"
printf 'threshold: 5\n' >trimtab.conf.yaml
refused "$TRIMTAB" audit fleet --config trimtab.conf.yaml -- "trimtab.conf.yaml:1:1" \
	'"threshold" is not a setting' "owner_keys"
begin "a configuration that is not there"
refused "$TRIMTAB" audit fleet --config nowhere.yaml -- "nowhere.yaml" "No such file"
begin "the configuration in the folder one is in"
printf 'threshold: 5\n' >trimtab.yaml
refused "$TRIMTAB" audit fleet -- "trimtab.yaml:1:1" '"threshold"'
rm trimtab.yaml

finish
