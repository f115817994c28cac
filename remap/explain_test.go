package remap_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"toshy/remap"
	"toshy/remap/key"
)

// explainProgram has everything that an explanation can mention.
func explainProgram() *remap.Program {
	cond := func(c remap.Cond, source string, column int) *remap.Cond {
		c.Source, c.Column = source, column
		return &c
	}
	app := func(name string, column int) *remap.Cond {
		return cond(remap.Cond{Op: remap.CondEqual, Field: remap.FieldApp, Strings: []string{name}, Fold: true}, fmt.Sprintf("app == %q", name), column)
	}
	group := func(column int) *remap.Cond {
		return cond(remap.Cond{Op: remap.CondGroup, Var: 0}, "terminals", column)
	}
	entry := func(combo, out string, line int) remap.Entry {
		return remap.Entry{Combo: mustCombo(combo), Action: remap.Send(mustCombo(out)), Origin: remap.Origin{File: "f", Line: line}}
	}
	terminals := cond(remap.Cond{Op: remap.CondAny, Kids: []*remap.Cond{
		app("kitty", 1),
		cond(remap.Cond{Op: remap.CondMatch, Field: remap.FieldApp, Regexp: regexp.MustCompile("term")}, "app matches term", 17),
	}}, "app == kitty or app matches term", 1)
	fast := cond(remap.Cond{Op: remap.CondVar, Var: 0, Value: 1}, "settings.fast", 15)
	return &remap.Program{
		Vars:   []remap.Var{{Name: "settings.fast", Values: []string{"false", "true"}}},
		Groups: []remap.Group{{Name: "terminals", Cond: terminals}},
		Layers: []string{"numbers"},
		Modmaps: []remap.Modmap{
			{Name: "gui", When: cond(remap.Cond{Op: remap.CondNot, Kids: []*remap.Cond{group(5)}}, "not terminals", 1), Keys: map[key.Code]key.Code{key.LeftAlt: key.RightCtrl}, Origin: remap.Origin{File: "f", Line: 1}},
			{Name: "all", Keys: map[key.Code]key.Code{key.LeftAlt: key.LeftMeta, key.F15: key.Enter}, Lines: map[key.Code]remap.Origin{key.LeftAlt: {File: "f", Line: 3}}},
		},
		TapHolds: []remap.TapHoldMap{{Name: "caps", Physical: true, Keys: map[key.Code]remap.TapHold{
			key.CapsLock: {Tap: key.Esc, Hold: key.LeftCtrl}, key.Space: {Tap: key.Space, HoldLayer: 1},
		}, Origin: remap.Origin{File: "f", Line: 4}}},
		Chords: []remap.ChordMap{{Name: "jk", Chords: []remap.Chord{{Keys: []key.Code{mustKey("j"), mustKey("k")}, Action: remap.Send(mustCombo("esc")), Origin: remap.Origin{File: "f", Line: 5}}}}},
		Keymaps: []remap.Keymap{
			{Name: "layer numbers", When: cond(remap.Cond{Op: remap.CondLayer}, "layer == numbers", 1), Entries: []remap.Entry{entry("j", "1", 10)}},
			{Name: "terminals", When: cond(remap.Cond{Op: remap.CondAll, Kids: []*remap.Cond{group(1), fast}}, "terminals and settings.fast", 1), Entries: []remap.Entry{entry("ctrl-c", "ctrl-shift-c", 11), entry("ctrl-c", "f1", 12)}},
			{Name: "firefox", When: cond(remap.Cond{Op: remap.CondNot, Kids: []*remap.Cond{
				cond(remap.Cond{Op: remap.CondEqual, Field: remap.FieldApp, Strings: []string{"firefox"}}, `app != "firefox"`, 1),
			}}, `app != "firefox"`, 1), Entries: []remap.Entry{entry("rctrl-c", "f2", 13)}},
			{Name: "general", Entries: []remap.Entry{entry("ctrl-c", "f3", 14), entry("esc", "f4", 15)}},
			{Name: "last", Entries: []remap.Entry{entry("rctrl-c", "f5", 16)}},
		},
		Options: remap.Options{EjectKey: key.F16},
	}
}

