-- Audits and what was planted, as they come, and views that take them apart.
CREATE TABLE audits (seed INTEGER, clean INTEGER, truth TEXT, j TEXT);
CREATE TABLE detectors (id TEXT);

CREATE VIEW fleets AS SELECT seed, clean, CAST(j ->> '$.spend.total' AS REAL) AS spend,
	(julianday(j ->> '$.snapshot.end') - julianday(j ->> '$.snapshot.start')) * 24 / 730
	AS months FROM audits;

-- What the detectors that are there should see. `spend` and `saving` are of the window, NULL
-- where they are not known. A workload that lacks its label is seen by its namespace.
CREATE VIEW all_cases AS SELECT seed, clean, key AS n, value ->> '$.detector' AS detector,
	CASE value ->> '$.detector' WHEN 'missing_owner' THEN 'no_owner'
	ELSE value ->> '$.kind' END AS verdict,
	value ->> '$.subject' AS planted_at,
	CASE value ->> '$.detector' WHEN 'missing_owner' THEN value ->> '$.namespace'
	ELSE value ->> '$.subject' END AS subject,
	CASE value ->> '$.detector' WHEN 'missing_owner' THEN 'namespace'
	ELSE value ->> '$.subject_kind' END AS subject_kind,
	CAST(value ->> '$.threshold_factor' AS REAL) AS factor,
	CAST(value ->> '$.spend' AS REAL) AS spend, CAST(value ->> '$.saving' AS REAL) AS saving
	FROM audits, json_each(truth) WHERE value ->> '$.detector' IS NOT NULL;

-- Amounts of the window. `saving` is what its changes alone save, as planned.
CREATE VIEW all_findings AS SELECT a.seed, a.clean, value ->> '$.id' AS id,
	value ->> '$.detector' AS detector, value ->> '$.verdict' AS verdict,
	value ->> '$.subject.kind' AS subject_kind, value ->> '$.subject.id' AS subject,
	CAST(value ->> '$.spend_concerned_per_month' AS REAL) * months AS spend,
	CAST(value ->> '$.saving_per_month.standalone.point' AS REAL) * months AS saving,
	value ->> '$.title' AS title
	FROM audits AS a JOIN fleets USING (seed, clean), json_each(j, '$.findings');
