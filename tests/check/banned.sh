#!/usr/bin/env bash
# Functions that nobody calls here: they ignore errors, follow the locale, know no
# bounds, or end the process. In core and plugins also the allocator behind the
# back of core/base/memory.h. exit() is for main.c alone.
set -u
root=${TT_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
cd "$root" || exit 1
shopt -s nullglob globstar
rc=0

search() { # WHY NAMES FILE...
	local why=$1 names=$2
	shift 2
	[ $# -gt 0 ] || return 0
	awk -f tests/check/code.awk "$@" |
		grep -E "(^|[^[:alnum:]_.>])($names)[[:space:]]*\(" && { echo "$why"; rc=1; }
	return 0
}

banned='ato(i|f|l|ll)|strto(l|ll|ul|ull|d|f|ld|imax|umax)|v?sprintf|st[rp]cpy|strcat|strtok|gets'
banned+='|v?[fs]?scanf|system|popen|setlocale|alloca'
search 'banned: see the head of tests/check/banned.sh' "$banned" \
	{core,plugins,examples}/**/*.[ch]

files=()
for file in {core,plugins,examples}/**/*.[ch]; do
	[ "${file##*/}" = main.c ] || files+=("$file")
done
search 'banned: only main.c ends the process' 'exit|abort|quick_exit' "${files[@]}"

files=()
for file in {core,plugins}/**/*.[ch]; do
	[[ $file == core/base/memory.c || ${file##*/} == test.c ]] || files+=("$file")
done
search 'banned: memory comes from core/base/memory.h, in a plugin from its host' \
	'malloc|calloc|realloc(array)?|free|strn?dup|v?asprintf|getline|getdelim' "${files[@]}"
exit $rc
