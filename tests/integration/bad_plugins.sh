#!/usr/bin/env bash
# Detectors that crash, flood, lie or never end lose their own findings and are named, in
# every report; what a good one beside them found stays as it was without them. Plugins
# that can't be loaded are refused in one line, and the rest goes on.
. "$TT_SOURCE/tests/integration/lib.sh"
built=$TT_BUILD/fixtures/plugins
mkdir -p fleet good bad || exit 1
printf 'name: five\nstart: 2026-01-05T00:00:00Z\nend: 2026-01-20T00:00:00Z\ncurrency: USD\n' \
	>fleet/snapshot.yaml
{
	echo node,gpus,price_per_hour
	for i in 0 1 2 3 4; do echo "n$i,2,$((i + 1))"; done
} >fleet/nodes.csv
cp "$built/well_behaved.so" good/

# What does not depend on who failed: everything but the notes.
findings() { # FILE
	sqlite3 -batch -noheader :memory: \
		"SELECT json_remove(CAST(readfile('$1') AS TEXT), '\$.notes')"
}

case_="good alone"
runs 0 "$TRIMTAB" audit fleet --plugins good --format json || exit 1
mv stdout.txt good.json
[ "$(json good.json '$.findings[4].detector')" = well_behaved ] || fail "no finding on 5 nodes"
runs 0 "$TRIMTAB" audit fleet --plugins good && mv stdout.txt good.txt

