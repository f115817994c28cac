package desktop

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"toshy/remap/window/focus"
	"toshy/remap/window/gnome"
)

// Ambient is what our own environment says about the desktop in which this process runs. It is a guess if the process
// started before the desktop; a running source knows better.
type Ambient struct {
	Desktop   string // the name in conditions: "kde", "gnome", ...; "" if not known
	Session   string // "x11", "wayland" or ""
	Graphical bool   // there is a desktop
}

// desktops has the names in conditions for desktops whose XDG_CURRENT_DESKTOP is not the same in lower case (Desktop Entry
// Specification, registered environments).
var desktops = map[string]string{
	"x-cinnamon": "cinnamon", "gnome-classic": "gnome", "gnome-flashback": "gnome", "plasma": "kde",
}

// sockets are the variables with which desktops tell their programs where they answer, for desktops that were started on a text
// console: there, nothing sets XDG_CURRENT_DESKTOP. sway sets I3SOCK, too. Hyprland's value is the name of a folder.
var sockets = []struct{ variable, desktop, folder string }{
	{"SWAYSOCK", "sway", ""}, {"I3SOCK", "i3", ""}, {"HYPRLAND_INSTANCE_SIGNATURE", "hyprland", "hypr"}, {"NIRI_SOCKET", "niri", ""},
}

// SocketVariable is the variable that names the socket of a desktop, "" if toshy does not know the desktop by one.
func SocketVariable(desktop string) string {
	for _, s := range sockets {
		if s.desktop == desktop {
			return s.variable
		}
	}
	return ""
}

// bySocket returns the desktop whose socket exists. A service of the user may have variables of a session that has ended.
func bySocket(env func(string) string) string {
	for _, s := range sockets {
		path := env(s.variable)
		if path != "" && s.folder != "" {
			path = filepath.Join(env("XDG_RUNTIME_DIR"), s.folder, path)
		}
		if _, err := os.Stat(path); err == nil {
			return s.desktop
		}
	}
	return ""
}

// Surroundings reads our own environment.
func Surroundings() Ambient { return surroundings(os.Getenv) }

func surroundings(env func(string) string) Ambient {
	var a Ambient
	switch t := env("XDG_SESSION_TYPE"); {
	case t == "x11", t == "wayland":
		a.Session = t
	case env("WAYLAND_DISPLAY") != "":
		a.Session = "wayland"
	case env("DISPLAY") != "":
		a.Session = "x11"
	}
	// A list: the desktop's own name before similar ones; a distribution's name may come first.
	for name := range strings.SplitSeq(env("XDG_CURRENT_DESKTOP"), ":") {
		name = strings.ToLower(name)
		if known, ok := desktops[name]; ok {
			name = known
		}
		if name != "ubuntu" && name != "pop" && name != "zorin" && name != "" {
			a.Desktop = name
			break
		}
	}
	if a.Desktop == "" {
		a.Desktop = bySocket(env)
	}
	displays, _ := filepath.Glob(filepath.Join(env("XDG_RUNTIME_DIR"), "wayland-*")) // the pattern is valid
	a.Graphical = a.Session != "" || env("XDG_RUNTIME_DIR") != "" && len(displays) > 0
	return a
}

// versionLimit is how long the shell may take to report its version (usually 1-5 ms): the keyboards wait for it at the
// start.
const versionLimit = 100 * time.Millisecond

// Version is the major version of Plasma or GNOME Shell, for the fact desktop_version. It is "" for other desktops, and
// while none runs.
func Version() string {
	if v := os.Getenv("KDE_SESSION_VERSION"); v != "" {
		return v
	}
	ctx, cancel := context.WithTimeout(context.Background(), versionLimit)
	defer cancel()
	v, err := (&gnome.Source{}).Version(ctx)
	if err != nil {
		return ""
	}
	major, _, _ := strings.Cut(v, ".")
	return major
}

// A Problem is something that keeps toshy from working properly, and what to do.
type Problem struct {
	Text string
	Fix  string
}

// Missing says why toshy cannot follow the focus although there is a desktop; nil if it can, or if there is no desktop.
func Missing(sources []focus.Status, a Ambient) *Problem {
	var failed *focus.Status // the best one that exists and does not run
	silent := ""             // one that exists and has not reported yet
	for i := range sources {
		s := &sources[i]
		switch {
		case s.Active && (failed == nil || s.Name != "x11" || a.Session == "x11"):
			return nil
		case s.Active: // only X11's windows, in a Wayland session
			return &Problem{failed.Err.Error() + " (until then only the windows of X11 programs are known)", fix(failed.Name)}
		case failed == nil && s.Detected && s.Err != nil:
			failed = s
		case s.Detected && s.Err == nil:
			silent = s.Name
		}
	}
	if failed != nil {
		return &Problem{failed.Err.Error(), fix(failed.Name)}
	}
	if silent != "" {
		return &Problem{"the desktop's interface " + silent + " is there but has said nothing", "see what the desktop logs, and restart it if it hangs"}
	}
	if !a.Graphical {
		return nil
	}
	name := a.Desktop
	if name == "" {
		name = "the desktop"
	}
	return &Problem{
		name + " offers none of the interfaces that toshy knows",
		"see docs/DESKTOPS.md for the desktops that are followed; if it is one of them, start toshy in the session of the desktop, as its user",
	}
}

// fix is what a user can do about a source.
func fix(source string) string {
	switch source {
	case "gnome":
		return "toshy gnome-extension install"
	case "x11":
		return "start toshy as the user of the X session, with its DISPLAY and XAUTHORITY"
	}
	return "toshy windows"
}
