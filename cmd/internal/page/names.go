package page

import (
	"slices"
	"strings"

	"toshy/config"
	"toshy/remap"
	"toshy/remap/key"
)

// Names are what the editor completes, and the choices in forms.
func (p *Program) Names() *Names {
	n := &Names{Presets: config.BuiltinNames(), Layers: []string{}, Groups: []string{}, Settings: []string{}, Apps: []string{}, Keyboards: []string{}}
	for name, code := range key.Names {
		if title := strings.ToUpper(name[:1]) + name[1:]; !strings.HasPrefix(name, "key_") && len(name) > 1 && code < 256 {
			n.Keys = append(n.Keys, title)
		}
	}
	slices.Sort(n.Keys)
	for _, m := range p.Config.Modifiers {
		n.Modifiers = append(n.Modifiers, m.Name)
	}
	n.Modifiers = append(n.Modifiers, "Ctrl", "Shift", "Alt", "Super")
	apps := map[string]bool{}
	for _, g := range p.Config.Program.Groups {
		n.Groups = append(n.Groups, g.Name)
		namedApps(g.Cond, apps)
	}
	slices.Sort(n.Groups)
	for i := range p.Config.Program.Keymaps {
		namedApps(p.Config.Program.Keymaps[i].When, apps)
	}
	for a := range apps {
		n.Apps = append(n.Apps, a)
	}
	slices.SortFunc(n.Apps, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	n.Layers = append(n.Layers, p.Config.Program.Layers...)
	for _, s := range p.Config.Settings {
		n.Settings = append(n.Settings, s.Name)
	}
	for _, a := range config.ActionNames {
		n.Actions = append(n.Actions, Action{a.Name, a.Doc})
	}
	for _, k := range p.Config.Keyboards {
		if !slices.Contains(n.Keyboards, k.Type) {
			n.Keyboards = append(n.Keyboards, k.Type)
		}
	}
	n.Conditions = []string{"app", "title", "exe", "desktop", "session", "device", "keyboard", "layer", "capslock", "numlock", "and", "or", "not", "in", "matches", "contains", "startsWith", "endsWith"}
	return n
}

// namedApps collects the applications that a condition names.
func namedApps(c *remap.Cond, apps map[string]bool) {
	if c == nil {
		return
	}
	if c.Op == remap.CondEqual && c.Field == remap.FieldApp {
		for _, s := range c.Strings {
			apps[s] = true
		}
	}
	for _, k := range c.Kids {
		namedApps(k, apps)
	}
}
