// Package shortcuts finds the running desktop's shortcuts for the actions of config.ActionNames, in the user's settings of
// the desktop. It runs with the user's rights, while no key waits. The results are plain texts for config.Options.Actions.
package shortcuts

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"toshy/remap/window/layout"
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

	said map[string][]saying // by action
}

// A saying is a part of the settings about an action.
type saying struct {
	list   []keys // the first that the layout has is used
	origin string
	answer bool // without one, the action has no shortcut
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
	"gnome": readSettings("gnome", byKey), "ubuntu": readSettings("gnome", byKey), "unity": readSettings("gnome", byKey), "budgie": readSettings("budgie", byKey),
	"pantheon": readSettings("pantheon", byKey), "cinnamon": readCinnamon, "mate": readSettings("mate", byKey),
	"kde": readKDE, "xfce": readXfce, "sway": readSway, "i3": readI3, "hyprland": readHyprland, "niri": readNiri, "cosmic": readCosmic, "labwc": readLabwc, "wayfire": readWayfire,
	"phoc": readSettings("phoc", byTyped), "phosh": readSettings("phosh", byTyped), "river": readRiver,
}

// Find reads the settings of a desktop, such as "gnome" or "kde". It leaves out what it cannot read; for that, the
// configuration's defaults apply. Combos are those of a US layout: see On.
func Find(ctx context.Context, desktop string) *Found {
	return find(ctx, desktop, newPlace(os.Getenv))
}

// FindActive is Find with the combos of the active layout, which it asks for only if they can depend on it.
func FindActive(ctx context.Context, desktop string, active func(context.Context) (layout.Layout, bool)) *Found {
	found := Find(ctx, desktop)
	if found.byLayout() {
		if l, ok := active(ctx); ok {
			return found.On(l)
		}
	}
	return found
}

func find(ctx context.Context, desktop string, p place) *Found {
	f := &Found{Unread: desktop}
	if read := readers[desktop]; read != nil {
		f.Desktop, f.Unread = desktop, ""
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		read(ctx, p, f)
		f.Late = ctx.Err() != nil
	}
	return f.On(layout.Layout{})
}

// On has the combos of a layout: a shortcut that names a symbol is on the key that has the symbol there.
func (f *Found) On(l layout.Layout) *Found {
	on := *f
	on.Combos, on.Origins = make(map[string]string, len(f.said)), make(map[string]string, len(f.said))
	for action, list := range f.said {
		for _, s := range list {
			combo, ok := s.on(l)
			if !ok && !s.answer {
				continue
			}
			if have, told := on.Combos[action]; !told || have == "" && combo != "" {
				on.Combos[action], on.Origins[action] = combo, s.origin
			}
		}
	}
	return &on
}

func (s saying) on(l layout.Layout) (combo string, ok bool) {
	for _, k := range s.list {
		if combo, ok := k.on(l); ok {
			return combo, true
		}
	}
	return "", false
}

// byLayout says whether the combos can depend on the layout.
func (f *Found) byLayout() bool {
	for _, list := range f.said {
		for _, s := range list {
			if slices.ContainsFunc(s.list, func(k keys) bool { return k.symbol != 0 || k.place != 0 }) {
				return true
			}
		}
	}
	return false
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

// set adds keys for an action, after those that it already has.
func (f *Found) set(action, origin string, list ...keys) { f.say(action, saying{list, origin, false}) }

// answer is set for settings that have an entry for each action: without keys that can be pressed, it has no shortcut.
func (f *Found) answer(action, origin string, list ...keys) {
	f.say(action, saying{list, origin, true})
}

func (f *Found) say(action string, s saying) {
	if f.said == nil {
		f.said = make(map[string][]saying)
	}
	f.said[action] = append(f.said[action], s)
}
