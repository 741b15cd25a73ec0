#!/usr/bin/env bash
# The facts of the real fleets, as far as they can be read from a snapshot file with
# SQL and from the audit's JSON. Whatever a fleet's expected.json holds is either
# checked here, or named in `elsewhere` with where it is checked, or why it can't be.
. "$TT_SOURCE/tests/integration/lib.sh"
fleets=$TT_SHARED/data/snapshots
[ -d "$fleets" ] || skip "there are no real fleets in $fleets"

# facts FLEET <<SQL: builds and audits the fleet; the SQL fills the table
#   got (name, value, within)   within: exact | number (as read_me says) | money
# and may add to `elsewhere (pattern, where)`. Tables of the snapshot are at hand, the
# audit is audit.j. Names of facts: "demand.p95.order", "by_team.ads.pods".
facts() {
	local fleet=$1
	case_=$fleet
	runs 0 "$TRIMTAB" snapshot build "$fleets/$fleet" -o "$fleet.db" || return 0
	runs 0 "$TRIMTAB" snapshot check "$fleet.db"
	runs 0 "$TRIMTAB" audit "$fleet.db" --format json && mv stdout.txt "$fleet.json"
	runs 0 "$TRIMTAB" audit "$fleets/$fleet" --format json
	cmp "$fleet.json" stdout.txt || bad "$fleet: folder and file give different audits"
	{
		cat <<-END
			ATTACH '$fleet.db' AS s;
			CREATE TABLE audit AS SELECT CAST(readfile('$fleet.json') AS TEXT) AS j;
			CREATE TABLE fact AS SELECT replace(replace(replace(fullkey, '"', ''),
				'\$.facts.', ''), '.value', '') AS name, value, type
				FROM json_tree(CAST(
				readfile('$fleets/$fleet/expected.json') AS TEXT), '\$.facts')
				WHERE (type NOT IN ('object', 'array') OR value IN ('[]', '{}'))
				AND fullkey NOT LIKE '%.what';
			CREATE TABLE got (name, value, within);
			CREATE TABLE elsewhere (pattern, reason);
			INSERT INTO elsewhere VALUES
				('commitment*', 'commitments are not planned yet'),
				('*.linear', 'the other quantile');
		END
		cat
		cat <<-END
			SELECT 'no such fact: ' || name FROM got
				WHERE name NOT IN (SELECT name FROM fact);
			SELECT 'not looked at: ' || name FROM fact
				WHERE name NOT IN (SELECT name FROM got)
				AND NOT EXISTS (SELECT 1 FROM elsewhere WHERE name GLOB pattern);
			SELECT name || ' is ' || ifnull(got.value, 'NULL') || ', want ' ||
				ifnull(fact.value, 'NULL') || ' (' || within || ')'
				FROM got JOIN fact USING (name) WHERE NOT ifnull(CASE within
				WHEN 'exact' THEN got.value IS fact.value
				WHEN 'number' THEN abs(got.value - fact.value) <=
					max(1e-6, 1e-9 * abs(fact.value))
				WHEN 'money' THEN abs(got.value - fact.value) <= 5e-10 + 5e-7 *
					(SELECT max(count(*), 1) FROM nodes) END, 0);
			SELECT 'facts ' || count(*) FROM got;
		END
	} | sqlite3 -batch -noheader :memory: >facts.txt 2>&1
	grep -v '^facts ' facts.txt && bad "$fleet: the lines above"
	sed -n "s/^facts /$fleet: facts checked here: /p" facts.txt
}

total="CAST(j ->> '\$.spend.total' AS REAL)"

