package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"toshy/cmd/internal/control"
)

// outline is a menu as text: notes are in (), entries that are not checked or checked have [ ] or [x], disabled ones have -.
func outline(entries []entry, indent string) string {
	var b strings.Builder
	for _, e := range entries {
		if e.hidden {
			continue
		}
		b.WriteString(indent)
		if e.disabled {
			b.WriteString("-")
		}
		switch {
		case e.kind == separator:
			b.WriteString("--")
		case e.kind == radio && e.checked:
			b.WriteString("(x) ")
		case e.kind == radio:
			b.WriteString("( ) ")
		case e.checked:
			b.WriteString("[x] ")
		case e.kind == check:
			b.WriteString("[ ] ")
		}
		b.WriteString(e.label)
		if r := e.do.request; r.Command != "" {
			fmt.Fprintf(&b, " => %s", strings.TrimSpace(r.Command+" "+r.Name+" "+r.Value))
		} else if e.do.own != nothing {
			fmt.Fprintf(&b, " => own %d %s", e.do.own, e.do.path)
		}
		b.WriteString("\n" + outline(e.sub, indent+"  "))
	}
	return b.String()
}

var yesNo = []string{"false", "true"}

func running() facts {
	return facts{
		status: &control.Status{
			Configuration: "/home/a/.config/toshy/config.toml",
			Window:        control.Window{App: "bank", Title: "SECRET"},
			Held:          []control.HeldKey{{Keyboard: "K", Key: "SECRET"}},
			Keyboards: []control.Keyboard{
				{Name: "Apple Keyboard", ID: "05ac:1", Type: "apple", Grabbed: true, Chosen: true},
				{Name: "Apple Keyboard", ID: "05ac:1", Type: "apple", Grabbed: true, Chosen: true},
				{Name: "Old one", ID: "1:2"},
			},
			KeyboardTypes: []string{"apple", "windows"},
			AllLayers:     []string{"nav", "num_pad"}, Layers: []string{"nav"},
		},
		machine: machine{unit: "toshy-agent.service", system: true, running: true, configuration: "/home/a/.config/toshy/config.toml", preset: "mac"},
		settings: []control.Setting{
			{Name: "capslock_mode", Value: "cmd", Values: []string{"caps", "cmd"}, Description: "what Caps Lock is"},
			{Name: "forced_numpad", Value: "true", Values: yesNo, Description: "the keypad types digits"},
			{Name: "global_shortcuts", Value: "false", Values: yesNo},
			{Name: "dialog_shortcuts", Value: "true", Values: yesNo, Parent: "global_shortcuts"},
			{Name: "lost", Value: "false", Values: yesNo, Parent: "gone"},
		},
	}
}

