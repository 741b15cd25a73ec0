#!/usr/bin/env bash
# What histograms tell is told by them alone: an audit whose detectors need no aligned series
# reads none, whatever the thresholds. Told by series that nobody can read any more.
. "$TT_SOURCE/tests/integration/lib.sh"
case_="without series"

# fleet FOLDER ONCE: three nodes of two cards for two days; one does nothing, one little, one
# works; card idle/0 reads ONCE % in one reading of 200.
fleet() {
	mkdir -p "$1" || exit 1
	cat >"$1/snapshot.yaml" <<-'END_'
		name: told
		start: 2026-03-02T00:00:00Z
		end: 2026-03-04T00:00:00Z
		currency: EUR
		step: 5m
	END_
	cat >"$1/nodes.csv" <<-'END_'
		node,gpu_model,gpus,gpu_memory_mib,pricing,price_per_hour
		busy,l4,2,24576,on_demand,1.5
		idle,l4,2,24576,on_demand,1.5
		little,l4,2,24576,on_demand,1.5
	END_
	cat >"$1/pods.csv" <<-'END_'
		pod,namespace,node,workload,workload_kind,gpus,gpu_sharing,started_at,ended_at,outcome,labels
		p1,a,busy,w1,training,2,none,,,running,team=red
		p2,a,little,w2,batch,2,none,,,running,team=blue
	END_
	awk -v once="$2" 'BEGIN {
		print "time,node,gpu,pod,gpu_util_pct,fb_used_mib"
		for (t = 1772409600; t < 1772582400; t += 300)
			for (gpu = 0; gpu < 2; gpu++) {
				print t ",busy," gpu ",p1," 40 + t / 300 % 50 ",20000"
				print t ",idle," gpu ",," (gpu || t / 300 % 200 ? 0 : once) ",0"
				print t ",little," gpu ",p2,3,500"
			}
	}' >"$1/gpu_usage.csv"
	"$TRIMTAB" snapshot build "$1" -o "$1.db" -q || fail "no snapshot of $1"
	cp "$1.db" "$1.unreadable.db"
	sql "$1.unreadable.db" "UPDATE aligned SET mean = x'00', max = NULL"
	[ "$(sql "$1.db" "SELECT count(*) FROM aligned")" -eq 12 ] ||
		bad "$1: not two series a card"
}
printf 'detectors:\n  idle_gpu:\n    idle_below_pct: 5\n' >other.yaml

fleet steady 0
for options in "" "--config other.yaml"; do
	for format in table json csv; do
		# shellcheck disable=SC2086
		runs 0 "$TRIMTAB" audit steady.db --format "$format" $options && mv stdout.txt want
		# shellcheck disable=SC2086
		runs 0 "$TRIMTAB" audit steady.unreadable.db --format "$format" $options &&
			sed 's/steady\.unreadable\.db/steady.db/g' stdout.txt >got
		cmp want got || bad "without series: another audit ($format $options)"
	done
done
runs 0 "$TRIMTAB" audit steady.db --format json && mv stdout.txt before
runs 0 "$TRIMTAB" audit steady.db --format json --config other.yaml && mv stdout.txt after
grep -q '"little"' before && bad "the node that does little is found before the change"
grep -q '"idle_gpu-' before || bad "nothing is found"
[ "$(grep -o '"idle_gpu-' after | wc -l)" -gt "$(grep -o '"idle_gpu-' before | wc -l)" ] ||
	bad "the other threshold finds no more"

# How far apart bursts are is not in a histogram: here the series are asked for, and missed.
fleet bursts 90
runs 0 "$TRIMTAB" audit bursts.db
runs 3 "$TRIMTAB" audit bursts.unreadable.db
grep -q 'bursts\.unreadable\.db: gpu_util_pct of idle/0: aligned series: damaged' stderr.txt ||
	bad "not the series of the card that bursts: $(cat stderr.txt)"
finish