facts azure-llm <<END
INSERT INTO got SELECT 'minutes', n, 'exact' FROM traffic;
INSERT INTO got SELECT 'requests', sum_of_requests, 'number' FROM traffic;
INSERT INTO got SELECT 'input_tokens', sum_of_input_tokens, 'number' FROM traffic;
INSERT INTO got SELECT 'output_tokens', sum_of_output_tokens, 'number' FROM traffic;
INSERT INTO got SELECT 'pool.nodes', count(*), 'exact' FROM nodes;
INSERT INTO got SELECT 'pool.gpus', sum(gpus), 'number' FROM nodes;
INSERT INTO got SELECT 'pool.hours', (e.value - b.value) / 3600.0, 'number'
	FROM about AS b, about AS e WHERE b.key = 'start_s' AND e.key = 'end_s';
INSERT INTO got SELECT 'pool.usd_per_node_hour', $total / 4, 'number' FROM audit;
INSERT INTO got SELECT 'cost_usd', $total, 'money' FROM audit;
INSERT INTO got SELECT 'usd_per_1000_requests', $total / sum_of_requests * 1000, 'number'
	FROM audit, traffic;
INSERT INTO got SELECT 'usd_per_million_output_tokens', $total / sum_of_output_tokens * 1e6,
	'number' FROM audit, traffic;
INSERT INTO got SELECT 'usd_per_million_tokens',
	$total / (sum_of_output_tokens + sum_of_input_tokens) * 1e6, 'number' FROM audit, traffic;
INSERT INTO elsewhere VALUES ('minutes_without_requests', 'unit/real_facts'),
	('peak_minute_by_*', 'unit/real_facts'), ('*_per_minute.*', 'unit/real_facts');
END

facts dlrm <<END
INSERT INTO got SELECT 'hours', (e.value - b.value) / 3600, 'exact'
	FROM about AS b, about AS e WHERE b.key = 'start_s' AND e.key = 'end_s';
INSERT INTO got SELECT 'owners', count(DISTINCT owner), 'exact' FROM demand;
INSERT INTO got SELECT 'demand_rows', sum(n), 'exact' FROM demand;
INSERT INTO got SELECT 'gpu_hours', sum(sum_of_units), 'number' FROM demand;
INSERT INTO got SELECT 'top_owners.' || owner, sum(sum_of_units), 'number' FROM demand
	GROUP BY owner ORDER BY 2 DESC LIMIT 10;
INSERT INTO got SELECT 'commitment_by_owner.' || owner || '.gpu_hours', sum(sum_of_units),
	'number' FROM demand GROUP BY owner;
INSERT INTO elsewhere VALUES ('demand.*', 'unit/real_facts');
END

facts shavedice <<END
INSERT INTO got SELECT 'hours', (e.value - b.value) / 3600, 'exact'
	FROM about AS b, about AS e WHERE b.key = 'start_s' AND e.key = 'end_s';
INSERT INTO got SELECT 'demand_rows', sum(n), 'exact' FROM demand;
INSERT INTO got SELECT 'units', sum(sum_of_units), 'number' FROM demand;
INSERT INTO got SELECT 'by_region.' || region || '.units', sum(sum_of_units), 'number'
	FROM demand GROUP BY region;
INSERT INTO got SELECT 'by_region_and_type.' || region || ' ' || instance_type || '.units',
	sum_of_units, 'number' FROM demand;
INSERT INTO got SELECT 'by_region_and_type.' || region || ' ' || instance_type || '.rows', n,
	'exact' FROM demand;
INSERT INTO elsewhere VALUES ('by_region*.max', 'unit/real_facts'),
	('by_region.*', 'unit/real_facts');
END

facts spot-availability <<END
INSERT INTO got SELECT 'rows', sum(n), 'exact' FROM spot_availability;
INSERT INTO got SELECT 'by_zone_and_type.' || zone || ' ' || instance_type || '.ticks', n,
	'exact' FROM spot_availability;
INSERT INTO elsewhere VALUES ('by_zone_and_type.*', 'unit/real_facts');
END

facts helios <<END
INSERT INTO got SELECT 'hours', (e.value - b.value) / 3600, 'exact'
	FROM about AS b, about AS e WHERE b.key = 'start_s' AND e.key = 'end_s';