func TestMenu(t *testing.T) {
	got := outline(look(running()).menu, "")
	want := `-Active on 2 keyboards
--
Shortcuts, rules and settings … => own 13 
Pause => pause
Stop toshy => own 9 
Settings
  What Caps Lock is: Command
    ( ) Caps Lock => set capslock_mode caps
    (x) Command => set capslock_mode cmd
  [x] The keypad types digits => set forced_numpad false
  Global shortcuts
    [ ] Global shortcuts => set global_shortcuts true
    -[x] Dialog shortcuts => set dialog_shortcuts false
  [ ] Lost => set lost true
Layers
  [x] Nav => layer nav off
  [ ] Num pad => layer num_pad on
Keyboards
  Apple Keyboard: Apple
    ( ) As the configuration says => keyboard-type 05ac:1
    (x) Apple => keyboard-type 05ac:1 apple
    ( ) Windows => keyboard-type 05ac:1 windows
  Old one: No type
    (x) As the configuration says => keyboard-type 1:2
    ( ) Apple => keyboard-type 1:2 apple
    ( ) Windows => keyboard-type 1:2 windows
--
Open the configuration => own 1 /home/a/.config/toshy/config.toml
Preset
  (x) Mac: shortcuts of a Mac in every application => own 12 mac
  ( ) Mac, minimal: its modifiers, copy and paste, tabs, windows, text => own 12 mac-minimal
  ( ) Windows: its shortcuts on every desktop => own 12 windows
  ( ) None: my own rules only => own 12 none
Reload the configuration => reload
[ ] Start toshy at login => own 10 
--
Show the log => own 3 
Check this machine (toshy doctor) => own 4 
Help => own 6 
Report a problem => own 7 
--
Remove this icon => own 14 
`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestStates(t *testing.T) {
	broken := "config.toml:3:1: there is no key \"X\"\n    X\n    ^"
	for name, c := range map[string]struct {
		f    func(*facts)
		icon []byte
		tip  string
		menu []string
	}{
		"active":  {func(f *facts) {}, iconActive, "toshy: active on 2 keyboards", []string{"Pause => pause"}},
		"no keys": {func(f *facts) { f.status.Keyboards = nil }, iconActive, "toshy: active, no keyboard is taken", []string{"-Keyboards\n"}},
		"paused":  {func(f *facts) { f.status.Paused = true }, iconPaused, "toshy: paused, the keyboards are given back", []string{"Resume => resume"}},
		"passing": {func(f *facts) { f.status.Passthrough = true }, iconPassing, "toshy: keys are not mapped", nil},
		"locked":  {func(f *facts) { f.status.Passthrough, f.status.Reason = true, "the screen is locked" }, iconPassing, "toshy: keys are not mapped: the screen is locked", nil},
		"recording": {
			func(f *facts) { f.status.Recording = "a" }, iconPassing, "toshy: recording the macro a", []string{"-Recording the macro a"},
		},
		"broken": {
			func(f *facts) { f.status.ConfigError = broken }, iconBroken, "toshy: the configuration is broken; the previous one is in use",
			[]string{"Mistake in the configuration: config.toml:3:1: there is no key \"X\" =>"},
		},
		"paused and broken": {func(f *facts) { f.status.Paused, f.status.ConfigError = true, broken }, iconPaused, "toshy: paused, the keyboards are given back", []string{"Mistake in"}},
		"absent": {
			func(f *facts) { *f = facts{err: fmt.Errorf("%w (dial)", control.ErrNoDaemon)} }, iconAbsent, "toshy: no daemon is running",
			[]string{"-Pause", "-Settings", "-Keyboards", "-Reload", "-Open the configuration"},
		},
		"refused": {
			func(f *facts) { *f = facts{err: errors.New("the active session on seat0 belongs to someone else")} }, iconAbsent,
			"toshy: the active session on seat0 belongs to someone else", nil,
		},
		"built in": {func(f *facts) { f.status.Configuration = `built-in configuration "mac"` }, iconActive, "toshy: active on 2 keyboards", []string{"Make a configuration of my own => own 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := running()
			c.f(&f)
			p := look(f)
			if !bytes.Equal(p.icon, c.icon) || p.tooltip != c.tip {
				t.Errorf("tooltip %q, want %q; the icon is right: %v", p.tooltip, c.tip, bytes.Equal(p.icon, c.icon))
			}
			text := outline(p.menu, "")
			for _, want := range c.menu {
				if !strings.Contains(text, want) {
					t.Errorf("the menu does not have %q:\n%s", want, text)
				}
			}
			if strings.Contains(text+p.tooltip, "SECRET") {
				t.Errorf("the menu shows windows or keys:\n%s\n%s", p.tooltip, text)
			}
			if n := len(look(facts{}).menu); len(p.menu) != n {
				t.Errorf("%d entries at the top, not always %d", len(p.menu), n)
			}
		})
	}
}

func TestLabelsFitOnScreens(t *testing.T) {
	if got := short(strings.Repeat("é", 200)); len([]rune(got)) != longest || !strings.HasSuffix(got, "…") {
		t.Errorf("%q", got)
	}
	if got := escaped("num_pad"); got != "num__pad" {
		t.Errorf("%q: an underline is an access key", got)
	}
}

// Each icon has enough contrast on a light and on a dark panel, and no two are similar without their colour.
func TestIcons(t *testing.T) {
	icons := map[string][]byte{"active": iconActive, "paused": iconPaused, "passing": iconPassing, "broken": iconBroken, "absent": iconAbsent}
	white, dark := luminance(color.White), luminance(color.RGBA{R: 0x1e, G: 0x1e, B: 0x1e, A: 0xff})
	grey := map[string]image.Image{}
	for name, data := range icons {
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		grey[name] = img
		body := luminance(img.At(6, 32)) // the left rim
		for panel, l := range map[string]float64{"light": white, "dark": dark} {
			if c := contrast(body, l); c < 3 { // WCAG 2.1, 1.4.11 demands this for graphics
				t.Errorf("%s on a %s panel: contrast %.1f", name, panel, c)
			}
		}
	}
	for a := range grey {
		for b := range grey {
			if a < b && different(grey[a], grey[b]) < 100 {
				t.Errorf("%s and %s differ in %d of 4096 points", a, b, different(grey[a], grey[b]))
			}
		}
	}
}

// luminance as WCAG 2.1 defines it.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

// different counts points where one has the white of a glyph, or is transparent, and the other is not.
func different(a, b image.Image) (n int) {
	glyph := func(c color.Color) bool {
		_, _, _, alpha := c.RGBA()
		return alpha < 0x8000 || luminance(c) > 0.7
	}
	for y := range 64 {
		for x := range 64 {
			if glyph(a.At(x, y)) != glyph(b.At(x, y)) {
				n++
			}
		}
	}
	return n
}
