package shortcuts

import (
	"maps"
	"testing"
)

func TestWayfire(t *testing.T) {
	byDefault := map[string]string{
		"close": "Super-Q", "launcher": "Super", "logout": "Ctrl-Alt-Backspace", "overview": "Super-E",
		"switch-applications": "Alt-Tab", "switch-applications-backward": "Alt-Shift-Tab",
		"workspace-left": "Alt-Super-Left", "workspace-right": "Alt-Super-Right", "workspace-up": "Alt-Super-Up", "workspace-down": "Alt-Super-Down",
		"move-to-workspace-left": "Alt-Shift-Super-Left", "move-to-workspace-right": "Alt-Shift-Super-Right",
		"tile-left": "Super-Left", "tile-right": "Super-Right", "maximize": "Super-Up", "unmaximize": "Super-Down",
	}
	with := func(more map[string]string) map[string]string {
		all := maps.Clone(byDefault)
		maps.Copy(all, more)
		return all
	}
	for name, tt := range map[string]struct {
		text string
		want map[string]string
	}{
		"nothing": {"", byDefault},
		"commands": {`[command]
binding_launcher = <super> KEY_SPACE # a comment
command_launcher = wofi --show drun
binding_terminal = BTN_EXTRA | <super> KEY_ENTER
command_terminal = \
  foot
repeatable_binding_louder = KEY_VOLUMEUP
command_louder = amixer set Master 5%+
binding_picture = KEY_PRINT
command_picture = grim
binding_nothing = <super> KEY_NOSUCHKEY
command_nothing = fuzzel
`, with(map[string]string{"launcher": "Super-Space", "terminal": "Super-Enter", "screenshot-screen": "Print"})},
		"plugins": {`[core]
plugins = scale wm-actions command
close_top_view = <alt> KEY_F4
[wm-actions]
minimize = <super> KEY_M
toggle_fullscreen = none
[command]
binding_menu = KEY_LEFTMETA
command_menu = fuzzel
`, map[string]string{"close": "Alt-F4", "logout": "Ctrl-Alt-Backspace", "overview": "Super-P", "minimize": "Super-M", "launcher": "LeftMeta"}},
		"broken": {"[core\nplugins\n= \n[]\n<super>", byDefault},
		"binary": {"\x00\xff\xfe[\x00]=<", byDefault},
	} {
		t.Run(name, func(t *testing.T) {
			f := &Found{}
			wayfireConfig(tt.text, "wayfire.ini", f)
			check(t, f, tt.want)
		})
	}

	want := map[string]string{"close": "Super-W", "logout": "Ctrl-Alt-Backspace", "overview": "Super-E"}
	for _, file := range []string{"config/wayfire.ini", "config/wayfire/wayfire.ini"} {
		check(t, find(t.Context(), "wayfire", home(t, map[string]string{file: "wayfire.ini"})), want)
	}
	check(t, find(t.Context(), "wayfire", home(t, nil)), byDefault)
}