INSERT INTO got SELECT 'nodes', count(*), 'exact' FROM nodes;
INSERT INTO got SELECT 'gpus', j ->> '\$.snapshot.gpus', 'number' FROM audit;
INSERT INTO got SELECT 'demand_rows', sum(n), 'exact' FROM demand;
INSERT INTO got SELECT 'capacity_gpu_hours', j ->> '\$.snapshot.gpu_hours', 'number' FROM audit;
INSERT INTO got SELECT 'used_gpu_hours', sum(sum_of_units), 'number' FROM demand;
INSERT INTO got SELECT 'idle_gpu_hours', (j ->> '\$.snapshot.gpu_hours') -
	(SELECT sum(sum_of_units) FROM demand), 'number' FROM audit;
INSERT INTO got SELECT 'used_share', (SELECT sum(sum_of_units) FROM demand) /
	(j ->> '\$.snapshot.gpu_hours'), 'number' FROM audit;
INSERT INTO got SELECT 'cost_usd', $total, 'money' FROM audit;
INSERT INTO got SELECT 'idle_cost_usd',
	CAST(j ->> '\$.spend.buckets.unallocated_idle' AS REAL), 'money' FROM audit;
INSERT INTO got SELECT 'used_cost_usd', $total -
	CAST(j ->> '\$.spend.buckets.unallocated_idle' AS REAL), 'money' FROM audit;
CREATE TABLE team AS SELECT value ->> '\$.node_group' AS name,
	CAST(value ->> '\$.total' AS REAL) AS cost, value ->> '\$.gpu_hours' AS gpu_hours,
	CAST(value ->> '\$.buckets.unallocated_idle' AS REAL) AS idle,
	(SELECT sum(sum_of_units) FROM demand WHERE owner = value ->> '\$.node_group') AS used
	FROM audit, json_each(j, '\$.spend.by_node_group');
INSERT INTO got SELECT 'by_team.' || node_group || '.gpus', sum(gpus), 'number' FROM nodes
	GROUP BY node_group;
INSERT INTO got SELECT 'by_team.' || name || '.used_gpu_hours', used, 'number' FROM team;
INSERT INTO got SELECT 'by_team.' || name || '.idle_gpu_hours', gpu_hours - used, 'number'
	FROM team;
INSERT INTO got SELECT 'by_team.' || name || '.used_share', used / gpu_hours, 'number' FROM team;
INSERT INTO got SELECT 'by_team.' || name || '.cost_usd', cost, 'money' FROM team;
INSERT INTO got SELECT 'by_team.' || name || '.idle_cost_usd', idle, 'money' FROM team;
INSERT INTO elsewhere VALUES ('demand.*', 'unit/real_facts'), ('zero_hours.*', 'unit/real_facts'),
	('by_team.*.peak_hour_gpus', 'unit/real_facts');
END

facts openb <<END
CREATE TABLE w AS SELECT
	(SELECT CAST(value AS INTEGER) FROM about WHERE key = 'start_s') AS start_s,
	(SELECT CAST(value AS INTEGER) FROM about WHERE key = 'end_s') AS end_s;
INSERT INTO got SELECT 'window_hours', (end_s - start_s) / 3600.0, 'number' FROM w;
INSERT INTO got SELECT 'nodes.all', count(*), 'exact' FROM nodes;
INSERT INTO got SELECT 'nodes.with_gpu', sum(gpus > 0), 'exact' FROM nodes;
INSERT INTO got SELECT 'gpus', j ->> '\$.snapshot.gpus', 'number' FROM audit;
INSERT INTO got SELECT 'cpus', sum(cpus), 'number' FROM nodes;
INSERT INTO got SELECT 'memory_mib', sum(memory_mib), 'number' FROM nodes;
INSERT INTO got SELECT 'by_model.' || gpu_model || '.nodes', count(*), 'exact' FROM nodes
	WHERE gpu_model IS NOT NULL GROUP BY gpu_model;
