package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"toshy/remap/key"
)

// A keymapperPart is a part of an expression of keymapper's.
type keymapperPart struct {
	name    string          // a key, or a modifier
	all     []keymapperPart // (A B)
	hold    []keymapperPart // what follows in {}; not nil: the part is held
	not     bool            // !
	text    string          // in quotes
	run     string          // $(...)
	wait    string          // 500ms
	release bool            // ^
}

// parseKeymapper reads an expression.
func parseKeymapper(s string) ([]keymapperPart, error) {
	p := &keymapperParser{s: s}
	list, err := p.list(0)
	if err == nil && p.i < len(p.s) {
		err = fmt.Errorf("%q is too much", p.s[p.i:])
	}
	return list, err
}

type keymapperParser struct {
	s string
	i int
}

func (p *keymapperParser) list(depth int) ([]keymapperPart, error) {
	if depth > 20 {
		return nil, errors.New("too many brackets inside each other")
	}
	list := []keymapperPart{}
	for {
		for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\t') {
			p.i++
		}
		if p.i >= len(p.s) || p.s[p.i] == '}' || p.s[p.i] == ')' {
			return list, nil
		}
		part, err := p.part(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, part)
	}
}

func (p *keymapperParser) part(depth int) (part keymapperPart, err error) {
	if p.s[p.i] == '!' {
		part.not = true
		p.i++
	}
	if p.i >= len(p.s) {
		return part, errors.New("! without a key")
	}
	switch c := p.s[p.i]; {
	case c == '^':
		part.release = true
		p.i++
		return part, nil
	case c == '?':
		return part, errors.New("toshy has no counterpart for a mapping that begins with ?")
	case c == '"' || c == '\'':
		end := strings.IndexByte(p.s[p.i+1:], c)
		if end < 0 {
			return part, errors.New("a text that is never closed")
		}
		part.text = p.s[p.i+1 : p.i+1+end]
		p.i += end + 2
		return part, nil
	case strings.HasPrefix(p.s[p.i:], "$("):
		level, from := 0, p.i+2
		for ; p.i < len(p.s); p.i++ {
			if p.s[p.i] == '(' {
				level++
			}
			if p.s[p.i] == ')' {
				if level--; level == 0 {
					part.run = p.s[from:p.i]
					p.i++
					return part, nil
				}
			}
		}
		return part, errors.New("a command that is never closed")
	case c == '(':
		p.i++
		if part.all, err = p.list(depth + 1); err != nil {
			return part, err
		}
		if err := p.closing(')'); err != nil {
			return part, err
		}
	default:
		from := p.i
		for p.i < len(p.s) && !strings.ContainsRune(" \t{}()!^?\"'$", rune(p.s[p.i])) {
			p.i++
		}
		if p.i == from {
			return part, fmt.Errorf("%q is not known", p.s[p.i:])
		}
		part.name = p.s[from:p.i]
		if d, err := time.ParseDuration(part.name); err == nil && d > 0 && strings.HasSuffix(part.name, "ms") {
			part.wait, part.name = duration(d), ""
		}
	}
	if p.i < len(p.s) && p.s[p.i] == '{' {
		p.i++
		if part.hold, err = p.list(depth + 1); err != nil {
			return part, err
		}
		return part, p.closing('}')
	}
	return part, nil
}

func (p *keymapperParser) closing(c byte) error {
	if p.i >= len(p.s) || p.s[p.i] != c {
		return fmt.Errorf("%c is missing", c)
	}
	p.i++
	return nil
}

var keymapperMods = map[string]key.Mod{
	"Shift": key.Shift, "ShiftLeft": key.LShift, "ShiftRight": key.RShift, "Control": key.Ctrl, "ControlLeft": key.LCtrl, "ControlRight": key.RCtrl,
	"AltLeft": key.LAlt, "AltRight": key.RAlt, "Alt": key.Alt, "AltGr": key.RAlt, "Meta": key.Meta, "MetaLeft": key.LMeta, "MetaRight": key.RMeta,
	"OSLeft": key.LMeta, "OSRight": key.RMeta,
}

