package remap_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// Programs that cannot work are refused, with their place.
func TestCompileRefuses(t *testing.T) {
	at := remap.Origin{File: "f.toml", Line: 3, Column: 7}
	entry := func(c key.Combo, a *remap.Action) *remap.Program {
		return &remap.Program{
			Layers: []string{"nav"}, Vars: []remap.Var{{Name: "v", Values: []string{"false", "true"}}},
			Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{{Combo: c, Action: a, Origin: at}}}},
		}
	}
	action := func(a *remap.Action) *remap.Program { return entry(mustCombo("a"), a) }
	kind := func(k remap.ActionKind, value int32) *remap.Program {
		return action(&remap.Action{Kind: k, Value: value})
	}
	modmap := func(from, to key.Code) *remap.Program {
		return &remap.Program{Modmaps: []remap.Modmap{{Name: "m", Keys: map[key.Code]key.Code{from: to}, Lines: map[key.Code]remap.Origin{from: at}}}}
	}
	tapHold := func(h remap.TapHold) *remap.Program {
		return &remap.Program{TapHolds: []remap.TapHoldMap{{
			Name: "t", Keys: map[key.Code]remap.TapHold{key.CapsLock: h}, Lines: map[key.Code]remap.Origin{key.CapsLock: at},
		}}}
	}
	chord := func(c remap.Chord) *remap.Program {
		c.Origin = at
		return &remap.Program{Chords: []remap.ChordMap{{Name: "c", Chords: []remap.Chord{c}}}}
	}
	when := func(c *remap.Cond) *remap.Program {
		c.Source = "x"
		return &remap.Program{Modmaps: []remap.Modmap{{Name: "m", When: c, Origin: at}}}
	}
	in := func(p *remap.Program, f func(p *remap.Program)) *remap.Program {
		f(p)
		return p
	}
	second := -time.Second
	inItself := &remap.Action{Kind: remap.DoList}
	inItself.List = []*remap.Action{send("b"), inItself}
	deep := send("b")
	for range 40 {
		deep = remap.List(deep, send("c"))
	}
	again := &remap.Nested{Name: "again", Entries: []remap.Entry{{Combo: mustCombo("a"), Action: send("b")}}, Timeout: 1}
	again.OnTimeout = remap.List(&remap.Action{Kind: remap.DoNested, Nested: again})
	atOnce := &remap.Nested{Name: "once"}
	atOnce.Immediate = &remap.Action{Kind: remap.DoNested, Nested: &remap.Nested{
		Immediate: &remap.Action{Kind: remap.DoNested, Nested: atOnce},
	}}
	condInItself := &remap.Cond{Op: remap.CondNot}
	condInItself.Kids = []*remap.Cond{condInItself}
	var modifiers []remap.Modifier
	for i := range key.MaxCustom + 1 {
		modifiers = append(modifiers, remap.Modifier{Name: fmt.Sprint("M", i), Carrier: key.Code(183 + i)})
	}
	for name, c := range map[string]struct {
		p    *remap.Program
		want string
	}{
		"combo without a key":        {entry(key.Combo{Mods: []key.Mod{key.Ctrl}}, send("b")), `f.toml:3:7: keymap "k": a combo needs a key`},
		"modifier as trigger":        {entry(key.Combo{Key: key.LeftAlt}, send("b")), "is a modifier and never triggers"},
		"code that does not exist":   {entry(key.Combo{Key: 0x3ff}, send("b")), "f.toml:3:7"},
		"no action":                  {entry(mustCombo("a"), nil), "needs an action"},
		"trigger names Ctrl twice":   {entry(key.Combo{Mods: []key.Mod{key.Ctrl, key.LCtrl}, Key: key.A}, send("b")), "names one modifier twice"},
		"unknown modifier":           {entry(key.Combo{Mods: []key.Mod{key.Custom0}, Key: key.A}, send("b")), "a modifier that does not exist"},
		"no modifier at all":         {entry(key.Combo{Mods: []key.Mod{200}, Key: key.A}, send("b")), "a modifier that does not exist"},
		"output without a key":       {action(remap.Send(key.Combo{Mods: []key.Mod{key.Ctrl}})), `f.toml:3:7: keymap "k": a combo needs a key`},
		"two of one kind":            {action(remap.Send(key.Combo{Mods: []key.Mod{key.LShift, key.RShift}, Key: key.A})), "two modifiers of one kind"},
		"generic and specific":       {action(remap.Send(key.Combo{Mods: []key.Mod{key.Shift, key.RShift}, Key: key.A})), "twice"},
		"one-shot of nothing":        {action(&remap.Action{Kind: remap.DoOneShot}), "a one-shot needs a modifier"},
		"unknown kind":               {action(&remap.Action{Kind: 200}), "kind 200"},
		"missing in a list":          {action(remap.List(send("b"), nil)), "an action of a list is missing"},
		"empty cycle":                {action(&remap.Action{Kind: remap.DoCycle}), "a cycle needs actions"},
		"missing in a cycle":         {action(&remap.Action{Kind: remap.DoCycle, List: []*remap.Action{nil}}), "a cycle needs actions"},
		"condition without branches": {action(&remap.Action{Kind: remap.DoIf}), "one or two actions"},
		"six taps":                   {action(&remap.Action{Kind: remap.DoTaps, List: make([]*remap.Action, 6)}), "from 1 to 5"},
		"mark of nothing":            {action(&remap.Action{Kind: remap.DoWithMark, List: []*remap.Action{nil}}), "the mark needs exactly one combo"},
		"unknown variable":           {action(&remap.Action{Kind: remap.DoSet, Var: 1}), "a variable that does not exist"},
		"unknown value":              {action(&remap.Action{Kind: remap.DoSet, Value: 2}), "v has no such value"},
		"unknown layer":              {kind(remap.DoLayerToggle, 1), "a layer that does not exist"},
		"layer below the first":      {kind(remap.DoLayerHold, -1), "a layer that does not exist"},
		"effect of nothing":          {kind(remap.DoEffect, 0), "an effect is empty"},
		"no such axis":               {action(&remap.Action{Kind: remap.DoPointer, Axis: 16}), "no axis 16"},
		"negative wait":              {action(&remap.Action{Kind: remap.DoWait, Time: -1}), "f.toml:3:7"},
		"wait in the wrong unit":     {action(&remap.Action{Kind: remap.DoWait, Time: 2 * time.Hour}), "longer than an hour"},
		"long text":                  {action(&remap.Action{Kind: remap.DoText, Text: strings.Repeat("x", 1001)}), "at most 1000 characters"},
		"action in itself":           {action(inItself), "f.toml:3:7"},
		"actions too deep":           {action(deep), "more than 32 deep"},
		"sequence of nothing":        {action(&remap.Action{Kind: remap.DoNested, Nested: &remap.Nested{}}), "needs a second stroke"},
		"no sequence":                {action(&remap.Action{Kind: remap.DoNested}), "needs a second stroke"},
		"sequence that times out into itself": {
			action(&remap.Action{Kind: remap.DoNested, Nested: again}), `f.toml:3:7: keymap "k": the sequence "again" opens itself again without a key`,
		},
		"sequences that open each other": {action(&remap.Action{Kind: remap.DoNested, Nested: atOnce}), "opens itself again"},
		"second stroke without a key": {action(&remap.Action{Kind: remap.DoNested, Nested: &remap.Nested{
			Entries: []remap.Entry{{Action: send("b"), Origin: remap.Origin{File: "f.toml", Line: 4, Column: 1}}},
		}}), "f.toml:4:1"},
		"negative timeout": {action(&remap.Action{Kind: remap.DoNested, Nested: &remap.Nested{Immediate: send("b"), Timeout: -1}}), "negative"},

		"key to nothing":     {modmap(key.A, 0), `f.toml:3:7: modmap "m": needs a key on both sides`},
		"nothing to a key":   {modmap(0, key.A), "needs a key on both sides"},
		"key to a wheel":     {modmap(key.A, key.WheelUp), "needs a key on both sides"},
		"tap and hold alike": {tapHold(remap.TapHold{Tap: key.Esc, Hold: key.Esc}), `f.toml:3:7: modmap "t": capslock is esc both tapped and held`},
		"no tap":             {tapHold(remap.TapHold{Hold: key.Esc}), "needs a key or action to tap"},
		"no hold":            {tapHold(remap.TapHold{Tap: key.Esc}), "action or layer to hold"},
		"hold of no layer":   {tapHold(remap.TapHold{Tap: key.Esc, HoldLayer: 1}), "holds a layer that does not exist"},
		"negative tap-hold":  {tapHold(remap.TapHold{Tap: key.Esc, Hold: key.A, Timeout: -1}), "f.toml:3:7"},
		"negative quick tap": {tapHold(remap.TapHold{Tap: key.Esc, Hold: key.A, QuickTap: -1}), "negative"},

		"chord of one key":       {chord(remap.Chord{Keys: []key.Code{key.A}, Action: send("b")}), `f.toml:3:7: chord "c": a chord has 2 to 8 keys`},
		"chord of nine keys":     {chord(remap.Chord{Keys: []key.Code{1, 2, 3, 4, 5, 6, 7, 8, 9}, Action: send("b")}), "a chord has 2 to 8 keys"},
		"chord of one key twice": {chord(remap.Chord{Keys: []key.Code{key.A, key.A}, Action: send("b")}), "different keys"},
		"chord without action":   {chord(remap.Chord{Keys: []key.Code{key.A, key.Esc}}), "needs an action"},

		"too many modifiers":     {&remap.Program{Modifiers: modifiers}, "too many modifiers (M7)"},
		"modifier on a modifier": {&remap.Program{Modifiers: []remap.Modifier{{Name: "H", Carrier: key.LeftAlt}}}, "is a modifier already"},
		"modifier on nothing":    {&remap.Program{Modifiers: []remap.Modifier{{Name: "H"}}}, "needs a carrier"},
		"mask key":               {&remap.Program{Options: remap.Options{MaskKey: 0x3ff}}, "options: "},
		"variable of nothing":    {&remap.Program{Vars: []remap.Var{{Name: "v"}}}, "v has no initial value"},
		"two variables": {
			&remap.Program{Vars: []remap.Var{{Name: "v", Values: []string{"x"}}, {Name: "v", Values: []string{"y"}}}}, "two variables are named v",
		},
		"two layers":       {&remap.Program{Layers: []string{"nav", "nav"}}, "layers: two layers are named nav"},
		"negative suspend": {&remap.Program{Timings: []remap.Timing{{Suspend: &second}}}, "timing: a time is negative"},
		"negative pacing":  {&remap.Program{Pacings: []remap.Pacing{{Post: -1}}}, "pacing: a time is negative"},

		"unknown group":            {when(&remap.Cond{Op: remap.CondGroup}), `f.toml:3:7: modmap "m"`},
		"unknown variable asked":   {when(&remap.Cond{Op: remap.CondVar}), "does not exist"},
		"unknown layer asked":      {when(&remap.Cond{Op: remap.CondLayer}), "does not exist"},
		"match without expression": {when(&remap.Cond{Op: remap.CondMatch}), "does not exist"},
		"prefix of nothing":        {when(&remap.Cond{Op: remap.CondPrefix}), "does not exist"},
		"not of nothing":           {when(&remap.Cond{Op: remap.CondNot}), "does not exist"},
		"unknown operation":        {when(&remap.Cond{Op: 99}), "does not exist"},
		"condition in itself":      {when(condInItself), "contains itself"},
		"group that asks itself":   {&remap.Program{Groups: []remap.Group{{Name: "g", Cond: &remap.Cond{Op: remap.CondGroup}}}}, `group "g"`},
		"reset on nothing": {
			&remap.Program{Vars: []remap.Var{{Name: "v", Values: []string{"x"}, ResetOnFocus: &remap.Cond{Op: remap.CondLayer}}}}, `variable "v"`,
		},
		"condition of a keymap": {in(action(send("b")), func(p *remap.Program) { p.Keymaps[0].When = &remap.Cond{Op: remap.CondGroup} }), `keymap "k"`},
	} {
		_, err := remap.Compile(c.p)
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %q, want %q in it", name, err, c.want)
		}
	}
}

// This looks like a cycle but is not: the way back needs a key, or the same action occurs twice.
func TestCompileAccepts(t *testing.T) {
	again := &remap.Nested{Name: "again"}
	open := remap.List(&remap.Action{Kind: remap.DoNested, Nested: again})
	again.Entries = []remap.Entry{{Combo: mustCombo("a"), Action: open}, {Combo: mustCombo("b"), Action: send("c")}}
	again.OnMiss = &remap.Action{Kind: remap.DoNested, Nested: again}
	shared := remap.List(send("b"), open)
	for range 20 {
		shared = remap.List(shared, shared)
	}
	c, err := remap.Compile(&remap.Program{Keymaps: []remap.Keymap{{Entries: []remap.Entry{
		{Combo: mustCombo("a"), Action: open}, {Combo: mustCombo("Ctrl-a"), Action: shared},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	if c.UsesPointer() {
		t.Error("the program has no action for the pointer")
	}
}
