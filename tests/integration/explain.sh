#!/usr/bin/env bash
# Every finding of the example fleet can be explained, twice to the same bytes, and what
# the explanation says is what the audit, the plan and the CSV files say.
. "$TT_SOURCE/tests/integration/lib.sh"

"$FLEET_GENERATOR" --gpus 128 --days 7 fleet || fail "the fleet was not generated"
case_="building"
runs 0 "$TRIMTAB" snapshot build fleet -o fleet.db
case_="audit"
runs 0 "$TRIMTAB" audit fleet.db --format json && mv stdout.txt audit.json

too_wide() { # FILE: lines over 100 characters
	LC_ALL=C awk '{ gsub(/[\200-\277]/, "") } length($0) > 100' "$1"
}

# query STATEMENT: on what was explained as table e(j), the audit as a(j)
query() {
	sqlite3 -batch -noheader :memory: "CREATE TABLE e AS SELECT
		CAST(readfile('explain.json') AS TEXT) AS j; CREATE TABLE a AS SELECT
		CAST(readfile('audit.json') AS TEXT) AS j; $1"
}

# one finding for each verdict of each detector: the others are made by the same code
ids=$(sqlite3 -batch -noheader :memory: "SELECT id FROM (SELECT value ->> '\$.id' AS id, key,
	row_number() OVER (PARTITION BY value ->> '\$.detector', value ->> '\$.verdict'
	ORDER BY key) AS n FROM json_each(CAST(readfile('audit.json') AS TEXT), '\$.findings'))
	WHERE n = 1 ORDER BY key")