# loses WHY OPTION...: the detector in bad/ is named with WHY, and nothing else is missing
loses() {
	local why="detector $case_ failed and its findings are not here: $1" form=json
	shift
	runs 0 "$TRIMTAB" audit fleet --plugins good --plugins bad --format json "$@" || return 0
	[ -s stderr.txt ] && bad "$case_: says $(head -c 300 stderr.txt)"
	mv stdout.txt got.json
	[ "$(findings got.json)" = "$(findings good.json)" ] ||
		bad "$case_: the others' findings are not what they were without it"
	json got.json '$.notes' | tr -d '\\' | grep -qF "$why" ||
		bad "$case_: no note <$why> in: $(json got.json '$.notes')"
	[ "$(sed "/detector $case_ failed/d" got.json | wc -l)" -eq "$(wc -l <good.json)" ] ||
		bad "$case_: more than one line about it"
	[ $# -eq 0 ] || return 0
	runs 0 "$TRIMTAB" audit fleet --plugins good --plugins bad
	tr -s ' \n' '  ' <stdout.txt | grep -qF "$why" ||
		bad "$case_: the table does not say <$why>"
	[ "$(grep -c well_behaved- stdout.txt)" -eq "$(grep -c well_behaved- good.txt)" ] ||
		bad "$case_: the table does not have all the others found"
	runs 1 "$TRIMTAB" audit fleet --plugins good --plugins bad --strict
	grep -qF "detector $case_ failed" stderr.txt || bad "$case_: --strict does not say why"
	nothing_left
}

# fails NAME WHY [OPTION...]
fails() {
	case_=$1
	rm -f bad/*
	cp "$built/$1.so" bad/
	shift
	loses "$@"
}

# A sanitizer turns a crash into an exit with a code.
fails crash "$(grep -q __asan_init "$TRIMTAB" && echo "ended its process with code" ||
	echo "crashed: signal 11")"
fails exits 'ended its process with code 0 at node "n0"'
case_="where it crashed"
rm -f bad/* && cp "$built/crash.so" bad/
runs 0 "$TRIMTAB" audit fleet --plugins bad --threads 1
tr -s ' \n' '  ' <stdout.txt | grep -qF ' at node "n2"' || bad "$case_: $(cat stdout.txt)"
fails floods "has more than 100000 findings"
fails nan_confidence "confidence_ratio is NaN, expected a number from 0 to 1"
fails unknown_subject 'its finding "bad" is about node "nowhere", which the snapshot does not'
fails unknown_kind 'subject_kind is "planet"'
fails too_much_spend 'its finding "bad" about'
fails broken_change "changes[0]: column 1"
fails same_id 'has two findings "bad" about node'
fails gives_up "node n0 is not to its liking"
fails host_memory "asked for more than 64 MiB of memory"
fails own_memory ""

# Without workers the same rules hold, as far as the program itself lives on.
for name in floods nan_confidence unknown_subject unknown_kind too_much_spend broken_change \
	same_id gives_up host_memory; do
	fails $name "" --in-process
done
case_="crash in the process itself"
rm -f bad/* && cp "$built/crash.so" bad/
"$TRIMTAB" audit fleet --plugins bad --in-process --out out/report >/dev/null 2>&1 &&
	bad "$case_: ends as if nothing had happened"
rm -rf tmp/* # what a crash leaves there is the next one's to find
nothing_left

# All of them at once.
case_="all at once"
for name in crash exits floods nan_confidence unknown_subject unknown_kind too_much_spend \
	broken_change same_id gives_up; do
	cp "$built/$name.so" bad/
done
for threads in 1 2 3; do
	runs 0 "$TRIMTAB" audit fleet --plugins good --plugins bad --threads $threads --format json
	mv stdout.txt got.json
	[ "$(findings got.json)" = "$(findings good.json)" ] ||
		bad "$case_: the others' findings are not what they were without them"
	[ "$(grep -c "failed and its findings are not here" got.json)" -eq 10 ] ||
		bad "$case_: not ten are named: $(json got.json '$.notes')"
	[ $threads -eq 1 ] && cp got.json first.json
	cmp -s got.json first.json || bad "$case_: with $threads workers another report"
done

# A plan that is net of what an audit finds says who is missing from it.
case_="net of an audit"
rm -f bad/*
cp "$built/gives_up.so" bad/
runs 0 "$TRIMTAB" commit fleet --accept all --worlds 32 --rate-ratio 0.6 --plugins bad
grep -qF "detector gives_up failed: " stderr.txt || bad "$case_: $(cat stderr.txt)"
nothing_left

# --- Plugins that are none ----------------------------------------------------------------
# refuses FILE WHY: the one in bad/ is named on stderr; nothing else changes
refuses() {
	refuse "$@"
	rm -rf bad && mkdir bad
}
refuse() {
	case_=$1
	runs 0 "$TRIMTAB" plugins list --plugins good --plugins bad || return 0
	one_line stderr.txt "plugin refused: " "bad/$1" "$2"
	grep -q '^well_behaved ' stdout.txt || bad "$case_: takes a good one with it"
	grep -q '^idle_gpu ' stdout.txt || bad "$case_: takes the program's own with it"
	grep -q 'bad/' stdout.txt && bad "$case_: is in the list"
	runs 0 "$TRIMTAB" audit fleet --plugins good --plugins bad --format json || return 0
	one_line stderr.txt "plugin refused: " "bad/$1" "$2"
	cmp -s stdout.txt good.json || bad "$case_: the report is another one"
}
takes() { # NAME: a fixture goes into bad/
	cp "$built/$1.so" bad/
}

rm -f bad/*
takes bad_magic && refuses bad_magic.so "not a trimtab plugin (magic 0x12345678)"
takes future_major && refuses future_major.so "built for plugin ABI 2."
takes future_minor && refuses future_minor.so "built for plugin ABI 1."
takes no_entry && refuses no_entry.so "no tt_plugin_entry()"
takes null_entry && refuses null_entry.so "tt_plugin_entry() returned NULL"
takes undefined_symbol && refuses undefined_symbol.so "undefined symbol: tt_fixture_nowhere"
takes short_descriptor && refuses short_descriptor.so "is too short"
takes bad_kind && refuses bad_kind.so "plugin kind 77 is not known"
takes bad_id && refuses bad_id.so 'its id "Bad-Id" is not'
takes bad_default && refuses bad_default.so "parameter"
takes bad_offset && refuses bad_offset.so "parameter share_ratio: offset 0 is not a field"
takes bad_need && refuses bad_need.so 'no table is called "unicorns"'
takes zz_duplicate && refuses zz_duplicate.so "well_behaved"
takes asks && chmod o+w bad/asks.so && refuses asks.so "anybody may write to it (mode 07"
echo "no library" >bad/text.so && refuses text.so "can't be loaded: "
for n in 100 3000 9000 12000; do # some of its segments
	head -c $n "$built/asks.so" >bad/cut.so && refuses cut.so "can't be loaded: "
done
: >bad/empty.so && refuses empty.so "can't be loaded: "
mkdir bad/folder.so && refuses folder.so "not a regular file"
ln -s nowhere bad/link.so && refuses link.so "not a regular file"
mkfifo bad/pipe.so && refuses pipe.so "not a regular file"
finish
