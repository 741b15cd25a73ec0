#!/usr/bin/env bash
# scratch.sh NAME COMMAND... - run a test in a fresh folder of its own, which is
# also its TMPDIR, and remove the folder afterwards. Exits as the test does: 0
# passed, 77 skipped, anything else failed.
#
# Where the build made a locale with a decimal comma, TT_COMMA_LOCALE is its
# name and LOCPATH leads to it; else TT_COMMA_LOCALE is empty.
set -u
name=$1
shift
mkdir -p "$TT_BUILD/scratch" || exit 1
folder=$(mktemp -d "$TT_BUILD/scratch/$name.XXXXXX") || exit 1
trap 'chmod -R u+rwX "$folder" 2>/dev/null; rm -rf "$folder"' EXIT
trap 'exit 143' TERM INT HUP

TT_COMMA_LOCALE=
if [ -d "$TT_BUILD/locale/de_DE.UTF-8" ]; then
	TT_COMMA_LOCALE=de_DE.UTF-8
	export LOCPATH=$TT_BUILD/locale
fi
export TT_COMMA_LOCALE TMPDIR=$folder
unset NO_COLOR COLUMNS DESTDIR

cd "$folder" || exit 1
"$@"
exit $?
