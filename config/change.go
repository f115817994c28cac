package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// Actions that change states, settings, layers and switches, and actions that depend on these.

// variableNamed finds a state or setting by its short name.
func (b *builder) variableNamed(short string, at span) (int, bool) {
	for _, prefix := range []string{"state.", "settings."} {
		if i, ok := b.vars[prefix+short]; ok {
			return i, true
		}
	}
	names := append(b.varNames("state."), b.varNames("settings.")...)
	hint := didYouMean(short, names)
	if c, ok := key.Parse(short); ok {
		hint = fmt.Sprintf("to press this key, write only its name: %q", c)
	} else if hint == "" {
		hint = fmt.Sprintf("declare it: [state.%s] default = false", short)
	}
	b.ps.error(at, hint, "there is no state or setting %q", short)
	return 0, false
}

func (b *builder) setAction(_, v *node) *remap.Action {
	if !b.is(v, kindTable, "set") {
		return nil
	}
	var list []*remap.Action
	for _, k := range v.kids {
		i, ok := b.variableNamed(k.key, k.keySpan())
		if !ok {
			continue
		}
		if j, ok := b.varValue(k, &b.program.Vars[i]); ok {
			list = append(list, &remap.Action{Kind: remap.DoSet, Var: i, Value: int32(j)})
		}
	}
	switch len(list) {
	case 0:
		if len(v.kids) == 0 {
			b.ps.error(v.valueSpan(), "{ set = { name = true } }", "set needs a name and its value")
		}
		return nil
	case 1:
		return list[0]
	}
	return remap.List(list...)
}

func (b *builder) toggleAction(_, v *node) *remap.Action {
	if !b.is(v, kindString, "toggle") {
		return nil
	}
	i, ok := b.variableNamed(v.str(), v.valueSpan())
	if !ok {
		return nil
	}
	return &remap.Action{Kind: remap.DoNext, Var: i}
}

func (b *builder) waitAction(_, v *node) *remap.Action {
	return &remap.Action{Kind: remap.DoWait, Time: b.duration(v, 0, maxWait)}
}

func (b *builder) ifAction(n, v *node) *remap.Action {
	c := b.when(v)
	a := &remap.Action{Kind: remap.DoIf, Cond: c, List: []*remap.Action{nil, nil}}
	then, otherwise := n.get("then"), n.get("else")
	if then == nil && otherwise == nil {
		b.ps.error(v.keySpan(), ifHint, "if needs then, else or both")
		return nil
	}
	if then != nil {
		a.List[0] = b.action(then)
	}
	if otherwise != nil {
		a.List[1] = b.action(otherwise)
	}
	return a
}

func listAction(k remap.ActionKind) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, _, v *node) *remap.Action {
		if !b.is(v, kindArray, v.key) {
			return nil
		}
		if len(v.kids) == 0 {
			b.ps.error(v.valueSpan(), "", "%s needs at least one action", v.key)
			return nil
		}
		a := &remap.Action{Kind: k}
		for _, e := range v.kids {
			a.List = append(a.List, b.action(e))
		}
		return a
	}
}

func (b *builder) oneShotAction(n, v *node) *remap.Action {
	if !b.is(v, kindString, "one_shot") {
		return nil
	}
	// A combo needs a key, so add one to read the modifiers.
	c, ok := b.combo(v.str()+"-a", func(from, to int) span { return v.within(min(from, len(v.str())), min(to, len(v.str()))) })
	if !ok || !b.checkOutput(v, c) {
		return nil
	}
	a := &remap.Action{Kind: remap.DoOneShot, Combo: key.Combo{Mods: c.Mods}}
	a.Time, a.Value = b.oneShotOptions(n)
	return a
}

// oneShotOptions reads how a one-shot action ends.
func (b *builder) oneShotOptions(n *node) (timeout time.Duration, bits int32) {
	if t := n.get("timeout"); t != nil {
		timeout = b.duration(t, 0, time.Hour)
	}
	if u := n.get("until"); u != nil && b.choice(u, untils...) == 1 {
		bits |= remap.OneShotUntilRelease
	}
	if u := n.get("again"); u != nil {
		bits |= [...]int32{remap.OneShotLocks, remap.OneShotCancels}[b.choice(u, agains...)]
	}
	return timeout, bits
}