INSERT INTO got SELECT 'by_model.' || gpu_model || '.gpus', sum(gpus), 'number' FROM nodes
	WHERE gpu_model IS NOT NULL GROUP BY gpu_model;
-- what the audit says a model costs, for one hour; NULL where nothing is known
INSERT INTO got SELECT 'by_model.' || (value ->> '\$.gpu_model') || '.usd_per_hour',
	CAST(value ->> '\$.total' AS REAL) / ((end_s - start_s) / 3600.0),
	iif(value ->> '\$.total' IS NULL, 'exact', 'number')
	FROM w, audit, json_each(j, '\$.spend.by_gpu_model')
	WHERE value ->> '\$.gpu_model' IS NOT NULL;
INSERT INTO got SELECT 'unpriced_gpus', round((j ->> '\$.spend.unknown_gpu_hours') /
	((end_s - start_s) / 3600.0), 6), 'number' FROM audit, w;
INSERT INTO got SELECT 'priced_gpus', round(((j ->> '\$.snapshot.gpu_hours') -
	(j ->> '\$.spend.unknown_gpu_hours')) / ((end_s - start_s) / 3600.0), 6), 'number'
	FROM audit, w;
INSERT INTO got SELECT 'unpriced_nodes', count(*), 'exact' FROM nodes
	WHERE price_per_hour IS NULL;
INSERT INTO got SELECT 'usd_per_hour', $total / ((end_s - start_s) / 3600.0), 'number'
	FROM audit, w;
INSERT INTO got SELECT 'cost_usd', $total, 'money' FROM audit;
INSERT INTO got SELECT 'pods', count(*), 'exact' FROM pods;
INSERT INTO got SELECT 'pods_by_request.' || CASE WHEN gpus IS NULL OR gpus = 0 THEN 'cpu_only'
	WHEN gpus < 1 THEN 'fractional' WHEN gpus = 1 THEN 'whole' ELSE 'multi' END AS kind,
	count(*), 'exact' FROM pods GROUP BY kind;
INSERT INTO got SELECT 'gpus_requested', sum(gpus), 'number' FROM pods;
INSERT INTO got SELECT 'gpus_requested_fractional', sum(gpus), 'number' FROM pods
	WHERE gpus < 1;
INSERT INTO got SELECT 'pods_by_outcome.' || outcome, count(*), 'exact' FROM pods
	GROUP BY outcome;
INSERT INTO got SELECT 'pods_never_started', count(*), 'exact' FROM pods
	WHERE started_at IS NULL;
CREATE TABLE run AS SELECT *, gpus * (ended_at - started_at) / 3600.0 AS gpu_hours,
	substr(labels, 5) AS qos FROM pods WHERE started_at IS NOT NULL;
INSERT INTO got SELECT 'gpu_hours', sum(gpu_hours), 'number' FROM run;
INSERT INTO got SELECT 'gpu_hours_by_qos.' || qos, sum(gpu_hours), 'number' FROM run
	GROUP BY qos;
INSERT INTO got SELECT 'gpu_hours_by_outcome.' || outcome, sum(gpu_hours), 'number' FROM run
	GROUP BY outcome;
CREATE TABLE edge AS SELECT t, sum(d) AS d FROM (SELECT started_at AS t,
	CAST(round(gpus * 1000) AS INTEGER) AS d FROM run WHERE gpus > 0 UNION ALL
	SELECT ended_at, -CAST(round(gpus * 1000) AS INTEGER) FROM run WHERE gpus > 0)
	GROUP BY t;
CREATE TABLE held AS SELECT t, sum(d) OVER (ORDER BY t) AS gpus FROM edge;
INSERT INTO got SELECT 'gpus_peak.gpus', gpus / 1000.0, 'number' FROM held
	ORDER BY gpus DESC, t LIMIT 1;
INSERT INTO got SELECT 'gpus_peak.time', strftime('%Y-%m-%dT%H:%M:%SZ', t, 'unixepoch'), 'exact'
	FROM held ORDER BY gpus DESC, t LIMIT 1;
