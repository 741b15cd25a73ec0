-- The table of tests/README.md.
.mode list
.headers off
SELECT '| detector | cases | twofold | found | recall | findings | not planted | precision |'
	|| ' spend planted | error | saving planted | error | clean: findings | worth at most |';
SELECT '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|';
SELECT printf('| %s | %d | %d | %d | %s | %d | %d | %s | %s | %s | %s | %s | %d | %s |', d.id,
	coalesce(planted, 0), coalesce(twofold, 0), coalesce(r.found, 0),
	CASE WHEN twofold > 0 THEN printf('%.0f %%', 100.0 * r.found / twofold) ELSE '' END,
	coalesce(findings, 0), coalesce(false_ones, 0),
	CASE WHEN findings > 0 THEN printf('%.0f %%', 100.0 * (findings - false_ones) / findings)
	ELSE '' END,
	CASE WHEN a.spend > 0 THEN printf('%,d', round(a.spend)) ELSE '' END,
	CASE WHEN a.spend > 0 THEN printf('%.1f %%', 100 * spend_off / a.spend) ELSE '' END,
	CASE WHEN a.saving > 0 THEN printf('%,d', round(a.saving)) ELSE '' END,
	CASE WHEN a.saving > 0 THEN printf('%.1f %%', 100 * saving_off / a.saving) ELSE '' END,
	coalesce(w.n, 0), printf('%.3f %%', coalesce(w.pct, 0)))
	FROM detectors AS d LEFT JOIN recall AS r ON r.detector = d.id
	LEFT JOIN precise AS p ON p.detector = d.id LEFT JOIN amounts AS a ON a.detector = d.id
	LEFT JOIN clean_worth AS w ON w.detector = d.id ORDER BY d.id;
