# setup.sh - what tests/run and examples/quickstart share: getting the packages
# and building. Sourced by bash with `root` set to the source tree.

say() { printf '%s\n' "$*" >&2; }

# A package is missing when what we need of it does not work, not when dpkg does
# not know it: so any other way of having it will do, and nothing is asked of the
# network when all is there.
tt_builds_() { # COMPILER FLAG...
	local out rc=0
	out=$(mktemp) || return 1
	printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' |
		"$1" -x c "${@:2}" -o "$out" - || rc=1
	rm -f "$out"
	return $rc
}
tt_missing_() { # GROUP...: sets `missing`
	missing=()
	need() { # PACKAGES PROBE...
		"${@:2}" >/dev/null 2>&1 || missing+=($1)
	}
	local group
	for group in "$@"; do
		case $group in
		build)
			need "gcc libc6-dev" tt_builds_ "${CC:-cc}"
			need cmake command -v cmake
			need ninja-build command -v ninja
			need pkg-config command -v pkg-config
			need libgsl-dev pkg-config --exists gsl
			need libyaml-dev pkg-config --exists yaml-0.1
			need libsqlite3-dev pkg-config --exists sqlite3
			need liblua5.4-dev pkg-config --exists lua5.4
			need zlib1g-dev pkg-config --exists zlib
			need libzstd-dev pkg-config --exists libzstd
			;;
		tests)
			need "gcc g++" g++ --version
			need binutils command -v nm
			need sqlite3 command -v sqlite3
			need libglpk-dev test -f /usr/include/glpk.h
			need locales test -f /usr/share/i18n/locales/de_DE
			;;
		solvers) # rivals of a benchmark only
			need coinor-libclp-dev pkg-config --exists clp
			need libglpk-dev test -f /usr/include/glpk.h
			;;
		sanitizers)
			need "clang libclang-rt-dev" tt_builds_ clang -fsanitize=address,undefined
			need llvm command -v llvm-symbolizer
			;;
		esac
	done
}

# tt_packages GROUP... - return when everything is there; install it when that is
# allowed; else print the one command that would and exit 2.
tt_packages() {
	local missing as_root=()
	tt_missing_ "$@"
	[ ${#missing[@]} -gt 0 ] || return 0

	local install="apt-get install -y --no-install-recommends ${missing[*]}"
	if [ "$(id -u)" -ne 0 ]; then
		as_root=(sudo -n)
		if ! sudo -n true 2>/dev/null; then
			say "missing: ${missing[*]}"
			say "This installs them; then start this again:"
			say "    sudo sh -c 'apt-get update && $install'"
			exit 2
		fi
	fi
	command -v apt-get >/dev/null || {
		say "missing, and there is no apt-get to install it with (names as in Debian):" \
			"${missing[*]}"
		exit 2
	}
	say "installing: ${missing[*]}"
	local log
	log=$(mktemp)
	if ! "${as_root[@]}" sh -c \
		"export DEBIAN_FRONTEND=noninteractive; apt-get update && $install" \
		>"$log" 2>&1 </dev/null; then
		tail -n 40 "$log" >&2
		rm -f "$log"
		say "The packages could not be installed; this is the command that failed:"
		say "    apt-get update && $install"
		exit 2
	fi
	rm -f "$log"
	tt_missing_ "$@"
	if [ ${#missing[@]} -gt 0 ]; then
		say "installed, but still not usable: ${missing[*]}"
		exit 2
	fi
}

# tt_build FOLDER TARGET CMAKE_ARGUMENT... - configure and build, quietly unless it
# fails. A build folder that came from elsewhere is started anew.
tt_build() {
	local build=$1 target=$2 log=$1/build.log
	shift 2
	local cache=$build/CMakeCache.txt
	if [ -f "$cache" ] &&
		{ ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache" ||
			! grep -qxF "CMAKE_CACHEFILE_DIR:INTERNAL=$build" "$cache"; }; then
		rm -rf "$build"
	fi
	mkdir -p "$build" || return 1
	local launcher=
	command -v ccache >/dev/null && launcher=ccache
	if ! cmake -S "$root" -B "$build" -G Ninja -DCMAKE_C_COMPILER_LAUNCHER=$launcher "$@" \
		>"$log" 2>&1; then
		rm -f "$cache" # what it has not found would stay not found
	elif cmake --build "$build" --target "$target" >"$log" 2>&1; then
		return 0
	fi
	cat "$log" >&2
	say "the build in $build failed"
	return 1
}
