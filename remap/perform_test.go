package remap_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// tapped returns the codes that go down and up in an output, and those that stay down.
func tapped(t *testing.T, out *remap.Output) string {
	t.Helper()
	var b strings.Builder
	for _, o := range out.Events {
		if o.Type == remap.TypeKey {
			fmt.Fprintf(&b, "%c%s ", "-+~"[o.Value], o.Code)
		}
	}
	return strings.TrimSpace(b.String())
}

func compiled(t *testing.T, p *remap.Program) *remap.Compiled {
	t.Helper()
	c, err := remap.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPerform(t *testing.T) {
	e := remap.New(compiled(t, &remap.Program{Options: remap.Options{Masking: true}}))
	out := remap.NewOutput()
	do := func(a *remap.Action) string {
		out.Reset()
		wake := e.Perform(a, 1, out)
		for !e.Idle() {
			wake = e.Tick(wake, out)
		}
		return tapped(t, out)
	}
	if got := do(&remap.Action{Kind: remap.DoText, Text: "aB"}); got != "+a -a +leftshift +b -b -leftshift" {
		t.Errorf("a text: %s", got)
	}
	if got := do(&remap.Action{Kind: remap.DoTap, Combo: mustCombo("Ctrl-C")}); got != "+leftctrl +c -c -leftctrl" {
		t.Errorf("a combo: %s", got)
	}
	// A modifier that the user holds is put aside for a text, and comes back.
	out.Reset()
	e.Handle(remap.Event{At: 2, Type: remap.TypeKey, Code: key.LeftShift, Value: remap.Press}, out)
	if got := do(&remap.Action{Kind: remap.DoText, Text: "x"}); got != "-leftshift +x -x +leftshift" {
		t.Errorf("with shift held: %s", got)
	}
}

// Output that is requested before the end of a macro comes after the macro.
func TestPerformWaitsForAMacro(t *testing.T) {
	p := &remap.Program{Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{{
		Combo: mustCombo("F1"), Action: remap.List(send("A"), &remap.Action{Kind: remap.DoWait, Time: time.Second}, send("B")),
	}}}}}
	e, out := remap.New(compiled(t, p)), remap.NewOutput()
	e.Handle(remap.Event{At: 1, Type: remap.TypeKey, Code: mustKey("f1"), Value: remap.Press}, out)
	e.Handle(remap.Event{At: 2, Type: remap.TypeKey, Code: mustKey("f1"), Value: remap.Release}, out)
	e.Perform(&remap.Action{Kind: remap.DoText, Text: "c"}, 3, out)
	e.Tick(3, out)
	if got := tapped(t, out); got != "+a -a" || e.Idle() {
		t.Fatalf("before its end: %s", got)
	}
	e.Tick(2*time.Second, out)
	if got := tapped(t, out); got != "+a -a +b -b +c -c" || !e.Idle() {
		t.Errorf("after its end: %s", got)
	}
}

func TestRefuses(t *testing.T) {
	hex := compiled(t, &remap.Program{})
	refuse := compiled(t, &remap.Program{Unicodes: []remap.Unicode{{Method: remap.UnicodeRefuse}}})
	e := remap.New(hex)
	if why := e.Refuses("aß"); why != "" {
		t.Errorf("hex entry: %s", why)
	}
	e = remap.New(refuse)
	if why := e.Refuses("aß"); why == "" {
		t.Error("there is no way to type it")
	}
	e.SetLayout(&remap.Layout{Symbols: map[string][]remap.Step{"a": {{Key: mustKey("a")}}, "ß": {{Key: mustKey("minus")}}}})
	if why := e.Refuses("aß"); why != "" {
		t.Errorf("a layout that has it: %s", why)
	}
	if why := e.Refuses("b"); why == "" {
		t.Error("a layout that has no b")
	}
}

func TestTrace(t *testing.T) {
	at := func(line int) remap.Origin { return remap.Origin{File: "f", Line: line} }
	p := &remap.Program{
		Modmaps: []remap.Modmap{{
			Name: "m", Keys: map[key.Code]key.Code{key.CapsLock: key.LeftCtrl}, Origin: at(1), Lines: map[key.Code]remap.Origin{key.CapsLock: at(2)},
		}},
		TapHolds: []remap.TapHoldMap{{Name: "t", Origin: at(3), Keys: map[key.Code]remap.TapHold{mustKey("f3"): {Tap: key.Esc, Hold: key.LeftAlt}}}},
		Keymaps: []remap.Keymap{
			{Name: "off", When: &remap.Cond{Op: remap.CondConst}, Entries: []remap.Entry{{Combo: mustCombo("Ctrl-C"), Action: send("A"), Origin: at(4)}}},
			{Name: "k", Entries: []remap.Entry{
				{Combo: mustCombo("Ctrl-C"), Action: send("F7"), Origin: at(5)},
				{Combo: mustCombo("F1"), Action: &remap.Action{Kind: remap.DoNested, Nested: &remap.Nested{
					Name: "n", Entries: []remap.Entry{{Combo: mustCombo("F2"), Action: send("F8"), Origin: at(7)}},
				}}, Origin: at(6)},
			}},
		},
	}
	e, out := remap.New(compiled(t, p)), remap.NewOutput()
	var got []string
	e.Trace(func(m remap.Match) {
		got = append(got, fmt.Sprintf("%s:%s %s:%d", m.Key, m.Kind, m.Name, m.Origin.Line))
	})
	now := time.Duration(0)
	keys := func(text string) {
		for _, w := range strings.Fields(text) {
			now += time.Millisecond
			e.Handle(remap.Event{At: now, Type: remap.TypeKey, Code: mustKey(w[1:]), Value: int32(strings.IndexByte("-+~", w[0]))}, out)
		}
	}
	keys("+capslock +c ~c -c -capslock +f1 -f1 +f2 -f2 +f3 -f3 +x -x")
	e.Trace(nil)
	keys("+f1 -f1")
	want := "capslock:modmap m:2, c:keymap k:5, f1:keymap k:6, f2:sequence n:7, f3:tap-hold t:3"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, ", "), want)
	}
}
