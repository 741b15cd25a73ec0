#!/usr/bin/env bash
# `plugins check` tells right from wrong: ours pass, and each plugin that is wrong on
# purpose fails at the check that is about what is wrong with it, with the reason.
. "$TT_SOURCE/tests/integration/lib.sh"
case_="plugins check"
fixtures=$TT_BUILD/fixtures/plugins

right=("$fixtures"/well_behaved)
for file in "$TT_BUILD"/lib/trimtab/plugins/*.so "${right[@]/%/.so}"; do
	case_=$file
	runs 0 "$TRIMTAB" plugins check "$file"
	# "-" where no made-up fleet has what it looks for: that is for its own test
	grep -q '^  findings  *-  *none ' stdout.txt || [ "${file%/csv.so}" != "$file" ] ||
		grep -q '^  findings  *ok ' stdout.txt || bad "$file: no word about findings"
	tail -n 1 stdout.txt | grep -q 'checks passed' || bad "$file: no verdict at the end"
	grep -q FAILED stdout.txt && bad "$file: $(cat stdout.txt)"
done

# untried NAME TEXT: nothing is wrong with it, but its rule was never met, and that is said.
untried() {
	case_=$1
	seen="$seen $1"
	runs 0 "$TRIMTAB" plugins check "$fixtures/$1.so"
	grep -q "^  findings  *-  *$2" stdout.txt || bad "$1: not said: $(cat stdout.txt)"
	tail -n 1 stdout.txt | grep -q '^[0-9]* of [0-9]* checks passed, the rest was not tried$' ||
		bad "$1: no verdict at the end"
}

# fails NAME CHECK TEXT...: that check fails, in words that hold each TEXT; a text that is
# broken over two lines is put together first.
fails() {
	local name=$1 check=$2 text
	shift 2
	case_=$name
	seen="$seen $name"
	runs 1 "$TRIMTAB" plugins check "$fixtures/$name.so"
	grep -q "^  $check  *FAILED" stdout.txt ||
		bad "$name: <$check> does not fail: $(cat stdout.txt)"
	tail -n 1 stdout.txt | grep -q 'checks failed: it does not keep to trimtab/plugin.h$' ||
		bad "$name: no verdict at the end"
	for text in "$@"; do
		tr -s ' \n' '  ' <stdout.txt | grep -qF -e "$text" ||
			bad "$name: no <$text> in: $(cat stdout.txt)"
	done
	nothing_left
}
# With a sanitizer a crash is an exit of its own, so how it died is not compared there.
if grep -qE '__(asan|tsan|ubsan)_' "$TRIMTAB"; then
	crash='at node' over='at node' gone='at node'
else
	crash='crashed: signal 11' over='used more than 2 s of CPU time' gone='with code 0'
fi
seen=
fails bad_magic loads 'not a trimtab plugin (magic 0x12345678)'
fails future_major loads 'built for plugin ABI 2.0'
fails future_minor loads 'built for plugin ABI 1.4'
fails no_entry loads 'no tt_plugin_entry()'
fails null_entry loads 'returned NULL'
fails undefined_symbol loads 'undefined symbol'
fails short_descriptor loads 'is too short'
fails bad_kind loads 'kind 77'
fails bad_id loads 'its id "Bad-Id"'
fails bad_default loads 'its default 1.5 is not from 0 to 1'
fails bad_offset loads 'is not a field'
fails bad_need loads 'no table is called "unicorns"'
fails bad_ground loads 'is called "horns"'
fails asks 'fleet: one card' 'cancelled or over its budget'
fails broken_change 'fleet: one card' 'no verb "relase"'
fails crash 'fleet: all missing' "$crash" 'at node "n2"'
fails exits 'fleet: one card' "$gone" 'at node "n1"'
fails floods 'fleet: one card' 'has more than 10000 findings'
fails gives_up 'fleet: one card' 'is not to its liking'
fails host_memory 'fleet: one card' 'asked for more than 64 MiB'
fails loops 'fleet: one card' "$over" 'at node "n1"'
fails nan_confidence 'fleet: one card' 'confidence_ratio is NaN'
fails own_memory 'fleet: one card' 'at node "n1"'
fails same_id 'fleet: one card' 'two findings "bad" about node "n1"'
fails too_much_spend 'fleet: one card' 'concerns a spend of'
fails unknown_kind 'fleet: one card' 'subject_kind is "planet"'
fails unknown_subject 'fleet: one card' 'about node "nowhere"'
# These are right with their defaults, and wrong under one check alone.
fails bad_bound every 'divided by 0 with every = 0 in fleet "one card"'
fails counts 'called twice' 'it keeps state'
fails trusts_memory 'memory refused' 'at node "n1" with request 1 refused in fleet "one card"'
fails deaf cancelled 'at node "n1" in fleet "one card"'
fails shares 'two calls at once' 'it has writable globals'
fails rare 'all of them at once' "${crash/at node/}" 'at node "n' 'with the loosest for "right"'
fails unheard 'declared units' 'parameter most_h: its unit is "min", expected "h"'
# counts fails at two calls at once, too, and bad_bound at all of them at once
for name in trusts_memory deaf shares rare unheard; do
	"$TRIMTAB" plugins check -q "$fixtures/$name.so" | grep -c FAILED >count.txt
	[ "$(cat count.txt)" = 1 ] || bad "$name: $(cat count.txt) checks fail, want one"
done

# What is at fault before a rule is met is not hidden behind "time and memory".
case_="time after a crash"
runs 1 "$TRIMTAB" plugins check "$fixtures/crash.so"
grep -q '^  time and memory  *-  *not tried: see above' stdout.txt || bad "$(cat stdout.txt)"
case_="memory used of nothing"
runs 1 "$TRIMTAB" plugins check "$fixtures/bad_magic.so"
[ -s stderr.txt ] && bad "$case_: $(cat stderr.txt)"

# A fleet of one's own has what made-up ones lack.
untried undecided 'none in any fleet'
untried zz_duplicate 'none in any fleet'
untried narrow 'none in any fleet'
case_="a fleet of one's own"
runs 1 "$TRIMTAB" plugins check "$fixtures/narrow.so" --fleet "$TT_SOURCE/examples/detector/fleet"
tr -s ' \n' '  ' <stdout.txt | grep -qF 'fleet: the given one FAILED finding "small" about node'\
' "gpu-a": ground 1 does not hold: cards 1002 <= most_gpus 4' || bad "$(cat stdout.txt)"
mkdir narrow && cp "$fixtures/narrow.so" narrow/
case_="a parameter's key with another number"
runs 0 "$TRIMTAB" explain "$TT_SOURCE/examples/detector/fleet" narrow --plugins narrow
[ "$(grep -c '^  most_gpus  *5 *$' stdout.txt)" = 1 ] || bad "5 is not shown: $(cat stdout.txt)"
[ "$(grep -c '^  most_gpus  *4   default' stdout.txt)" = 1 ] || bad "4 is not: $(cat stdout.txt)"
case_="a fleet that is not there"
runs 3 "$TRIMTAB" plugins check "$fixtures/narrow.so" --fleet nowhere
one_line stderr.txt 'nowhere: No such file'
nothing_left

# Each detector's README says what its verdicts rest on, as `describe` has it.
for file in "$TT_SOURCE"/plugins/detectors/*/README.md; do
	name=$(basename "$(dirname "$file")")
	case_="what $name rests on"
	runs 0 "$TRIMTAB" plugins describe "$name"
	sed -n 's/^rests on    \|^            \([a-z_]*: \)/\1/p' stdout.txt |
		grep ': .* [<>]' >rests.txt
	[ -s rests.txt ] || bad "$case_: on nothing"
	while read -r line; do
		grep -qxF "    $line" "$file" || bad "$case_: <$line> is not in its README"
	done <rests.txt
done

# No fixture is forgotten.
for file in "$TT_SOURCE"/tests/fixtures/plugins/*.c; do
	name=$(basename "$file" .c)
	case " $seen ${right[*]##*/} " in
	*" $name "*) ;;
	*) bad "tests/fixtures/plugins/$name.c is not checked here" ;;
	esac
done

case_="no file"
runs 3 "$TRIMTAB" plugins check nowhere.so
one_line stderr.txt 'nowhere.so: No such file'
runs 2 "$TRIMTAB" plugins check
nothing_left
finish
