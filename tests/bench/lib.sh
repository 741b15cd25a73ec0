# lib.sh - what the benchmarks share; sourced, with `here` set to this folder, `dir` to the one
# that keeps data and the rival, `bin` to the programs and `tmp` to a folder of this run.

# Sets `rival` to DuckDB's library and `version`; both are empty when it can't be had.
find_rival() {
	local machine package
	rival=${TT_BENCH_DUCKDB-} version=
	case $(uname -m) in x86_64) machine=x64 ;; *) machine=arm64 ;; esac
	package=@duckdb/node-bindings-linux-$machine
	if [ -z "$rival" ] && command -v npm >/dev/null; then
		rival=$dir/npm/node_modules/$package/libduckdb.so
		[ -e "$rival" ] || npm i --ignore-scripts --no-audit --no-fund --prefix "$dir/npm" \
			"$package@1.5.6-r.1" >"$tmp/npm.log" 2>&1 ||
			{ say "no DuckDB from npm:"; tail -n 3 "$tmp/npm.log" >&2; }
	fi
	[ -n "$rival" ] && version=$("$bin/duck" "$rival" version 2>/dev/null)
	[ -n "$version" ] || say "without the rival: DuckDB can't be had"
}

# value KEY <file: of every line that has it.
value() { sed -n "s/.*\<$1=\([^ ]*\).*/\1/p"; }
# one FILE KEY: the median
one() {
	value "$2" <"$1" | sort -n |
		awk '{ v[NR] = $1 }
			END { if (NR) print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}
# timed FILE COMMAND...: what the command says, and what it cost, as one line of FILE
timed() {
	local to=$1
	shift
	"$bin/measure" "$tmp/cost" 1 "$@" >"$tmp/said" || { say "failed: $*"; exit 1; }
	grep '^check ' "$tmp/said" >"$to.check"
	{ grep -v '^check ' "$tmp/said"; cat "$tmp/cost"; } | tr '\n' ' ' >>"$to"
	echo >>"$to"
}

f() { awk "BEGIN { printf \"$1\", $2 }"; } # FORMAT EXPRESSION
mib() { f %.1f "$(one "$1" "$2")/1024"; } # FILE KEY
row() { printf '| %s | %s |\n' "$1" "$2"; }
machine_text() {
	echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) processors;"
}

# update_readme NAME <table: what README.md has between the two comments of that name.
update_readme() {
	cat >"$tmp/figures"
	awk -v name="$1" -v table="$tmp/figures" '
		$0 == "<!-- " name " end -->" { skip = 0 }
		!skip
		$0 == "<!-- " name " -->" {
			skip = 1
			while ((getline line < table) > 0)
				print line
		}' "$here/README.md" >"$tmp/README" && cp "$tmp/README" "$here/README.md"
}
