package conformance

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// This file and player_test.go test the adapter itself: a translator or a comparison that accepts everything proves nothing.

func code(t *testing.T, name string) key.Code {
	t.Helper()
	c, ok := key.Parse(name)
	if !ok {
		t.Fatalf("no key %q", name)
	}
	return c
}

func TestCommands(t *testing.T) {
	a, tab, f1 := code(t, "a"), code(t, "tab"), code(t, "f1")
	send := func(c key.Code, mods ...key.Mod) *remap.Action { return remap.Send(key.Combo{Mods: mods, Key: c}) }
	called := func(x *remap.Action) *remap.Action {
		return &remap.Action{Kind: remap.DoCall, List: []*remap.Action{x}}
	}
	for in, want := range map[string]*remap.Action{
		`"CTRL+RALT+KEY_A"`:                    send(a, key.Ctrl, key.RAlt),
		`"KEY_A"`:                              send(a),
		`"HYP+KEY_A"`:                          send(a, key.Custom0),
		`{"key":"KEY_A"}`:                      {Kind: remap.DoTap, Combo: key.Combo{Key: a}},
		`"none"`:                               {Kind: remap.DoNothing},
		`"ignore"`:                             {Kind: remap.DoIgnore},
		`"escape_next_key"`:                    {Kind: remap.DoEscapeKey},
		`"escape_next_combo"`:                  {Kind: remap.DoEscapeCombo},
		`["bind","ALT+KEY_TAB"]`:               remap.Hold(key.Combo{Mods: []key.Mod{key.Alt}, Key: tab}),
		`[]`:                                   {Kind: remap.DoList},
		`{"sleep_ms":300}`:                     {Kind: remap.DoWait, Time: 300 * time.Millisecond},
		`{"delay_ms":0.5}`:                     {Kind: remap.DoWait, Time: 500 * time.Microsecond},
		`{"usleep_arg":100}`:                   {Kind: remap.DoWait, Time: 100 * time.Microsecond},
		`{"type":"Hé"}`:                        {Kind: remap.DoText, Text: "Hé"},
		`{"unicode":8364}`:                     {Kind: remap.DoUnicode, Text: "€"},
		`{"unicode":0}`:                        {Kind: remap.DoUnicode, Text: "\x00"},
		`{"unicode_str":"aß"}`:                 {Kind: remap.DoUnicode, Text: "aß"},
		`{"set_mark":true}`:                    {Kind: remap.DoSetMark, Value: 1},
		`{"with_mark":"KEY_A"}`:                {Kind: remap.DoWithMark, List: []*remap.Action{send(a)}},
		`{"with_or_set_mark":{"key":"KEY_A"}}`: {Kind: remap.DoSetWithMark, List: []*remap.Action{send(a)}},
		`{"set_flag":["f",true]}`:              {Kind: remap.DoSet, Var: 0, Value: 1},
		`{"call":"KEY_A"}`:                     called(send(a)),
		`{"cycle":["KEY_A","none"]}`:           called(&remap.Action{Kind: remap.DoCycle, List: []*remap.Action{send(a), {Kind: remap.DoNothing}}}),
		`{"switch":[[{"const":false},"KEY_A"],[{"capslk":true},"KEY_F1"]]}`: called(&remap.Action{
			Kind: remap.DoIf, Cond: constant(false), List: []*remap.Action{send(a), {
				Kind: remap.DoIf, Cond: &remap.Cond{Op: remap.CondLock, Field: remap.FieldCapsLock}, List: []*remap.Action{send(f1), {Kind: remap.DoNothing}},
			}},
		}),
		`{"multitap":{"1":"KEY_A","5":"none"},"tap_interval_ms":200}`: {
			Kind: remap.DoTaps, Time: 200 * time.Millisecond, List: []*remap.Action{send(a), nil, nil, nil, {Kind: remap.DoNothing}},
		},
		`{"keymap":[["IMMEDIATELY","KEY_F1"],["CTRL+KEY_A","none"],["BTN_LEFT","none"],["CTRL+KEY_LEFTSHIFT","none"]]}`: {
			Kind: remap.DoNested, Nested: &remap.Nested{Immediate: send(f1), Entries: []remap.Entry{
				{Combo: key.Combo{Mods: []key.Mod{key.Ctrl}, Key: a}, Action: &remap.Action{Kind: remap.DoNothing}},
			}},
		},
	} {
		tr := newTranslator()
		tr.modifiers["HYP"] = key.Custom0
		if got := tr.command(json.RawMessage(in)); len(tr.errs) > 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v (%v), want %+v", in, got, tr.errs, want)
		}
	}
	for _, in := range []string{
		`"KEY_NOSUCH"`, `"FOO+KEY_A"`, `"A"`, `{"nosuch":1}`, `{"type":1}`, `{"unicode":1114112}`, `{"unicode":-1}`, `{}`, `7`,
		`{"multitap":{"6":"KEY_A"}}`, `{"multitap":{},"nosuch":1}`, `{"set_flag":["f"]}`, `{"keymap":[["KEY_A"]]}`, `{"switch":[["KEY_A"]]}`,
	} {
		tr := newTranslator()
		if tr.command(json.RawMessage(in)); len(tr.errs) == 0 {
			t.Errorf("%s is accepted", in)
		}
	}
}

