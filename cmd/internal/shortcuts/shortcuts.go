// Package shortcuts finds the running desktop's shortcuts for the actions of config.ActionNames, in the user's settings of
// the desktop. It runs with the user's rights, while no key waits. The results are plain texts for config.Options.Actions.
package shortcuts

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Found is the content of a desktop's settings.
type Found struct {
	Desktop string // "" if not supported
	Unread  string // the desktop if it is not supported, "" if it is not known at all
	Read    bool   // the settings could be read, whatever their content; only for compositors
	Late    bool   // the desktop did not answer in time: there may be more
	// Combos are the shortcuts by action, in the notation of package key: "Alt-Space", or "Super" for a modifier alone. ""
	// means that the user has removed the action's shortcut.
	Combos map[string]string
	// Origins say where each is written, for people.
	Origins map[string]string
	// Files are the files to watch: their changes may change shortcuts. Some may not exist.
	Files []string
}

// limit is how long a desktop may take to answer.
const limit = 3 * time.Second

// A place is where a session stores files.
type place struct {
	env func(string) string
	// configs are the settings folders, the user's first: $XDG_CONFIG_HOME, $XDG_CONFIG_DIRS.
	configs []string
	data    []string // $XDG_DATA_DIRS
}

func newPlace(env func(string) string) place {
	or := func(name string, otherwise ...string) []string {
		if v := env(name); v != "" {
			return filepath.SplitList(v)
		}
		return otherwise
	}
	home := env("HOME")
	return place{
		env:     env,
		configs: append(or("XDG_CONFIG_HOME", filepath.Join(home, ".config")), or("XDG_CONFIG_DIRS", "/etc/xdg")...),
		data:    append(or("XDG_DATA_HOME", filepath.Join(home, ".local/share")), or("XDG_DATA_DIRS", "/usr/local/share", "/usr/share")...),
	}
}

// files are a path in each of several folders, in their order.
func files(folders []string, path string) []string {
	list := make([]string, len(folders))
	for i, f := range folders {
		list[i] = filepath.Join(f, path)
	}
	return list
}

// readFirst parses the first of some files that can be read, or an empty text with the origin none.
func readFirst(names []string, none string, f *Found, parse func(text, origin string, f *Found)) {
	f.Files = append(f.Files, names...)
	for _, name := range names {
		if text, ok := readStart(name, fileSize); ok {
			parse(text, name, f)
			return
		}
	}
	parse("", none, f)
}

// readers are the desktops, by their names in conditions.
var readers = map[string]func(context.Context, place, *Found){
	"gnome": readSettings("gnome"), "ubuntu": readSettings("gnome"), "unity": readSettings("gnome"), "budgie": readSettings("budgie"),
	"pantheon": readSettings("pantheon"), "cinnamon": readCinnamon, "mate": readSettings("mate"),
	"kde": readKDE, "xfce": readXfce, "sway": readSway, "i3": readI3, "hyprland": readHyprland, "niri": readNiri, "cosmic": readCosmic, "labwc": readLabwc, "wayfire": readWayfire,
}

// Find reads the settings of a desktop, such as "gnome" or "kde". It leaves out what it cannot read; for that, the
// configuration's defaults apply.
func Find(ctx context.Context, desktop string) *Found {
	return find(ctx, desktop, newPlace(os.Getenv))
}

func find(ctx context.Context, desktop string, p place) *Found {
	f := &Found{Combos: make(map[string]string), Origins: make(map[string]string)}
	f.Unread = desktop
	if read := readers[desktop]; read != nil {
		f.Desktop, f.Unread = desktop, ""
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		read(ctx, p, f)
		f.Late = ctx.Err() != nil
	}
	return f
}

// None are the actions for which the desktop has no shortcut, sorted.
func (f *Found) None() []string {
	var list []string
	for name, combo := range f.Combos {
		if combo == "" {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// set sets an action's shortcut unless there is already a good one.
func (f *Found) set(action, combo, origin string) {
	if have, ok := f.Combos[action]; !ok || have == "" && combo != "" {
		f.Combos[action], f.Origins[action] = combo, origin
	}
}