CREATE TABLE wait AS SELECT started_at - submitted_at AS s, row_number() OVER
	(ORDER BY started_at - submitted_at) AS i FROM run WHERE gpus > 0;
INSERT INTO got SELECT 'wait_seconds.p' || q || '.order', (SELECT min(s) FROM wait
	WHERE i * 100 >= q * (SELECT count(*) FROM wait)), 'exact'
	FROM (SELECT 50 AS q UNION SELECT 95 UNION SELECT 99);
INSERT INTO got SELECT 'wait_seconds.mean', avg(s), 'number' FROM wait;
INSERT INTO got SELECT 'wait_seconds.max', max(s), 'exact' FROM wait;
INSERT INTO got SELECT 'wait_never_started.pods', count(*), 'exact' FROM pods
	WHERE gpus > 0 AND started_at IS NULL;
INSERT INTO got SELECT 'wait_never_started.gpus', sum(gpus), 'number' FROM pods
	WHERE gpus > 0 AND started_at IS NULL;
INSERT INTO got SELECT 'pods_with_gpu_model', count(gpu_model), 'exact' FROM pods;
INSERT INTO elsewhere VALUES ('pods_allowed_by_model', 'no pod names a model');
END

facts genai <<END
CREATE TABLE w AS SELECT
	(SELECT CAST(value AS INTEGER) FROM about WHERE key = 'start_s') AS start_s,
	(SELECT CAST(value AS INTEGER) FROM about WHERE key = 'end_s') AS end_s;
INSERT INTO got SELECT 'window_hours', (end_s - start_s) / 3600.0, 'number' FROM w;
INSERT INTO got SELECT 'nodes', count(*), 'exact' FROM nodes;
INSERT INTO got SELECT 'pods', count(*), 'exact' FROM pods;
INSERT INTO got SELECT 'usage_rows', rows, 'exact' FROM inputs WHERE name = 'gpu_usage';
INSERT INTO got SELECT 'node_hours', j ->> '\$.snapshot.gpu_hours', 'number' FROM audit;
INSERT INTO got SELECT 'cost_usd', $total, 'money' FROM audit;
-- exact sums are whole millionths in text; here a double does
CREATE TABLE m AS SELECT c.node, n, seconds, min, max, metric,
	CAST(sum_micro AS REAL) / 1e6 AS total, CAST(sum_micro_s AS REAL) / 1e6 AS total_s
	FROM measures JOIN carriers AS c ON c.id = measures.carrier;
CREATE TABLE util AS SELECT * FROM m WHERE metric = 'gpu_util_pct';
CREATE TABLE memory AS SELECT * FROM m WHERE metric = 'fb_used_mib';
INSERT INTO got SELECT 'util_samples', sum(n), 'exact' FROM util;
INSERT INTO got SELECT 'memory_samples', sum(n), 'exact' FROM memory;
INSERT INTO got SELECT 'util_mean', sum(total) / sum(n), 'number' FROM util;
INSERT INTO got SELECT 'util_max', max(max), 'number' FROM util;
INSERT INTO got SELECT 'covered_hours', sum(seconds) / 3600.0, 'number' FROM util;
INSERT INTO got SELECT 'busy_gpu_hours', sum(total_s) / 360000, 'number' FROM util;
INSERT INTO got SELECT 'util_mean_over_time', sum(total_s) / sum(seconds), 'number' FROM util;
INSERT INTO got SELECT 'busy_gpu_hours_57s', sum(total) * 57 / 360000, 'number' FROM util;
INSERT INTO got SELECT 'memory_max_mib', max(max), 'number' FROM memory;
INSERT INTO got SELECT 'pods_util_mean_below_5', sum(total / n < 5), 'exact' FROM util;
INSERT INTO got SELECT 'pods_util_mean_below_1', sum(total / n < 1), 'exact' FROM util;
INSERT INTO got SELECT 'pods_util_max_below_5', sum(max < 5), 'exact' FROM util;
INSERT INTO got SELECT 'pods_without_util', '[' || ifnull(group_concat(node), '') || ']', 'exact'
	FROM memory WHERE node NOT IN (SELECT node FROM util);
