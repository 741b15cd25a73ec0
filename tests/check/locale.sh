#!/usr/bin/env bash
# The locale that the golden tests run in a second time does write a comma.
set -u
if [ -z "$TT_COMMA_LOCALE" ]; then
	echo "skip: no de_DE.UTF-8 here (Debian: apt-get install locales)"
	exit 77
fi
got=$(LC_ALL=$TT_COMMA_LOCALE bash -c 'printf %.1f 0,5')
[ "$got" = 0,5 ] || { echo "$TT_COMMA_LOCALE writes \"$got\", want 0,5"; exit 1; }
