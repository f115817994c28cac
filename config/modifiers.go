package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"toshy/remap"
	"toshy/remap/key"
)

// buildModifiers reads [modifiers]: other names for modifiers, and custom modifiers.
func (b *builder) buildModifiers() {
	custom := map[string]key.Mod{}
	// A user's name has priority over the same name in the extended configuration, so it is read first.
	for i := len(b.docs) - 1; i >= 0; i-- {
		t := b.docs[i].root.get("modifiers")
		if t == nil || !b.is(t, kindTable, "modifiers") {
			continue
		}
		for _, n := range t.kids {
			low := strings.ToLower(n.key)
			if strings.ContainsAny(low, "-+ ") || low == "" {
				b.ps.error(n.keySpan(), "use letters, digits and _", "a modifier cannot be named %q", n.key)
				continue
			}
			if !b.modNamed[n.key] {
				b.modNamed[n.key] = true
				b.modNames = append(b.modNames, n.key)
			}
			switch n.kind {
			case kindString:
				m, ok := key.ParseMod(n.str())
				if !ok {
					hint := didYouMean(n.str(), modifierNames())
					if strings.ContainsAny(n.str(), "-+") {
						hint = ownModifier(n.key)
					} else if _, isKey := key.Parse(n.str()); isKey {
						hint = "a key becomes a modifier so: " + n.key + ` = { carrier = "` + n.str() + `" }`
					}
					b.ps.error(n.valueSpan(), hint, "unknown modifier %q", n.str())
					continue
				}
				b.modifiers[low] = m
			case kindTable:
				b.checkKeys(n, "a modifier", modifierTable.names()...)
				c := n.get("carrier")
				if c == nil {
					b.ps.error(n.keySpan(), n.key+` = { carrier = "F24" }`, "a modifier of one's own needs a carrier: the key that it is")
					continue
				}
				code, ok := b.keyName(c)
				if !ok {
					continue
				}
				m := remap.Modifier{Name: n.key, Carrier: code}
				if h := n.get("hidden"); h != nil {
					m.Hidden = b.boolean(h)
				}
				if mod, known := custom[low]; known {
					b.program.Modifiers[mod-key.Custom0] = m
					b.modifiers[low] = mod
					continue
				}
				if len(b.program.Modifiers) == key.MaxCustom {
					b.ps.error(n.keySpan(), "", "more than %d modifiers of one's own", key.MaxCustom)
					continue
				}
				if mod, is := key.ModOf(code); is {
					b.ps.error(c.valueSpan(), n.key+` = "`+mod.String()+`"`, "%q is a modifier already", c.str())
					continue
				}
				custom[low] = key.Custom0 + key.Mod(len(b.program.Modifiers))
				b.modifiers[low] = custom[low]
				b.program.Modifiers = append(b.program.Modifiers, m)
			default:
				hint := n.key + ` = "RightCtrl", or { carrier = "F24" }`
				if n.kind == kindArray {
					hint = ownModifier(n.key)
				}
				b.ps.error(n.valueSpan(), hint, "a modifier is a string or a table, not %s", n.kind)
			}
		}
	}
	b.respell()
}

// ownModifier is the hint for a modifier that should act as several.
func ownModifier(name string) string {
	return fmt.Sprintf(`a modifier cannot act as several. A key can: [modmap.mine.keys] CapsLock = "Ctrl-Alt-Shift-Super". For a modifier of your own, write %s = { carrier = "F24" }`, name)
}

// respell gives a name of [modifiers] its other spellings: Command follows Cmd.
func (b *builder) respell() {
	for _, words := range key.Spellings {
		named := slices.IndexFunc(words, func(w string) bool { _, ok := b.modifiers[w]; return ok })
		if named < 0 {
			continue
		}
		for _, w := range words {
			if _, ok := b.modifiers[w]; !ok {
				b.modifiers[w] = b.modifiers[words[named]]
			}
		}
	}
}

