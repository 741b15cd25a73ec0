#!/usr/bin/env bash
# Every ready scenario on every real fleet either runs, or says in one line which table or
# which subject the fleet lacks; on the example fleet all run. The same bytes for any number
# of threads.
. "$TT_SOURCE/tests/integration/lib.sh"
fleets=$TT_SHARED/data/snapshots
scenarios=$TT_SOURCE/scenarios
things="node|node_group|card|pod|workload|namespace|commitment|offer|price"

# simulates FLEET SCENARIO [OPTION...]: whether it runs; what it says is in stdout.txt and
# stderr.txt
simulates() {
	local fleet=$1 scenario=$2 status=0
	shift 2
	"$TRIMTAB" simulate "$fleet" "$scenario" --worlds 64 -q "$@" >stdout.txt 2>stderr.txt ||
		status=$?
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ] ||
		bad "$case_: exit $status, want 0 or 3: $(head -c 1000 stderr.txt)"
	nothing_left
	[ "$status" -eq 0 ]
}

# What was asked of it it says, to the last line, on stdout alone.
whole() {
	[ ! -s stderr.txt ] || bad "$case_: says on stderr: $(head -n 3 stderr.txt)"
	[ "$(tail -c 2 stdout.txt)" = "}" ] || bad "$case_: no whole document on stdout"
}

# One line with the table or the subject that lacks, and no half of a result.
said_why() {
	[ ! -s stdout.txt ] || bad "$case_: fails, and says on stdout: $(head -n 3 stdout.txt)"
	one_line stderr.txt
	if grep -q 'not priced yet' stderr.txt; then
		waiting=$((waiting + 1))
	elif ! grep -qE "\<[a-z_]+\.csv\>|matches no ($things)\>|\<($things) \"" stderr.txt; then
		bad "$case_: names neither a table nor a subject: $(cat stderr.txt)"
	fi
}

# on FLEET: every scenario; counts those that ran
on() {
	local fleet=$1 file
	ran=0 refused=0 waiting=0
	for file in "$scenarios"/*.yaml; do
		case_="$(basename "$file" .yaml) on $fleet"
		if ! simulates "$fleet" "$file" --format json; then
			said_why
			refused=$((refused + 1))
			continue
		fi
		whole
		ran=$((ran + 1))
		mv stdout.txt one.json
		simulates "$fleet" "$file" --format json --threads 2 || bad "$case_: not again"
		cmp one.json stdout.txt || bad "$case_: other bytes with 2 threads"
		simulates "$fleet" "$file" --format json --explain point || bad "$case_: no course"
		whole
	done
	echo "$fleet: $ran scenarios run, $refused say why not ($waiting: not priced yet)"
}

"$FLEET_GENERATOR" --gpus 128 --days 14 example >/dev/null || fail "no fleet"
"$TRIMTAB" snapshot build example -o example.db -q || fail "no snapshot"
on example.db
[ "$ran" -ge 14 ] || bad "only $ran scenarios run on the example fleet"
[ "$refused" -eq "$waiting" ] || bad "the example fleet lacks what a ready scenario asks for"

if [ -d "$fleets" ]; then
	for folder in "$fleets"/*/; do
		fleet=$(basename "$folder")
		case_=$fleet
		runs 0 "$TRIMTAB" snapshot build "$folder" -o "$fleet.db" -q || continue
		on "$fleet.db"
		[ $((ran + refused)) -gt 0 ] || bad "$case_: nothing was tried"
	done
else
	echo "not tried: there are no real fleets in $fleets"
fi
finish
