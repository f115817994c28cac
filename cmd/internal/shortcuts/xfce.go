package shortcuts

import (
	"context"
	"encoding/xml"
	"slices"
	"strings"
	"sync"
)

// xfwmKeys are the functions of Xfce's window manager.
var xfwmKeys = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"close_window_key": "close", "hide_window_key": "minimize", "maximize_window_key": "maximize", "fullscreen_key": "fullscreen", "tile_left_key": "tile-left", "tile_right_key": "tile-right", "show_desktop_key": "show-desktop",
		"cycle_windows_key": "switch-applications", "cycle_reverse_windows_key": "switch-applications-backward", "switch_window_key": "switch-windows",
		"left_workspace_key": "workspace-left", "right_workspace_key": "workspace-right", "up_workspace_key": "workspace-up", "down_workspace_key": "workspace-down",
		"move_window_left_workspace_key": "move-to-workspace-left", "move_window_right_workspace_key": "move-to-workspace-right",
	}
})

// A property is a property of an xfconf channel.
type property struct {
	Name       string     `xml:"name,attr"`
	Type       string     `xml:"type,attr"`
	Value      string     `xml:"value,attr"`
	Properties []property `xml:"property"`
}

func (p *property) get(names ...string) *property {
	for _, name := range names {
		if p == nil {
			return nil
		}
		i := slices.IndexFunc(p.Properties, func(q property) bool { return q.Name == name })
		if i < 0 {
			return nil
		}
		p = &p.Properties[i]
	}
	return p
}

// readXfce reads the channel xfce4-keyboard-shortcuts in xfconfd's format. "custom" has the active shortcuts, and the
// system's file those of a new user.
func readXfce(_ context.Context, p place, f *Found) {
	sources := files(p.configs, "xfce4/xfconf/xfce-perchannel-xml/xfce4-keyboard-shortcuts.xml")
	f.Files = append(f.Files, sources[0])
	for _, part := range []string{"commands", "xfwm4"} {
		for _, name := range sources {
			text, ok := readStart(name, fileSize)
			var channel property
			if !ok || xml.Unmarshal([]byte(text), &channel) != nil {
				continue
			}
			custom, standard := channel.get(part, "custom"), channel.get(part, "default")
			switch {
			case custom != nil && len(custom.Properties) > 0:
				xfceShortcuts(custom, part, name, f)
			case standard != nil && len(standard.Properties) > 0:
				xfceShortcuts(standard, part, name, f)
			default:
				continue
			}
			break
		}
	}
}

func xfceShortcuts(list *property, part, file string, f *Found) {
	for _, s := range list.Properties {
		k, ok := byKey.fromGTK(s.Name)
		if s.Type != "string" || !ok {
			continue
		}
		action := xfwmKeys()[s.Value]
		if part == "commands" {
			action = commandAction(s.Value)
		}
		if action != "" {
			f.set(action, strings.Join([]string{file, part, s.Value}, " "), k)
		}
	}
}
