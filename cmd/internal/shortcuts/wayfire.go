package shortcuts

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"toshy/remap/key"
)

// wayfireOptions are the options of Wayfire's plugins that are shortcuts, with the values of Wayfire 0.10 if the user's file does not set
// them (its folder share/wayfire/metadata). Of two options for one action, toshy takes the first that has a key.
var wayfireOptions = []struct{ plugin, option, action, otherwise string }{
	{"core", "close_top_view", "close", "<super> KEY_Q | <alt> KEY_F4"},
	{"core", "exit", "logout", "<ctrl> <alt> KEY_BACKSPACE"},
	{"scale", "toggle_all", "overview", ""},
	{"scale", "toggle", "overview", "<super> KEY_P"},
	{"expo", "toggle", "overview", "<super> KEY_E"},
	{"switcher", "next_view", "switch-applications", "<alt> KEY_TAB"},
	{"switcher", "prev_view", "switch-applications-backward", "<alt> <shift> KEY_TAB"},
	{"fast-switcher", "activate", "switch-applications", "<alt> KEY_ESC"},
	{"fast-switcher", "activate_backward", "switch-applications-backward", "<alt> <shift> KEY_ESC"},
	{"vswitch", "binding_left", "workspace-left", "<super> <alt> KEY_LEFT"},
	{"vswitch", "binding_right", "workspace-right", "<super> <alt> KEY_RIGHT"},
	{"vswitch", "binding_up", "workspace-up", "<super> <alt> KEY_UP"},
	{"vswitch", "binding_down", "workspace-down", "<super> <alt> KEY_DOWN"},
	{"vswitch", "with_win_left", "move-to-workspace-left", "<super> <alt> <shift> KEY_LEFT"},
	{"vswitch", "with_win_right", "move-to-workspace-right", "<super> <alt> <shift> KEY_RIGHT"},
	{"wayfire-shell", "toggle_menu", "launcher", "<super>"},
	{"grid", "slot_l", "tile-left", "<super> KEY_LEFT | <super> KEY_KP4"},
	{"grid", "slot_r", "tile-right", "<super> KEY_RIGHT | <super> KEY_KP6"},
	{"grid", "slot_c", "maximize", "<super> KEY_UP | <super> KEY_KP5"},
	{"grid", "restore", "unmaximize", "<super> KEY_DOWN | <super> KEY_KP0"},
	{"wm-actions", "minimize", "minimize", ""},
	{"wm-actions", "toggle_maximize", "maximize", ""},
	{"wm-actions", "toggle_fullscreen", "fullscreen", ""},
	{"wm-actions", "toggle_showdesktop", "show-desktop", ""},
}

// wayfirePlugins are those of the above that run if the user's file names none.
const wayfirePlugins = "command expo fast-switcher grid switcher vswitch wayfire-shell"

// readWayfire reads the user's file. Wayfire uses the first that exists, or the one that its environment names.
func readWayfire(_ context.Context, p place, f *Found) {
	names := []string{filepath.Join(p.configs[0], "wayfire/wayfire.ini"), filepath.Join(p.configs[0], "wayfire.ini")}
	if own := p.env("WAYFIRE_CONFIG_FILE"); own != "" {
		names = []string{own}
	}
	readFirst(names, "Wayfire, by default", f, wayfireConfig)
}

func wayfireConfig(text, origin string, f *Found) {
	f.Read = true
	sections := wayfireSections(text)
	names, set := sections["core"]["plugins"]
	if !set {
		names = wayfirePlugins
	}
	plugins := append(strings.Fields(names), "core")
	if slices.Contains(plugins, "command") {
		wayfireCommands(sections["command"], origin, f)
	}
	for _, o := range wayfireOptions {
		value, set := sections[o.plugin][o.option]
		if !set {
			value = o.otherwise
		}
		if !slices.Contains(plugins, o.plugin) {
			continue
		}
		f.set(o.action, origin+" ["+o.plugin+"] "+o.option, all(strings.Split(value, "|"), fromWayfire)...)
	}
}

// wayfireCommands reads the section with the user's commands: binding_NAME is the shortcut of command_NAME.
func wayfireCommands(section map[string]string, origin string, f *Found) {
	for _, prefix := range []string{"binding_", "repeatable_binding_", "always_binding_"} {
		var names []string
		for option := range section {
			if name, ok := strings.CutPrefix(option, prefix); ok {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			if action := commandAction(section["command_"+name]); action != "" {
				f.set(action, origin+" [command] "+prefix+name, all(strings.Split(section[prefix+name], "|"), fromWayfire)...)
			}
		}
	}
}

// wayfireSections reads wayfire.ini: sections of options, # before comments, \ at the end of a line that the next one continues.
func wayfireSections(text string) map[string]map[string]string {
	sections := map[string]map[string]string{}
	section := map[string]string{}
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			name := line[1 : len(line)-1]
			if sections[name] == nil {
				sections[name] = map[string]string{}
			}
			section = sections[name]
			continue
		}
		if option, value, ok := strings.Cut(line, "="); ok {
			section[strings.TrimSpace(option)] = strings.TrimSpace(value)
		}
	}
	return sections
}

// fromWayfire parses "<super> <alt> KEY_LEFT", with the kernel's names of keys, whatever they type, or "<super>" for a modifier alone. Buttons and gestures
// are no combos.
func fromWayfire(s string) (keys, bool) {
	var mods []string
	words := strings.Fields(s)
	for len(words) > 0 && strings.HasPrefix(words[0], "<") {
		mods, words = append(mods, strings.Trim(words[0], "<>")), words[1:]
	}
	names, ok := modifierNames(mods)
	if !ok {
		return keys{}, false
	}
	if len(words) == 0 && len(names) == 1 {
		return keys{name: names[0]}, true
	}
	if len(words) != 1 || !strings.HasPrefix(words[0], "KEY_") {
		return keys{}, false
	}
	c, ok := key.Parse(words[0])
	if !ok {
		return keys{}, false
	}
	if m, is := key.ModOf(c); is && len(names) == 0 {
		return keys{name: m.String()}, true
	}
	return keys{mods: strings.Join(names, "-"), place: c}, nameOf(c) != ""
}
