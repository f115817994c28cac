// Package shortcuts finds out which shortcuts the running desktop has for the actions of
// config.ActionNames: from its own settings, as the user has them. It runs with the user's rights, off
// the key path; what it finds are plain texts that go into config.Options.Actions.
package shortcuts

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Found is what a desktop's settings say.
type Found struct {
	Desktop string // "" if it is not known here
	Unread  string // the desktop if it is none of those, "" if it is not known at all
	Read    bool   // its settings could be read, whatever is in them; of compositors alone
	// Combos are the shortcuts by action, in the notation of package key: "Alt-Space", or "Super" for a
	// modifier alone. "" is an action that the user has taken the shortcut from.
	Combos map[string]string
	// Origins say where each of them is written, for people.
	Origins map[string]string
	// Files are what to watch: a change of one may be a change of shortcuts. Some may not be there.
	Files []string
}

// limit is how long a desktop may take to answer.
const limit = 3 * time.Second

// A place is where a session keeps things.
type place struct {
	env func(string) string
	// configs are the folders of settings, the user's first: $XDG_CONFIG_HOME, $XDG_CONFIG_DIRS.
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

// files are a path below each of some folders, in their order.
func files(folders []string, path string) []string {
	list := make([]string, len(folders))
	for i, f := range folders {
		list[i] = filepath.Join(f, path)
	}
	return list
}

// readers are the desktops by the names that conditions use.
var readers = map[string]func(context.Context, place, *Found){
	"gnome": readSettings("gnome"), "ubuntu": readSettings("gnome"), "unity": readSettings("gnome"), "budgie": readSettings("budgie"),
	"pantheon": readSettings("pantheon"), "cinnamon": readCinnamon, "mate": readSettings("mate"),
	"kde": readKDE, "xfce": readXfce, "sway": readSway, "i3": readI3, "hyprland": readHyprland, "niri": readNiri, "cosmic": readCosmic, "labwc": readLabwc,
}

// Find reads the settings of a desktop, "gnome", "kde" and so on. What cannot be read is left out: the
// defaults of the configuration count for it.
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
	}
	return f
}

// None are the actions that the desktop has no shortcut for, sorted.
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

// set takes a shortcut for an action unless there is a good one already.
func (f *Found) set(action, combo, origin string) {
	if have, ok := f.Combos[action]; !ok || have == "" && combo != "" {
		f.Combos[action], f.Origins[action] = combo, origin
	}
}
