//go:build desktop

package shortcuts

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"toshy/remap/key"
	"toshy/remap/window/layout"
	"toshy/remap/window/windowtest"
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

// TestSwaySymbols: a real sway does what its configuration says when a symbol's shortcut is pressed, on several layouts.
func TestSwaySymbols(t *testing.T) {
	symbols := []string{"plus", "slash", "exclam", "1", "z", "question", "odiaeresis", "dead_circumflex", "Shift+exclam", "Shift+q"}
	var config strings.Builder
	for i, s := range symbols {
		fmt.Fprintf(&config, "bindsym Mod4+%s workspace w%d\n", s, i)
	}
	s := &windowtest.Sway{Config: config.String()}
	s.Start(t)
	workspace := func() string {
		out, err := exec.Command("swaymsg", "-s", s.IPC(), "-t", "get_workspaces", "-r").Output()
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
	for name, missing := range map[string]string{"us": "odiaeresis dead_circumflex", "de": "", "fr": "odiaeresis"} {
		l := recorded(t, name)
		board := windowtest.PlugKeyboard(t, s.Display(), windowtest.KeymapText(t, name))
		for i, symbol := range symbols {
			k, ok := byTyped.fromPlus("Mod4+" + symbol)
			combo, found := k.on(l)
			if !ok || found == strings.Contains(" "+missing+" ", " "+symbol+" ") {
				t.Errorf("%s on %s: %q, %v, %v", symbol, name, combo, ok, found)
			}
			if !found || symbol == "Shift+exclam" { // sway never finds this one where Shift types !
				continue
			}
			press(t, board, l, combo)
			windowtest.Until(t, "sway does Mod4+"+symbol+" on "+name+" by "+combo, func() bool { return workspace() == fmt.Sprintf("w%d", i) })
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
