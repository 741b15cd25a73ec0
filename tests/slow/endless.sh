#!/usr/bin/env bash
# A detector that never returns is ended at its limit of CPU time (60 s), one that asks
# whether it should go on is told so first; each is named with its reason, and a good one
# beside it loses nothing.
. "$TT_SOURCE/tests/integration/lib.sh"
case_="endless"
mkdir fleet good loops asks
cp "$TT_BUILD/fixtures/plugins/well_behaved.so" good/
for name in loops asks; do
	cp "$TT_BUILD/fixtures/plugins/$name.so" $name/
done
printf 'name: one\nstart: 2026-01-05T00:00:00Z\nend: 2026-01-20T00:00:00Z\ncurrency: USD\n' \
	>fleet/snapshot.yaml
printf 'node,gpus,price_per_hour\nn,2,1\n' >fleet/nodes.csv
runs 0 "$TRIMTAB" audit fleet --plugins good --format json || exit 1
mv stdout.txt good.json

for name in loops asks; do
	"$TRIMTAB" audit fleet --plugins good --plugins $name --format json >$name.json &
done
wait
check() { # NAME WHY
	local why="detector $1 failed and its findings are not here: $2" of
	grep -qF "$why" "$1.json" || bad "no note <$why> in: $(json "$1.json" '$.notes')"
	for of in findings plan; do
		[ "$(json "$1.json" "\$.$of")" = "$(json good.json "\$.$of")" ] ||
			bad "beside $1 there are other $of"
	done
}
check loops "used more than 60 s of CPU time"
check asks "cancelled or over its budget"
nothing_left
finish