// explained returns an explanation in a few lines.
func explained(e *remap.Explanation) string {
	var b strings.Builder
	path := func(p remap.KeyPath) {
		fmt.Fprintf(&b, "%s", p.Key)
		if p.Modmap != nil {
			fmt.Fprintf(&b, ">%s(%s:%d)", p.Becomes, p.Modmap.Name, p.Modmap.Origin.Line)
		}
		if p.TapHold != nil {
			fmt.Fprintf(&b, ">%s/%s(%s:%d)", p.Tapped(), p.Held(), p.TapRule.Name, p.TapRule.Origin.Line)
		}
		b.WriteByte(' ')
	}
	for _, p := range e.Held {
		path(p)
	}
	path(e.Pressed)
	fmt.Fprintf(&b, "= %s", e.Combo)
	if e.Reserved != "" {
		b.WriteString(" " + e.Reserved)
	}
	if e.Modifier {
		b.WriteString(" modifier")
	}
	for _, k := range e.NoModifier {
		fmt.Fprintf(&b, " no-modifier:%s", k)
	}
	for _, c := range e.Chords {
		fmt.Fprintf(&b, " chord:%s:%d", c.Name, c.Origin.Line)
	}
	for i, c := range e.Candidates {
		fmt.Fprintf(&b, "\n%s:%d", c.Name, c.Origin.Line)
		switch {
		case i == e.Winner:
			b.WriteString(" wins")
		case c.Shadowed:
			b.WriteString(" shadowed")
		}
		for _, w := range c.Why {
			fmt.Fprintf(&b, " | %s@%d %v", w.Source, w.Column, w.Value)
			if w.Group != "" {
				fmt.Fprintf(&b, " in %s", w.Group)
			}
			if w.Have != "" {
				fmt.Fprintf(&b, " (%s)", w.Have)
			}
		}
	}
	return b.String()
}

func TestExplain(t *testing.T) {
	c, err := remap.Compile(explainProgram())
	if err != nil {
		t.Fatal(err)
	}
	firefox := remap.Situation{Window: remap.Window{App: "firefox"}}
	kitty := remap.Situation{Window: remap.Window{App: "kitty"}}
	fast := remap.Situation{Window: remap.Window{App: "kitty"}, Vars: []int32{1}}
	for _, x := range []struct {
		name string
		keys string
		at   remap.Situation
		want string
	}{
		{"a group that is false, a comparison that is false, one before", "leftalt c", firefox, `leftalt>rightctrl(gui:1) c = RightCtrl-c
terminals:12 | terminals@1 false | app == kitty or app matches term@1 false in terminals (app is "firefox")
firefox:13 | app != "firefox"@1 false (app is "firefox")
general:14 wins
last:16 shadowed`},
		{"the second part of an and is false", "rightctrl c", kitty, `rightctrl c = RightCtrl-c
terminals:12 | settings.fast@15 false (settings.fast is false)
firefox:13 wins
general:14 shadowed
last:16 shadowed`},
		{"a setting changes that; the later of two entries counts", "leftctrl c", fast, `leftctrl c = LeftCtrl-c
terminals:12 wins
general:14 shadowed`},
		{"the modmap after one that is not active", "leftalt c", kitty, "leftalt>leftmeta(all:3) c = LeftMeta-c"},
		{"no window", "leftalt c", remap.Situation{}, `leftalt>rightctrl(gui:1) c = RightCtrl-c
terminals:12 | terminals@1 false | app == kitty or app matches term@1 false in terminals (app is not known)
firefox:13 wins
general:14 shadowed
last:16 shadowed`},
		{"a key with two meanings: tapped", "capslock", kitty, "capslock>esc/leftctrl(caps:4) = esc\ngeneral:15 wins"},
		{"and held", "capslock c", kitty, "capslock>esc/leftctrl(caps:4) c = LeftCtrl-c\nterminals:12 | settings.fast@15 false (settings.fast is false)\ngeneral:14 wins"},
		{"a layer that is off", "j", kitty, "j = j chord:jk:5\nlayer numbers:10 | layer == numbers@1 false (layer numbers is off)"},
		{"a layer that is on", "j", remap.Situation{Layers: []int{0}}, "j = j chord:jk:5\nlayer numbers:10 wins"},
		{"a layer that a held key turns on", "space j", kitty, "space>space/reserved(caps:4) j = j chord:jk:5\nlayer numbers:10 wins"},
		{"a modifier alone", "leftalt", firefox, "leftalt>rightctrl(gui:1) = rightctrl modifier"},
		{"a held key that is no modifier", "a c", kitty, "a c = c no-modifier:a"},
		{"a key that is taken before all", "f16", kitty, "f16 = f16 eject"},
	} {
		t.Run(x.name, func(t *testing.T) {
			var codes []key.Code
			for _, k := range strings.Fields(x.keys) {
				codes = append(codes, mustKey(k))
			}
			n := len(codes) - 1
			if got := explained(c.Explain(codes[:n], codes[n], &x.at)); got != x.want {
				t.Errorf("got\n%s\nwant\n%s", got, x.want)
			}
		})
	}
}

func TestKeysFor(t *testing.T) {
	c, err := remap.Compile(explainProgram())
	if err != nil {
		t.Fatal(err)
	}
	at := remap.Situation{Window: remap.Window{App: "firefox"}}
	for _, x := range []struct {
		wanted string
		held   bool
		want   string
	}{
		{"rightctrl", true, "[leftalt rightctrl]"},
		{"leftctrl", true, "[leftctrl capslock]"},
		{"leftalt", true, "[]"},
		{"esc", false, "[esc capslock]"},
		{"enter", false, "[enter f15]"},
	} {
		if got := fmt.Sprint(c.KeysFor(mustKey(x.wanted), x.held, &at)); got != x.want {
			t.Errorf("%s: %s, want %s", x.wanted, got, x.want)
		}
	}
}
