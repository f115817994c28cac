// Package applications finds out what kind installed applications are, from the menu categories in their desktop entries.
// It runs with the user's rights and never while a key waits. Conditions can test the categories.
package applications

import (
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"toshy/remap"
)

// maxEntry is how much of an entry to read. Translations make some large, with the keys between them.
const maxEntry = 256 << 10

// An entry is the content of a desktop entry.
type entry struct {
	categories string // in the form of remap.CategoryList
	class      string // StartupWMClass
	program    string // the program in Exec, without its folder; "" for an interpreter and the like
	hidden     bool   // deleted by an overriding entry
}

// readEntry reads an entry; false if the application has no windows.
func readEntry(name string) (entry, bool) {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY, 0) // it may be a pipe
	if err != nil {
		return entry{}, false
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return entry{}, false
	}
	data, err := io.ReadAll(io.LimitReader(f, maxEntry))
	if err != nil {
		return entry{}, false
	}
	return parseEntry(string(data))
}

// parseEntry reads the text of an entry.
func parseEntry(text string) (e entry, ok bool) {
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			if inside {
				break // the main group comes first, then its actions
			}
			inside = line == "[Desktop Entry]"
			continue
		}
		k, v, is := strings.Cut(line, "=")
		if !inside || !is {
			continue
		}
		v = strings.TrimSpace(v)
		switch strings.TrimSpace(k) {
		case "Type":
			ok = v == "Application"
		case "Categories":
			e.categories = remap.CategoryList(strings.Split(v, ";"))
		case "StartupWMClass":
			e.class = v
		case "Exec":
			e.program = programOf(v)
		case "Hidden":
			e.hidden = v == "true"
		case "Terminal":
			if v == "true" { // its window belongs to a terminal
				return entry{}, false
			}
		}
	}
	return e, ok
}

// runners start other programs, so their name says nothing.
var runners = map[string]bool{
	"env": true, "sh": true, "bash": true, "python": true, "python2": true, "python3": true, "perl": true, "ruby": true, "java": true, "node": true,
	"electron": true, "gjs": true, "wine": true, "flatpak": true, "snap": true, "pkexec": true, "sudo": true, "xdg-open": true, "gtk-launch": true,
	"bwrap": true, "dbus-launch": true, "dbus-send": true, "gapplication": true, "systemd-run": true, "nice": true,
}

// programOf is the program that a command line starts, without its folder, "" if it says nothing.
func programOf(exec string) string {
	words := strings.Fields(exec)
	for len(words) > 0 && (words[0] == "env" || words[0] == "/usr/bin/env" || strings.Contains(words[0], "=")) {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	return programName(strings.Trim(words[0], `"`))
}

// programName is the name of a program, from its path; "" for a program that runs others.
func programName(p string) string {
	if p == "" {
		return ""
	}
	name := strings.ToLower(path.Base(p))
	if runners[name] || runners[strings.TrimRight(name, "0123456789.")] {
		return ""
	}
	return name
}
