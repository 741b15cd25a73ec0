#!/usr/bin/env bash
# plugin.h is for other people's compilers: C11, C17, C++11 and C++17, pedantic.
set -u
root=${TT_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
cc=${TT_CC:-cc}
rc=0
try() { # LANGUAGE STANDARD
	printf '#include <trimtab/plugin.h>\n#include <trimtab/plugin.h>\n' |
		"$cc" -x "$1" -std="$2" -Wall -Wextra -Wpedantic -pedantic -Werror -fsyntax-only \
			-I"$root/core/include" - || { echo "plugin.h is not clean as $2"; rc=1; }
}
try c c11
try c c17
if ! echo 'int x;' | "$cc" -x c++ -fsyntax-only - 2>/dev/null; then
	[ $rc -eq 0 ] || exit 1
	echo "skip: $cc has no C++ (Debian: apt-get install g++); C11 and C17 are clean"
	exit 77
fi
try c++ c++11
try c++ c++17
exit $rc