func newTranslator() *translator {
	return &translator{plan: plan{program: &remap.Program{}, flags: map[string]int{}}, modifiers: map[string]key.Mod{}}
}

// holds evaluates a condition as the format defines, to test its translation.
func holds(c *remap.Cond, w remap.Window, d remap.Device, vars []int32) bool {
	switch c.Op {
	case remap.CondConst:
		return c.Value != 0
	case remap.CondAll:
		return !slices.ContainsFunc(c.Kids, func(k *remap.Cond) bool { return !holds(k, w, d, vars) })
	case remap.CondAny:
		return slices.ContainsFunc(c.Kids, func(k *remap.Cond) bool { return holds(k, w, d, vars) })
	case remap.CondNot:
		return !holds(c.Kids[0], w, d, vars)
	case remap.CondVar:
		return vars[c.Var] == c.Value
	case remap.CondLock:
		return c.Field == remap.FieldCapsLock && d.CapsLock || c.Field == remap.FieldNumLock && d.NumLock
	case remap.CondMatch:
		return c.Regexp.MatchString(map[remap.Field]string{remap.FieldApp: w.App, remap.FieldTitle: w.Title, remap.FieldDevice: d.Name}[c.Field])
	}
	panic(c.Op)
}

func TestConditions(t *testing.T) {
	w := remap.Window{App: "Firefox", Title: "Inbox - Mail"}
	d := remap.Device{Name: "Apple Internal Keyboard", NumLock: true}
	for in, want := range map[string]bool{
		`{"clas":"fire"}`:                                true,
		`{"clas":"^fire$"}`:                              false,
		`{"clas":"fire","cse":true}`:                     false,
		`{"clas":"Fire","cse":true}`:                     true,
		`{"clas":"fire","name":"inbox"}`:                 true,
		`{"clas":"fire","name":"sent"}`:                  false,
		`{"not_clas":"fire"}`:                            false,
		`{"not_name":"sent","not_devn":"logitech"}`:      true,
		`{"devn":"apple"}`:                               true,
		`{"numlk":true,"capslk":false}`:                  true,
		`{"numlk":false}`:                                false,
		`{"lst":[{"clas":"kde"},{"name":"mail"}]}`:       true,
		`{"not_lst":[{"clas":"kde"},{"name":"mail"}]}`:   false,
		`{"not_lst":[{"clas":"kde","name":"mail"}]}`:     true,
		`{"all":[{"clas":"fire"},{"not":{"flag":"f"}}]}`: true,
		`{"any":[{"const":false},{"flag":"f"}]}`:         false,
		`{"wm_class_match":"firefox"}`:                   false,
		`{"not_wm_class_match":"firefox"}`:               true,
		`{"old_api_class_re":"Fire"}`:                    true,
		`{"clas":"^(kitty|alacritty)$|fox"}`:             true,
	} {
		tr := newTranslator()
		var c condition
		tr.decode(json.RawMessage(in), &c)
		got := tr.condition(c)
		if len(tr.errs) > 0 {
			t.Errorf("%s: %v", in, tr.errs)
		} else if holds(got, w, d, make([]int32, 8)) != want {
			t.Errorf("%s holds: %v, want %v", in, !want, want)
		}
	}
	for _, in := range []string{`{}`, `{"nosuch":1}`, `{"clas":"("}`, `{"not":null}`, `{"any":[null]}`, `{"cse":true}`} {
		tr := newTranslator()
		var c condition
		tr.decode(json.RawMessage(in), &c)
		if tr.condition(c); len(tr.errs) == 0 {
			t.Errorf("%s is accepted", in)
		}
	}
}

