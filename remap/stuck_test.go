package remap_test

import (
	"testing"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// Each of these once left a key or layer stuck, lost one, or ended the engine. "!" in a script calls the next function, which does
// something other than typing.
func TestNothingSticks(t *testing.T) {
	act := func(k remap.ActionKind, value int32) *remap.Action { return &remap.Action{Kind: k, Value: value} }
	wait := &remap.Action{Kind: remap.DoWait, Time: time.Second}
	keymap := func(entries ...remap.Entry) *remap.Program {
		return &remap.Program{Layers: []string{"nav", "sym"}, Keymaps: []remap.Keymap{{Entries: entries}}}
	}
	on := func(combo string, a *remap.Action) remap.Entry {
		return remap.Entry{Combo: mustCombo(combo), Action: a}
	}
	inLayer := func(p *remap.Program, layer int32, e remap.Entry) *remap.Program {
		p.Keymaps = append(p.Keymaps, remap.Keymap{When: &remap.Cond{Op: remap.CondLayer, Value: layer}, Entries: []remap.Entry{e}})
		return p
	}
	tapHold := func(h remap.TapHold) *remap.Program {
		return &remap.Program{Layers: []string{"nav", "sym"}, TapHolds: []remap.TapHoldMap{{Keys: map[key.Code]remap.TapHold{key.CapsLock: h}}}}
	}
	capsCtrl := remap.TapHold{Tap: key.Esc, Hold: key.LeftCtrl}
	waiting := capsCtrl
	waiting.Preset = remap.Permissive
	chord := func(a *remap.Action, codes ...string) *remap.Program {
		c := remap.Chord{Action: a}
		for _, s := range codes {
			c.Keys = append(c.Keys, mustKey(s))
		}
		return &remap.Program{Chords: []remap.ChordMap{{Chords: []remap.Chord{c}}}}
	}
	hyper := func(hidden bool) *remap.Program {
		return &remap.Program{Modifiers: []remap.Modifier{{Name: "Hyper", Carrier: mustKey("f24"), Hidden: hidden}}}
	}
	swap := func(p *remap.Program) func(r *rig) {
		return func(r *rig) {
			c, err := remap.Compile(p)
			if err != nil {
				t.Fatal(err)
			}
			r.e.Swap(c, r.now, r.out)
		}
	}
	wheel := func(value int32) func(r *rig) {
		return func(r *rig) {
			r.e.Handle(remap.Event{At: r.now, Type: remap.TypeRel, Code: 8, Value: value}, r.out)
			r.e.Handle(remap.Event{At: r.now, Type: remap.TypeSyn}, r.out)
		}
	}
	motion := func(r *rig) { r.e.Handle(remap.Event{At: r.now, Type: remap.TypeRel, Code: 0, Value: 3}, r.out) }
	unplug := func(r *rig) { r.e.RemoveDevice(0, r.now, r.out) }
	second := func(c string, value int32) func(r *rig) {
		return func(r *rig) {
			r.e.Handle(remap.Event{At: r.now, Type: remap.TypeKey, Code: mustKey(c), Value: value, Device: 1}, r.out)
		}
	}

	for _, c := range []struct {
		name string
		p    *remap.Program
		in   string
		do   []func(r *rig)
		want string
	}{
		{"a button that holds a combo", keymap(on("btn_side", send("Ctrl-C"))), "+btn_side 10 -btn_side", nil, "+leftctrl +c @10 -c -leftctrl"},
		{
			"a button while a combo is held", keymap(on("Ctrl-A", send("Home")), on("Ctrl-btn_side", send("End"))),
			"+leftctrl +a +btn_side -btn_side -a -leftctrl", nil,
			"+home -home +leftctrl -leftctrl +end -end +leftctrl -leftctrl",
		},
		{
			"the wheel while a combo is held", keymap(on("Ctrl-A", send("Home")), on("Ctrl-wheelup", send("End"))),
			"+leftctrl +a ! -a -leftctrl",
			[]func(r *rig){wheel(1)},
			"+home -home +end -end",
		},
		{"a wheel that means nothing without its modifier", keymap(on("Ctrl-wheelup", send("End"))), "!", []func(r *rig){wheel(1)}, "wheel1"},
		{
			"a held layer whose program goes", inLayer(keymap(on("F1", act(remap.DoLayerHold, 1))), 1, on("A", send("B"))), "+f1 ! -f1 +a -a",
			[]func(r *rig){swap(inLayer(&remap.Program{Layers: []string{"sym"}}, 0, on("A", send("C"))))},
			"+a -a",
		},
		{
			"two layers held by one key", inLayer(keymap(on("F1", remap.List(act(remap.DoLayerHold, 1), act(remap.DoLayerHold, 0)))), 1, on("A", send("B"))),
			"+f1 -f1 +a -a", nil, "+a -a",
		},
		{
			"one layer held by two keys", inLayer(keymap(on("F1", act(remap.DoLayerHold, 1)), on("F2", act(remap.DoLayerHold, 1))), 1, on("A", send("B"))),
			"+f1 +f2 -f1 +a -a -f2 +a -a", nil, "+b -b +a -a",
		},
		{
			"a layer for the next key, and another", inLayer(keymap(on("F1", act(remap.DoLayerOnce, 1)), on("F2", act(remap.DoLayerOnce, 0))), 1, on("A", send("B"))),
			"+f1 -f1 +f2 -f2 +s -s +a -a", nil, "+s -s +a -a",
		},
		{
			"an undecided layer key whose program goes", tapHold(remap.TapHold{Tap: key.Esc, HoldLayer: 2}), "+capslock ! 10 -capslock +a -a",
			[]func(r *rig){swap(&remap.Program{})},
			"@10 +a -a",
		},
		{"a key that becomes a modifier", &remap.Program{}, "+f24 ! 10 -f24", []func(r *rig){swap(hyper(false))}, "+f24 -f24"},
		{"a modifier that becomes a key", hyper(false), "+f24 10 ! 10 +a -a -f24 +f24 -f24", []func(r *rig){swap(&remap.Program{})}, "+f24 @10 -f24 @20 +a -a +f24 -f24"},
		{"a hidden modifier that becomes a key", hyper(true), "+f24 10 ! 10 -f24 +f24 -f24", []func(r *rig){swap(&remap.Program{})}, "@20 +f24 -f24"},
		{
			"a waiting macro that sets what the next program lacks",
			func() *remap.Program {
				p := keymap(on("F1", remap.List(wait, act(remap.DoSet, 1))))
				p.Vars = []remap.Var{{Name: "v", Values: []string{"a", "b"}}}
				return p
			}(),
			"+f1 +f1 -f1 ! 2000 +a -a",
			[]func(r *rig){swap(&remap.Program{})},
			"@2000 +a -a",
		},
		{
			"a diagnostic key that was down before", &remap.Program{}, "+f15 ! -f15",
			[]func(r *rig){swap(&remap.Program{Options: remap.Options{DiagnosticKey: key.F15}})},
			"+f15 -f15",
		},
		{
			"a keyboard that goes with keys behind a macro", keymap(on("F1", remap.List(send("B"), wait, send("C")))), "+f1 +f1 +a ! 2000",
			[]func(r *rig){unplug},
			"+b -b +b -b +a -a",
		},
		{"an unknown keyboard, in a chord", chord(send("X"), "a", "s"), "+a ! ! -a", []func(r *rig){second("b", 1), second("b", 0)}, "+a +b -b -a"},
		{
			"a chord whose second key lost its release", chord(send("X"), "a", "s"), "+s 100 -a +a +s 10 -a -s +s 100 -s", nil,
			"@50 +s @100 -s +x @110 -x @160 +s @210 -s",
		},
		{
			"a chord that is locked away", chord(send("X"), "a", "s"), "+a ! +s -a -s ! +a +s -a -s",
			[]func(r *rig){
				func(r *rig) { r.e.SetPassthrough(true, r.now, r.out) }, func(r *rig) { r.e.SetPassthrough(false, r.now, r.out) },
			},
			"+a +s -a -s +x -x",
		},
		{
			"everything released after its keyboard went", &remap.Program{}, "! ! !",
			[]func(r *rig){second("a", 1), unplug, func(r *rig) { r.e.ReleaseAll(r.now, r.out) }},
			"+a -a",
		},
		{
			"a one-shot whose keyboard went", keymap(on("F1", &remap.Action{Kind: remap.DoOneShot, Combo: key.Combo{Mods: []key.Mod{key.Alt}}})), "+f1 ! !",
			[]func(r *rig){unplug, swap(&remap.Program{})},
			"+leftalt -leftalt",
		},
		{
			"a bound modifier that becomes a key",
			func() *remap.Program {
				p := hyper(false)
				p.Keymaps = keymap(on("LeftAlt-F1", remap.Hold(key.Combo{Mods: []key.Mod{key.Custom0}, Key: mustKey("x")}))).Keymaps
				return p
			}(),
			"+leftalt +f1 -f1 10 ! +f24 10 -leftalt 10 -f24",
			[]func(r *rig){swap(&remap.Program{})},
			"+f24 +x -x @10 -f24 +f24 @30 -f24",
		},
		{
			"a macro that sleeps longer than its key repeats", keymap(on("F1", remap.List(wait, send("B")))),
			"+f1 ~f1 ~f1 ~f1 +a -a 1000 -f1", nil, "@1000 +b -b +a -a",
		},
		{"the pointer moves while a key waits", tapHold(waiting), "+capslock ! 10 -capslock", []func(r *rig){motion}, "@10 +esc -esc"},
		{
			"a sequence that repeats itself", keymap(on("F1", remap.List(send("B"), act(remap.DoRepeat, 0))), on("A", &remap.Action{
				Kind: remap.DoTaps, Time: 200 * time.Millisecond, List: []*remap.Action{act(remap.DoRepeat, 0)},
			})),
			"+f1 -f1 +a -a 2000", nil, "+b -b +b -b",
		},
		{"passthrough by a key, and back", keymap(on("F1", act(remap.DoPassthrough, 2)), on("A", send("B"))), "+f1 -f1 +a -a +f1 -f1 +a -a", nil, "+a -a +b -b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, c.p)
			if got := r.play(c.in, c.do); c.want != "" && got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
			}
			for c := range r.down {
				t.Errorf("%v is stuck down", c)
			}
		})
	}
}
