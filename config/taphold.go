package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// tapHold compiles { tap = "Esc", hold = "LeftCtrl" }, the two meanings of key c.
func (b *builder) tapHold(n *node, c key.Code) (remap.TapHold, bool) {
	errs := b.ps.errors
	b.checkKeys(n, "a key with two meanings", tapHoldTable.names()...)
	var t remap.TapHold
	tap, hold, layer := n.get("tap"), n.get("hold"), n.get("layer")
	if tap != nil {
		if t.Tap, t.TapDo = b.meaning(tap); t.TapDo != nil && !b.isModifier(c) {
			t.Tap = c
		}
	} else {
		hint := `{ tap = "Esc", hold = "LeftCtrl" }`
		if layer != nil && layer.kind == kindString {
			hint = fmt.Sprintf("{ tap = %q, layer = %q }", n.key, layer.str())
		}
		b.ps.error(n.keySpan(), hint, "what is %s when it is tapped?", n.key)
	}
	switch {
	case hold != nil && layer != nil:
		b.ps.error(layer.keySpan(), "leave one out", "a key is held for a key or for a layer, not both")
	case hold != nil:
		t.Hold, t.HoldDo = b.meaning(hold)
	case layer != nil:
		i, _ := b.layerValue(layer)
		t.HoldLayer = i + 1
	default:
		b.ps.error(n.keySpan(), `{ tap = "Esc", hold = "LeftCtrl" }, or layer = "name"`, "what is %s when it is held?", n.key)
	}
	if t.Tap == t.Hold && t.TapDo == nil && hold != nil && b.ps.errors == errs {
		b.ps.error(hold.valueSpan(), fmt.Sprintf("keys.%s = %q", n.key, hold.str()), "tapped and held are the same key")
	}
	if v := n.get("preset"); v != nil {
		t.Preset = remap.Preset(b.choice(v, presets...))
	}
	if v := n.get("timeout"); v != nil {
		t.Timeout = b.duration(v, time.Millisecond, time.Minute)
	}
	if v := n.get("quick_tap"); v != nil {
		t.QuickTap = b.duration(v, 0, time.Minute)
	}
	if v := n.get("idle"); v != nil {
		if t.Idle = b.duration(v, 0, time.Minute); t.Idle == 0 {
			t.Idle = remap.NoIdle
		}
	}
	if v := n.get("on_timeout"); v != nil {
		t.TimeoutDo = b.action(v)
	}
	if v := n.get("opposite_hand"); v != nil {
		t.OppositeHand = b.boolean(v)
	}
	b.decidingKeys(n, c, &t)
	return t, b.ps.errors == errs
}

// meaning reads what a key does as a tap or hold: a key, several modifiers, or any action.
func (b *builder) meaning(n *node) (key.Code, *remap.Action) {
	if n.kind == kindString {
		if _, err := key.ParseCombo(n.str(), b.lookupMod); n.str() == wordBlock || err == nil && strings.ContainsAny(strings.Trim(n.str(), "-+ "), "-+") && !b.allMods(n.str()) {
			return 0, b.action(n)
		}
		c, _ := b.keyOrMods(n)
		return c, nil
	}
	return 0, b.action(n)
}

// decidingKeys reads the lists of keys that decide key c, or decide nothing.
func (b *builder) decidingKeys(n *node, c key.Code, t *remap.TapHold) {
	in := map[key.Code]string{}
	for _, list := range []struct {
		name string
		keys *[]key.Code
	}{{"hold_keys", &t.HoldKeys}, {"tap_keys", &t.TapKeys}, {"ignore_keys", &t.IgnoreKeys}} {
		v := n.get(list.name)
		if v == nil {
			continue
		}
		*list.keys = b.physicalKeys(v, list.name, in, func(k *node, code key.Code) bool {
			if code == c {
				b.ps.error(k.valueSpan(), "name other keys", "%q cannot decide about itself", k.str())
				return false
			}
			return true
		})
	}
}

// physicalKeys reads a list of physical keys. in has the keys of the related lists, and says which list contains each.
func (b *builder) physicalKeys(v *node, name string, in map[key.Code]string, good func(k *node, c key.Code) bool) (keys []key.Code) {
	if !b.is(v, kindArray, name) {
		return nil
	}
	for _, k := range v.kids {
		if !b.is(k, kindString, "a key of "+name) {
			continue
		}
		c, known := key.Parse(k.str())
		if !known || c.IsWheel() || c.IsButton() {
			hint := b.keyHint(k.str())
			if known {
				hint = "buttons and wheels decide without being named"
			} else if b.isModName(k.str()) {
				hint = "write the key itself: LeftCtrl, RightShift ..."
			}
			b.ps.error(k.valueSpan(), hint, "%q is not a key of a keyboard", k.str())
			continue
		}
		if other, twice := in[c]; twice {
			b.ps.error(k.valueSpan(), "leave it out of one list", "%q is in %s, too", k.str(), other)
			continue
		}
		if in[c] = name; good(k, c) {
			keys = append(keys, c)
		}
	}
	return keys
}

// isModName says whether a word is the name of a modifier.
func (b *builder) isModName(s string) bool {
	_, own := b.lookupMod(s)
	_, is := key.ParseMod(s)
	return own || is
}

// buildHands reads [hands]. A key belongs to the hand that a file names for it.
func (b *builder) buildHands() {
	hands := &b.program.Hands
	for i := len(b.docs) - 1; i >= 0; i-- {
		t := b.docs[i].root.get("hands")
		if t == nil || !b.is(t, kindTable, "hands") {
			continue
		}
		b.checkKeys(t, "[hands]", handsTable.names()...)
		in := map[key.Code]string{}
		for _, list := range []struct {
			name string
			keys *[]key.Code
		}{{"left", &hands.Left}, {"right", &hands.Right}, {"neither", &hands.Neither}} {
			v := t.get(list.name)
			if v == nil {
				continue
			}
			keys := b.physicalKeys(v, list.name, in, func(*node, key.Code) bool { return true })
			for _, all := range []*[]key.Code{&hands.Left, &hands.Right, &hands.Neither} {
				*all = slices.DeleteFunc(*all, func(c key.Code) bool { return slices.Contains(keys, c) })
			}
			*list.keys = append(*list.keys, keys...)
		}
	}
}
