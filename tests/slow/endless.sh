#!/usr/bin/env bash
# A detector that never returns is ended at its limit of CPU time (60 s), one that asks
# whether it should go on is told; both are named, and a good one beside them loses nothing.
. "$TT_SOURCE/tests/integration/lib.sh"
case_="endless"
mkdir plugins
cp "$TT_BUILD"/fixtures/plugins/well_behaved.so plugins/
plain_fleet fleet
runs 0 "$TRIMTAB" audit fleet --plugins plugins --format json || exit 1
mv stdout.txt good.json
cp "$TT_BUILD"/fixtures/plugins/{loops,asks}.so plugins/
runs 0 "$TRIMTAB" audit fleet --plugins plugins --format json || exit 1
mv stdout.txt got.json
for why in "detector loops failed and its findings are not here: used more than 60 s of CPU time" \
	"detector asks failed and its findings are not here: cancelled or over its budget"; do
	grep -qF "$why" got.json || bad "no note <$why> in: $(json got.json '$.notes')"
done
for of in findings plan; do
	[ "$(json got.json "\$.$of")" = "$(json good.json "\$.$of")" ] || bad "other $of"
done
nothing_left
finish
