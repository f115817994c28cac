#!/bin/sh
# keysyms.sh [HEADER] > keysyms.txt: a line for each keysym of X11's header that is a character, a dead
# key or shifts a level: its name, its value and its code point, in hexadecimal.
exec awk '/^#define XK_/ {
	name = substr($2, 4); value = substr($3, 3); point = ""
	if (match($0, /U\+[0-9A-F]+/)) point = " " substr($0, RSTART + 2, RLENGTH - 2)
	if (point != "" || name ~ /^dead_/ || name ~ /^ISO_Level[35]_(Shift|Latch|Lock)$/ || name == "Mode_switch")
		print name, value point
}' "${1-/usr/include/X11/keysymdef.h}"
