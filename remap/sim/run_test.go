package sim

import (
	"errors"
	"slices"
	"testing"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

func combo(t *testing.T, s string) key.Combo {
	t.Helper()
	c, err := key.ParseCombo(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func is(f remap.Field, name string) *remap.Cond {
	return &remap.Cond{Op: remap.CondEqual, Field: f, Strings: []string{name}, Fold: true}
}

// program has something of everything that a statement can change.
func program(t *testing.T) *remap.Program {
	t.Helper()
	second := time.Second
	return &remap.Program{
		Vars: []remap.Var{{Name: "settings.mode", Values: []string{"off", "us"}}, {Name: "state.latch", Values: []string{"false", "true"}}},
		Modmaps: []remap.Modmap{
			{Name: "apple", When: is(remap.FieldKeyboard, "apple"), Keys: map[key.Code]key.Code{code("leftmeta"): code("rightctrl")}},
			{Name: "caps", When: &remap.Cond{Op: remap.CondLock, Field: remap.FieldCapsLock}, Keys: map[key.Code]key.Code{code("q"): code("w")}},
			{Name: "num", When: &remap.Cond{Op: remap.CondLock, Field: remap.FieldNumLock}, Keys: map[key.Code]key.Code{code("u"): code("i")}},
			{Name: "mode", When: &remap.Cond{Op: remap.CondVar, Var: 0, Value: 1}, Keys: map[key.Code]key.Code{code("e"): code("r")}},
			{Name: "named", When: is(remap.FieldDevice, "second"), Keys: map[key.Code]key.Code{code("t"): code("y")}},
			{Name: "app", When: is(remap.FieldApp, "kitty"), Keys: map[key.Code]key.Code{code("1"): code("9")}},
			{Name: "title", When: is(remap.FieldTitle, "x"), Keys: map[key.Code]key.Code{code("1"): code("2")}},
			{Name: "exe", When: is(remap.FieldExe, "x"), Keys: map[key.Code]key.Code{code("3"): code("4")}},
			{Name: "desktop", When: is(remap.FieldDesktop, "x"), Keys: map[key.Code]key.Code{code("5"): code("6")}},
			{Name: "session", When: is(remap.FieldSession, "x"), Keys: map[key.Code]key.Code{code("7"): code("8")}},
		},
		TapHolds: []remap.TapHoldMap{{Name: "enter", Keys: map[key.Code]remap.TapHold{code("enter"): {Tap: code("enter"), Hold: code("rightalt")}}}},
		Keymaps: []remap.Keymap{
			{Name: "all", Entries: []remap.Entry{
				{Combo: combo(t, "f1"), Action: &remap.Action{Kind: remap.DoEffect, Effect: &remap.Effect{Kind: remap.EffectRun, Args: []string{"kitty", "a b"}}}},
				{Combo: combo(t, "f2"), Action: &remap.Action{Kind: remap.DoSet, Var: 1, Value: 1}},
				{Combo: combo(t, "f3"), Action: remap.List(remap.Send(combo(t, "a")), &remap.Action{Kind: remap.DoWait, Time: 300 * time.Millisecond}, remap.Send(combo(t, "b")))},
				{Combo: combo(t, "f4"), Action: &remap.Action{Kind: remap.DoPointer, Axis: 8, Value: -2}},
			}},
		},
		Timings: []remap.Timing{{When: is(remap.FieldApp, "slow"), Suspend: &second}, {TapHold: &second}},
		Options: remap.Options{Masking: true},
	}
}

func run(t *testing.T, script string) (*Script, *Result, error) {
	t.Helper()
	p := program(t)
	c, err := remap.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse("x", script)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(c, s, Options{Vars: p.Vars, KeyboardType: func(name string) string {
		if name == "Magic Keyboard" {
			return "apple"
		}
		return "windows"
	}})
	return s, r, err
}

// Every statement changes the output.
func TestRun(t *testing.T) {
	for _, c := range []struct{ name, script string }{
		{"forwarded", "+a\n10ms\n~a -a\n---\n+a 10ms ~a 0ms -a"},
		{"app", "app kitty\n1 tap\n---\n+9 -9"},
		{"no app", "app kitty\napp\n1 tap\n---\n+1 -1"},
		{"the rest of the window", "title x\n1 tap\n3 tap\nexe x\n3 tap\ntitle\n1 tap\ndesktop x\nsession x\n5 tap\n7 tap\n---\n+2 -2 +3 -3 +4 -4 +1 -1 +6 -6 +8 -8"},
		{"type by the configuration", "device Magic Keyboard\n+leftmeta 0ms -leftmeta\n---\n+rightctrl -rightctrl"},
		{"type by a statement", "keyboard apple\n+leftmeta 0ms -leftmeta\n---\n+rightctrl -rightctrl"},
		{"type by a statement outlives its plug", "device a\nkeyboard apple\nunplug\ndevice a\n+leftmeta 0ms -leftmeta\n---\n+rightctrl -rightctrl"},
		{"two keyboards", "+t -t\ndevice second\n+t -t\ndevice keyboard\n+t -t\n---\n+t -t +y -y +t -t"},
		{"unplug lifts", "+a 5ms\nunplug\n---\n+a 5ms -a"},
		{"caps lock", "+q -q\ncapslock on\n+q -q\ncapslock off\n+q -q\n---\n+q -q +w -w +q -q"},
		{"num lock", "numlock on\n+u -u\nnumlock off\n+u -u\n---\n+i -i +u -u"},
		{"lock on a keyboard plugged later", "capslock on\ndevice second\n+q -q\n---\n+w -w"},
		{"set", "set settings.mode us\n+e -e\n---\n+r -r"},
		{"passthrough", "keyboard apple\npassthrough on\n+leftmeta -leftmeta\npassthrough off\n+leftmeta -leftmeta\n---\n+leftmeta -leftmeta +rightctrl -rightctrl"},
		{"release all", "+a\nrelease all\n---\n+a -a"},
		{"timers run out", "+f3 -f3\n---\n+a 0ms -a 300ms +b 0ms -b"},
		{"timers in a wait", "+enter 5s -enter\n---\n1s +rightalt 4s -rightalt"},
		{"input of an instant is before its timers", "+enter 1s -enter\n---\n1s +enter -enter"},
		{"the pointer lets a modifier out", "app slow\n+leftalt 100ms\npointer\n100ms -leftalt\n---\n100ms +leftalt 100ms -leftalt"},
		{"a wheel comes in", "rel wheel 1\n---\nrel wheel 1"},
		{"a wheel goes out", "+f4 -f4\n---\nrel wheel -2"},
		{"a command", "+f1 -f1\n---\nrun kitty \"a b\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, r, err := run(t, c.script)
			if err != nil {
				t.Fatal(err)
			}
			if diff, ok := Compare(s.Want, r.Steps()); !ok || len(r.Held) > 0 {
				t.Error("\n" + Columns(diff) + Compact(r.Steps()) + r.HeldText())
			}
		})
	}
}

// Consecutive statements about the window are one change of focus, as a desktop reports it: a state that a change of title resets sees
// the new application together with the title.
func TestRunOneChangeOfFocus(t *testing.T) {
	p := program(t)
	p.Vars[1].ResetOnFocus = is(remap.FieldTitle, "x")
	p.Modmaps = append(p.Modmaps, remap.Modmap{Name: "latched", When: &remap.Cond{Op: remap.CondVar, Var: 1, Value: 1}, Keys: map[key.Code]key.Code{code("o"): code("p")}})
	c, err := remap.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	for script, want := range map[string]string{
		"title x\n+f2 -f2\ntitle y\ntitle x\n+o -o":        "+p -p\n",
		"title x\n+f2 -f2\ntitle y\n+a -a\ntitle x\n+o -o": "+a -a +o -o\n",
	} {
		s, err := Parse("x", script)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(c, s, Options{Vars: p.Vars})
		if err != nil {
			t.Fatal(err)
		}
		if got := Compact(r.Steps()); got != want {
			t.Errorf("%q: got %q, want %q", script, got, want)
		}
	}
}

func TestRunHeld(t *testing.T) {
	_, r, err := run(t, "+a +b -a")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Held, []key.Code{code("b")}) || r.HeldText() != "still down at the end: b" {
		t.Error(r.Held, r.HeldText())
	}
}

func TestRunErrors(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{"a tap\nset settings.moed us", `x:2:1: unknown setting "settings.moed"; did you mean "settings.mode"?`},
		{"set settings.mode uss", `x:1:1: settings.mode cannot be "uss"; expected off, us; did you mean "us"?`},
		{"unplug\n a down", `x:2:2: the keyboard "keyboard" is unplugged; expected a device statement before its next event`},
	} {
		_, _, err := run(t, c.script)
		var e *Error
		if !errors.As(err, &e) || e.Error() != c.want || e.Source == "" {
			t.Errorf("%q: got %v, want %s", c.script, err, c.want)
		}
	}
}

func TestTable(t *testing.T) {
	s, r, err := run(t, "# one key\n+a -a # a note\n# a macro\n\napp \"x # y\"\nleftmeta down\n1s\nleftmeta up\n+f3 -f3 +b\n1s\n-b\n+enter")
	if err != nil {
		t.Fatal(err)
	}
	const want = `# one key
+a -a          +a -a

# a macro
app "x # y"
leftmeta down  +leftmeta
1s
leftmeta up    -leftmeta
+f3 -f3 +b     +a -a
1s             300ms +b -b +b
-b             -b
+enter
               1s +rightalt
`
	if got := Table(Rows(s, r), 44, Style{}); got != want {
		t.Errorf("got\n%s", got)
	}
}