func TestMapsStandInOrder(t *testing.T) {
	p, err := translate(json.RawMessage(`{
		"modmaps":[{"name":"always","map":{"KEY_A":"KEY_B"}},{"name":"x","map":{},"when":{"clas":"x"}},{"name":"y","map":{},"when":{"clas":"y"}}],
		"multi_modmaps":[{"name":"always","map":{"KEY_A":["KEY_A","KEY_B"]}},{"name":"x","map":{},"when":{"clas":"x"}}],
		"keymaps":[{"name":"first","map":[]},{"level3":true},{"name":"last","map":[],"when":{"clas":"x"}}],
		"hyper":{"trigger":"KEY_CAPSLOCK"}}`), variant{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range p.program.Modmaps {
		names = append(names, m.Name)
	}
	for _, m := range p.program.TapHolds {
		names = append(names, m.Name)
	}
	for _, m := range p.program.Keymaps {
		names = append(names, m.Name)
	}
	want := []string{"hyper", "x", "y", "always", "x", "always", "first", "", "last", "hyper"}
	if !slices.Equal(names, want) || !p.program.Keymaps[1].Level3 {
		t.Errorf("order %q, want %q", names, want)
	}
	for _, kind := range []string{"modmaps", "multi_modmaps"} {
		if _, err := translate(json.RawMessage(`{"`+kind+`":[{"name":"a","map":{}},{"name":"b","map":{}}]}`), variant{}); err == nil {
			t.Errorf("two %s without a condition are accepted", kind)
		}
	}
	if _, err := translate(json.RawMessage(`{"nosuch":1}`), variant{}); err == nil {
		t.Error("a member that is not known is accepted")
	}
}

func TestTimings(t *testing.T) {
	p, err := translate(json.RawMessage(`{"timeouts":[
		{"suspend_ms":400,"multipurpose_ms":600},
		{"suspend_ms":0,"when":{"clas":"x"}},
		{"multipurpose_ms":700,"tap_interval_ms":2000,"min_tap_delay_ms":100},
		{"suspend_ms":-5,"multipurpose_ms":1}]}`), variant{})
	if err != nil {
		t.Fatal(err)
	}
	timings := p.program.Timings
	if len(timings) != 2 || timings[0].When == nil || *timings[0].Suspend != 0 || timings[0].TapHold != nil {
		t.Fatalf("timings %+v, want one rule and the global one", timings)
	}
	g := timings[1]
	got := []time.Duration{*g.Suspend, *g.TapHold, *g.TapInterval, *g.MinTapDelay}
	want := []time.Duration{400 * time.Millisecond, 700 * time.Millisecond, 250 * time.Millisecond, 100 * time.Millisecond}
	if g.When != nil || !slices.Equal(got, want) {
		t.Errorf("global times %v, want %v", got, want)
	}
}

func TestPacing(t *testing.T) {
	const config = `{"throttle":{"pre_ms":500,"post_ms":-3}}`
	p, err := translate(json.RawMessage(config), variant{})
	if err != nil || p.program.Pacings != nil {
		t.Errorf("a frozen clock has pacing %v (%v)", p.program.Pacings, err)
	}
	p, err = translate(json.RawMessage(config), variant{busy: true})
	want := []remap.Pacing{{Pre: 151 * time.Millisecond, Post: time.Millisecond, FastPre: time.Millisecond, FastPost: time.Millisecond}}
	if err != nil || !reflect.DeepEqual(p.program.Pacings, want) {
		t.Errorf("pacing %v (%v), want %v", p.program.Pacings, err, want)
	}
}

// Every configuration can be translated, even those that no scenario uses. Two exist to be refused.
func TestConfigurationsCompile(t *testing.T) {
	toRefuse := map[string]bool{"22_typing/toolong": true, "22_typing/toobig": true}
	paths, err := vectorFiles("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		f, err := readVectors(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, raw := range f.Configs {
			if toRefuse[f.name+"/"+name] {
				continue
			}
			for _, v := range []variant{{}, {busy: true}, {hiddenHyper: true}} {
				p, err := translate(raw, v)
				if err == nil {
					_, err = remap.Compile(p.program)
				}
				if err != nil {
					t.Errorf("%s/%s: %v", f.name, name, err)
				}
			}
		}
	}
}
