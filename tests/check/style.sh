#!/usr/bin/env bash
# What a formatter would not say: lines over 100 columns (a tab is 8) that have a
# blank to break them at, blanks at the end of a line, files over 600 lines in
# core and plugins (but plugin.h, which is read as one). Functions over 70 lines are
# counted, not refused.
set -u
root=${TT_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
cd "$root" || exit 1
shopt -s nullglob globstar
files=(CMakeLists.txt examples/quickstart tests/run .ci/*)
files+=({core,plugins,tests,examples}/**/{*.[ch],*.sh,*.awk,*.cmake,*.in,CMakeLists.txt})

awk '
	function bad(what) {
		print FILENAME ":" FNR ": " what
		failed = 1
	}
	FNR == 1 {
		c = FILENAME ~ /\.[ch]$/
		limited = c && FILENAME ~ /^(core|plugins)\// && FILENAME !~ /\/plugin\.h$/
		start = 0
	}
	/[ \t]$/ { bad("blanks at the end of the line") }
	{
		width = 0
		n = split($0, piece, "\t")
		for (i = 1; i <= n; i++) {
			gsub(/[\200-\277]/, "", piece[i]) # of a UTF-8 character, count one byte
			width += length(piece[i])
			if (i < n)
				width += 8 - width % 8
		}
		if (width > 100 && /[^ \t][ \t]/)
			bad(width " columns, at most 100 are allowed")
	}
	limited && FNR == 601 { bad("more than 600 lines") }
	c && /^\{/ { start = FNR }
	c && /^\}/ {
		if (start && FNR - start > 70) {
			print FILENAME ":" start ": note: a function of " FNR - start " lines"
			long++
		}
		start = 0
	}
	END {
		print long + 0 " functions over 70 lines"
		exit failed
	}' "${files[@]}"