// labelled warns about a combo of the user's that names a modifier by the label of its key, if [modifiers] has moved that modifier to
// another key: "Win" and "Super", and "LCmd" where Cmd is another modifier.
func (b *builder) labelled(n *node, c key.Combo) {
	const meta = 1<<key.LMeta | 1<<key.RMeta
	if b.opts.Quiet || !b.own(n) {
		return
	}
	if slices.Contains(c.Mods, key.Alt) {
		b.labelledAlt(n)
	}
	if slices.Contains(c.Mods, key.Ctrl) {
		b.labelledCtrl(n)
	}
	if !slices.ContainsFunc(c.Mods, func(m key.Mod) bool { return m.Sides()&meta != 0 }) {
		return
	}
	for word := range strings.FieldsFuncSeq(n.key, func(r rune) bool { return r == '-' || r == '+' || r == ' ' }) {
		low := strings.ToLower(word)
		if _, named := b.modifiers[low]; named {
			continue
		}
		m, _ := key.ParseMod(low)
		switch side := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(low, "left"), "right"), "l"), "r"); {
		case m.Sides()&meta == 0:
		case side == "win" || side == "windows" || side == "super":
			for _, name := range b.modNames {
				if b.modifiers[strings.ToLower(name)] == key.Meta {
					b.ps.warn(n.keySpan(), "write "+name+" if you mean that; \"toshy monitor\" shows what your key is",
						"%q is the modifier that this configuration calls %s, and may not be the Windows key", word, name)
					return
				}
			}
		case side == "cmd" || side == "command":
			if cmd, named := b.modifiers["cmd"]; named && cmd.Sides()&meta == 0 {
				b.ps.warn(n.keySpan(), "write Cmd, which is either of the two keys", "%q is the modifier %s, and not the Cmd of this configuration", word, m)
				return
			}
		}
	}
}

// labelledCtrl warns about "Ctrl" if the configuration that the file builds on has made another key Control, and the key labelled
// Ctrl another modifier. Whoever declares these names knows them.
func (b *builder) labelledCtrl(n *node) {
	cmd, control := "", ""
	for _, name := range b.modNames {
		switch m, low := b.modifiers[strings.ToLower(name)], strings.ToLower(name); {
		case low == "ctrl" || low == "control" || b.declaresOwn(name):
			return
		case m == key.RCtrl:
			cmd = name
		case m == key.Meta && (strings.Contains(low, "ctrl") || strings.Contains(low, "control")):
			control = name
		}
	}
	if cmd != "" && control != "" {
		b.ps.warn(n.keySpan(), fmt.Sprintf("write %s for that, and %s for the key labelled Ctrl", cmd, control), "\"Ctrl\" in a keymap is what this configuration calls %s", cmd)
	}
}

// labelledAlt warns about "Alt" if the configuration that the file builds on calls that modifier Opt and has made the key labelled Alt
// Cmd. "Opt" and "Option" are the same modifier, and "LeftAlt" is the kernel's name.
func (b *builder) labelledAlt(n *node) {
	words := strings.FieldsFunc(n.key, func(r rune) bool { return r == '-' || r == '+' || r == ' ' })
	mods := words[:max(len(words)-1, 0)] // the last one is the key, which may be A
	if !slices.ContainsFunc(mods, func(w string) bool { return strings.EqualFold(w, "alt") || strings.EqualFold(w, "a") }) {
		return
	}
	cmd, opt := "", ""
	for _, name := range b.modNames {
		switch m, low := b.modifiers[strings.ToLower(name)], strings.ToLower(name); {
		case low == "alt" || low == "a" || b.declaresOwn(name):
			return
		case m == key.RCtrl:
			cmd = name
		case m == key.Alt:
			opt = name
		}
	}
	if cmd != "" && opt != "" {
		b.ps.warn(n.keySpan(), fmt.Sprintf("write %s for that, and %s for the key labelled Alt on a PC keyboard", opt, cmd), "\"Alt\" in a keymap is what this configuration calls %s", opt)
	}
}

// declaresOwn says whether the user's files name that modifier.
func (b *builder) declaresOwn(name string) bool {
	return slices.ContainsFunc(b.docs, func(d document) bool {
		t := d.root.get("modifiers")
		return d.layer == 0 && t != nil && t.kind == kindTable && t.get(name) != nil
	})
}

func modifierNames() []string {
	var names []string
	for m := key.LCtrl; m <= key.ModFn; m++ {
		names = append(names, m.String())
	}
	for m := key.Ctrl; m <= key.Meta; m++ {
		names = append(names, m.String())
	}
	return append(names, "Opt", "Super", "Win")
}

func (b *builder) lookupMod(name string) (key.Mod, bool) {
	return key.Fold(b.modifiers, name)
}

// modKey is the key that a modifier sends.
func (b *builder) modKey(m key.Mod) key.Code {
	if m >= key.Custom0 && int(m-key.Custom0) < len(b.program.Modifiers) {
		return b.program.Modifiers[m-key.Custom0].Carrier
	}
	return m.Code()
}

