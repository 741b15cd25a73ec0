#!/usr/bin/env bash
# state.sh OBJECT... - no writable globals in a plugin: it keeps no state. What
# the dynamic linker alone writes (.data.rel.ro) is constant to the program.
set -eu
size -A "$@" | awk '
	/ :$/ || /^[^.].*:$/ { object = $0; next }
	$1 ~ /^\.(data|bss|tdata|tbss)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0 {
		print object " " $2 " writable bytes in " $1
		bad = 1
	}
	END { exit bad }'
