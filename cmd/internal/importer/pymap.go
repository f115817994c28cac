package importer

import (
	"fmt"
	"strings"
	"sync"

	"toshy/remap/key"
)

// modWords are the words for modifiers in combos of xwaykeyz, keyszer and xkeysnail that differ from toshy's.
var modWords = map[string]string{"m": "alt", "lm": "lalt", "rm": "ralt"}

// parseCombo reads a combo of a Python configuration.
func (p *python) parseCombo(s string) (key.Combo, error) {
	words := strings.FieldsFunc(s, func(r rune) bool { return r == '-' })
	if s == "-" || strings.HasSuffix(s, "--") {
		words = append(words, "minus")
	}
	var c key.Combo
	if len(words) == 0 {
		return c, fmt.Errorf("an empty combo")
	}
	for _, w := range words[:len(words)-1] {
		low := strings.ToLower(w)
		if to, ok := modWords[low]; ok {
			low = to
		}
		m, ok := p.modifiers[low]
		if !ok {
			m, ok = key.ParseMod(low)
		}
		if !ok {
			return c, fmt.Errorf("the modifier %q of the combo %q is not known", w, s)
		}
		c.Mods = append(c.Mods, m)
	}
	k, ok := keyNamed(words[len(words)-1])
	if !ok {
		return c, fmt.Errorf("the key %q of the combo %q is not known", words[len(words)-1], s)
	}
	c.Key = k
	return c, nil
}

// keyNamed finds a key by a name with or without underscores: LEFT_BRACE, KPENTER, KEY_1.
func keyNamed(name string) (key.Code, bool) {
	for _, n := range []string{name, strings.ReplaceAll(name, "_", ""), "key_" + name} {
		if c, ok := key.Parse(n); ok {
			return c, true
		}
	}
	return 0, false
}

// comboText writes a combo in toshy's language.
func (p *python) comboText(c key.Combo) string {
	words := make([]string, 0, 8)
	for _, m := range c.Mods {
		words = append(words, p.modText(m))
	}
	return strings.Join(append(words, keyText(c.Key)), "-")
}

func (p *python) modText(m key.Mod) string {
	if m >= key.Custom0 && !m.IsGeneric() {
		return p.custom[m-key.Custom0]
	}
	switch {
	case m == key.Meta && p.extends == "mac": // where Super is said to be the Windows key, which is another one there
		return "Meta"
	case m == key.Meta:
		return "Super"
	case m == key.RCtrl && p.extends == "mac": // in the words of what is extended
		return "Cmd"
	}
	return m.String()
}

// keyTexts are keys with a nicer name than the kernel's in lower case.
var keyTexts = sync.OnceValue(func() map[key.Code]string {
	m := map[key.Code]string{}
	for _, n := range []string{
		"CapsLock", "NumLock", "ScrollLock", "PageUp", "PageDown", "LeftCtrl", "RightCtrl", "LeftShift", "RightShift", "LeftAlt", "RightAlt",
		"LeftMeta", "RightMeta", "LeftBrace", "RightBrace", "VolumeUp", "VolumeDown", "PlayPause", "NextSong", "PreviousSong", "StopCD", "BrightnessUp", "BrightnessDown", "KPEnter", "KPDot", "KPPlus", "KPMinus",
	} {
		if c, ok := key.Parse(n); ok {
			m[c] = n
		}
	}
	return m
})