// keyNames are the names of keys that hints may suggest.
var keyNames = sync.OnceValue(func() []string {
	var names []string
	for n := range key.Names {
		if len(n) > 1 && !strings.HasPrefix(n, "key_") {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
})

const allKeys = `"toshy keys" lists all names, "toshy keys --press" shows the name of the key that you press`

func (b *builder) keyHint(word string) string {
	switch {
	case b.ps.full():
		return ""
	case strings.EqualFold(word, key.AnyName):
		return "any key is written on the left side of a keymap, a layer or a sequence only: any = \"block\""
	}
	if n := nearest(word, keyNames()); n != "" {
		return `did you mean "` + n + `"? ` + allKeys
	}
	return allKeys
}

// singleHint says what was probably meant by the name of one key.
func (b *builder) singleHint(word string) string {
	low := strings.ToLower(word)
	return cmp.Or(labelHint(low), numberHint(word), padHint(low), prefixHint(low), closedUp(word), letterHint(word), b.keyHint(word))
}

// keyName reads the name of a key in a string value. A name from [modifiers] means the key that the modifier sends.
func (b *builder) keyName(n *node) (key.Code, bool) {
	if n.kind != kindString {
		hint := `write one key: "Esc"`
		if n.kind == kindBool {
			hint = fmt.Sprintf(`to switch a key off: [keymap.mine.keys] %s = "block"`, n.key)
		} else if n.kind == kindArray || n.kind == kindTable {
			hint = `a modmap makes a key one other key, or a key with two meanings: { tap = "Esc", hold = "LeftCtrl" }; write actions in a keymap: [keymap.mine.keys]`
		}
		b.ps.error(n.valueSpan(), hint, "a key is a string, not %s", n.kind)
		return 0, false
	}
	if m, ok := b.lookupMod(n.str()); ok {
		return b.modKey(m), true
	}
	if c, ok := key.Parse(n.str()); ok {
		return c, true
	}
	hint := b.singleHint(n.str())
	switch low := strings.ToLower(n.str()); {
	case lookalike(n.str()) != "":
		hint = lookalike(n.str())
	case b.hasLayer(n.str()) && n.key == "hold":
		hint = fmt.Sprintf("%q is a layer: write layer = %q instead of hold", n.str(), n.str())
	case b.hasLayer(n.str()):
		hint = fmt.Sprintf("%q is a layer: write { tap = ..., layer = %q }", n.str(), n.str())
	case strings.HasPrefix(low, "layer:") || strings.HasPrefix(low, "layer "):
		hint = fmt.Sprintf("write layer = %q instead of hold", strings.TrimSpace(n.str()[len("layer:"):]))
	case callHint(n.str()) != "":
		hint = callHint(n.str())
	case low == "block" || low == "none" || low == "disabled" || low == "nothing":
		hint = `to switch a key off: [keymap.mine.keys] with "KEY" = "block"`
	case modWords[low] != "":
		hint = modWords[low]
	case keyWords[low] != "":
		hint = "write " + keyWords[low]
	case strings.Contains(n.str(), "/"):
		hint = dualHint
	case strings.ContainsAny(n.str(), "-+"):
		hint = "write a key here; combos belong in a [keymap]"
	}
	b.ps.error(n.valueSpan(), hint, "unknown key %q", n.str())
	return 0, false
}

// pressed reads the key of an entry for a physical key. A modifier's name is not allowed.
func (b *builder) pressed(n *node) (key.Code, bool) {
	if m, ok := b.lookupMod(n.key); ok {
		c, isKey := key.Parse(n.key)
		if !isKey || c != b.modKey(m) {
			b.ps.error(n.keySpan(), "write the key itself: LeftCtrl, RightCtrl, LeftAlt, RightAlt, LeftMeta, RightMeta, ...", "%q is a name for the modifier %s here, not a key", n.key, m)
			return 0, false
		}
	}
	if c, ok := key.Parse(n.key); ok {
		return c, true
	}
	hint := b.singleHint(n.key)
	switch low := strings.ToLower(n.key); {
	case lookalike(n.key) != "":
		hint = lookalike(n.key)
	case slices.Contains(tableKeys, low):
		hint = low + " belongs in the table itself, above [....keys]"
	case keyWords[low] != "":
		hint = "write " + keyWords[low]
	case strings.ContainsAny(n.key, "-+"):
		hint = "a modmap has single keys; combos belong in a [keymap], keys pressed together in a [chord]"
	}
	b.ps.error(n.keySpan(), hint, "unknown key %q", n.key)
	return 0, false
}

func (b *builder) hasLayer(name string) bool { _, is := b.layers[name]; return is }

// combo reads a combo that is sent. at returns the place of a part of it.
func (b *builder) combo(s string, at func(from, to int) span) (key.Combo, bool) {
	return b.comboBy(false, s, at)
}

func (b *builder) comboBy(pressed bool, s string, at func(from, to int) span) (key.Combo, bool) {
	parse := key.ParseCombo
	if pressed {
		parse = key.ParsePressed
	}
	if m, ok := b.lookupMod(strings.TrimSpace(s)); ok {
		return key.Combo{Key: b.modKey(m)}, true
	}
	c, err := parse(s, b.lookupMod)
	if err == nil {
		return c, true
	}
	var we *key.WordError
	if !errors.As(err, &we) {
		b.ps.error(at(0, len(s)), "", "%v", err)
		return c, false
	}
	off := we.Offset
	for off < len(s) && s[off] == ' ' {
		off++
	}
	hint, meant := "", b.comboHint(s, we.Word, pressed)
	switch fields := strings.Fields(s); {
	case meant != "" && (errors.Is(err, key.ErrUnknownKey) || errors.Is(err, key.ErrUnknownMod)) && we.Word != "*" && !(pressed && strings.Contains(s, " ") && inWords(s) == "" && lookalike(s) == ""):
		hint = meant
	case pressed && spacedHint(s, we.Word) != "":
		hint = spacedHint(s, we.Word)
	case pressed && taps(fields):
		hint = tapsHint
	case pressed && len(fields) > 1 && !slices.ContainsFunc(fields, func(f string) bool { return strings.Trim(f, "-+") != f }):
		hint = fmt.Sprintf("strokes one after the other are a table in a table: %q = { %q = ... }", fields[0], fields[1])
	case len(fields) > 1 && !slices.ContainsFunc(fields, func(f string) bool { return strings.Trim(f, "-+") != f }):
		hint = "several strokes are a list: [" + quoted(fields) + "]"
	case errors.Is(err, key.ErrUnknownKey):
		hint = b.keyHint(we.Word)
		if h := letterHint(we.Word); h != "" && pressed {
			hint = h
		} else if h != "" {
			hint = `a character without a key of its own is typed with { unicode = "` + we.Word + `" }`
		}
	case errors.Is(err, key.ErrUnknownMod) && we.Word == "*":
		hint = "* means any other modifiers in a combo that you press; a combo that is sent names its modifiers, and held ones stay with it"
	case errors.Is(err, key.ErrUnknownMod):
		hint = didYouMean(we.Word, append(modifierNames(), b.modNames...))
	case errors.Is(err, key.ErrEmptyCombo) && s != "":
		hint = `the space bar is "Space"`
	case errors.Is(err, key.ErrEmptyCombo):
		hint = `to do nothing, write "block"`
	case errors.Is(err, key.ErrNoKey):
		hint = "a modifier alone is written by its key: LeftCtrl, LeftShift, LeftAlt, LeftMeta"
		if w := keyWords[strings.ToLower(s)]; w != "" {
			hint = "write " + w
		} else if strings.HasSuffix(s, "+") {
			hint = "the key + is Shift-Equal on a US keyboard, and KPPlus on the keypad"
		}
	case errors.Is(err, key.ErrRepeatedMod):
		hint = "write each modifier once"
	}
	b.ps.error(at(off, off+len(we.Word)), hint, "%s", err.Error())
	return c, false
}

// comboValue reads a combo in a string value, comboKey a combo that is the key of an entry.
func (b *builder) comboValue(n *node) (key.Combo, bool) {
	if n.kind != kindString {
		b.ps.error(n.valueSpan(), `a combo is written "Ctrl-T"`, "a combo is a string, not %s", n.kind)
		return key.Combo{}, false
	}
	return b.combo(n.str(), n.within)
}

func (b *builder) comboKey(n *node) (key.Combo, bool) {
	c, ok := b.triggers[n.key]
	if !ok {
		quote := 0
		if n.koff < len(n.src.text) && strings.IndexByte(`"'`, n.src.text[n.koff]) >= 0 {
			quote = 1
		}
		c, ok = b.comboBy(true, n.key, func(from, to int) span {
			return span{n.src, min(n.koff+quote+from, n.kend), min(n.koff+quote+to, n.kend)}
		})
	}
	if ok {
		b.triggers[n.key] = c
		b.labelled(n, c)
	}
	return c, ok
}
