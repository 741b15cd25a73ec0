#!/usr/bin/env bash
# symbols.sh PLUGIN.so - one symbol out, none of ours in, nothing linked but the
# C library and libm.
set -u
rc=0
out=$(nm -D --defined-only "$1" | awk '{ print $NF }')
if [ "$out" != tt_plugin_entry ]; then
	echo "$1: exports $(echo "$out" | paste -sd' '), not tt_plugin_entry alone"
	rc=1
fi
if nm -D --undefined-only "$1" | grep -w 'tt_[a-z0-9_]*'; then
	echo "$1: needs symbols of the core: the host's services come by pointer"
	rc=1
fi
needed=$(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -v '^lib[cm]\.so')
if [ -n "$needed" ]; then
	echo "$1: is linked with $(echo "$needed" | paste -sd' '): only libm is allowed"
	rc=1
fi
exit $rc
