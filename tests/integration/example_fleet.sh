#!/usr/bin/env bash
# The example fleet says in truth.yaml what is wrong with it. The audit has to find all
# of that, nothing of it in the clean fleet, and sums that add up to the micro-unit.
. "$TT_SOURCE/tests/integration/lib.sh"

# truth FOLDER DETECTOR: kind|subject kind|subject|namespace|owner told by|owner
truth() {
	awk -v detector="$2" '
		function field(name) {
			if (!match($0, "[{,] " name ": [^,}]*"))
				return ""
			value = substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 4)
			sub(/ *$/, "", value)
			return value
		}
		/^  - / && field("detector") == detector {
			print field("kind") "|" field("subject_kind") "|" field("subject") "|" \
				field("namespace") "|" field("owner_told_by") "|" field("owner")
		}' "$1/truth.yaml"
}

# findings FILE DETECTOR COLUMNS: of an audit, sorted
findings() {
	sqlite3 -batch -noheader :memory: "SELECT $3 FROM (SELECT
		value ->> '\$.id' AS id, value ->> '\$.detector' AS detector,
		value ->> '\$.title' AS title, value ->> '\$.verdict' AS verdict,
		value ->> '\$.subject.kind' AS kind,
		value ->> '\$.subject.id' AS subject, value ->> '\$.changes' AS changes,
		value ->> '\$.evidence.unowned_gpu_hours' AS unowned_gpu_hours,
		value ->> '\$.evidence.most_on_node_group' AS most_on,
		value ->> '\$.evidence.idle_since' AS idle_since
		FROM json_each(CAST(readfile('$1') AS TEXT), '\$.findings'))
		WHERE detector = '$2' ORDER BY 1" | LC_ALL=C sort
}

# What JSON says in decimals is compared as whole micro-units.
adds_up() { # FILE
	local wrong
	wrong=$(sqlite3 -batch -noheader :memory: <<-END
		CREATE TABLE a AS SELECT CAST(readfile('$1') AS TEXT) AS j;
		CREATE TABLE bucket (name);
		INSERT INTO bucket VALUES ('productive'), ('allocated_idle'), ('unallocated_idle'),
			('unattributed'), ('tax');
		CREATE TABLE list (name);
		INSERT INTO list VALUES ('by_owner'), ('by_node_group'), ('by_gpu_model'),
			('by_workload_kind');
		-- every amount of the document by its path
		CREATE TABLE money AS SELECT replace(fullkey, '"', '') AS path,
			CAST(replace(value, '.', '') AS INTEGER) AS micro
			FROM a, json_tree(a.j, '\$.spend')
			WHERE type = 'text' AND value GLOB '*.??????';
		CREATE TABLE part AS SELECT list.name AS list, row.key AS row,
			bucket.name AS bucket, CAST(replace(row.value ->>
			('\$.buckets.' || bucket.name), '.', '') AS INTEGER) AS micro
			FROM a, list, json_each(a.j, '\$.spend.' || list.name) AS row, bucket;
		SELECT 'the total is not known' WHERE NOT EXISTS
			(SELECT 1 FROM money WHERE path = '\$.spend.total' AND micro > 0);
		SELECT 'buckets do not add up to the total' WHERE (SELECT micro FROM money
			WHERE path = '\$.spend.total') IS NOT
			(SELECT sum(micro) FROM money WHERE path GLOB '\$.spend.buckets.*');
		SELECT 'buckets of the other rule do not add up to the total' WHERE (SELECT micro
			FROM money WHERE path = '\$.spend.total') IS NOT
			(SELECT sum(micro) FROM money
			WHERE path GLOB '\$.spend.other_rule.buckets.*');
		SELECT 'reasons do not add up to unattributed' WHERE (SELECT micro FROM money
			WHERE path = '\$.spend.buckets.unattributed') IS NOT (SELECT sum(micro)
			FROM money WHERE path GLOB '\$.spend.unattributed_by_reason.*');
		SELECT list || ' is empty' FROM (SELECT name AS list FROM list)
			WHERE list NOT IN (SELECT list FROM part);
		SELECT list || ' does not add up in ' || bucket FROM part GROUP BY list, bucket
			HAVING sum(micro) IS NOT (SELECT micro FROM money
			WHERE path = '\$.spend.buckets.' || bucket);
		SELECT list || ' row ' || row || ': buckets do not add up to its total' FROM part
			GROUP BY list, row HAVING ifnull(sum(micro), 'x') IS NOT
			ifnull((SELECT micro FROM money
			WHERE path = '\$.spend.' || list || '[' || row || '].total'), 'x');
		SELECT list || ' is not in order at row ' || row FROM (SELECT list, row,
			sum(micro) AS micro, lag(sum(micro)) OVER (PARTITION BY list ORDER BY row)
			AS before FROM part GROUP BY list, row) WHERE micro > before;
		SELECT 'GPU-hours of ' || l.name || ' do not add up' FROM a, list AS l
			WHERE abs((SELECT sum(value ->> '\$.gpu_hours')
			FROM json_each(a.j, '\$.spend.' || l.name)) -
			(a.j ->> '\$.snapshot.gpu_hours')) > 0.001;
		SELECT 'the points of findings do not add up to the plan' FROM a WHERE
			abs(coalesce((SELECT sum(CAST(replace(
			value ->> '\$.saving_per_month.in_plan.point', '.', '') AS INTEGER))
			FROM json_each(a.j, '\$.findings')), 0) -
			CAST(replace(a.j ->> '\$.plan.saving_per_month.point', '.', '')
			AS INTEGER)) > json_array_length(a.j, '\$.plan.steps');
		SELECT 'the last step is not all of the plan' FROM a WHERE
			json_array_length(a.j, '\$.plan.steps') AND
			a.j ->> '\$.plan.steps[#-1].cumulative_saving_per_month' IS NOT
			a.j ->> '\$.plan.saving_per_month.p50';
		SELECT 'P10, P50 and P90 of ' || (f.value ->> '\$.id') || ' are not in order'
			FROM a, json_each(a.j, '\$.findings') AS f, json_each('["standalone",'
			|| '"in_plan"]') AS k, (SELECT 'p10' AS low, 'p50' AS high UNION ALL
			SELECT 'p50', 'p90') AS q WHERE
			CAST(replace(f.value ->> ('\$.saving_per_month.' || k.value || '.' || low),
			'.', '') AS INTEGER) >
			CAST(replace(f.value ->> ('\$.saving_per_month.' || k.value || '.' || high),
			'.', '') AS INTEGER);
		SELECT 'a step is of no finding: ' || (s.value ->> '\$.finding')
			FROM a, json_each(a.j, '\$.plan.steps') AS s WHERE NOT EXISTS (SELECT 1
			FROM json_each(a.j, '\$.findings') AS f WHERE f.value ->> '\$.id' =
			s.value ->> '\$.finding' AND f.value ->> '\$.saving_per_month.in_plan.p50'
			= s.value ->> '\$.marginal_saving_per_month');
		SELECT 'not in exactly one place: ' || (f.value ->> '\$.id')
			FROM a, json_each(a.j, '\$.findings') AS f WHERE 1 <>
			(SELECT count(*) FROM json_each(a.j, '\$.plan.steps') AS s
			WHERE s.value ->> '\$.finding' = f.value ->> '\$.id') +
			(SELECT count(*) FROM json_each(a.j, '\$.plan.enablers') AS s
			WHERE s.value ->> '\$.finding' = f.value ->> '\$.id') +
			(SELECT count(*) FROM json_each(a.j, '\$.plan.left_out') AS s
			WHERE s.value ->> '\$.finding' = f.value ->> '\$.id');
	END
	)
	[ -z "$wrong" ] || bad "$case_: $wrong"
}