// keyText is a key's name as people write it.
func keyText(c key.Code) string {
	if s, ok := keyTexts()[c]; ok {
		return s
	}
	s := c.String()
	if rest, ok := strings.CutPrefix(s, "kp"); ok {
		return "KP" + rest
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// keyOf is the key of Key.NAME.
func keyOf(v any) (key.Code, bool) {
	n, ok := v.(*pyName)
	if !ok {
		return 0, false
	}
	name, ok := strings.CutPrefix(n.name, "Key.")
	if !ok {
		return 0, false
	}
	return keyNamed(name)
}

// comboOf is the combo of C("..."), K("...") or Combo("..."), or of a key alone.
func (p *python) comboOf(v any) (key.Combo, error) {
	if k, ok := keyOf(v); ok {
		return key.Combo{Key: k}, nil
	}
	c, ok := v.(*pyCall)
	if !ok || !isCombo(c.name) {
		return key.Combo{}, fmt.Errorf("not a combo")
	}
	s, ok := first(c.args).(string)
	if !ok {
		return key.Combo{}, fmt.Errorf("a combo that is put together while the file runs")
	}
	return p.parseCombo(s)
}

func isCombo(name string) bool { return name == "C" || name == "K" || name == "Combo" }

// action translates a command into a value of TOML.
func (p *python) action(v any) (string, error) {
	if list, ok := v.([]any); ok {
		return p.actions(list)
	}
	if c, err := p.comboOf(v); err == nil {
		return str(p.comboText(c)), nil
	} else if call, ok := v.(*pyCall); ok && isCombo(call.name) {
		return "", err
	}
	switch v := v.(type) {
	case error:
		return "", v
	case pyNone:
		return str("block"), nil
	case *pyDict:
		return p.sequence(v)
	case *pyName:
		return p.word(v)
	case *pyFunc:
		return p.function(v)
	case *pyCall:
		return p.command(v)
	}
	return "", fmt.Errorf("a command that toshy cannot read")
}

// actions translates a list of commands. A bind belongs to the combo after it.
func (p *python) actions(list []any) (string, error) {
	var out []string
	for i := 0; i < len(list); i++ {
		if n, ok := list[i].(*pyName); ok && isBind(n.name) && i+1 < len(list) {
			i++
			c, err := p.comboOf(list[i])
			if err != nil {
				return "", err
			}
			if len(c.Mods) == 0 { // nothing to keep down
				out = append(out, str(p.comboText(c)))
				continue
			}
			out = append(out, inline("hold", str(p.comboText(c))))
			continue
		}
		if _, none := list[i].(pyNone); none {
			out = append(out, str("nothing"))
			continue
		}
		a, err := p.action(list[i])
		if err != nil {
			return "", err
		}
		if a != "" {
			out = append(out, a)
		}
	}
	switch len(out) {
	case 0:
		return str("nothing"), nil
	case 1:
		return out[0], nil
	}
	return array(out), nil
}

func isBind(name string) bool { return name == "bind" || strings.HasSuffix(name, ".BIND") }

// word translates a word of the keymapper.
func (p *python) word(n *pyName) (string, error) {
	short := n.name
	if i := strings.LastIndexByte(short, '.'); i >= 0 {
		short = short[i+1:]
	}
	switch strings.ToLower(short) {
	case "ignore_combo", "ignore", "ignore_key":
		return str("block"), nil
	case "escape_next_key":
		return inline("escape", str("key")), nil
	case "escape_next_combo":
		return inline("escape", str("combo")), nil
	case "pass_through_key":
		return str("pass"), nil
	case "bind":
		return "", fmt.Errorf("bind without a combo after it")
	}
	if strings.HasPrefix(n.name, "Key.") {
		return "", fmt.Errorf("the key %s is not known", n.name)
	}
	return "", fmt.Errorf("%s is a function or value that toshy cannot read", n.name)
}

// sequence translates a nested dictionary.
func (p *python) sequence(d *pyDict) (string, error) {
	var pairs []string
	for i, k := range d.keys {
		a, err := p.action(d.values[i])
		if err != nil {
			p.doc.lost(d.lines[i], "%v", err)
			continue
		}
		if n, ok := k.(*pyName); ok && strings.EqualFold(strings.TrimPrefix(n.name, "Trigger."), "immediately") {
			pairs = append(pairs, "immediately", a)
			continue
		}
		c, err := p.comboOf(k)
		if err != nil {
			p.doc.lost(d.lines[i], "%v", err)
			continue
		}
		pairs = append(pairs, p.comboText(c), a)
	}
	if len(pairs) == 0 {
		return "", fmt.Errorf("a sequence of which toshy can convert nothing")
	}
	return inline(pairs...), nil
}

// function translates a function without arguments that starts a program.
func (p *python) function(f *pyFunc) (string, error) {
	if f.body != nil && len(f.params) == 0 {
		v, err := p.eval(f.body)
		if c, ok := v.(*pyCall); ok && err == nil {
			if a, err := p.command(c); err == nil {
				*f.used = true
				return a, nil
			}
		}
	}
	return "", fmt.Errorf("the function %s is code, which toshy does not run: write { run = [...] } to start a program, or [state] and { set = ... } to keep a state", f.name)
}
