#!/usr/bin/env bash
# A plugin built against the header of ABI 1.0 (plugin_1_0.h, which never changes) is loaded
# by today's program and is told and says the right things.
. "$TT_SOURCE/tests/integration/lib.sh"
case_="built against ABI 1.0"
folder=$TT_BUILD/fixtures/abi

runs 0 "$TRIMTAB" plugins check "$folder/old_1_0.so" || cat stdout.txt
runs 0 "$TRIMTAB" audit "$TT_SOURCE/examples/detector/fleet" --plugins "$folder" --format json
one() { # PATH: of its one finding
	sqlite3 -batch -noheader :memory: "SELECT value ->> '\$.$1' FROM
		json_each(CAST(readfile('stdout.txt') AS TEXT), '\$.findings')
		WHERE value ->> '\$.detector' = 'old_1_0'"
}
says() { # PATH VALUE
	[ "$(one "$1")" = "$2" ] || bad "$1 is <$(one "$1")>, want <$2>"
}
says subject.id gpu-a
says evidence.ratio 0.5
says evidence.whole 7
says evidence.word old
says evidence.gpus 2
says evidence.group serve
says evidence.other_pods 0
says evidence.card gpu-a/0
says evidence.memory_mib 49140
says evidence.cards 2
says evidence.max_activity_pct 93
says evidence.steps 24
says evidence.step_s 3600
says evidence.gap_s 0
says evidence.window_s 86400
says evidence.currency USD
says 'changes[0]' 'release node:gpu-a'
says risk high
says effort_days 2
fb=$(one evidence.fb_p50_mib) # to 0.5 %
[ "${fb%%.*}" -ge 45870 ] && [ "${fb%%.*}" -le 46330 ] || bad "fb_p50_mib is $fb, want 46100"
finish
