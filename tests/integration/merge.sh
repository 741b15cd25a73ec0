#!/usr/bin/env bash
# Shards of the example fleet, cut by time, by node and row by row, give the snapshot of the
# whole to the byte: as folders and as files, in any order, with any number of threads. What
# can't be joined is refused in one line, and nothing half-written stays.
. "$TT_SOURCE/tests/integration/lib.sh"

"$FLEET_GENERATOR" --gpus 96 --days 4 fleet || fail "no fleet"
rm -f fleet/truth.yaml
case_="the whole"
runs 0 "$TRIMTAB" snapshot build fleet -o whole.db

# cut HOW N: parts/0 .. parts/N-1. `how` is awk that sets `part`: a number, or "all"
cut() {
	local how=$1 n=$2 file i
	rm -rf parts && mkdir parts
	for ((i = 0; i < n; i++)); do
		mkdir "parts/$i"
		cp fleet/snapshot.yaml "parts/$i"
	done
	for file in fleet/*.csv; do
		awk -F, -v n="$n" -v name="${file##*/}" -v seed="$n" '
			BEGIN { srand(seed) }
			FNR == 1 {
				for (i = 1; i <= NF; i++) at[$i] = i
				header = $0
				next
			}
			function put(part) {
				out = "parts/" part "/" name
				if (!(out in seen)) print header >out
				seen[out] = 1
				print >out
			}
			{
				'"$how"'
				if (part != "all") put(part)
				else for (i = 0; i < n; i++) put(i)
			}' "$file"
	done
}
windows() { # of the parts that were cut by time: START... END
	local i=0
	while [ $# -gt 1 ]; do
		sed -i "s/^start:.*/start: $1/; s/^end:.*/end: $2/" "parts/$i/snapshot.yaml"
		i=$((i + 1))
		shift
	done
}
shards() { # every part as a file
	local i
	for i in parts/?; do
		runs 0 "$TRIMTAB" snapshot build "$i" -o "$i.shard" --shard
		rm -rf "$i"
	done
}
# joined WANT SHARD...: their merge is the whole, byte for byte
joined() {
	runs 0 "$TRIMTAB" snapshot merge "$@" -o out/got.db || return 0
	cmp whole.db out/got.db || bad "$case_: not the bytes of the whole: $*"
	rm -rf out/*
	nothing_left
}

case_="one part"
cut 'part = 0' 1
joined parts/0/
shards
joined parts/0.shard

# The window is cut at odd seconds: in the midst of hours, steps and holdings.
start=$(sql whole.db "SELECT value FROM about WHERE key = 'start_s'")
end=$(sql whole.db "SELECT value FROM about WHERE key = 'end_s'")
a=$((start + (end - start) / 3 + 1234))
b=$((start + (end - start) * 2 / 3 + 71))
iso() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }
by_time='
	part = "all"
	if ("time" in at)
		part = ($at["time"] >= "'$(iso $a)'") + ($at["time"] >= "'$(iso $b)'")'
case_="by time"
cut "$by_time" 3
windows "$start" "$a" "$b" "$end"
joined parts/0 parts/1 parts/2
joined parts/2 parts/0 parts/1 --threads 1
runs 0 "$TRIMTAB" snapshot merge parts/0 parts/2 -o out/got.db
grep -q "^trimtab: no shard covers $(iso $a) to $(iso $b)$" stderr.txt ||
	bad "$case_: nobody says that a part is missing: $(cat stderr.txt)"
rm -rf out/*
shards
joined parts/1.shard parts/2.shard parts/0.shard --threads 3
grep -q 'rows of tables are in several shards and count once' stderr.txt ||
	bad "$case_: nobody says that tables are in all of them: $(cat stderr.txt)"
[ "$(sql parts/0.shard 'SELECT count(*) FROM nodes')" = \
	"$(sql whole.db 'SELECT count(*) FROM nodes')" ] || bad "$case_: a table was not copied"

case_="by node"
cut 'part = ("node" in at) ? substr($at["node"], length($at["node"])) % n : "all"' 3
joined parts/0 parts/1 parts/2
shards
joined parts/2.shard parts/1.shard parts/0.shard

for n in 3 7; do
	case_="row by row, $n parts"
	cut 'part = int(rand() * n)' "$n"
	joined parts/?
	shards
	joined parts/*.shard
	# shellcheck disable=SC2046
	joined $(printf '%s\n' parts/*.shard | tac) --threads 2
	joined parts/[1-9].shard parts/0.shard --threads 8
done
case_="a file and folders"
mv parts/0.shard one.shard
cut 'part = int(rand() * n)' 7
rm -r parts/0
joined parts/? one.shard

case_="parts out of order"
for file in parts/1/*usage.csv; do
	{
		head -n 1 "$file"
		tail -n +2 "$file" | shuf --random-source=<(yes)
	} >shuffled
	mv shuffled "$file"
done
joined parts/? one.shard

# --- What is in the way -------------------------------------------------------------------
plain_fleet fleet
mkdir other
cp fleet/snapshot.yaml other/
runs 0 "$TRIMTAB" snapshot build fleet -o plain.db
merge() {
	refused "$TRIMTAB" snapshot merge "${shards[@]}" -o out/got.db -- "$@"
}
shards=(fleet other)
case_="two values in two parts"
sed -n '1p; 5s/,[0-9]*$/,777/p' fleet/gpu_usage.csv >other/gpu_usage.csv
merge "other: gpu_usage.csv:2: fb_used_mib is 777" "in line 5 in fleet it is 20000"
runs 0 "$TRIMTAB" snapshot merge --lenient fleet other -o out/got.db
[ "$(sql out/got.db 'SELECT table_name, kind, n FROM rejects')" = \
	"gpu_usage|conflicting duplicate|1" ] || bad "$case_: not counted"
rm -rf out/*
case_="rows in two parts"
sed -n '1p; 5,7p' fleet/gpu_usage.csv >other/gpu_usage.csv
runs 0 "$TRIMTAB" snapshot merge fleet other -o out/got.db
[ "$(sql out/got.db "SELECT note FROM notes")" = \
	"gpu_usage.csv: 3 equal rows counted once" ] || bad "$case_: not noted"
for table in measures aligned holdings carriers; do
	[ "$(sql out/got.db "SELECT * FROM $table" | cksum)" = \
		"$(sql plain.db "SELECT * FROM $table" | cksum)" ] || bad "$case_: other $table"
done
rm -rf out/*
case_="a node with two prices"
rm other/gpu_usage.csv
sed 's/3.25/3.5/' fleet/nodes.csv >other/nodes.csv
merge "nodes.csv:2: conflicting duplicate" 'node "n1"' "3.25" "3.5" "line 2 in"
case_="a node of no part"
cp fleet/nodes.csv other/
printf 'time,node,gpu,gpu_util_pct\n1772409600,n1,0,\n1772409600,n7,0,1\n' >other/gpu_usage.csv
merge 'other: gpu_usage.csv:3: node is "n7"' "nodes.csv"
rm other/*.csv
case_="another currency"
sed -i 's/EUR/USD/' other/snapshot.yaml
merge 'its currency is "' '"USD"' '"EUR"'
case_="another fleet"
sed 's/plain/plane/' fleet/snapshot.yaml >other/snapshot.yaml
merge 'its name is "plane", that of fleet is "plain"'
case_="a bad row in a part"
cp fleet/* other/
sed -i '3s/^[0-9]*/noon/' other/gpu_usage.csv
merge "other: gpu_usage.csv:3:1" '"noon"'

case_="a snapshot"
shards=(fleet plain.db)
merge "plain.db: a snapshot without the rows" "--shard"
case_="another database"
sqlite3 foreign.db "CREATE TABLE t (x)"
shards=(foreign.db)
merge "foreign.db" "not a trimtab snapshot"
case_="no database"
shards=(fleet/nodes.csv)
merge "fleet/nodes.csv" "no source reads it"
case_="nothing there"
shards=(fleet nowhere)
merge "nowhere" "No such file or directory"
case_="damaged"
runs 0 "$TRIMTAB" snapshot build fleet -o fleet.shard --shard
at=$(grep -obaP '\x28\xb5\x2f\xfd' fleet.shard | head -n 1 | awk -F: '{ print $1 }')
printf '\xff' | dd of=fleet.shard bs=1 seek=$((at + 20)) conv=notrunc status=none
shards=(fleet.shard)
merge "fleet.shard: damaged"
case_="cut off"
truncate -s 20000 fleet.shard
merge "fleet.shard"
case_="newer"
runs 0 "$TRIMTAB" snapshot build fleet -o fleet.shard --shard
sqlite3 fleet.shard "PRAGMA user_version = 99"
merge "fleet.shard: made by a newer trimtab"

case_="twice"
runs 2 "$TRIMTAB" snapshot merge fleet other/../fleet -o out/got.db
one_line stderr.txt "other/../fleet is given twice"
case_="a shard where a snapshot belongs"
runs 0 "$TRIMTAB" snapshot build fleet -o fleet.shard --shard
for command in audit "snapshot check" "snapshot info" "snapshot build -o out/x.db"; do
	# shellcheck disable=SC2086
	refused "$TRIMTAB" $command fleet.shard -- "fleet.shard"
done
refused "$TRIMTAB" audit fleet.shard -- "a shard" "trimtab snapshot merge"

case_="an output that is something else"
printf 'mine\n' >mine.txt
runs 3 "$TRIMTAB" snapshot merge fleet.shard -o mine.txt
one_line stderr.txt "mine.txt: is there and is no snapshot"
[ "$(cat mine.txt)" = mine ] || bad "$case_: it was replaced"
case_="an output folder that is not there"
runs 3 "$TRIMTAB" snapshot merge fleet.shard -o nowhere/got.db
one_line stderr.txt "nowhere"
case_="an old output"
cp plain.db out/got.db
runs 0 "$TRIMTAB" snapshot merge fleet.shard -o out/got.db
cmp plain.db out/got.db || bad "$case_: not the plain fleet"
runs 3 "$TRIMTAB" snapshot merge foreign.db -o out/got.db
cmp plain.db out/got.db || bad "$case_: gone after a failure"
finish