# Each planted case of a detector, and each of its findings: subject|kind of subject|verdict
planted() { # FOLDER DETECTOR
	truth "$1" "$2" | awk -F'|' '{ print $3 "|" $2 "|" $1 }' | LC_ALL=C sort
}
found() { # FILE DETECTOR
	findings "$1" "$2" "subject || '|' || kind || '|' || verdict"
}

owners_found() { # FOLDER FILE: each unlabelled workload in a finding of its namespace
	local kind workload namespace told owner at changes
	while IFS='|' read -r kind _ workload namespace told owner; do
		at=$(findings "$2" missing_owner subject | grep -cx "$namespace")
		changes=$(findings "$2" missing_owner changes)
		if [ "$at" -ne 1 ]; then # then among the small places
			[ "$(findings "$2" missing_owner subject | grep -cx small)" -eq 1 ] ||
				bad "$case_: $kind $workload: no finding for namespace $namespace"
		fi
		case $told in
		namespace) at="\"label namespace:$namespace owner=$owner\"" ;;
		created-by) at="\"label workload:$workload owner=$owner\"" ;;
		*) continue ;;
		esac
		grep -qF "$at" <<<"$changes" || bad "$case_: $workload: no $at"
	done < <(truth "$1" missing_owner)
}

audit() { # FOLDER FILE
	runs 0 "$TRIMTAB" audit "$1" --format json && mv stdout.txt "$2"
	runs 0 "$TRIMTAB" audit "$1" && mv stdout.txt "$2.txt"
}

