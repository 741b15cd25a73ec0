-- Which finding is of which case, and what follows.
CREATE TABLE cases AS SELECT * FROM all_cases WHERE detector IN (SELECT id FROM detectors);
CREATE TABLE findings AS SELECT * FROM all_findings;
CREATE INDEX of_findings ON findings (seed, clean, detector, subject);

-- Small places without an owner are one finding together.
CREATE TABLE seen AS SELECT c.seed, c.clean, c.n, min(f.id) AS id
	FROM cases AS c JOIN findings AS f USING (seed, clean, detector, subject, subject_kind, verdict)
	GROUP BY c.seed, c.clean, c.n;
INSERT INTO seen SELECT c.seed, c.clean, c.n, f.id
	FROM cases AS c JOIN findings AS f USING (seed, clean, detector)
	WHERE f.verdict = 'no_owner_small' AND (c.seed, c.clean, c.n) NOT IN
	(SELECT seed, clean, n FROM seen);

-- Amounts of a finding against those of all cases that it is of, where all are known.
CREATE VIEW sums AS SELECT f.detector, f.spend AS told, sum(c.spend) AS spend,
	count(*) = count(c.spend) AND f.spend IS NOT NULL AS spend_known,
	f.saving AS priced, sum(c.saving) AS saving,
	count(*) = count(c.saving) AND f.saving IS NOT NULL AS saving_known
	FROM findings AS f JOIN seen USING (seed, clean, id) JOIN cases AS c USING (seed, clean, n)
	GROUP BY f.seed, f.clean, f.id;
CREATE VIEW amounts AS SELECT detector, sum(spend) FILTER (WHERE spend_known) AS spend,
	sum(abs(told - spend)) FILTER (WHERE spend_known) AS spend_off,
	sum(saving) FILTER (WHERE saving_known) AS saving,
	sum(abs(priced - saving)) FILTER (WHERE saving_known) AS saving_off
	FROM sums GROUP BY detector;

CREATE VIEW recall AS SELECT detector, count(*) AS planted, sum(factor >= 2) AS twofold,
	sum(factor >= 2 AND id IS NOT NULL) AS found, sum(id IS NOT NULL) AS found_all
	FROM cases LEFT JOIN seen USING (seed, clean, n) GROUP BY detector;
CREATE VIEW precise AS SELECT detector, count(*) AS findings,
	sum((seed, clean, id) NOT IN (SELECT seed, clean, id FROM seen)) AS false_ones
	FROM findings WHERE NOT clean GROUP BY detector;
-- What a detector's findings of one clean fleet are worth together: the worst of the fleets.
CREATE VIEW clean_worth AS SELECT detector, sum(n) AS n, max(pct) AS pct FROM (
	SELECT detector, seed, count(*) AS n, 100 * total(max(f.saving, 0)) / min(fleets.spend) AS pct
	FROM findings AS f JOIN fleets USING (seed, clean) WHERE clean GROUP BY detector, seed)
	GROUP BY detector;

CREATE VIEW broken AS
	SELECT 'missed, seed ' || c.seed || ': ' || c.detector || ' ' || c.verdict || ' ' ||
		c.planted_at || ', ' || c.factor || ' times its threshold' AS line
		FROM cases AS c LEFT JOIN seen USING (seed, clean, n)
		WHERE factor >= 2 AND id IS NULL
	UNION ALL
	SELECT 'a clean fleet, ' || detector || ': ' || printf('%.3f', pct) || ' % of its spend'
		FROM clean_worth WHERE pct > 0.1;
CREATE VIEW false_ones AS
	SELECT 'not planted, seed ' || seed || ': ' || detector || ' ' || verdict || ' ' || title
		AS line FROM findings
		WHERE NOT clean AND (seed, clean, id) NOT IN (SELECT seed, clean, id FROM seen);
