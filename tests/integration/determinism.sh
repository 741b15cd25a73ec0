#!/usr/bin/env bash
# The same fleet gives the same bytes: with any number of threads, with the rows in any
# order, in any locale and time zone, from the folder and from the snapshot file.
. "$TT_SOURCE/tests/integration/lib.sh"

"$FLEET_GENERATOR" --gpus 128 --days 7 fleet || fail "no fleet"
formats="table json csv"

# audits FLEET WHERE [OPTION...]: the audit in every format, into WHERE.FORMAT
audits() {
	local format fleet=$1 where=$2
	shift 2
	for format in $formats; do
		runs 0 "$TRIMTAB" audit "$fleet" --format "$format" "$@" &&
			mv stdout.txt "$where.$format"
	done
}
same_audits() { # WHERE
	local format
	for format in $formats; do
		cmp "want.$format" "$1.$format" || bad "$case_: another audit ($format)"
	done
}
same_snapshot() {
	cmp want.db got.db || bad "$case_: another snapshot"
	rm -f got.db
}

case_="one thread"
runs 0 "$TRIMTAB" snapshot build fleet -o want.db --threads 1
runs 0 "$TRIMTAB" snapshot check want.db
audits want.db want --threads 1
for format in $formats; do
	[ -s "want.$format" ] || bad "the audit ($format) is empty"
done
for table in gpu_usage node_usage nodes pods; do
	grep -q "^$table|[1-9]" <(sql want.db "SELECT name, rows FROM inputs") ||
		bad "the fleet has no $table to tell anything by"
done

case_="again"
runs 0 "$TRIMTAB" snapshot build fleet -o got.db --threads 1
same_snapshot
audits want.db got
same_audits got

for n in 2 8; do
	case_="$n threads"
	runs 0 "$TRIMTAB" snapshot build fleet -o got.db --threads "$n"
	same_snapshot
	audits want.db got --threads "$n"
	same_audits got
done

case_="the folder itself"
audits fleet got --threads 2
same_audits got
nothing_left

# shuffle SEED FROM TO: every table with its rows in another order
shuffle() {
	local file
	mkdir -p "$3"
	for file in "$2"/*; do
		case $file in
		*.csv)
			head -n 1 "$file" >"$3/${file##*/}"
			tail -n +2 "$file" | shuf --random-source=<(yes "$1") >>"$3/${file##*/}"
			;;
		*) cp "$file" "$3/" ;;
		esac
	done
}
for seed in 1 2; do
	case_="rows in order $seed"
	shuffle "$seed" fleet "shuffled$seed"
	cmp -s fleet/gpu_usage.csv "shuffled$seed/gpu_usage.csv" && fail "nothing was shuffled"
	runs 0 "$TRIMTAB" snapshot build "shuffled$seed" -o got.db --threads "$((seed * 2))"
	same_snapshot
done
audits shuffled1 got
same_audits got

# Blocks of rows, as a few exporters in one file would give: neither sorted nor shuffled.
case_="rows by card"
cp -r fleet by_card
{
	head -n 1 fleet/gpu_usage.csv
	tail -n +2 fleet/gpu_usage.csv | LC_ALL=C sort -t, -k2,2 -k3,3n -k4,4 -s
} >by_card/gpu_usage.csv
runs 0 "$TRIMTAB" snapshot build by_card -o got.db
same_snapshot

case_="time zone"
runs 0 env TZ=CHA-12:45 "$TRIMTAB" snapshot build fleet -o got.db
same_snapshot
TZ=CHA-12:45 audits fleet got
same_audits got

if [ -n "$TT_COMMA_LOCALE" ]; then
	case_="a locale with a decimal comma"
	runs 0 env LC_ALL="$TT_COMMA_LOCALE" "$TRIMTAB" snapshot build fleet -o got.db
	same_snapshot
	LC_ALL=$TT_COMMA_LOCALE audits fleet got
	same_audits got
else
	echo "not tried: a locale with a decimal comma could not be made here"
fi

# What is elsewhere does not change what is inside.
case_="another path"
mkdir -p "a folder"
cp -r fleet "a folder/a fleet"
cd "a folder" || exit 1
"$TRIMTAB" snapshot build "a fleet" -o ../got.db -q || bad "$case_: it does not build"
cd ..
same_snapshot
finish