# Detectors that see what is planted for them and nothing else.
planted_alone="cpu_pool idle_gpu node_churn peak_sized_pool stale_node_group"
for arguments in "" "--gpus 128 --days 7" "--gpus 64 --days 7 --step 600 --seed 5" \
	"--gpus 128 --days 7 --every-kind"; do
	case_="the fleet of '$arguments'"
	rm -rf fleet
	# shellcheck disable=SC2086
	"$FLEET_GENERATOR" $arguments fleet || fail "$case_: not generated"
	audit fleet audit.json
	adds_up audit.json
	for detector in $planted_alone; do
		diff <(planted fleet "$detector") <(found audit.json "$detector") ||
			bad "$case_: $detector: planted (<) and found (>) differ"
	done
	since=$(sed -n 's/.*kind: stale,.* idle_since: \([^,]*\),.*/\1/p' fleet/truth.yaml)
	found=$(findings audit.json stale_node_group "idle_since")
	idle_s=$(($(date -ud "$found" +%s) - $(date -ud "$since" +%s)))
	((idle_s >= 0 && idle_s < 3600)) ||
		bad "$case_: stale since <$found>, want the hour after $since"
	owners_found fleet audit.json

	# the weekend run: big, nobody's, in plain sight
	hours=$(sed -n 's/.*detector: burst.* gpu_hours: \([0-9]*\).*/\1/p' fleet/truth.yaml)
	found=$(findings audit.json missing_owner "subject || '|' || most_on || '|' ||
		CAST(unowned_gpu_hours AS INTEGER)" | grep '^scratch')
	[ "$found" = "scratch|burst-h100|$hours" ] ||
		bad "$case_: the weekend run is <$found>, want $hours GPU-hours on burst-h100"
	grep -qw 'scratch' audit.json.txt || bad "$case_: the table does not name it"
	[ "$(sqlite3 :memory: "SELECT 2 * CAST(value ->> '\$.buckets.unattributed' AS REAL)
		> CAST(value ->> '\$.total' AS REAL)
		FROM json_each(CAST(readfile('audit.json') AS TEXT),
		'\$.spend.by_node_group') WHERE value ->> '\$.node_group' = 'burst-h100'")" = 1 ] ||
		bad "$case_: most of burst-h100 should be unattributed"

	# no price is known for colo-a40: hours, never 0
	hours=$(sed -n 's/.*kind: unknown_price.* gpu_hours: \([0-9]*\).*/\1/p' fleet/truth.yaml)
	[ "$(json audit.json '$.spend.unknown_gpu_hours')" = "${hours:-0}" ] ||
		bad "$case_: unknown_gpu_hours is $(json audit.json '$.spend.unknown_gpu_hours')"
done

case_="the clean fleet"
"$FLEET_GENERATOR" --gpus 128 --days 7 --clean clean || fail "$case_: not generated"
audit clean clean.json
adds_up clean.json
for detector in $planted_alone gpu_bottleneck gpu_fit gpu_sharing host_fit missing_owner; do
	found=$(findings clean.json "$detector" title)
	[ -z "$found" ] || bad "$case_: $detector finds $found"
done
[ -n "$(truth fleet idle_gpu)" ] || fail "truth.yaml was not understood"

# The same fleet a week later: every finding keeps its id.
case_="a week later"
rm -rf fleet later
"$FLEET_GENERATOR" --gpus 64 --days 7 fleet || fail "$case_: not generated"
mkdir later
first=$(date -u -d 2024-01-01 +%s)
for ((i = 0; i < 2200; i++)); do echo "@$((first + i * 86400))"; done |
	date -u -f - +%F >days
for file in fleet/*; do
	awk 'NR == FNR { day[NR] = $1; at[$1] = NR; next }
	{
		out = ""
		while (match($0, /20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T/)) {
			d = substr($0, RSTART, 10)
			out = out substr($0, 1, RSTART - 1) day[at[d] + 7] "T"
			$0 = substr($0, RSTART + 11)
		}
		print out $0
	}' days "$file" >"later/${file##*/}"
done
audit fleet now.json
audit later later.json
grep -q '"start": "2026-01-12' later.json || fail "$case_: the fleet was not moved"
for detector in cpu_pool idle_gpu missing_owner node_churn peak_sized_pool scale_to_zero \
	stale_node_group; do
	findings now.json "$detector" "id || ' ' || subject" >now.txt
	findings later.json "$detector" "id || ' ' || subject" >later.txt
	[ -s now.txt ] && cmp now.txt later.txt || bad "$case_: $detector has other ids"
done
[ "$(json now.json '$.spend.total')" = "$(json later.json '$.spend.total')" ] ||
	bad "$case_: another total"
# Large ones hold together as well: what is planted meets in one place there.
case_="4000 cards"
"$FLEET_GENERATOR" --gpus 4000 --days 1 --step 3600 large || fail "$case_: not generated"
runs 0 "$TRIMTAB" snapshot check large
grep -q "^large: sound; " stdout.txt || bad "$case_: $(cat stdout.txt)"
finish
