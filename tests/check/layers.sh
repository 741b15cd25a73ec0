#!/usr/bin/env bash
# Who may know whom. A folder of core includes only itself and folders before it
# in the list; a foreign library is known to one folder; plugins include only
# plugin.h, the C library and files of their own; core names no plugin.
set -u
root=${TT_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
cd "$root" || exit 1
shopt -s nullglob globstar
rc=0

awk '
	BEGIN {
		n = split("base maths snapshot bill change finding host rules simulate commit" \
			" rank report cli", order, " ")
		for (i = 1; i <= n; i++)
			rank[order[i]] = i
		split("yaml.h sqlite3.h zlib.h zstd.h lua.h", foreign, " ")
		for (i in foreign)
			is_foreign[foreign[i]] = 1
	}
	function bad(what) {
		print FILENAME ":" FNR ": " what
		failed = 1
	}
	FILENAME ~ /^core\/include\// { next }
	FNR == 1 {
		split(FILENAME, part, "/")
		own = part[2]
		if (!(own in rank))
			bad("core/" own " is not in the list of layers")
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		split($0, quoted, "\"")
		slashes = split(quoted[2], path, "/")
		if (slashes == 1)
			next
		if (slashes != 2 || !(path[1] in rank))
			bad("include \"" quoted[2] "\": want \"layer/file.h\"")
		else if (rank[path[1]] > rank[own])
			bad(own " includes " quoted[2] ", which is a layer above it")
	}
	/^[ \t]*#[ \t]*include[ \t]*</ {
		split($0, angle, /[<>]/)
		if (!(angle[2] in is_foreign))
			next
		if (!(angle[2] in known))
			known[angle[2]] = own
		else if (known[angle[2]] != own)
			bad("<" angle[2] "> is known to core/" known[angle[2]] " already")
	}
	END { exit failed }' core/*/*.[ch] </dev/null || rc=1

standard='assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|signal'
standard+='|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|tgmath'
standard+='|threads|time|uchar|wchar|wctype'
for file in plugins/*/*/*.[ch]; do
	[ "${file##*/}" = test.c ] && continue
	while IFS=: read -r line text; do
		name=$(sed 's/.*[<"]\(.*\)[>"].*/\1/' <<<"$text")
		if [[ $text == *\<* ]]; then
			[[ $name =~ ^(trimtab/plugin|$standard)\.h$ ]] && continue
		elif [[ $name != */* && -f ${file%/*}/$name ]]; then
			continue
		fi
		echo "$file:$line: a plugin includes $name; allowed are <trimtab/plugin.h>," \
			"the C library and files of its own folder"
		rc=1
	done < <(grep -nE '^[[:space:]]*#[[:space:]]*include' "$file")
done

named() { # ID: where core says its name
	local except=core/include/
	# csv is also the name of an output format, gpu_sharing a column of pods.csv.
	[ "$1" = csv ] && except='core/(include|cli|report)/'
	[ "$1" = gpu_sharing ] && except='core/(include/|simulate/select\.c:)'
	grep -nHF "\"$1\"" core/**/*.[ch] | grep -vE "^$except"
}

for folder in plugins/*/*/; do
	id=$(basename "$folder")
	if named "$id"; then
		echo "core names the plugin $id"
		rc=1
	fi
done
exit $rc
