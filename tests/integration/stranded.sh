#!/usr/bin/env bash
# $2M of reservations a year, used in 61 % of their unit-hours, strand $780,000: to the
# micro-unit, and 800,000 and 760,000 at 60 and 62 %.
. "$TT_SOURCE/tests/integration/lib.sh"

printf 'name: nothing changes\nhorizon: { months: 12 }\n' >none.yaml
for want in 60:800000000000 61:780000000000 62:760000000000; do
	pct=${want%:*}
	bash "$TT_SOURCE/examples/stranded/generate" "fleet$pct" "$pct" || fail "no fleet"
	"$TRIMTAB" audit "fleet$pct" --format json >out/json || fail "no audit of $pct %"
	got=$(sqlite3 -batch -noheader :memory: "SELECT count(*), sum(CAST(replace(
		value ->> '\$.unused', '.', '') AS INTEGER)), sum(CAST(replace(
		value ->> '\$.total', '.', '') AS INTEGER))
		FROM json_each(CAST(readfile('out/json') AS TEXT), '\$.spend.commitments')")
	[ "$got" = "100|${want#*:}|2000000000000" ] || bad "$pct %: $got"
	total=$(json out/json '$.spend.total')
	[ "$total" = 2000000.000000 ] || bad "$pct %: the bill is $total"
	"$TRIMTAB" simulate "fleet$pct" none.yaml --worlds 64 --format json >out/json2 ||
		fail "no simulation of $pct %"
	got=$(json out/json2 '$.stranded')
	[ "${got/./}" = "${want#*:}" ] || bad "$pct %: the simulation says $got is stranded"
done
grep -q '"unallocated_idle": "760000.000000"' out/json || bad "not in the bucket"
"$TRIMTAB" audit fleet61 >out/table || fail "no table"
grep -q '^    unused commitment *780,000.00 *39.0 %' out/table || bad "not in the table"
finish