INSERT INTO got SELECT 'requests', sum(sum_of_requests), 'number' FROM traffic;
-- a row stands for at most one step where a long gap follows: what is not covered of a
-- card's life is its gap, less that step
INSERT INTO got SELECT 'long_gaps.' || p.pod, c.last_s + 57 - c.first_s - m.seconds + 57,
	'exact' FROM carriers AS c JOIN memory AS m USING (node) JOIN pods AS p USING (node)
	WHERE c.last_s + 57 - c.first_s - m.seconds > 5 * 57;

CREATE TABLE life AS SELECT p.pod, p.node, p.workload,
	CASE WHEN instr(p.labels, 'team=') THEN substr(p.labels, instr(p.labels, 'team=') + 5)
	ELSE '(none)' END AS team,
	(ifnull(n.ended_at, end_s) - ifnull(n.started_at, start_s)) / 3600.0 AS hours
	FROM w, pods AS p JOIN nodes AS n USING (node);
CREATE TABLE of AS SELECT 'by_team.' || team AS name, * FROM life UNION ALL
	SELECT 'by_workload.' || workload, * FROM life;
INSERT INTO got SELECT name || '.pods', count(*), 'exact' FROM of GROUP BY name;
INSERT INTO got SELECT name || '.node_hours', sum(hours), 'number' FROM of GROUP BY name;
INSERT INTO got SELECT name || '.util_samples', sum(n), 'exact' FROM of JOIN util USING (node)
	GROUP BY name;
INSERT INTO got SELECT name || '.util_mean', sum(total) / sum(n), 'number' FROM of
	JOIN util USING (node) GROUP BY name;
INSERT INTO got SELECT name || '.busy_gpu_hours', sum(total_s) / 360000, 'number' FROM of
	JOIN util USING (node) GROUP BY name;
INSERT INTO got SELECT 'by_workload.' || workload || '.requests', sum_of_requests, 'number'
	FROM traffic;
-- every node is one team's alone, so a team's cost is that of its nodes
INSERT INTO got SELECT 'by_team.' || ifnull(value ->> '\$.owner', '(none)') || '.cost_usd',
	CAST(value ->> '\$.total' AS REAL), 'money'
	FROM audit, json_each(j, '\$.spend.by_owner');
INSERT INTO got SELECT name || '.cost_usd', sum(hours) * (SELECT CAST(price_per_hour AS REAL)
	FROM prices WHERE instance_type = 'g6e.xlarge' AND region = 'us-east-1'
	AND pricing = 'on_demand'), 'money' FROM of WHERE name GLOB 'by_workload.*' GROUP BY name;

INSERT INTO got SELECT 'by_pod.' || pod || '.hours', hours, 'number' FROM life;
INSERT INTO got SELECT 'by_pod.' || pod || '.samples', n, 'exact' FROM life JOIN util USING (node);
INSERT INTO got SELECT 'by_pod.' || pod || '.mean', total / n, 'number'
	FROM life JOIN util USING (node);
INSERT INTO got SELECT 'by_pod.' || pod || '.max', max, 'number' FROM life JOIN util USING (node);
INSERT INTO got SELECT 'by_pod.' || pod || '.memory_max_mib', max, 'number'
	FROM life JOIN memory USING (node);
INSERT INTO elsewhere VALUES ('by_pod.*.p50', 'unit/real_facts'),
	('by_pod.*.p95', 'the other quantile'),
	('by_pod.*.p95_order', 'unit/real_facts'), ('by_pod.*.zero_share', 'unit/real_facts'),
	('*_quantiles*', 'unit/real_facts'), ('util_zero_*', 'unit/real_facts'),
	('zero_*', 'unit/real_facts'), ('idle_but_holding_*', 'unit/real_facts'),
	('memory_over_card_samples', 'unit/real_facts'),
	('pods_util_p95_below_20.order', 'unit/real_facts'),
	('fleet_*', 'unit/real_facts'), ('requests_peak.*', 'unit/real_facts');
