#!/usr/bin/env bash
# The installed tree needs nothing but itself: moved to another place, with blanks in
# the path, it works without the source and build trees.
. "$TT_SOURCE/tests/integration/lib.sh"
case_="installed"

cmake --install "$TT_BUILD" --prefix "$PWD/first place" --strip >install.log 2>&1 ||
	fail "cmake --install: $(cat install.log)"
mv "first place" "another place"
program="$PWD/another place/bin/trimtab"
[ -x "$program" ] || fail "no bin/trimtab in what was installed"

for file in "$TT_SOURCE"/core/snapshot/catalogue/*.csv; do
	cmp "$file" "another place/share/trimtab/catalogue/${file##*/}" ||
		bad "${file##*/} of the catalogue is not in what was installed"
done

# Stripped, no file knows where it was made (sanitizers write it down).
if ! grep -qE '__(asan|tsan|ubsan)_' "another place/bin/trimtab" &&
	grep -rlF -e "$TT_SOURCE/" -e "$TT_BUILD/" -e "first place" "another place"; then
	bad "the files above name the place they were built in or installed to"
fi
if command -v readelf >/dev/null; then
	for file in "another place/bin/trimtab" "another place"/lib/trimtab/plugins/*.so; do
		readelf -d "$file" | grep -E 'R(UN)?PATH' &&
			bad "$file has a search path of its own"
	done
fi

# bare COMMAND...: with next to no environment, in a folder of no importance
bare() {
	(cd / && env -i PATH=/usr/bin:/bin TMPDIR="$TMPDIR" "$@")
}
plain_fleet "a fleet"
runs 0 bare "$program" --help
runs 0 bare "$program" --version
runs 0 bare "$program" plugins list
mv stdout.txt list.txt
for id in cpu_pool csv gpu_bottleneck gpu_fit gpu_sharing host_fit idle_gpu missing_owner \
	node_churn peak_sized_pool scale_to_zero stale_node_group; do
	grep -q "^ *$id .*another place/lib/trimtab/plugins/$id.so" list.txt ||
		grep -A1 "^ *$id " list.txt | grep -q "another place/lib/trimtab/plugins/$id.so" ||
		bad "$id of the moved tree is not listed: $(cat list.txt)"
done
runs 0 "$TRIMTAB" audit "a fleet" --format json && mv stdout.txt want.json
runs 0 bare "$program" audit "$PWD/a fleet" --format json && mv stdout.txt got.json
cmp want.json got.json || bad "the moved program gives another audit"
runs 0 bare "$program" snapshot build "$PWD/a fleet" -o "$PWD/out/a fleet.db"
runs 0 bare "$program" audit "$PWD/out/a fleet.db" --format json
cmp want.json stdout.txt || bad "the moved program gives another audit of the file"

# Found through a link as well, and by its name alone.
ln -s "$program" linked
runs 0 ./linked plugins list
cmp list.txt stdout.txt || bad "started through a link it lists other plugins"
runs 0 env PATH="$PWD/another place/bin:$PATH" trimtab audit "a fleet" --format json
cmp want.json stdout.txt || bad "started by its name it gives another audit"

# With the source tree really out of sight, where that is permitted.
case $TT_BUILD/ in
"$TT_SOURCE"/*) echo "not hidden: the build is inside of the source tree" ;;
*)
	if unshare -m true 2>/dev/null; then
		# shellcheck disable=SC2016
		runs 0 unshare -m bash -c 'mount -t tmpfs none "$1" && shift && exec "$@"' - \
			"$TT_SOURCE" "$program" audit "$PWD/a fleet" --format json &&
			{
				cmp want.json stdout.txt ||
					bad "without the source tree, another audit"
			}
	else
		echo "not hidden: no mount name space can be made here"
	fi
	;;
esac
finish
