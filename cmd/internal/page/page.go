// Package page is the page of toshy ui and of the playground: its files, and the answers that only need a configuration and
// nothing from the machine. It also runs in a browser.
package page

import (
	"embed"
	"io/fs"
	"slices"
	"time"

	"toshy/cmd/internal/explain"
	"toshy/cmd/internal/sheet"
	"toshy/config"
	"toshy/remap"
	"toshy/remap/sim"
)

//go:embed static
var static embed.FS

// Files are the files that a browser loads.
func Files() fs.FS {
	f, _ := fs.Sub(static, "static") // fails only for a name that is not valid
	return f
}

// A Program is a configuration that can be queried.
type Program struct {
	Config   *config.Config
	Compiled *remap.Compiled
	Origins  map[string]string // where the desktop's settings define an action; see explain.Asker
}

// Compile makes a Program from a configuration.
func Compile(c *config.Config, err error) (*Program, error) {
	if err != nil {
		return nil, err
	}
	compiled, err := remap.Compile(c.Program)
	if err != nil {
		return nil, err
	}
	return &Program{Config: c, Compiled: compiled}, nil
}

// A Situation is the context of a question. Missing fields are not known.
type Situation struct {
	App        string            `json:"app"`
	Title      string            `json:"title"`
	Exe        string            `json:"exe"`
	Categories []string          `json:"categories"` // of its desktop entry
	Desktop    string            `json:"desktop"`
	Session    string            `json:"session"`
	Device     string            `json:"device"`
	Keyboard   string            `json:"keyboard"` // the type; "": as the configuration says for the device
	Form       string            `json:"form"`     // of the keyboard in drawings
	Layers     []string          `json:"layers"`
	Settings   map[string]string `json:"settings"` // by full name
}

// asker answers questions about a situation.
func (p *Program) asker(s *Situation) *explain.Asker {
	a := &explain.Asker{Config: p.Config, Compiled: p.Compiled, Origins: p.Origins}
	a.At = remap.Situation{
		Window: remap.Window{App: s.App, Title: s.Title, Exe: s.Exe, Categories: remap.CategoryList(s.Categories), Desktop: s.Desktop, Session: s.Session},
		Device: remap.Device{Name: s.Device, Keyboard: s.Keyboard},
	}
	if s.Device == "" {
		a.At.Device.Name = sim.DefaultDevice
	}
	if s.Keyboard == "" {
		a.At.Device.Keyboard, _ = p.Config.KeyboardType(config.Identity{Name: a.At.Device.Name})
	}
	for _, name := range s.Layers {
		if i := slices.Index(p.Config.Program.Layers, name); i >= 0 {
			a.At.Layers = append(a.At.Layers, i)
		}
	}
	for _, v := range p.Config.Program.Vars {
		value := v.Default
		if i := slices.Index(v.Values, s.Settings[v.Name]); i >= 0 && i != v.Default {
			value = i
			a.Steps = append(a.Steps, sim.Step{Kind: sim.Set, Name: v.Name, Text: v.Values[i]})
		}
		a.At.Vars = append(a.At.Vars, int32(value))
	}
	return a
}

// A Shortcuts is the answer to what combos do.
type Shortcuts struct {
	*sheet.Sheet
	Drawing string `json:"drawing"` // SVG
}

// Shortcuts says what combos do in a situation.
func (p *Program) Shortcuts(s *Situation) *Shortcuts {
	x := sheet.New(p.Config, p.Compiled, &p.asker(s).At)
	return &Shortcuts{x, sheet.For(x.Keyboard, s.Form).SVG(x)}
}

// Explain says what happens if you press a combo, and why.
func (p *Program) Explain(s *Situation, combo string) (*explain.Explanation, error) {
	return p.asker(s).Ask(combo)
}

// Names are what the editor completes, and the choices in forms.
type Names struct {
	Keys       []string `json:"keys"`
	Modifiers  []string `json:"modifiers"`
	Groups     []string `json:"groups"`
	Layers     []string `json:"layers"`
	Settings   []string `json:"settings"`
	Actions    []Action `json:"actions"`
	Keyboards  []string `json:"keyboards"` // types
	Apps       []string `json:"apps"`      // in the configuration
	Conditions []string `json:"conditions"`
	Presets    []string `json:"presets"` // built-in configurations
}

// An Action is an action of the desktop.
type Action struct {
	Name string `json:"name"`
	What string `json:"what"`
}

// Simulate runs a script of key events and returns the output of toshy simulate in the form "script". If the script
// describes a machine, read reads the configuration for it.
func Simulate(script string, read func(facts, actions map[string]string) (*Program, error)) (string, error) {
	s, err := sim.Parse("script", script)
	if err != nil {
		return "", err
	}
	m := s.Machine()
	p, err := read(m.Facts, m.Shortcuts)
	if err != nil {
		return "", err
	}
	r, err := sim.Run(p.Compiled, s, sim.Options{Vars: p.Config.Program.Vars, Debounce: func(name string) time.Duration { return p.Config.Debounce(config.Identity{Name: name}) }, KeyboardType: func(name string) string {
		t, _ := p.Config.KeyboardType(config.Identity{Name: name})
		return t
	}})
	if err != nil {
		return "", err
	}
	out := sim.Format(r.Steps())
	if held := r.HeldText(); held != "" {
		out += "# " + held + "\n"
	}
	return out, nil
}
