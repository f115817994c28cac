package shortcuts

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Niri's configuration has a file that can include others. Its workspaces are above and below each other, so the one above
// is the previous one.

var niriActions = map[string][]string{
	"close-window": {"close"}, "fullscreen-window": {"fullscreen"}, "toggle-overview": {"overview"}, "open-overview": {"overview"}, "quit": {"logout"},
	"focus-workspace-up": {"workspace-up", "workspace-left"}, "focus-workspace-down": {"workspace-down", "workspace-right"},
	"move-column-to-workspace-up": {"move-to-workspace-left"}, "move-column-to-workspace-down": {"move-to-workspace-right"},
	"move-window-to-workspace-up": {"move-to-workspace-left"}, "move-window-to-workspace-down": {"move-to-workspace-right"},
	"maximize-window-to-edges": {"maximize"}, "switch-layout next": {"input-source-next"}, "switch-layout prev": {"input-source-previous"},
	"next-window": {"switch-applications"}, "previous-window": {"switch-applications-backward"},
	"next-window app-id": {"switch-windows"}, "previous-window app-id": {"switch-windows-backward"},
	// It puts each picture on the clipboard too.
	"screenshot":                  {"screenshot", "screenshot-area", "screenshot-area-clipboard"},
	"screenshot-screen":           {"screenshot-screen", "screenshot-screen-clipboard"},
	"screenshot-window":           {"screenshot-window", "screenshot-window-clipboard"},
	"screenshot-screen clipboard": {"screenshot-screen-clipboard"},
	"screenshot-window clipboard": {"screenshot-window-clipboard"},
}

// niriSecond are used if no shortcut does the same in a better way. maximize-column leaves gaps around the window.
var niriSecond = map[string][]string{"maximize-column": {"maximize"}}

// niriSwitcher are the shortcuts of the switcher of recent windows (since version 25.11) if the configuration sets none.
var niriSwitcher = []niriBind{
	{keys: "Alt+Tab", action: "next-window"},
	{keys: "Alt+Shift+Tab", action: "previous-window"},
	{keys: "Alt+grave", action: "next-window app-id"},
	{keys: "Alt+Shift+grave", action: "previous-window app-id"},
	{keys: "Mod+Tab", action: "next-window"},
	{keys: "Mod+Shift+Tab", action: "previous-window"},
	{keys: "Mod+grave", action: "next-window app-id"},
	{keys: "Mod+Shift+grave", action: "previous-window app-id"},
}

const (
	niriFiles = 64 // limit, including included files
	niriDepth = 10 // limit of files in files, as in niri
)

// A niriBind is a shortcut as it is written. Its action includes the properties that change what it does.
type niriBind struct{ keys, action, command, origin string }

type niriConfig struct {
	home     string
	files    []string // in the order of their use, even missing ones
	mod      string   // the key that Mod stands for
	binds    []niriBind
	switcher []niriBind
	switches bool // the configuration has shortcuts of the switcher, or turns it off
	broken   bool
}

func readNiri(_ context.Context, p place, f *Found) {
	own, system := filepath.Join(p.configs[0], "niri/config.kdl"), "/etc/niri/config.kdl"
	if v := p.env("NIRI_CONFIG"); v != "" {
		own = v
	}
	name := own
	if _, err := os.Stat(own); err != nil {
		name = system
	}
	c := niriConfig{home: p.env("HOME")}
	c.read(name, 0, false)
	f.Files = append(f.Files, own, system)
	for _, n := range c.files {
		if !slices.Contains(f.Files, n) {
			f.Files = append(f.Files, n)
		}
	}
	c.found(f)
}

// read reads a file and those that it includes. Without a file that is not optional, niri refuses the whole configuration.
func (c *niriConfig) read(name string, depth int, optional bool) {
	if depth >= niriDepth || len(c.files) >= niriFiles {
		c.broken = true
		return
	}
	c.files = append(c.files, name)
	text, ok := readStart(name, fileSize)
	if !ok {
		c.broken = c.broken || !optional
		return
	}
	c.parse(text, name, depth)
}

func (c *niriConfig) parse(text, name string, depth int) {
	nodes, err := parseKDL(text)
	if err != nil {
		c.broken = true
		return
	}
	for i := range nodes {
		switch n := &nodes[i]; n.name {
		case "include":
			if len(n.args) == 1 {
				c.read(c.path(n.args[0], name), depth+1, n.props["optional"] == "true")
			}
		case "input":
			if mod := n.child("mod-key"); mod != nil && len(mod.args) == 1 {
				c.mod = mod.args[0]
			}
		case "binds":
			c.binds = merge(c.binds, binds(n, name))
		case "recent-windows":
			if n.child("off") != nil {
				c.switches = true
			}
			if b := n.child("binds"); b != nil {
				c.switches = true
				c.switcher = merge(c.switcher, binds(b, name))
			}
		}
	}
}

// path is a file that the file named from includes.
func (c *niriConfig) path(name, from string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		return filepath.Join(c.home, rest)
	}
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(from), name)
}

// binds are the shortcuts in a section.
func binds(section *kdlNode, origin string) []niriBind {
	var list []niriBind
	for i := range section.children {
		n := &section.children[i]
		if len(n.children) == 0 {
			continue
		}
		do := &n.children[0]
		b := niriBind{keys: n.name, action: do.name, origin: origin + " " + n.name}
		switch do.name {
		case "spawn", "spawn-sh":
			b.command = strings.Join(do.args, " ")
		case "switch-layout":
			b.action += " " + strings.Join(do.args, " ")
		case "next-window", "previous-window":
			if filter := do.props["filter"]; filter != "" {
				b.action += " " + filter
			}
		case "screenshot-screen", "screenshot-window":
			if do.props["write-to-disk"] == "false" {
				b.action += " clipboard"
			}
		}
		list = append(list, b)
	}
	return list
}

// merge replaces shortcuts with the same keys, as niri does.
func merge(list, later []niriBind) []niriBind {
	keys := func(b niriBind) string {
		words := strings.Split(strings.ToLower(b.keys), "+")
		slices.Sort(words[:len(words)-1])
		return strings.Join(words, "+")
	}
	replaced := map[string]bool{}
	for _, b := range later {
		replaced[keys(b)] = true
	}
	return append(slices.DeleteFunc(list, func(b niriBind) bool { return replaced[keys(b)] }), later...)
}

// found tells the shortcuts. Ordinary ones come before the switcher's.
func (c *niriConfig) found(f *Found) {
	if c.broken { // niri keeps the shortcuts from before the change
		return
	}
	f.Read = true
	if !c.switches {
		c.switcher = niriSwitcher
	}
	taken := map[keys]bool{}
	var second []func()
	for _, b := range append(slices.Clone(c.binds), c.switcher...) {
		k, ok := c.combo(b.keys)
		if !ok || taken[k] {
			continue
		}
		taken[k] = true
		set := func(actions []string) {
			for _, action := range actions {
				f.set(action, cmp.Or(b.origin, "niri, by default"), k)
			}
		}
		set(niriActions[b.action])
		if action := commandAction(b.command); action != "" {
			set([]string{action})
		}
		if actions := niriSecond[b.action]; actions != nil {
			second = append(second, func() { set(actions) })
		}
	}
	for _, set := range second {
		set()
	}
}

func (c *niriConfig) combo(text string) (keys, bool) {
	words := strings.Split(text, "+")
	for i, w := range words[:len(words)-1] {
		if strings.EqualFold(w, "mod") {
			words[i] = cmp.Or(c.mod, "Super")
		}
	}
	return byWritten.fromPlus(strings.Join(words, "+"))
}