END

# What can't be said is said: short, with the table that is missing; nothing is made up.
# honest FLEET TOTAL_KNOWN TEXT...
honest() {
	local fleet=$1 known=$2 text
	case_="the report on $fleet"
	shift 2
	runs 0 "$TRIMTAB" audit "$fleet.db"
	mv stdout.txt "$fleet.txt"
	[ "$(LC_ALL=C.UTF-8 wc -L <"$fleet.txt")" -le 100 ] || bad "$case_: over 100 columns"
	for text in "$@"; do
		tr -s '\n ' ' ' <"$fleet.txt" | grep -qF -e "$text" || bad "$case_: no <$text>"
	done
	if [ "$known" = no ]; then
		[ "$(wc -l <"$fleet.txt")" -le 30 ] || bad "$case_: is long for what can be said"
		[ -z "$(json "$fleet.json" '$.spend.total')" ] ||
			bad "$case_: a total without nodes"
		[ -z "$(json "$fleet.json" '$.spend.buckets.productive')" ] ||
			bad "$case_: a bucket"
		[ "$(json "$fleet.json" '$.findings')" = "[]" ] || bad "$case_: findings"
	fi
	runs 1 "$TRIMTAB" audit "$fleet.db" --strict # a detector lacked data
}
honest dlrm no "nodes.csv is missing" "demand.csv" "156" \
	"no rows of gpu_usage.csv: gpu_bottleneck, gpu_fit, gpu_sharing, idle_gpu"
honest shavedice no "nodes.csv is missing" "demand.csv" \
	"no rows of gpu_usage.csv: gpu_bottleneck, gpu_fit, gpu_sharing, idle_gpu"
honest spot-availability no "nodes.csv is missing" "181,422 probes" "9 zones"
honest helios yes "874,229.76" "gpu_usage.csv is missing" "pods.csv is missing"
honest azure-llm yes "131.08" "gpu_usage.csv is missing" "the window is 1 hour, below 14 days" \
	"2026-06-18"
honest openb yes "6,601,648.95" "gpu_usage.csv is missing" "6,203 of 8,152 pods" \
	"1,032 nodes with 17,809,669 GPU-hours have no price"
for bucket in productive allocated_idle unallocated_idle tax; do
	[ -z "$(json openb.json "$.spend.buckets.$bucket")" ] ||
		bad "openb: a node without pods has no allocation data: $bucket is not known"
done
for bucket in productive allocated_idle; do
	[ -z "$(json helios.json "$.spend.buckets.$bucket")" ] ||
		bad "helios: nothing is measured: $bucket is not known"
done

# What the pods of genai did is measured: the idle ones are found, no other is.
case_="findings on genai"
runs 0 "$TRIMTAB" audit genai.db
[ "$(LC_ALL=C.UTF-8 wc -L <stdout.txt)" -le 100 ] || bad "$case_: over 100 columns"
sqlite3 -batch -noheader :memory: "SELECT value ->> '\$.subject.id' FROM json_each(
	CAST(readfile('genai.json') AS TEXT), '\$.findings')
	WHERE value ->> '\$.detector' = 'idle_gpu' ORDER BY 1" >found.txt
# p99 of the samples below 1 %, measured for 80 % of a life of 6 hours and more
sql genai.db "SELECT c.node FROM measures AS m JOIN carriers AS c ON c.id = m.carrier
	WHERE metric = 'gpu_util_pct' AND p99 < 1 AND c.last_s - c.first_s >= 6 * 3600
	AND seconds >= 0.8 * (c.last_s - c.first_s) ORDER BY 1" >want.txt
cmp want.txt found.txt || bad "$case_: $(cat found.txt), want $(cat want.txt)"
[ -s found.txt ] || bad "$case_: nothing idle at all"
finish
