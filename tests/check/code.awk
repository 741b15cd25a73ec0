# Print C files as "path:line:text" with comments, strings and characters
# blanked, so that a search finds code alone.
FNR == 1 { comment = 0 }
{
	text = $0
	out = ""
	while (text != "") {
		if (comment) {
			end = index(text, "*/")
			if (!end)
				break
			text = substr(text, end + 2)
			comment = 0
		} else if (match(text, /\/\*|\/\/|"|'/)) {
			out = out substr(text, 1, RSTART - 1) " "
			mark = substr(text, RSTART, RLENGTH)
			text = substr(text, RSTART + RLENGTH)
			if (mark == "//")
				break
			if (mark == "/*") {
				comment = 1
			} else {
				# up to the closing mark, over whatever is escaped
				while (text != "" && substr(text, 1, 1) != mark)
					text = substr(text, substr(text, 1, 1) == "\\" ? 3 : 2)
				text = substr(text, 2)
			}
		} else {
			out = out text
			break
		}
	}
	print FILENAME ":" FNR ":" out
}
