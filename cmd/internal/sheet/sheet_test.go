package sheet

import (
	"fmt"
	"strings"
	"testing"

	"toshy/config"
	"toshy/remap"
	"toshy/remap/key"
)

func build(t testing.TB, text string) (*config.Config, *remap.Compiled) {
	t.Helper()
	c, err := config.Parse("my.toml", []byte(text), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := remap.Compile(c.Program)
	if err != nil {
		t.Fatal(err)
	}
	return c, compiled
}

func situation(app, keyboard string) *remap.Situation {
	return &remap.Situation{Window: remap.Window{App: app}, Device: remap.Device{Name: "Keyboard", Keyboard: keyboard}}
}

// find returns the row of a combo.
func (s *Sheet) find(combo string) *Row {
	for i := range s.Rows {
		if s.Rows[i].Combo == combo {
			return &s.Rows[i]
		}
	}
	return &Row{}
}

func TestWords(t *testing.T) {
	c, compiled := build(t, `extends = "mac"
[keymap.mine]
when = 'app == "gedit"'
[keymap.mine.keys]
Cmd-T = "Ctrl-N"
Cmd-K = { run = ["kitty", "-1"] }
Cmd-L = ["Ctrl-L", { text = "abc" }]
Cmd-J = "block"
[words.mine]
when = 'app == "gedit"'
keys.Cmd-K = "A terminal"
`)
	for _, x := range []struct{ app, combo, what, group, sends string }{
		{"firefox", "Cmd-T", "New tab", "Tabs", "Ctrl-T"},
		{"firefox", "Cmd-C", "Copy", "Editing", "Ctrl-C"},      // not in any keymap
		{"konsole", "Cmd-C", "Copy", "Editing", "Ctrl-Insert"}, // in a keymap
		{"konsole", "Cmd-.", "Interrupt the program", "Terminal", "Ctrl-C"},
		{"konsole", "TermCtrl-Tab", "Next tab", "Terminal", "Shift-Right"},
		{"dolphin", "Cmd-[", "Back", "Files", "Alt-Left"},
		{"gedit", "Cmd-T", "Sends Ctrl-N", "My rules", "Ctrl-N"}, // the built-in words describe another rule
		{"gedit", "Cmd-K", "A terminal", "My rules", ""},
		{"gedit", "Cmd-L", "Sends Ctrl-L, then types “abc”", "My rules", ""},
		{"gedit", "Cmd-J", "Does nothing", "Switched off", ""},
		{"firefox", "Cmd-J", "", "", ""},
		{"anydesk", "Cmd-C", "", "", ""}, // the screen of another computer gets unchanged keys
	} {
		r := New(c, compiled, situation(x.app, "windows")).find(x.combo)
		if r.What != x.what || r.Group != x.group || r.Sends != x.sends {
			t.Errorf("%s in %s: %q in %q, sends %q; want %q in %q, %q", x.combo, x.app, r.What, r.Group, r.Sends, x.what, x.group, x.sends)
		}
	}
	if r := New(c, compiled, situation("gedit", "windows")).find("Cmd-T"); !r.Own || r.File != "my.toml" || r.Line != 5 || r.Rule != "keymap mine" {
		t.Errorf("Cmd-T of gedit is at %+v", r)
	}
}

// A sheet says the same about a combo as the engine, for every way to press it.
func TestSheetIsTrue(t *testing.T) {
	c, compiled := build(t, `extends = "mac"
[settings]
option_special_characters = "us"
`)
	for _, app := range []string{"", "firefox", "konsole", "dolphin", "code", "jetbrains-idea", "anydesk"} {
		for _, keyboard := range []string{"windows", "apple", "chromebook", "ibm"} {
			s := situation(app, keyboard)
			sheet := New(c, compiled, s)
			if app == "firefox" && len(sheet.Rows) < 80 {
				t.Errorf("only %d rows", len(sheet.Rows))
			}
			for i := range sheet.Rows {
				if i%7 != 0 { // all of them would take a minute
					continue
				}
				r := &sheet.Rows[i]
				for _, w := range r.Ways {
					if err := holds(compiled, s, r, w); err != nil {
						t.Errorf("%s on %s: %s: %v", app, keyboard, r.Combo, err)
					}
				}
			}
		}
	}
}

func holds(c *remap.Compiled, s *remap.Situation, r *Row, w Way) error {
	var held []key.Code
	for _, options := range w.Mods {
		k, _ := key.Parse(options[0])
		held = append(held, k)
	}
	pressed, _ := key.Parse(w.Keys[0])
	e := c.Explain(held, pressed, s)
	switch {
	case r.Rule == "" && e.Winner < 0:
		return nil
	case e.Winner < 0:
		return fmt.Errorf("no rule wins, not %s", r.Rule)
	}
	won := &e.Candidates[e.Winner]
	if name := "keymap " + won.Name; name != r.Rule || won.Origin.Line != r.Line || won.Origin.File != r.File {
		return fmt.Errorf("%s %v wins, not %s %s:%d", name, won.Origin, r.Rule, r.File, r.Line)
	}
	return nil
}

func TestDrawing(t *testing.T) {
	c, compiled := build(t, `extends = "mac"`)
	s := New(c, compiled, situation("firefox", "windows"))
	for _, form := range Forms {
		for _, legends := range Legends {
			d := Drawing{form, legends}
			seen := map[key.Code]bool{}
			for _, k := range d.caps() {
				if k.key == 0 || seen[k.key] {
					t.Errorf("%v has an unknown key, or one twice, at %g,%g: %s", d, k.x, k.y, k.key)
				}
				seen[k.key] = true
			}
			if svg := d.SVG(s); !strings.Contains(svg, `<g class="key mod" data-key="leftalt">`) || !strings.Contains(svg, ">Cmd</text>") {
				t.Errorf("%v does not say that left Alt is Cmd", d)
			}
		}
	}
}

func TestHTMLIsEscaped(t *testing.T) {
	c, compiled := build(t, `extends = "none"
[keymap.x]
keys.F1 = { text = "<script>&" }
`)
	page := New(c, compiled, situation(`<b>"app"`, "pc")).HTML(For("pc", ""))
	if strings.Contains(page, "<script>") || strings.Contains(page, "<b>") {
		t.Error("the page contains foreign markup")
	}
}

func BenchmarkSheet(b *testing.B) {
	c, compiled := build(b, `extends = "mac"`)
	s := situation("firefox", "windows")
	for b.Loop() {
		New(c, compiled, s)
	}
}
