package shortcuts

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// A gsetting is a key of a schema. It is read with gsettings and not from dconf's database, because most shortcuts are only
// in the schemas and in a distribution's overrides.
type gsetting struct{ schema, key string }

// Schemas.
const (
	wm         = "org.gnome.desktop.wm.keybindings"
	shell      = "org.gnome.shell.keybindings"
	mutter     = "org.gnome.mutter"
	mutterKeys = "org.gnome.mutter.keybindings"
	media      = "org.gnome.settings-daemon.plugins.media-keys"
	gala       = "org.pantheon.desktop.gala.keybindings"
	budgie     = "com.solus-project.budgie-wm"
	cinnamon   = "org.cinnamon.desktop.keybindings"
	budgieMK   = "org.buddiesofbudgie.settings-daemon.plugins.media-keys" // since 10.10, instead of GNOME's
	cinnamonWM = "org.cinnamon.desktop.keybindings.wm"
	cinnamonMK = "org.cinnamon.desktop.keybindings.media-keys"
	marco      = "org.mate.Marco.global-keybindings"
	marcoWin   = "org.mate.Marco.window-keybindings"
	mateMK     = "org.mate.SettingsDaemon.plugins.media-keys"
)

// gnomeKeys are the keys that GNOME and its relatives share.
func gnomeKeys() map[string][]gsetting {
	return map[string][]gsetting{
		"input-source-next":            {{wm, "switch-input-source"}},
		"input-source-previous":        {{wm, "switch-input-source-backward"}},
		"switch-applications":          {{wm, "switch-applications"}, {wm, "switch-windows"}},
		"switch-applications-backward": {{wm, "switch-applications-backward"}, {wm, "switch-windows-backward"}},
		"switch-windows":               {{wm, "switch-group"}},
		"switch-windows-backward":      {{wm, "switch-group-backward"}},
		"show-desktop":                 {{wm, "show-desktop"}},
		"close":                        {{wm, "close"}},
		"minimize":                     {{wm, "minimize"}},
		"unmaximize":                   {{wm, "unmaximize"}},
		"run":                          {{wm, "panel-run-dialog"}},
		"maximize":                     {{wm, "toggle-maximized"}, {wm, "maximize"}},
		"fullscreen":                   {{wm, "toggle-fullscreen"}},
		"lock":                         {{media, "screensaver"}, {media, "screensaver-static"}},
		"logout":                       {{media, "logout"}, {media, "logout-static"}},
		"files":                        {{media, "home"}, {media, "home-static"}},
		"terminal":                     {{media, "terminal"}},
		"settings":                     {{media, "control-center"}, {media, "control-center-static"}},
		"screen-reader":                {{media, "screenreader"}},
		"magnifier":                    {{media, "magnifier"}},
		"zoom-in":                      {{media, "magnifier-zoom-in"}},
		"zoom-out":                     {{media, "magnifier-zoom-out"}},
	}
}

