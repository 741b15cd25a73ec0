#!/usr/bin/env bash
# locale.sh FOLDER - compile de_DE.UTF-8 into FOLDER, for use through LOCPATH.
# Needs localedef and its sources (Debian: locales); without them it says so and
# succeeds, and tests/check/locale.sh is skipped.
set -eu
folder=$1
mkdir -p "$folder"
if ! command -v localedef >/dev/null ||
	! localedef --no-archive -i de_DE -f UTF-8 "$folder/de_DE.UTF-8" >/dev/null 2>&1; then
	rm -rf "$folder/de_DE.UTF-8"
	echo "no de_DE.UTF-8: localedef or its sources are missing"
fi
touch "$folder/made"
