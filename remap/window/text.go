package window

import (
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text cleans s for a report: at most limit bytes, cut between runes, with each run of invalid bytes replaced by U+FFFD.
// The result never keeps a longer s alive in memory.
func Text(s string, limit int) string {
	if len(s) <= limit && utf8.ValidString(s) {
		return s
	}
	s = strings.ToValidUTF8(cut(s, limit), "\uFFFD")
	return strings.Clone(cut(s, limit)) // the replacement may be longer than the original
}

func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for i := limit; i > limit-utf8.UTFMax && i > 0; i-- {
		if utf8.RuneStart(s[i]) {
			return s[:i]
		}
	}
	return s[:limit]
}

// Clip returns i with each text cleaned by [Text].
func Clip(i Info) Info {
	i.Class = Text(i.Class, MaxClass)
	i.Exe = Text(i.Exe, MaxClass)
	i.Title = Text(i.Title, MaxTitle)
	return i
}

// Exe returns the path of a process's executable, or "" if it cannot be read: the process is gone, belongs to another user,
// or runs in another process name space.
func Exe(pid int) string {
	if pid <= 1 {
		return ""
	}
	path, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
	if err != nil {
		return ""
	}
	return Text(strings.TrimSuffix(path, " (deleted)"), MaxClass)
}