// settings are the keys of each desktop, in addition to gnomeKeys for GNOME's relatives.
var settings = sync.OnceValue(func() map[string]map[string][]gsetting {
	return map[string]map[string][]gsetting{
		"gnome": with(gnomeKeys(), workspaces(wm), map[string][]gsetting{
			"launcher":                    {{mutter, "overlay-key"}, {shell, "toggle-overview"}},
			"overview":                    {{shell, "toggle-overview"}, {mutter, "overlay-key"}},
			"applications":                {{shell, "toggle-application-view"}},
			"notifications":               {{shell, "toggle-message-tray"}},
			"tile-left":                   {{mutterKeys, "toggle-tiled-left"}},
			"tile-right":                  {{mutterKeys, "toggle-tiled-right"}},
			"screenshot":                  {{shell, "show-screenshot-ui"}},
			"screenshot-screen":           {{shell, "screenshot"}, {media, "screenshot"}},
			"screenshot-window":           {{shell, "screenshot-window"}, {media, "window-screenshot"}},
			"screenshot-area":             {{shell, "show-screenshot-ui"}, {media, "area-screenshot"}},
			"screenshot-screen-clipboard": {{media, "screenshot-clip"}, {shell, "screenshot"}},
			"screenshot-window-clipboard": {{media, "window-screenshot-clip"}, {shell, "screenshot-window"}},
			"screenshot-area-clipboard":   {{media, "area-screenshot-clip"}, {shell, "show-screenshot-ui"}},
		}),
		"budgie": with(before(gnomeKeys(), media, budgieMK), workspaces(wm), map[string][]gsetting{
			"launcher":          {{mutter, "overlay-key"}, {wm, "panel-main-menu"}},
			"notifications":     {{budgie, "toggle-notifications"}},
			"screenshot-screen": {{budgie, "take-full-screenshot"}},
			"screenshot-window": {{budgie, "take-window-screenshot"}},
			"screenshot-area":   {{budgie, "take-region-screenshot"}},
		}),
		"pantheon": with(gnomeKeys(), workspaces(wm), map[string][]gsetting{
			"launcher":                    {{wm, "panel-main-menu"}},
			"overview":                    {{gala, "expose-all-windows"}, {gala, "expose-windows"}},
			"screenshot-screen":           {{gala, "screenshot"}},
			"screenshot-window":           {{gala, "window-screenshot"}},
			"screenshot-area":             {{gala, "area-screenshot"}},
			"screenshot-screen-clipboard": {{gala, "screenshot-clip"}},
			"screenshot-window-clipboard": {{gala, "window-screenshot-clip"}},
			"screenshot-area-clipboard":   {{gala, "area-screenshot-clip"}},
		}),
		"phoc": phocKeys(),
		"phosh": with(phocKeys(), map[string][]gsetting{ // phoc and its shell
			"overview":     {{shell, "toggle-overview"}},
			"applications": {{shell, "toggle-application-view"}},
		}),
		"cinnamon": with(workspaces(cinnamonWM), pictures(cinnamonMK), map[string][]gsetting{
			"overview":                     {{cinnamonWM, "switch-to-workspace-down"}},
			"switch-applications":          {{cinnamonWM, "switch-windows"}},
			"switch-applications-backward": {{cinnamonWM, "switch-windows-backward"}},
			"switch-windows":               {{cinnamonWM, "switch-group"}},
			"switch-windows-backward":      {{cinnamonWM, "switch-group-backward"}},
			"show-desktop":                 {{cinnamonWM, "show-desktop"}},
			"close":                        {{cinnamonWM, "close"}},
			"minimize":                     {{cinnamonWM, "minimize"}},
			"unmaximize":                   {{cinnamonWM, "unmaximize"}},
			"tile-left":                    {{cinnamonWM, "push-tile-left"}},
			"tile-right":                   {{cinnamonWM, "push-tile-right"}},
			"run":                          {{cinnamonWM, "panel-run-dialog"}},
			"maximize":                     {{cinnamonWM, "toggle-maximized"}, {cinnamonWM, "maximize"}},
			"fullscreen":                   {{cinnamonWM, "toggle-fullscreen"}},
			"lock":                         {{cinnamonMK, "screensaver"}},
			"logout":                       {{cinnamonMK, "logout"}},
			"files":                        {{cinnamonMK, "home"}},
			"terminal":                     {{cinnamonMK, "terminal"}},
			"settings":                     {{cinnamonMK, "control-center"}},
			"screen-reader":                {{cinnamonMK, "screenreader"}},
			"zoom-in":                      {{cinnamon, "magnifier-zoom-in"}},
			"zoom-out":                     {{cinnamon, "magnifier-zoom-out"}},
		}),
		"mate": with(workspaces(marco), pictures(mateMK), map[string][]gsetting{
			"launcher":                     {{marco, "panel-main-menu"}},
			"switch-applications":          {{marco, "switch-windows"}},
			"switch-applications-backward": {{marco, "switch-windows-backward"}},
			"switch-windows":               {{marco, "switch-group"}},
			"switch-windows-backward":      {{marco, "switch-group-backward"}},
			"show-desktop":                 {{marco, "show-desktop"}},
			"close":                        {{marcoWin, "close"}},
			"minimize":                     {{marcoWin, "minimize"}},
			"unmaximize":                   {{marcoWin, "unmaximize"}},
			"tile-left":                    {{marcoWin, "tile-to-side-w"}},
			"tile-right":                   {{marcoWin, "tile-to-side-e"}},
			"run":                          {{marco, "panel-run-dialog"}},
			"maximize":                     {{marcoWin, "toggle-maximized"}, {marcoWin, "maximize"}},
			"fullscreen":                   {{marcoWin, "toggle-fullscreen"}},
			"move-to-workspace-left":       {{marcoWin, "move-to-workspace-left"}},
			"move-to-workspace-right":      {{marcoWin, "move-to-workspace-right"}},
			"lock":                         {{mateMK, "screensaver"}},
			"logout":                       {{mateMK, "logout"}},
			"files":                        {{mateMK, "home"}},
			"terminal":                     {{marco, "run-command-terminal"}},
			"settings":                     {{mateMK, "control-center"}},
		}),
	}
})

// phocKeys are the keys that phoc reads itself. Its switch-windows walks through the windows of the workspace, not of the
// application.
func phocKeys() map[string][]gsetting {
	return with(sideways(wm), map[string][]gsetting{
		"close":                        {{wm, "close"}},
		"switch-applications":          {{wm, "switch-applications"}, {wm, "switch-windows"}, {wm, "cycle-windows"}},
		"switch-applications-backward": {{wm, "switch-applications-backward"}, {wm, "switch-windows-backward"}, {wm, "cycle-windows-backward"}},
		"maximize":                     {{wm, "toggle-maximized"}, {wm, "maximize"}},
		"unmaximize":                   {{wm, "unmaximize"}},
		"fullscreen":                   {{wm, "toggle-fullscreen"}},
		"input-source-next":            {{wm, "switch-input-source"}},
		"tile-left":                    {{mutterKeys, "toggle-tiled-left"}},
		"tile-right":                   {{mutterKeys, "toggle-tiled-right"}},
	})
}

