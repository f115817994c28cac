package remap

import (
	"strconv"
	"unicode/utf8"

	"toshy/remap/key"
)

// MaxText is the longest text, in characters, that one action may type, unless the program sets a lower limit.
const MaxText = 1000

func (o *Options) textLimit() int {
	if o.TextLimit > 0 {
		return o.TextLimit
	}
	return MaxText
}

// A stroke is how an ASCII character is typed on a US keyboard.
type stroke struct {
	code  key.Code
	shift bool
}

// usStrokes has the strokes of the characters on a US keyboard.
var usStrokes = func() (t [128]stroke) {
	put := func(chars, names string, shift bool) {
		for i := range len(chars) {
			k, ok := key.Parse(names[i : i+1])
			if ok {
				t[chars[i]] = stroke{k, shift}
			}
		}
	}
	const keys = "abcdefghijklmnopqrstuvwxyz1234567890-=[];'`\\,./"
	put(keys, keys, false)
	put("ABCDEFGHIJKLMNOPQRSTUVWXYZ!@#$%^&*()_+{}:\"~|<>?", keys, true)
	t[' '] = stroke{key.Space, false}
	t['\n'] = stroke{key.Enter, false}
	t['\t'] = stroke{key.Tab, false}
	return t
}()

// A writer types texts with the active layout. It has no state of its own.
type writer struct {
	scene  *scene
	ledger *ledger
	pacer  *pacer
}

// typeText types a text with the active layout. It returns what to type when the session has shown that it answers.
func (w *writer) typeText(s string) (rest string) {
	if why := w.refusal(s); why != "" {
		w.refuse(why)
		return ""
	}
	if w.scene.layout() != nil && w.scene.layout().Symbols != nil {
		return w.typeSymbols(s)
	}
	caps := w.scene.keyboard().CapsLock
	for i, r := range s {
		switch {
		case r >= utf8.RuneSelf:
			if w.enterUnicode(r) {
				return after(s, i)
			}
		case usStrokes[r].code != 0:
			t := usStrokes[r]
			if caps && letters[t.code] {
				t.shift = !t.shift
			}
			w.tapStroke(t)
		}
	}
	return ""
}

// after is the text after the character at i.
func after(s string, i int) string {
	_, n := utf8.DecodeRuneInString(s[i:])
	return s[i+n:]
}

func (w *writer) tapStroke(t stroke) {
	if t.shift {
		w.ledger.tapCombo(shifted(t.code))
	} else {
		w.ledger.tapCombo(key.Combo{Key: t.code})
	}
}

// typeUnicode types each character of s with the layout's keys, else by the Unicode method. The reference only does the
// latter. It returns what to type later, as typeText does.
func (w *writer) typeUnicode(s string) (rest string) {
	l := w.scene.layout()
	for i, r := range s {
		if l != nil && !w.scene.options().Reference {
			if steps, ok := l.Symbols[string(r)]; ok {
				w.typeKeys(steps)
				continue
			}
		}
		if w.enterUnicode(r) {
			return after(s, i)
		}
	}
	return ""
}

// typeKeys types one character with keys of the layout, whose table describes it without CapsLock.
func (w *writer) typeKeys(steps []Step) {
	caps := w.scene.keyboard().CapsLock
	if caps {
		w.ledger.tapCombo(capsTap)
	}
	w.tapSteps(steps)
	if caps {
		w.ledger.tapCombo(capsTap)
	}
}

var (
	uKey, _    = key.Parse("u")
	shiftCtrlU = key.Combo{Mods: []key.Mod{key.Shift, key.Ctrl}, Key: uKey}
	capsTap    = key.Combo{Key: key.CapsLock}
)

// enterUnicode types one character by the window's method. Without one, the session types it if it can. For the hex entry of GTK,
// IBus and Fcitx, it is Ctrl-Shift-U, digits, Enter. It says whether to wait until the session has answered.
func (w *writer) enterUnicode(r rune) (wait bool) {
	switch w.scene.now().unicode.Method {
	case UnicodeAuto:
		if w.pacer.sessionTypes() {
			w.ledger.putAside()
			w.pacer.text(r)
			return w.pacer.tries()
		}
	case UnicodeHex:
	case UnicodeRefuse:
		w.refuse("unicode")
		return false
	case UnicodeCompose:
		w.compose(r)
		return false
	}
	if w.scene.layout() != nil && w.scene.layout().Symbols != nil {
		w.enterUnicodeBySymbols(r)
		return false
	}
	if w.scene.keyboard().CapsLock {
		w.ledger.tapCombo(capsTap)
	}
	w.ledger.tapCombo(shiftCtrlU)
	var digits [8]byte
	for _, d := range appendHex(digits[:0], r) {
		w.tapStroke(usStrokes[d])
	}
	w.ledger.tapCombo(key.Combo{Key: w.scene.now().unicode.End})
	if w.scene.keyboard().CapsLock {
		w.ledger.tapCombo(capsTap)
	}
	return false
}

// appendHex appends the digits of a code point; 0 has none.
func appendHex(b []byte, r rune) []byte {
	if r == 0 {
		return b
	}
	return strconv.AppendInt(b, int64(r), 16)
}

// Reasons why a text could not be typed. The daemon reports the reason, never the text.
var refusals = map[string]*Effect{
	"unicode": {Kind: EffectRefused, Text: "a character has no key and Unicode entry is off here"},
	"layout":  {Kind: EffectRefused, Text: "a text has characters that the active layout cannot type"},
	"digits":  {Kind: EffectRefused, Text: "the active layout lacks the keys for a compose sequence"},
	"hex":     {Kind: EffectRefused, Text: "the active layout lacks the keys for Unicode entry"},
}

func (w *writer) refuse(why string) {
	w.pacer.effect(refusals[why])
}

var shiftMods = []key.Mod{key.Shift}

func shifted(c key.Code) key.Combo { return key.Combo{Mods: shiftMods, Key: c} }
