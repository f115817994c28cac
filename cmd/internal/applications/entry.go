// Package applications knows what installed applications are, from their desktop entries: the categories of the menu. It runs
// with the user's rights and not on the path of a key. What it finds are words that conditions can ask for.
package applications

import (
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"toshy/remap"
)

// maxEntry bounds what is read of an entry: translations make some large, but the keys stand among them.
const maxEntry = 256 << 10

// An entry is what a desktop entry says of an application.
type entry struct {
	categories string // as remap.CategoryList writes them
	class      string // StartupWMClass
	program    string // what Exec starts, without its folder; "" for an interpreter and the like
	hidden     bool   // deleted by who overrides it
}

// readEntry reads an entry; false if the application has no windows of its own.
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
				break // the main group comes first, its actions after it
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
			if v == "true" { // its window is that of a terminal
				return entry{}, false
			}
		}
	}
	return e, ok
}

// runners start other programs: their name says nothing.
var runners = map[string]bool{
	"env": true, "sh": true, "bash": true, "python": true, "python2": true, "python3": true, "perl": true, "ruby": true, "java": true, "node": true,
	"electron": true, "gjs": true, "wine": true, "flatpak": true, "snap": true, "pkexec": true, "sudo": true, "xdg-open": true, "gtk-launch": true,
	"bwrap": true, "dbus-launch": true, "dbus-send": true, "gapplication": true, "systemd-run": true, "nice": true,
}

// programOf is what a command line starts, without its folder, "" when that says nothing.
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

// programName is the name of a program by its path, "" for one that runs others.
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
