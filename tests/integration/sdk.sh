#!/usr/bin/env bash
# An installed tree can be moved, knows nothing of the source tree, and is enough
# to build a plugin: with CMake, and with a plain compiler and pkg-config.
set -eu
fail() { echo "$*" >&2; exit 1; }

cmake --install "$TT_BUILD" --prefix "$PWD/first place" >install.log 2>&1 ||
	{ cat install.log; exit 1; }
mv "first place" "second place"
prefix="$PWD/second place"
plugins="$prefix/lib/trimtab/plugins"
trimtab="$prefix/bin/trimtab"

for text in "$prefix/lib/cmake" "$prefix/lib/pkgconfig" "$prefix/include"; do
	if grep -rF -e "$TT_SOURCE" -e "$TT_BUILD" -e "first place" "$text"; then
		fail "the lines above name the place it was built in or installed to"
	fi
done
(cd / && "$trimtab" --help >/dev/null) || fail "trimtab --help fails once moved"
(cd / && "$trimtab" plugins list) >list.txt || fail "trimtab plugins list fails once moved"
for file in "$plugins"/*.so; do
	id=$(basename "$file" .so)
	grep -qw "$id" list.txt || fail "the moved trimtab does not list its plugin $id"
done

check() { # FILE HOW: the program lists it, and only while it is there
	bash "$TT_SOURCE/tests/abi/symbols.sh" "$1" || fail "built with $2"
	! grep -qw says_nothing list.txt || fail "says_nothing is listed before it was installed"
	install -m 644 "$1" "$plugins/says_nothing.so"
	"$trimtab" plugins list >with.txt || fail "plugins list fails with a plugin built with $2"
	grep -qw says_nothing with.txt || fail "built with $2, it is not listed: $(cat with.txt)"
	rm "$plugins/says_nothing.so"
}

cmake -S "$TT_SOURCE/tests/fixtures/sdk" -B project -G Ninja -DCMAKE_C_COMPILER="$TT_CC" \
	-DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_FLAGS="-Wall -Wextra -Wpedantic -Werror" \
	>project.log 2>&1 || { cat project.log; exit 1; }
cmake --build project >>project.log 2>&1 || { cat project.log; exit 1; }
check project/says_nothing.so "find_package"
cmake --install project >>project.log
[ -f "$plugins/says_nothing.so" ] || fail "TT_PLUGIN_DIR of the package is not the moved tree's"
rm "$plugins/says_nothing.so"

export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
# eval, because pkg-config quotes the blank in the path for a shell
eval "flags=($(pkg-config --cflags trimtab-plugin))"
"$TT_CC" -std=c11 -O2 -fPIC -fvisibility=hidden -shared "${flags[@]}" \
	-o plain.so "$TT_SOURCE/tests/fixtures/sdk/says_nothing.c"
check plain.so "pkg-config"
dir=$(pkg-config --variable=plugindir trimtab-plugin)
[ "$(cd "${dir//\\/}" && pwd)" = "$plugins" ] || fail "plugindir is $dir, want $plugins"

# The detector of the page "write a detector": both ways, and what it finds in its fleet.
cp -r "$TT_SOURCE/examples/detector" own
noticed() { # FOLDER HOW: it keeps to the contract, and finds the one card of two
	"$trimtab" plugins check -q "$1/full_card.so" >checks.txt ||
		fail "built with $2: $(cat checks.txt)"
	"$trimtab" audit own/fleet --plugins "$1" --format json >audit.json ||
		fail "built with $2, the audit fails"
	[ "$(grep -c '"id": "full_card-' audit.json)" = 1 ] ||
		fail "built with $2, not one finding: $(grep '"id"' audit.json)"
	grep -qF '94 % of the memory of card gpu-a/0 is taken, for a p95 activity of 14.0 %' \
		audit.json || fail "built with $2, another finding: $(grep '"title"' audit.json)"
	grep -qF 'share pod:ranker-0 mode=mps pods_per_card=2' audit.json ||
		fail "built with $2, it does not propose to share: $(grep share audit.json)"
	"$trimtab" explain own/fleet full_card --plugins "$1" >explain.txt ||
		fail "built with $2, explain fails"
	grep -q 'p50_fb_used_ratio .* > .*full_above_ratio .*holds' explain.txt ||
		fail "built with $2, explain does not show the rule: $(cat explain.txt)"
}
cmake -S own -B own/cmake -G Ninja -DCMAKE_C_COMPILER="$TT_CC" -DCMAKE_PREFIX_PATH="$prefix" \
	-DCMAKE_C_FLAGS="-Wall -Wextra -Wpedantic -Werror" >own.log 2>&1 ||
	{ cat own.log; exit 1; }
cmake --build own/cmake >>own.log 2>&1 || { cat own.log; exit 1; }
noticed own/cmake "find_package"
bash "$TT_SOURCE/tests/abi/symbols.sh" own/cmake/full_card.so

# As the page has it, to the letter.
mkdir own/build
eval "flags=($(pkg-config --cflags --libs trimtab-plugin))"
(cd own && "$TT_CC" -std=c11 -fPIC -shared -fvisibility=hidden -o build/full_card.so \
	full_card.c "${flags[@]}")
noticed own/build "pkg-config"
