//go:build desktop

package shortcuts

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"toshy/remap/key"
	"toshy/remap/window/layout"
	"toshy/remap/window/windowtest"
	"toshy/remap/window/x11"
)

// press presses a combo as toshy does: the key that is, in the layout, what the combo names.
func press(t *testing.T, k interface {
	Key(t testing.TB, code uint16, press bool)
}, l layout.Layout, text string,
) {
	t.Helper()
	c, err := key.ParseCombo(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	code := uint16(c.Key)
	for at, us := range l.Positions {
		if us == uint16(c.Key) {
			code = at
		}
	}
	var codes []uint16
	for _, m := range c.Mods {
		codes = append(codes, uint16(m.Code()))
	}
	codes = append(codes, code)
	for _, c := range codes {
		k.Key(t, c, true)
	}
	for i := len(codes) - 1; i >= 0; i-- {
		k.Key(t, codes[i], false)
	}
}

// workspace is the focused workspace of sway or i3.
func workspace(t *testing.T, program, socket string) string {
	t.Helper()
	out, err := exec.Command(program, "-s", socket, "-t", "get_workspaces", "-r").Output()
	if program == "i3-msg" { // it has no -r
		out, err = exec.Command(program, "-s", socket, "-t", "get_workspaces").Output()
	}
	var all []struct {
		Name    string
		Focused bool
	}
	if err != nil || json.Unmarshal(out, &all) != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, w := range all {
		if w.Focused {
			return w.Name
		}
	}
	return ""
}

// TestSwaySymbols: a real sway does what its configuration says when a symbol's shortcut is pressed, on several layouts.
func TestSwaySymbols(t *testing.T) {
	symbols := []string{"plus", "slash", "exclam", "1", "z", "question", "odiaeresis", "dead_circumflex", "Shift+exclam", "Shift+q"}
	var config strings.Builder
	for i, s := range symbols {
		fmt.Fprintf(&config, "bindsym Mod4+%s workspace w%d\n", s, i)
	}
	s := &windowtest.Sway{Config: config.String()}
	s.Start(t)
	for name, missing := range map[string]string{"us": "odiaeresis dead_circumflex Shift+exclam", "de": "Shift+exclam", "fr": "odiaeresis"} {
		l := recorded(t, name)
		board := windowtest.PlugKeyboard(t, s.Display(), windowtest.KeymapText(t, name))
		for i, symbol := range symbols {
			k, ok := byTyped.fromPlus("Mod4+" + symbol)
			combo, found := k.on(l)
			if !ok || found == strings.Contains(" "+missing+" ", " "+symbol+" ") {
				t.Errorf("%s on %s: %q, %v, %v", symbol, name, combo, ok, found)
			}
			if !found {
				continue
			}
			press(t, board, l, combo)
			windowtest.Until(t, "sway does Mod4+"+symbol+" on "+name+" by "+combo, func() bool { return workspace(t, "swaymsg", s.IPC()) == fmt.Sprintf("w%d", i) })
		}
		board.Unplug()
	}
}

// TestGNOMESymbols: the same for GNOME Shell, which takes the key that has the symbol on its lowest level, with the modifiers that
// are written. The shell itself has no shortcuts with Control, Alt and Super, which would get the keys instead.
func TestGNOMESymbols(t *testing.T) {
	g := (&windowtest.GNOME{}).Launch(t)
	g.Start(t)
	for _, name := range []string{"us", "de", "fr"} {
		l := recorded(t, name)
		g.Keyboard(t, name)
		for _, accelerator := range []string{"<Primary><Alt><Super>exclam", "<Primary><Alt><Super>plus", "<Primary><Alt><Shift><Super>question", "<Primary><Alt><Super>at", "<Primary><Alt><Super>1", "<Primary><Alt><Super>z", "<Primary><Alt><Super>Above_Tab"} {
			k, ok := byKey.fromGTK(accelerator)
			combo, found := k.on(l)
			if !ok || !found {
				t.Fatalf("%s on %s: %v, %v", accelerator, name, ok, found)
			}
			g.Grab(t, accelerator)
			_, before := g.Launches(t)
			press(t, g, l, combo)
			windowtest.Until(t, "GNOME sees "+accelerator+" on "+name+" by "+combo, func() bool { _, now := g.Launches(t); return now > before })
		}
	}
}

// TestI3Symbols: the same for i3, which takes the key that has the symbol alone or with Shift in the first layout, with the modifiers that
// are written.
func TestI3Symbols(t *testing.T) {
	symbols := []string{"plus", "slash", "1", "percent", "z", "q", "comma", "odiaeresis", "dead_circumflex", "Shift+plus", "Shift+question", "Shift+exclam", "Shift+z"}
	var config strings.Builder
	for i, s := range symbols {
		fmt.Fprintf(&config, "bindsym Mod4+%s workspace w%d\n", s, i)
	}
	x := &windowtest.X11{Manager: "i3", Config: config.String()}
	x.Start(t)
	reports := make(chan layout.Layout, 100)
	go func() {
		_ = layout.From(x11.New(x11.Options{Display: x.Display})).Run(t.Context(), func(l layout.Layout) { reports <- l })
	}()
	reported := func(names ...string) layout.Layout {
		for {
			select {
			case l := <-reports:
				if slices.Contains(names, l.Name) {
					return l
				}
			case <-time.After(windowtest.Limit):
				t.Fatalf("none of the layouts %q is reported", names)
			}
		}
	}
	const compose, us, de, fr, ru = 127, "English (US)", "German", "French", "Russian"
	for _, tt := range []struct {
		set, missing string
		names        []string // the last one is active
	}{
		{"us", "odiaeresis dead_circumflex", []string{us}},
		{"de", "", []string{de}},
		{"fr", "odiaeresis", []string{fr}},
		{"us,fr", "odiaeresis dead_circumflex", []string{us, fr}},
		{"de,us", "", []string{de, us}},
		{"ru,fr", "z q odiaeresis dead_circumflex Shift+z", []string{ru, fr}}, // i3 finds no Latin letters there
	} {
		x.Setxkbmap(t, "-layout", tt.set, "-option", "", "-option", "grp:menu_toggle")
		last := tt.names[len(tt.names)-1]
		l := reported(tt.names...)
		for l.Name != last || l.Group != len(tt.names)-1 {
			x.Key(t, compose, true)
			x.Key(t, compose, false)
			l = reported(tt.names...)
		}
		for i, symbol := range symbols {
			k, ok := byFirstKey.fromPlus("Mod4+" + symbol)
			combo, found := k.on(l)
			if !ok || found == strings.Contains(" "+tt.missing+" ", " "+symbol+" ") {
				t.Errorf("%s on %s: %q, %v, %v", symbol, tt.set, combo, ok, found)
			}
			if !found {
				continue
			}
			var pressed time.Time // again and again: i3 needs a moment for a new keymap
			windowtest.Until(t, "i3 does Mod4+"+symbol+" on "+tt.set+" by "+combo, func() bool {
				if time.Since(pressed) > time.Second {
					press(t, x, l, combo)
					pressed = time.Now()
				}
				return workspace(t, "i3-msg", x.I3Socket()) == fmt.Sprintf("w%d", i)
			})
		}
	}
}
