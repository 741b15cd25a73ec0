#!/usr/bin/env bash
# A build that is killed leaves the old snapshot or the new one, whole, and nothing
# that the next build does not tidy up. TT_KILLS is how often, TT_KILL_DAYS the size of
# what is built; tests/slow has it more often.
. "$TT_SOURCE/tests/integration/lib.sh"
case_="kill"
kills=${TT_KILLS:-40} days=${TT_KILL_DAYS:-7}

"$FLEET_GENERATOR" --gpus 64 --days "$days" --seed 1 first || fail "no first fleet"
"$FLEET_GENERATOR" --gpus 64 --days "$days" --seed 2 second || fail "no second fleet"
"$TRIMTAB" snapshot build first -q -o first.db || fail "the first fleet does not build"
start=$(date +%s%N)
"$TRIMTAB" snapshot build second -q -o second.db || fail "the second fleet does not build"
took_us=$((($(date +%s%N) - start) / 1000))
cmp -s first.db second.db && fail "two fleets gave one snapshot: nothing can be told here"

# Builds are the same byte for byte, so whole means: equal to one of the two.
whole() { # WHEN
	if cmp -s out/fleet.db second.db; then
		new=$((new + 1))
	elif cmp -s out/fleet.db first.db; then
		old=$((old + 1))
	else
		bad "killed $1: out/fleet.db is neither the old snapshot nor the new one"
		"$TRIMTAB" snapshot check out/fleet.db
	fi
}
build() {
	"$TRIMTAB" snapshot build second -o out/fleet.db 2>/dev/null &
	pid=$!
}
kill_it() {
	kill -9 "$pid" 2>/dev/null && killed=$((killed + 1))
	wait "$pid" 2>/dev/null
}

old=0 new=0 killed=0 RANDOM=11
for i in $(seq "$kills"); do
	cp first.db out/fleet.db
	after_us=$(((RANDOM * 32768 + RANDOM) % (took_us * 11 / 10)))
	build
	sleep "$(printf '%d.%06d' $((after_us / 1000000)) $((after_us % 1000000)))"
	kill_it
	whole "after $after_us us"
	# a build begins by sweeping, so what the dead leave never adds up
	left=$(cd out && LC_ALL=C ls | tr '\n' ' ')
	[[ $left =~ ^"fleet.db "(fleet.db.tmp-[0-9]+-[0-9]+" ")?$ ]] ||
		bad "killed after $after_us us: there is $left"
done
echo "of $kills builds of $took_us us $killed were killed:" \
	"$old left the old file, $new the new one"
[ "$killed" -ge $((kills / 2)) ] || bad "only $killed builds were running when they were killed"
[ "$old" -ge $((kills / 4)) ] || bad "only $old builds left the old file"

# In the very middle of writing: as soon as the new file grows beside the old one.
caught=0
for i in $(seq 40); do
	[ "$caught" -lt 5 ] || break
	rm -f out/*
	cp first.db out/fleet.db
	build
	while kill -0 "$pid" 2>/dev/null; do
		if compgen -G 'out/fleet.db.tmp-*' >/dev/null; then
			kill_it
			break
		fi
	done
	wait "$pid" 2>/dev/null
	whole "while it wrote"
	compgen -G 'out/fleet.db.tmp-*' >/dev/null && caught=$((caught + 1))
done
[ "$caught" -ge 5 ] || fail "only $caught of 40 builds were caught while they wrote"

# The next build takes away what a dead one left, and only that.
touch "out/fleet.db.tmp-$$-0" out/fleet.db.tmp-mine out/fleet.db.template out/other.db.tmp-1-0
gone=$(bash -c 'echo $$')
touch "out/fleet.db.tmp-$gone-notes.txt" "out/fleet.db.tmp-$gone-0" "out/fleet.db.tmp-$gone-1"
(exec 9<"out/fleet.db.tmp-$gone-1" && flock 9 && exec sleep 60) & # as in another container
holder=$!
until ! flock -n "out/fleet.db.tmp-$gone-1" true; do sleep 0.05; done
runs 0 "$TRIMTAB" snapshot build second -o out/fleet.db
cmp -s out/fleet.db second.db || bad "the build after a killed one is not whole"
left=$(cd out && LC_ALL=C ls | tr '\n' ' ')
want=$(printf '%s\n' fleet.db fleet.db.template "fleet.db.tmp-$$-0" fleet.db.tmp-mine \
	"fleet.db.tmp-$gone-1" "fleet.db.tmp-$gone-notes.txt" other.db.tmp-1-0 |
	LC_ALL=C sort | tr '\n' ' ')
kill "$holder"
[ "$left" = "$want" ] || bad "after the next build there is: $left; want: $want"

# Signals that can be answered leave nothing, neither beside the output nor, from an audit
# of a folder, in TMPDIR. (What bash starts in the background ignores SIGINT.)
interrupted() { # SIGNAL MS COMMAND...
	local signal=$1 ms=$2 status
	shift 2
	env --default-signal=INT "$@" >/dev/null 2>&1 &
	pid=$!
	sleep "0.$ms"
	kill -"$signal" "$pid" 2>/dev/null && killed=$((killed + 1))
	wait "$pid" 2>/dev/null
	status=$?
	[ $status -eq 0 ] || [ $status -eq $((128 + $(kill -l "$signal"))) ] ||
		bad "SIG$signal: exit $status"
}
mkdir -p tmp
for signal in TERM INT HUP; do
	rm -rf out/* tmp/*
	cp first.db out/fleet.db
	killed=0
	for ms in 010 020 030 040 060 080; do
		interrupted $signal $ms "$TRIMTAB" snapshot build second -o out/fleet.db
		whole "by $signal"
		[ "$(ls out)" = fleet.db ] || bad "after SIG$signal there is: $(ls out)"
		interrupted $signal $ms env TMPDIR=tmp "$TRIMTAB" audit second
		[ -z "$(ls tmp)" ] || bad "SIG$signal to an audit leaves $(ls tmp)"
	done
	[ "$killed" -ge 3 ] || bad "only $killed of 12 were running when SIG$signal came"
done

# Nor does an audit whose reader has gone: what it was made from goes with it.
rm -rf tmp/*
TMPDIR=tmp "$TRIMTAB" audit second --format json | true
status=${PIPESTATUS[0]}
[ "$status" -eq $((128 + $(kill -l PIPE))) ] || bad "nobody read the audit: exit $status"
[ -z "$(ls tmp)" ] || bad "an audit that nobody read leaves $(ls tmp)"
finish