// lockAction keeps modifiers or a key down.
func (b *builder) lockAction(_, v *node) *remap.Action {
	if !b.is(v, kindString, "lock") {
		return nil
	}
	if mods := b.mods(v.str()); len(mods) > 0 {
		if !b.checkOutput(v, key.Combo{Mods: mods}) {
			return nil
		}
		return &remap.Action{Kind: remap.DoLock, Combo: key.Combo{Mods: mods}}
	}
	if c, isKey := key.Parse(v.str()); isKey && c.IsWheel() {
		b.ps.error(v.valueSpan(), `lock = "W", or lock = "Ctrl"`, "a wheel cannot be locked")
		return nil
	}
	if _, isKey := key.Parse(v.str()); !isKey && strings.ContainsAny(v.str(), "-+") {
		b.ps.error(v.valueSpan(), `lock = "W", or lock = "Ctrl-Alt"; a list locks both`, "lock needs one key, or modifiers; %q is both", v.str())
		return nil
	}
	c, ok := b.keyName(v)
	if !ok {
		return nil
	}
	return &remap.Action{Kind: remap.DoLock, Combo: key.Combo{Key: c}}
}

// pressAction is an action for when a key goes down, another one for when it goes up, or one of the two.
func (b *builder) pressAction(n, _ *node) *remap.Action {
	a := &remap.Action{Kind: remap.DoPress, List: make([]*remap.Action, 2)}
	for i, name := range []string{"press", "release"} {
		if v := n.get(name); v != nil {
			a.List[i] = b.action(v)
		}
	}
	if n.get("press") != nil && n.get("release") == nil && a.List[0] != nil {
		b.ps.error(n.get("press").keySpan(), "write "+shown(n.get("press"))+` without the table, or add a release: { press = "F13", release = "F14" }`, `"press" needs a "release" beside it`)
		return nil
	}
	return a
}

// withoutAction sends a combo without modifiers that are held.
func (b *builder) withoutAction(n, v *node) *remap.Action {
	if !b.is(v, kindString, "without") {
		return nil
	}
	mods := b.mods(v.str())
	if len(mods) == 0 {
		b.ps.error(v.valueSpan(), `{ without = "Shift", send = "1" }`, "%q is not a modifier, nor several", v.str())
		return nil
	}
	send := n.get("send")
	if send == nil {
		b.ps.error(v.keySpan(), `{ without = "Shift", send = "1" }`, `"without" needs the combo that is sent`)
		return nil
	}
	c, ok := b.comboValue(send)
	if !ok || !b.checkOutput(send, c) {
		return nil
	}
	for _, m := range c.Mods {
		if slices.ContainsFunc(mods, func(w key.Mod) bool { return kindOf(w)&kindOf(m) != 0 }) {
			b.ps.error(send.valueSpan(), "leave it out of one of them", "%q sends a modifier that %q leaves out", send.str(), v.str())
			return nil
		}
	}
	return &remap.Action{Kind: remap.DoWithout, Combo: key.Combo{Mods: mods}, List: []*remap.Action{remap.Send(c)}}
}

func (b *builder) passthroughAction(_, v *node) *remap.Action {
	a := &remap.Action{Kind: remap.DoPassthrough, Value: 2}
	if on, ok := v.value.(bool); ok {
		a.Value = 0
		if on {
			a.Value = 1
		}
	} else if v.str() != "toggle" {
		b.ps.error(v.valueSpan(), `true, false or "toggle"`, "passthrough cannot be %s", shown(v))
	}
	return a
}

func (b *builder) escapeAction(_, v *node) *remap.Action {
	return &remap.Action{Kind: remap.DoEscapeKey + remap.ActionKind(b.choice(v, escapes...))}
}

func (b *builder) markAction(_, v *node) *remap.Action {
	a := &remap.Action{Kind: remap.DoSetMark}
	if b.boolean(v) {
		a.Value = 1
	}
	return a
}

