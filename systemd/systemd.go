// Package systemd holds the units, the udev rules and what else of the system's configuration comes with toshy. Packages
// install these files as they stand; toshy setup has them embedded.
package systemd

import "embed"

// A File is one of them.
type File struct {
	// Name is its name in FS.
	Name string
	// Path is where a package puts it. What an administrator or toshy setup adds to a machine goes to the folder
	// of the same name in /etc instead of /usr/lib or /lib.
	Path string
	// Way says which of the two ways of running toshy needs it.
	Way Way
}

// Way is one of the two ways to run toshy, or both, with or without a program that some installations do not have.
type Way int

const (
	// Both ways need the file.
	Both Way = iota
	// Split is toshy daemon as a service of the system, and toshy agent in each session.
	Split
	// Single is toshy run, one process of the user who sits at the machine.
	Single
	// Tray is either way with the program toshy-tray, which some installations do not have.
	Tray
	// Page is either way with the program toshy-ui, which some installations do not have.
	Page
)

// FS holds the files by name.
//
//go:embed *.service *.rules *.conf *.quirks *.desktop *.svg
var FS embed.FS

// Files are all of FS.
var Files = []File{
	{"toshy-daemon.service", "/usr/lib/systemd/system/toshy-daemon.service", Split},
	{"toshy-agent.service", "/usr/lib/systemd/user/toshy-agent.service", Split},
	{"toshy.service", "/usr/lib/systemd/user/toshy.service", Single},
	{"toshy-tray.service", "/usr/lib/systemd/user/toshy-tray.service", Tray},
	{"toshy-tray.desktop", "/usr/share/applications/toshy-tray.desktop", Tray},
	{"toshy-ui.desktop", "/usr/share/applications/toshy-ui.desktop", Page},
	{"toshy.svg", "/usr/share/icons/hicolor/scalable/apps/toshy.svg", Page},
	{"60-toshy-daemon.rules", "/usr/lib/udev/rules.d/60-toshy-daemon.rules", Split},
	// Not where udev looks: it lets every program of the user read the keyboards, which is for the administrator to want.
	{"70-toshy.rules", "/usr/share/toshy/70-toshy.rules", Single},
	{"toshy.sysusers.conf", "/usr/lib/sysusers.d/toshy.conf", Split},
	{"toshy.modules-load.conf", "/usr/lib/modules-load.d/toshy.conf", Both},
	{"toshy.quirks", "/usr/share/libinput/30-toshy.quirks", Both},
}