// sideways are the workspace keys of window managers with a row of workspaces.
func sideways(schema string) map[string][]gsetting {
	m := map[string][]gsetting{}
	for _, to := range []string{"left", "right"} {
		m["workspace-"+to] = []gsetting{{schema, "switch-to-workspace-" + to}}
		m["move-to-workspace-"+to] = []gsetting{{schema, "move-to-workspace-" + to}}
	}
	return m
}

// workspaces are the workspace keys of window managers derived from Metacity.
func workspaces(schema string) map[string][]gsetting {
	m := sideways(schema)
	for _, to := range []string{"up", "down"} {
		m["workspace-"+to] = []gsetting{{schema, "switch-to-workspace-" + to}}
	}
	return m
}

// pictures are the screenshot keys of programs derived from gnome-settings-daemon.
func pictures(schema string) map[string][]gsetting {
	return map[string][]gsetting{
		"screenshot-screen":           {{schema, "screenshot"}},
		"screenshot-window":           {{schema, "window-screenshot"}},
		"screenshot-area":             {{schema, "area-screenshot"}},
		"screenshot-screen-clipboard": {{schema, "screenshot-clip"}},
		"screenshot-window-clipboard": {{schema, "window-screenshot-clip"}},
		"screenshot-area-clipboard":   {{schema, "area-screenshot-clip"}},
	}
}

// before puts the keys of another schema before those of one: a desktop's own keys come first.
func before(keys map[string][]gsetting, schema, own string) map[string][]gsetting {
	all := map[string][]gsetting{}
	for action, list := range keys {
		for _, k := range list {
			if k.schema == schema {
				all[action] = append(all[action], gsetting{own, k.key})
			}
		}
		all[action] = append(all[action], list...)
	}
	return all
}

func with(maps ...map[string][]gsetting) map[string][]gsetting {
	all := map[string][]gsetting{}
	for _, m := range maps {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

// readSettings reads a desktop's settings with gsettings.
func readSettings(desktop string, match matching) func(context.Context, place, *Found) {
	return func(ctx context.Context, p place, f *Found) {
		f.Files = append(f.Files, filepath.Join(p.configs[0], "dconf/user"), filepath.Join(p.configs[0], "glib-2.0/settings/keyfile"))
		schemas := map[string]map[string]string{}
		for action, keys := range settings()[desktop] {
			for _, k := range keys {
				if _, asked := schemas[k.schema]; !asked {
					schemas[k.schema] = list(ctx, p, k.schema)
				}
				value, ok := schemas[k.schema][k.key]
				if !ok {
					continue // this version does not have it
				}
				f.answer(action, k.schema+" "+k.key, all(texts(value), match.fromGTK)...)
			}
		}
	}
}

// list asks for all keys of a schema. Without gsettings, or without the schema, there are none.
func list(ctx context.Context, p place, schema string) map[string]string {
	cmd := exec.CommandContext(ctx, "gsettings", "list-recursively", schema)
	cmd.WaitDelay = limit // on a busy computer, the last of the output is read a moment after gsettings has ended
	for _, name := range []string{"HOME", "PATH", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_HOME", "XDG_DATA_DIRS", "XDG_RUNTIME_DIR", "XDG_CURRENT_DESKTOP", "DBUS_SESSION_BUS_ADDRESS", "GSETTINGS_SCHEMA_DIR", "GSETTINGS_BACKEND"} {
		if v := p.env(name); v != "" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	out, err := cmd.Output()
	if err != nil {
		return map[string]string{}
	}
	keys := map[string]string{}
	for line := range bytes.Lines(out) {
		name, rest, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		if k, value, ok := strings.Cut(rest, " "); ok && name == schema {
			keys[k] = value
		}
	}
	return keys
}

// texts are the strings in a GVariant text: "['<Super>s', 'F1']", "'Super_L'", "@as []".
func texts(s string) []string {
	var list []string
	for {
		i := strings.IndexAny(s, `'"`)
		if i < 0 {
			return list
		}
		end := strings.IndexByte(s[i+1:], s[i])
		if end < 0 {
			return list
		}
		list = append(list, s[i+1:i+1+end])
		s = s[i+1+end+1:]
	}
}

// readCinnamon reads Cinnamon's settings, and those of its menu, which has its own file.
func readCinnamon(ctx context.Context, p place, f *Found) {
	readSettings("cinnamon", byKey)(ctx, p, f)
	folder := filepath.Join(p.configs[0], "cinnamon/spices/menu@cinnamon.org")
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(names) == 0 {
		return
	}
	f.Files = append(f.Files, names...)
	for _, name := range names {
		text, ok := readStart(name, fileSize)
		if !ok {
			continue
		}
		var menu map[string]json.RawMessage
		var key struct{ Value string }
		if json.Unmarshal([]byte(text), &menu) == nil && json.Unmarshal(menu["overlay-key"], &key) == nil {
			f.answer("launcher", name+" overlay-key", all(strings.Split(key.Value, "::"), byKey.fromGTK)...)
		}
	}
}
