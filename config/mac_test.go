package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/sim"
)

// seen is what an application makes of an output: each key with the modifiers that are down, and a modifier alone, to which menus,
// launchers and programs react, if nothing comes between its press and its release.
func seen(steps []sim.Step) string {
	var list []string
	down := map[string]bool{}
	var last key.Code
	for _, s := range steps {
		if s.Kind != sim.Key {
			if s.Kind != sim.Wait {
				list = append(list, strings.TrimSpace(sim.Compact([]sim.Step{s})))
			}
			continue
		}
		_, isMod := key.ModOf(s.Code)
		name := s.Code.String()
		switch {
		case isMod && s.Value == remap.Press:
			down[name], last = true, s.Code
		case isMod && s.Value == remap.Release:
			delete(down, name)
			if last == s.Code && len(down) == 0 {
				list = append(list, name)
			}
		case s.Value == remap.Press:
			last = s.Code
			if s.Code != key.Unknown { // without a symbol, it only hides a modifier
				list = append(list, strings.Join(append(slices.Sorted(maps.Keys(down)), name), "-"))
			}
		}
	}
	return strings.Join(list, " ")
}

// This runs the built-in configuration through the engine: the pressed keys, and what an application gets.
func TestMac(t *testing.T) {
	c, err := Builtin("mac", Options{})
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := remap.Compile(c.Program)
	if err != nil {
		t.Fatal(err)
	}
	const (
		apple    = "keyboard apple\n"
		windows  = "keyboard windows\n"
		gui      = "app gedit\n"
		terminal = "app kitty\n"
		firefox  = "app firefox\n"
		files    = "app dolphin\n"
	)
	for _, x := range []struct{ name, script, want string }{
		{"Cmd-C copies", apple + gui + "+leftmeta +c -c -leftmeta", "rightctrl-c"},
		{"Cmd is the key left of Space", windows + gui + "+leftalt +c -c -leftalt", "rightctrl-c"},
		{"Cmd-C in a terminal", apple + terminal + "+leftmeta +c -c -leftmeta", "leftshift-rightctrl-c"},
		{"Ctrl-C in a terminal stays", apple + terminal + "+leftctrl +c -c -leftctrl", "leftctrl-c"},
		{"Cmd-Dot interrupts", windows + terminal + "+leftalt +dot -dot -leftalt", "rightctrl-c"},
		{"Cmd-Tab keeps Alt down", apple + gui + "+leftmeta +tab -tab +tab -tab -leftmeta", "leftalt-tab leftalt-tab"},
		{"Opt-Left goes a word", apple + gui + "+leftalt +left -left -leftalt", "leftctrl-left"},
		{"Opt is the Windows key", windows + gui + "+leftmeta +left -left -leftmeta", "leftctrl-left"},
		{"Cmd-Left goes to the beginning", apple + gui + "+leftmeta +left -left -leftmeta", "home"},
		{"Ctrl-A in a text field", apple + gui + "+leftctrl +a -a -leftctrl", "home"},
		{"Cmd-3 in Firefox", apple + firefox + "+leftmeta +3 -3 -leftmeta", "leftalt-3"},
		{"Cmd-Q in Firefox", apple + firefox + "+leftmeta +q -q -leftmeta", "rightctrl-q"},
		{"Cmd-Q elsewhere", apple + gui + "+leftmeta +q -q -leftmeta", "leftalt-f4"},
		{"Enter renames, then ends the name", apple + files + "+enter -enter +enter -enter +enter -enter", "f2 enter f2"},
		{"Cmd-Shift-N types a name", apple + files + "+leftmeta +leftshift +n -n -leftshift -leftmeta +enter -enter", "leftshift-rightctrl-n enter"},
		{"another application's Enter", apple + files + "+enter -enter\n" + gui + "+enter -enter\n" + files + "+enter -enter", "f2 enter f2"},
		{"remote screens get the keys", apple + "app org.remmina.Remmina\n+leftmeta +c -c -leftmeta", "leftmeta-c"},
		{"the keypad types digits", windows + gui + "+kp7 -kp7", "7"},
		{"Caps Lock is Command", "set settings.capslock_mode cmd\n" + apple + gui + "+capslock +c -c -capslock", "rightctrl-c"},
		{"a tap of Command", "set settings.super_on_cmd true\n" + apple + gui + "+leftmeta 50ms -leftmeta", "leftmeta"},
		{"Control is no tap of Command", "set settings.super_on_cmd true\n" + apple + gui + "+leftctrl +a -a -leftctrl", "home"},
		{"the launcher", apple + gui + "+leftmeta +space -space -leftmeta", "leftalt-f1"},
	} {
		t.Run(x.name, func(t *testing.T) {
			s, err := sim.Parse("test", x.script+"\n")
			if err != nil {
				t.Fatal(err)
			}
			r, err := sim.Run(compiled, s, sim.Options{Vars: c.Program.Vars})
			if err != nil {
				t.Fatal(err)
			}
			if got := seen(r.Steps()); got != x.want || len(r.Held) > 0 {
				t.Errorf("the application sees %q, want %q; %s down at the end: %v", got, x.want, sim.Compact(r.Steps()), r.Held)
			}
		})
	}
}

// The reader for simple files reads the embedded files, and the decoder reads the same.
func TestEmbeddedFilesAreSimple(t *testing.T) {
	names, err := embeddedFiles{}.Glob(builtinPrefix + "*/*.toml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		data, err := embeddedFiles{}.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var ps problems
		src := newSource(name, data)
		want := decode(src, &ps)
		got, ok := readSimple(src)
		if want == nil || !ok {
			t.Fatalf("%s: %v, %v", name, ok, ps.sorted(nil))
		}
		if diff := sameTree(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// sameTree returns the first difference of two trees.
func sameTree(a, b *node) string {
	if a.key != b.key || a.kind != b.kind || a.value != b.value || a.koff != b.koff || a.kend != b.kend || a.voff != b.voff || a.vend != b.vend || a.tables != b.tables || len(a.kids) != len(b.kids) {
		return fmt.Sprintf("%q = %v (%v) and %q = %v (%v)", a.key, a.value, a.kind, b.key, b.value, b.kind)
	}
	for i := range a.kids {
		if diff := sameTree(a.kids[i], b.kids[i]); diff != "" {
			return diff
		}
	}
	return ""
}