func (b *builder) withMarkAction(n, v *node) *remap.Action {
	a := &remap.Action{Kind: remap.DoWithMark, List: []*remap.Action{b.sendAction(v, remap.DoCombo)}}
	if m := n.get("mark"); m != nil {
		if !b.boolean(m) {
			b.ps.error(m.valueSpan(), "leave it out", "with with_mark, mark is always true")
		}
		a.Kind = remap.DoSetWithMark
	}
	return a
}

func (b *builder) tapsAction(n, v *node) *remap.Action {
	if v.kind != kindArray || len(v.kids) == 0 || len(v.kids) > maxTaps {
		b.ps.error(v.valueSpan(), `taps = ["Ctrl-D", { text = "twice" }]`, "taps is a list of 1 to %d actions", maxTaps)
		return nil
	}
	a := &remap.Action{Kind: remap.DoTaps}
	for _, e := range v.kids {
		x := b.action(e)
		if x != nil && x.Kind == remap.DoNothing {
			x = nil
		}
		a.List = append(a.List, x)
	}
	if t := n.get("interval"); t != nil {
		a.Time = b.duration(t, minTapInterval, maxTapInterval)
	}
	if t := n.get("min_delay"); t != nil {
		a.Time2 = b.duration(t, minMinTapDelay, maxMinTapDelay)
	}
	if t := n.get("each"); t != nil {
		if !b.boolean(t) {
			b.ps.error(t.valueSpan(), "leave it out", "each is true, not %s", shown(t))
		}
		a.Value = 1
	}
	return a
}

func (b *builder) layerAction(n, v *node) *remap.Action {
	i, ok := b.layerValue(v)
	if !ok {
		return nil
	}
	a := &remap.Action{Kind: remap.DoLayerHold, Value: int32(i)}
	said := ""
	for _, k := range n.kids {
		kinds := map[string]remap.ActionKind{"once": remap.DoLayerOnce, "on": remap.DoLayerOn, "off": remap.DoLayerOff, "toggle": remap.DoLayerToggle, "only": remap.DoLayerOnly, "swap": remap.DoLayerSwap}
		kind, ok := kinds[k.key]
		if !ok {
			continue
		}
		if !b.boolean(k) || said != "" {
			b.ps.error(k.keySpan(), `once = true, on = true, off = true, toggle = true, only = true or swap = true; without any of them, it is on while the key is held`, "%s takes only one way to change it", "layer")
		}
		said, a.Kind = k.key, kind
	}
	b.onceOptions(n, a)
	return a
}

// onceOptions reads how a layer for the next key ends.
func (b *builder) onceOptions(n *node, a *remap.Action) {
	for _, name := range []string{"timeout", "until", "again"} {
		if k := n.get(name); k != nil && a.Kind != remap.DoLayerOnce {
			b.ps.error(k.keySpan(), `{ layer = "nav", once = true, until = "release" }`, "%s is for a layer that is on for the next key", name)
			return
		}
	}
	var bits int32
	a.Time, bits = b.oneShotOptions(n)
	a.Var = int(bits)
}

// layerValue reads the name of a layer.
func (b *builder) layerValue(v *node) (int, bool) {
	if !b.is(v, kindString, "a layer") {
		return 0, false
	}
	i, ok := b.layers[v.str()]
	if !ok {
		b.ps.error(v.valueSpan(), b.layerHint(v.str()), "there is no layer %q", v.str())
	}
	b.layerUsed[v.str()] = true
	return i, ok
}

// repeatsAction reads { once = ACTION } and { repeating = ACTION }. A combo in it is tapped: a held one would repeat at the
// desktop's rate.
func repeatsAction(how remap.Repeats) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, _, v *node) *remap.Action {
		a := b.action(v)
		if a == nil {
			return nil
		}
		if a.Kind == remap.DoCombo {
			a.Kind = remap.DoTap
		}
		return &remap.Action{Kind: remap.DoList, List: []*remap.Action{a}, Repeats: how}
	}
}