// keymapperNames are names of keys, as in browsers, that differ from the kernel's.
var keymapperNames = map[string]string{
	"BracketLeft": "leftbrace", "BracketRight": "rightbrace", "Quote": "apostrophe", "Backquote": "grave", "Period": "dot", "IntlBackslash": "102nd",
	"Escape": "esc", "ArrowLeft": "left", "ArrowRight": "right", "ArrowUp": "up", "ArrowDown": "down", "ContextMenu": "compose", "PrintScreen": "sysrq",
	"NumpadEnter": "kpenter", "NumpadAdd": "kpplus", "NumpadSubtract": "kpminus", "NumpadMultiply": "kpasterisk", "NumpadDivide": "kpslash", "NumpadDecimal": "kpdot",
	"NumpadEqual": "kpequal", "AudioVolumeMute": "mute", "AudioVolumeUp": "volumeup", "AudioVolumeDown": "volumedown", "MediaPlayPause": "playpause",
	"MediaTrackNext": "nextsong", "MediaTrackPrevious": "previoussong", "MediaStop": "stopcd", "BrowserBack": "back", "BrowserForward": "forward", "BrowserRefresh": "refresh",
	"ButtonLeft": "btn_left", "ButtonRight": "btn_right", "ButtonMiddle": "btn_middle", "ButtonBack": "btn_side", "ButtonForward": "btn_extra",
	"WheelUp": "wheelup", "WheelDown": "wheeldown", "Convert": "henkan", "NonConvert": "muhenkan", "KanaMode": "katakanahiragana", "IntlYen": "yen", "IntlRo": "ro",
	"NumpadComma": "kpcomma", "Lang1": "hangeul", "Lang2": "hanja", "BrowserStop": "stop", "BrowserFavorites": "bookmarks", "BrowserHome": "homepage", "BrowserSearch": "search",
	"LaunchApp1": "file", "LaunchApp2": "calc", "LaunchMail": "mail", "LaunchMediaPlayer": "config", "Eject": "ejectcd",
	"Cancel": "linefeed", "Select": "front", "Settings": "kpplusminus", "DisplayToggleIntExt": "switchvideomode",
	"MediaRewind": "rewind", "MediaPlay": "playcd", "MediaPause": "pausecd", "MediaFastForward": "fastforward",
}

// keymapperKeys are the keys of a name: a modifier without a side means both.
func keymapperKeys(name string) []key.Code {
	if m, ok := keymapperMods[name]; ok {
		if m.IsGeneric() {
			left, right := key.LCtrl+2*(m-key.Ctrl), key.RCtrl+2*(m-key.Ctrl)
			return []key.Code{left.Code(), right.Code()}
		}
		return []key.Code{m.Code()}
	}
	c, ok := webKey(name)
	if !ok {
		return nil
	}
	return []key.Code{c}
}

// webKey finds a key by its name in browsers: KeyA, Digit1, ArrowLeft.
func webKey(name string) (key.Code, bool) {
	if m, ok := keymapperMods[name]; ok && !m.IsGeneric() {
		return m.Code(), true
	}
	if to, ok := keymapperNames[name]; ok {
		name = to
	} else if digit, ok := strings.CutPrefix(name, "Digit"); ok {
		name = digit
	} else if letter, ok := strings.CutPrefix(name, "Key"); ok && len(letter) == 1 {
		name = letter
	} else if digit, ok := strings.CutPrefix(name, "Numpad"); ok && len(digit) == 1 {
		name = "kp" + digit
	}
	return key.Parse(name)
}

