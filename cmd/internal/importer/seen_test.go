package importer

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"toshy/config"
	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/sim"
)

// An application is what a window sees of a remapper's output: each press with the modifiers that are down then, Alt and Super if they
// are tapped alone, and at the end the keys that are still down. Each engine is free to decide when modifiers go up and down in
// between, and in which order keys go up.
type application struct {
	seen []string
	down map[key.Code]bool
	lone key.Code // Alt or Super, if no other modifier was down at its press, and no other key went down since
}

// seen returns what an application sees of the output.
func seen(steps []sim.Step) string {
	a := application{down: map[key.Code]bool{}}
	for _, s := range steps {
		switch s.Kind {
		case sim.Wait, sim.Comment:
		case sim.Key:
			a.take(s)
		default:
			a.seen = append(a.seen, a.modifiers()+s.String())
		}
	}
	if len(a.down) > 0 {
		names := []string{}
		for _, c := range slices.Sorted(maps.Keys(a.down)) {
			names = append(names, c.String())
		}
		a.seen = append(a.seen, "still down: "+strings.Join(names, " "))
	}
	return strings.Join(a.seen, " ")
}

func (a *application) take(s sim.Step) {
	m, isMod := key.ModOf(s.Code)
	switch {
	case s.Value == remap.Press && a.down[s.Code]: // the kernel drops it
	case s.Value == remap.Release:
		if a.lone == s.Code {
			a.seen = append(a.seen, "tap-"+s.Code.String())
			a.lone = 0
		}
		delete(a.down, s.Code)
	case s.Value == remap.Press && isMod:
		a.lone = 0
		if a.modifiers() == "" && (m == key.LAlt || m == key.RAlt || m == key.LMeta || m == key.RMeta) {
			a.lone = s.Code
		}
		a.down[s.Code] = true
	case s.Code == key.Unknown: // without a symbol, it only hides a modifier
		a.lone = 0
	case s.Value == remap.Press:
		a.lone = 0
		a.seen = append(a.seen, a.modifiers()+s.Code.String())
		a.down[s.Code] = true
	}
}

// modifiers returns the modifiers that are down, in words. An application does not care which side is down, except for AltGr.
func (a *application) modifiers() string {
	words := ""
	for _, m := range []struct {
		word  string
		codes []key.Code
	}{
		{"Ctrl-", []key.Code{key.LeftCtrl, key.RightCtrl}},
		{"Shift-", []key.Code{key.LeftShift, key.RightShift}},
		{"Alt-", []key.Code{key.LeftAlt}},
		{"AltGr-", []key.Code{key.RightAlt}},
		{"Super-", []key.Code{key.LeftMeta, key.RightMeta}},
	} {
		if slices.ContainsFunc(m.codes, func(c key.Code) bool { return a.down[c] }) {
			words += m.word
		}
	}
	return words
}

// play sends input through a converted configuration.
func play(t testing.TB, r *Result, input string) []sim.Step {
	t.Helper()
	return player(t, r)(input)
}

// player prepares a converted configuration for play.
func player(t testing.TB, r *Result) func(input string) []sim.Step {
	t.Helper()
	c, err := config.Parse("result.toml", r.TOML, config.Options{Files: config.Texts{}, Quiet: true})
	if err != nil {
		t.Fatalf("%v\n%s", err, r.TOML)
	}
	compiled, err := remap.Compile(c.Program)
	if err != nil {
		t.Fatal(err)
	}
	return func(input string) []sim.Step {
		script, err := sim.Parse("input", input)
		if err != nil {
			t.Fatal(err)
		}
		out, err := sim.Run(compiled, script, sim.Options{Vars: c.Program.Vars})
		if err != nil {
			t.Fatal(err)
		}
		return out.Steps()
	}
}

// What an application sees does not depend on how an engine sends it.
func TestSeen(t *testing.T) {
	for _, c := range []struct{ output, want string }{
		{"+a +b -a -b", "a b"},
		{"+a +a -a", "a"},
		{"+leftctrl +rightshift +a -leftctrl -a -rightshift", "Ctrl-Shift-a"},
		{"+leftalt -leftalt", "tap-leftalt"},
		{"+leftalt +leftctrl -leftctrl -leftalt", ""},
		{"+leftalt +a -a -leftalt", "Alt-a"},
		{"+a +leftalt -leftalt -a", "a tap-leftalt"},
		{"+leftshift +a", "Shift-a still down: a leftshift"},
		{"+rightalt +a -a -rightalt", "AltGr-a"},
	} {
		script, err := sim.Parse("output", c.output)
		if err != nil {
			t.Fatal(err)
		}
		if got := seen(script.Input); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.output, got, c.want)
		}
	}
}