[ "$(wc -l <<<"$ids")" -ge 16 ] || fail "too few findings: $ids"
for id in $ids; do
	case_="explain $id"
	runs 0 "$TRIMTAB" explain fleet.db "$id" && mv stdout.txt table.txt
	runs 0 "$TRIMTAB" explain fleet.db "$id" --threads 3 && cmp stdout.txt table.txt ||
		bad "$case_: another table"
	[ -z "$(too_wide table.txt)" ] || bad "$case_: too wide: $(too_wide table.txt)"
	grep -q "^$id  " table.txt || bad "$case_: is not about it"
	for part in "What was noticed" "The rule" "How much was measured" \
		"Where the numbers are from" "Whose it is"; do
		grep -q "^$part\$" table.txt || bad "$case_: no part <$part>"
	done
	runs 0 "$TRIMTAB" explain fleet.db "$id" --format json && mv stdout.txt explain.json
	runs 0 "$TRIMTAB" explain fleet.db "$id" --format json --in-process &&
		cmp stdout.txt explain.json || bad "$case_: another document"
	wrong=$(query "
		SELECT 'not JSON' FROM e WHERE NOT json_valid(j);
		SELECT 'the finding is not that of the audit' WHERE
			(SELECT j -> '\$.finding' FROM e) IS NOT
			(SELECT value FROM a, json_each(a.j, '\$.findings')
			WHERE value ->> '\$.id' = '$id');
		-- a finding on a ground that does not hold would be wrong
		SELECT 'does not hold: ' || value FROM e, json_each(e.j, '\$.rule.grounds')
			WHERE value ->> '\$.holds' = 0;
		SELECT 'nodes do not add up to the saving alone' FROM e
			WHERE e.j ->> '\$.effect.saving_standalone' IS NOT NULL AND
			CAST(replace(e.j ->> '\$.effect.saving_standalone', '.', '') AS INTEGER)
			IS NOT (SELECT ifnull(sum(CAST(replace(
			value ->> '\$.standalone.saving', '.', '') AS INTEGER)), 0)
			FROM json_each(e.j, '\$.effect.nodes')) +
			CAST(replace(e.j ->> '\$.effect.elsewhere.standalone', '.', '') AS INTEGER);
		SELECT 'a release saves elsewhere' FROM e
			WHERE e.j ->> '\$.finding.detector' IN ('idle_gpu', 'stale_node_group') AND
			CAST(e.j ->> '\$.effect.elsewhere.standalone' AS REAL) <> 0;
		SELECT 'nodes do not add up to the saving in the plan' FROM e
			WHERE e.j ->> '\$.effect.saving_in_plan' IS NOT NULL AND
			CAST(replace(e.j ->> '\$.effect.saving_in_plan', '.', '') AS INTEGER) IS NOT
			(SELECT ifnull(sum(CAST(replace(value ->> '\$.in_plan.saving', '.', '')
			AS INTEGER)), 0) FROM json_each(e.j, '\$.effect.nodes')) +
			CAST(replace(e.j ->> '\$.effect.elsewhere.in_plan', '.', '') AS INTEGER);
		SELECT 'says not why a node stays' FROM e, json_each(e.j, '\$.effect.nodes')
			WHERE (value ->> '\$.standalone.freed_hours' = 0) <>
			(value ->> '\$.kept_by' IS NOT NULL);
		SELECT 'the step is another' FROM e, a WHERE e.j ->> '\$.step' IS NOT
			(SELECT key + 1 FROM json_each(a.j, '\$.plan.steps')
			WHERE value ->> '\$.finding' = '$id');")
	[ -z "$wrong" ] || bad "$case_: $wrong"

	# readings and the course, counted in the file itself
	card=$(query "SELECT j ->> '\$.finding.subject.id' FROM e
		WHERE j ->> '\$.finding.subject.kind' = 'card'")
	[ -n "$card" ] || continue
	awk -F, -v node="${card%/*}" -v gpu="${card##*/}" -v width="$(json explain.json \
		'$.series.column_s')" -v start="$(date -u -d "$(json explain.json \
		'$.snapshot.start')" +%s)" '
		function unix(text, t, y, m) { # days from March 1 of year 0 on
			split(text, t, /[-T:Z]/)
			y = t[2] > 2 ? t[1] : t[1] - 1
			m = (t[2] + 9) % 12
			y = 365 * y + int(y / 4) - int(y / 100) + int(y / 400)
			y += int((153 * m + 2) / 5) + t[3] - 719469
			return y * 86400 + t[4] * 3600 + t[5] * 60 + t[6]
		}
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["node"] == node && $at["gpu"] == gpu && $at["sm_active_ratio"] != "" {
			c = int((unix($at["time"]) - start) / width)
			n[c]++
			sum[c] += 100 * $at["sm_active_ratio"]
			all++
		}
		END {
			print "readings", all + 0
			for (c in n)
				printf "%d %.6f\n", c, sum[c] / n[c]
		}' fleet/gpu_usage.csv | LC_ALL=C sort >counted.txt
	query "SELECT 'readings ' || sum(value ->> '\$.readings')
		FROM e, json_each(e.j, '\$.measured.carriers');
		SELECT key || ' ' || (value ->> '\$.mean')
		FROM e, json_each(e.j, '\$.series.columns')
		WHERE value ->> '\$.mean' IS NOT NULL;" | LC_ALL=C sort >found.txt
	# hours are kept to 0.01 point, and a column's last reading may stand for the next
	paste -d ' ' counted.txt found.txt | awk '$1 != $3 || ($1 == "readings" && $2 != $4) ||
		$2 - $4 > 1.5 || $4 - $2 > 1.5 { print; n++ } END { exit n > 0 }' >differ.txt ||
		bad "$case_: counted and found differ: $(head -n 3 differ.txt)"
done

# The hours without telemetry that are planted in the fleet are seen as missing.
case_="the gap"
gap=$(sed -n 's/.*kind: telemetry_gap.* subject: \([^,]*\), from: \([^,]*\), .*/\1 \2/p' \
	fleet/truth.yaml)
id=$(sqlite3 -batch -noheader :memory: "SELECT value ->> '\$.id'
	FROM json_each(CAST(readfile('audit.json') AS TEXT), '\$.findings')
	WHERE value ->> '\$.subject.id' GLOB '${gap% *}/*' LIMIT 1")
[ -n "$id" ] || fail "no finding on ${gap% *}"
runs 0 "$TRIMTAB" explain fleet.db "$id" --format json && mv stdout.txt explain.json
[ "$(query "SELECT count(*) FROM e, json_each(e.j, '\$.series.columns')
	WHERE value ->> '\$.mean' IS NULL AND value ->> '\$.alive_s' > 0
	AND value ->> '\$.start' >= '${gap#* }'")" -ge 1 ] || bad "$case_: no column is missing"
[ "$(query "SELECT sum(value ->> '\$.steps_missing') FROM e,
	json_each(e.j, '\$.measured.carriers')")" -ge 60 ] || bad "$case_: too few steps missing"
runs 0 "$TRIMTAB" explain fleet.db "$id"
grep -q '░' stdout.txt || bad "$case_: the plot does not show it"

# Held, and its framebuffer not measured: what could not decide is not shown as if it had.
case_="what is not known"
mkdir held
printf 'name: held\nstart: 2026-01-05T00:00:00Z\nend: 2026-01-15T00:00:00Z\ncurrency: USD\n' \
	>held/snapshot.yaml
printf 'node,gpus,price_per_hour\nn,1,1\n' >held/nodes.csv
printf 'pod,node,gpus,outcome\np,n,1,running\n' >held/pods.csv
{
	echo time,node,gpu,pod,gpu_util_pct
	for ((t = 1767571200; t < 1768435200; t += 3600)); do echo "$t,n,0,p,0"; done
} >held/gpu_usage.csv
runs 0 "$TRIMTAB" explain held idle_gpu
grep -q '^"holding" of\|  "holding" of' stdout.txt || bad "$case_: not held: $(cat stdout.txt)"
grep -q 'max_fb_used_ratio  *not known .* not known$' stdout.txt || bad "$case_: $(cat stdout.txt)"
grep -q 'What is not known did not decide' stdout.txt || bad "$case_: $(cat stdout.txt)"

# An id from a letter on is enough while no other finding begins so.
case_="prefixes"
for id in $ids; do
	for ((n = ${#id}; n > 0; n--)); do
		[ "$(grep -c "^${id:0:n}" <<<"$ids")" -eq 1 ] || break
	done
	[ "$n" -gt 0 ] || continue
	refused "$TRIMTAB" explain fleet.db "${id:0:n}" -- "begins the ids of"
	runs 0 "$TRIMTAB" explain fleet.db "${id:0:n + 1}" && grep -q "^$id  " stdout.txt ||
		bad "$case_: ${id:0:n + 1} is not $id"
	break
done
finish
