#!/usr/bin/env bash
# run.sh [--update] [CASE...] - each folder beside this file is one case: `cmd` is run by
# bash in a fresh folder that holds a copy of tests/fixtures/fleets, with `trimtab` in its
# path; what it writes must be `stdout` and `stderr`, to the byte, and `exit` its status.
# A file that is not there stands for nothing, or for 0. Each case runs twice, and a third
# time in a locale that writes 0,5 and a time zone far away; under a sanitizer (TT_SANITIZED),
# which looks for other faults and takes its time, once.
#
# --update writes what was found; look at the difference before you keep it. TRIMTAB is
# the program; tests/run and ctest set it.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
update=
[ "${1:-}" = --update ] && { update=1; shift; }
program=$(realpath "${TRIMTAB:?the path of the program}") || exit 1
work=$(mktemp -d) || exit 1
trap 'chmod -R u+rwX "$work"; rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$program" "$work/bin/trimtab"

run() { # CASE OUTPUT [NAME=VALUE...]
	local case=$1 output=$2
	shift 2
	rm -rf "$work/place"
	cp -r "$here/../fixtures/fleets" "$work/place"
	mkdir -p "$output"
	(cd "$work/place" && env PATH="$work/bin:$PATH" TMPDIR="$work" "$@" \
		bash "$here/$case/cmd" >"$output/stdout" 2>"$output/stderr" </dev/null)
	echo $? >"$output/exit"
}

compare() { # CASE OUTPUT WHICH
	local case=$1 output=$2 file want rc=0
	for file in stdout stderr exit; do
		want=$here/$case/$file
		if [ ! -e "$want" ]; then
			want=$work/nothing
			: >"$want"
			[ $file = exit ] && echo 0 >"$want"
		fi
		diff -u --label "wanted $case/$file" --label "found ($3)" "$want" "$output/$file" ||
			rc=1
	done
	return $rc
}

keep() { # CASE OUTPUT
	local file
	for file in stdout stderr exit; do
		if [ ! -s "$2/$file" ] || { [ $file = exit ] && [ "$(cat "$2/exit")" = 0 ]; }; then
			rm -f "$here/$1/$file"
		else
			cp "$2/$file" "$here/$1/$file"
		fi
	done
}

# The report for people fits a page. `bytes` that go on a character take no room.
too_wide() { # FILE
	LC_ALL=C awk '{ gsub(/[\200-\277]/, "") } length($0) > 100 { print FNR ": " $0; n++ }
		END { exit !n }' "$1"
}

cases=("$@")
if [ $# -eq 0 ]; then
	for cmd in "$here"/*/cmd; do
		cases+=("$(basename "${cmd%/cmd}")")
	done
fi
failed=0
for case in "${cases[@]}"; do
	run "$case" "$work/first" LC_ALL=C TZ=UTC
	if [ -n "$update" ]; then
		keep "$case" "$work/first"
		continue
	fi
	bad=0
	compare "$case" "$work/first" "first run" || bad=1
	if [ -z "${TT_SANITIZED:-}" ]; then
		run "$case" "$work/second" LC_ALL=C TZ=UTC
		compare "$case" "$work/second" "second run" || bad=1
	fi
	if [ -z "${TT_SANITIZED:-}" ] && [ -n "${TT_COMMA_LOCALE:-}" ]; then
		run "$case" "$work/third" LC_ALL="$TT_COMMA_LOCALE" TZ=Pacific/Kiritimati
		compare "$case" "$work/third" "locale $TT_COMMA_LOCALE" || bad=1
	fi
	if ! grep -qE 'format (json|csv)' "$here/$case/cmd" &&
		too_wide "$work/first/stdout"; then
		echo "$case: wider than 100 columns"
		bad=1
	fi
	failed=$((failed + bad))
done
[ -n "${TT_COMMA_LOCALE:-}" ] || echo "no locale with a decimal comma: compared in C only"
echo "${#cases[@]} cases, $failed failed"
[ $failed -eq 0 ]