// output translates what is sent.
func (k *keymapper) output(out string) (meaning, error) {
	parts, err := parseKeymapper(k.expand(out))
	if err != nil {
		return meaning{}, err
	}
	if up := slices.IndexFunc(parts, func(x keymapperPart) bool { return x.release }); up >= 0 && up+1 < len(parts) {
		return k.untilUp(parts[:up], parts[up+1:])
	}
	once := len(parts) > 1 && parts[len(parts)-1].release
	if once {
		parts = parts[:len(parts)-1]
	}
	if len(parts) == 0 {
		return doesAction(str("block")), nil
	}
	if len(parts) == 1 && parts[0].hold == nil && parts[0].all == nil && parts[0].name != "" && !parts[0].not && !once {
		if codes := keymapperKeys(parts[0].name); codes != nil && !codes[0].IsWheel() {
			return isKey(codes[0]), nil
		}
	}
	list, err := k.sends(parts, nil)
	switch {
	case err != nil:
		return meaning{}, err
	case len(list) == 1 && once && strings.HasPrefix(list[0], `"`):
		return doesAction(inline("tap", list[0])), nil
	case len(list) == 1:
		return doesAction(list[0]), nil
	}
	return doesAction(array(list)), nil
}

// untilUp translates A ^ B: A when the key goes down, and B when it goes up.
func (k *keymapper) untilUp(down, up []keymapperPart) (meaning, error) {
	var pairs []string
	for _, part := range []struct {
		word  string
		parts []keymapperPart
	}{{"press", down}, {"release", up}} {
		list, err := k.sends(part.parts, nil)
		switch {
		case err != nil:
			return meaning{}, err
		case len(list) == 1:
			pairs = append(pairs, part.word, list[0])
		case len(list) > 1:
			pairs = append(pairs, part.word, array(list))
		}
	}
	return doesAction(inline(pairs...)), nil
}

// sends translates the parts of an output.
func (k *keymapper) sends(parts []keymapperPart, mods []key.Mod) ([]string, error) {
	var list []string
	for _, x := range parts {
		switch {
		case x.release:
			return nil, errors.New("what is sent when the key goes up")
		case x.not && (keymapperMods[x.name] != 0 || x.name == "Any"):
			continue // modifiers that are held are put aside anyway
		case x.not && strings.HasPrefix(x.name, "Virtual"):
			k.board.plane(strings.ToLower(x.name), k.line)
			list = append(list, inline("layer", str(strings.ToLower(x.name)), "off", "true"))
		case x.not:
			return nil, fmt.Errorf("the release of %s", x.name)
		case x.wait != "":
			list = append(list, inline("wait", str(x.wait)))
		case x.run != "":
			list = append(list, inline("run", array(strs([]string{"sh", "-c", x.run}))))
		case x.text != "":
			list = append(list, inline("text", str(strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(x.text))))
		case strings.HasPrefix(x.name, "Virtual") && x.hold == nil:
			k.board.plane(strings.ToLower(x.name), k.line)
			list = append(list, inline("layer", str(strings.ToLower(x.name)), "toggle", "true"))
		case x.all != nil || x.hold != nil:
			more, err := k.together(x, mods)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		default:
			codes := keymapperKeys(x.name)
			if codes == nil {
				return nil, fmt.Errorf("the key %s is not known", x.name)
			}
			if codes[0].IsWheel() && len(mods) == 0 {
				list = append(list, wheelAction(codes[0]))
				continue
			}
			words := str(lispWords(key.Combo{Mods: mods, Key: codes[0]}))
			if isModifier(codes[0]) && len(mods) == 0 {
				words = inline("tap", words)
			}
			list = append(list, words)
		}
	}
	return list, nil
}

// together translates (A B) and A{B}.
func (k *keymapper) together(x keymapperPart, mods []key.Mod) ([]string, error) {
	holders := x.all
	if holders == nil {
		holders = []keymapperPart{{name: x.name}}
	}
	mods = append([]key.Mod{}, mods...)
	var rest []keymapperPart
	for _, h := range holders {
		if m, ok := keymapperMods[h.name]; ok && !h.not {
			mods = append(mods, m)
		} else {
			rest = append(rest, h)
		}
	}
	if x.hold != nil {
		if len(rest) > 0 {
			return nil, errors.New("a key that is held and is not a modifier")
		}
		rest = x.hold
	}
	if len(rest) == 0 {
		return nil, errors.New("modifiers alone")
	}
	return k.sends(rest, mods)
}
