package remap

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"toshy/remap/key"
)

// typeSymbols types a text with the layout's table. The table describes the layout without CapsLock, so a lock that is on
// is turned off around the text.
func (w *writer) typeSymbols(s string) (rest string) {
	o := w.scene.options()
	l := w.scene.layout()
	placeholder := false
	if !l.canType(s) {
		if o.Unreachable == UnreachableFold {
			s = foldASCII(s)
		}
		placeholder = o.Unreachable == UnreachableFold || o.Unreachable == UnreachablePlaceholder
	}
	caps := w.scene.keyboard().CapsLock
	if caps {
		w.ledger.tapCombo(capsTap)
	}
	for i, r := range s {
		steps, ok := l.Symbols[string(r)]
		if ok {
			w.tapSteps(steps)
		} else if placeholder {
			for _, p := range o.Placeholder {
				w.tapSteps(l.Symbols[string(p)])
			}
		} else if w.enterUnicode(r) {
			rest = after(s, i)
			break
		}
	}
	if caps {
		w.ledger.tapCombo(capsTap)
	}
	return rest
}

// refusal says for which reason (of refusals) a text cannot be typed, "" if it can. A text is typed completely or not at
// all.
func (w *writer) refusal(s string) string {
	o := w.scene.options()
	l := w.scene.layout()
	if l == nil || l.Symbols == nil {
		if w.scene.now().unicode.Method == UnicodeRefuse && strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return "unicode"
		}
		return ""
	}
	if l.canType(s) {
		return ""
	}
	switch o.Unreachable {
	case UnreachableHex:
		for _, r := range s {
			if _, ok := l.Symbols[string(r)]; !ok && !w.pacer.sessionTypes() && !l.canEnter(r, w.scene.now().unicode.Method) {
				return "layout"
			}
		}
	case UnreachableRefuse:
		return "layout"
	case UnreachableFold:
		if o.Folded != UnreachablePlaceholder && !l.canType(foldASCII(s)) {
			return "layout"
		}
	case UnreachablePlaceholder:
	}
	return ""
}

func (l *Layout) canType(s string) bool {
	for _, r := range s {
		if _, ok := l.Symbols[string(r)]; !ok {
			return false
		}
	}
	return true
}

// tapSteps taps the keystrokes of one character. They are key positions of the layout, so no correction applies.
func (w *writer) tapSteps(steps []Step) {
	for _, s := range steps {
		var mods [8]key.Mod
		var others [8]key.Code // they choose the level of a spare code
		n, o := 0, 0
		for _, c := range s.Mods {
			if m, ok := w.scene.compiled().modifier(c); ok && n < len(mods) {
				mods[n] = m
				n++
			} else if !ok && c < key.Set0 && o < len(others) {
				others[o] = c
				o++
			}
		}
		w.ledger.tapWith(mods[:n], others[:o], s.Key)
	}
}

// canEnter says whether the layout has the keys that the Unicode method needs for a character. A digit that needs several
// keystrokes would end a hex entry.
func (l *Layout) canEnter(r rune, method UnicodeMethod) bool {
	var buf [8]byte
	var digits []byte
	switch method {
	case UnicodeRefuse:
		return false
	case UnicodeCompose:
		digits = strconv.AppendInt(buf[:0], int64(r), 10)
	default:
		digits, _ = l.hexDigits(buf[:0], r)
		return len(digits) > 0 && len(l.Symbols["u"]) == 1
	}
	for _, d := range digits {
		if len(l.Symbols[string(rune(d))]) != 1 {
			return false
		}
	}
	return true
}

// hexDigits are the digits of a code point, in the case for which the layout needs Shift for none of them or, as on AZERTY,
// for all of them; none if neither is possible. If Shift goes up among the digits, GTK ends the entry.
func (l *Layout) hexDigits(b []byte, r rune) (digits []byte, shift bool) {
	digits = appendHex(b, r)
	for _, shift := range []bool{false, true} {
		ok := true
		for i, d := range digits {
			if shift {
				digits[i] = byte(unicode.ToUpper(rune(d)))
			}
			steps := l.Symbols[string(rune(digits[i]))]
			ok = ok && len(steps) == 1 && slices.Contains(steps[0].Mods, key.LeftShift) == shift
		}
		if ok {
			return digits, shift
		}
	}
	return nil, false
}

// enterUnicodeBySymbols makes a hex entry with the layout's table, or types nothing.
func (w *writer) enterUnicodeBySymbols(r rune) {
	l := w.scene.layout()
	if !l.canEnter(r, w.scene.now().unicode.Method) {
		w.refuse("hex")
		return
	}
	if w.scene.keyboard().CapsLock {
		w.ledger.tapCombo(capsTap)
		defer w.ledger.tapCombo(capsTap)
	}
	w.ledger.tapCode(ctrlShift, l.Symbols["u"][0].Key)
	var buf [8]byte
	digits, shift := l.hexDigits(buf[:0], r)
	var held []key.Mod
	if shift {
		held = leftShift
	}
	down := w.ledger.holdMods(held) // until the end key is up
	for _, d := range digits {
		w.tapSteps(l.Symbols[string(rune(d))])
	}
	w.ledger.tapCode(held, w.scene.now().unicode.End)
	w.ledger.liftAll(&down)
}

var (
	ctrlShift = []key.Mod{key.Ctrl, key.Shift}
	leftShift = []key.Mod{key.LShift}
)

// folds has ASCII forms of characters.
var folds = func() map[rune]string {
	m := map[rune]string{
		'ß': "ss", 'æ': "ae", 'Æ': "AE", 'œ': "oe", 'Œ': "OE", 'ø': "o", 'Ø': "O", 'đ': "d", 'Đ': "D",
		'ł': "l", 'Ł': "L", 'þ': "th", 'Þ': "TH", 'ð': "d", 'Ð': "D", '–': "-", '—': "-", '‘': "'", '’': "'", '“': `"`, '”': `"`, '…': "...",
	}
	for _, row := range []string{
		"aàáâãäåāăą", "cçćĉċč", "dďđ", "eèéêëēĕėęě", "gĝğġģ", "hĥħ", "iìíîïĩīĭįı", "jĵ", "kķ", "lĺļľ", "nñńņň",
		"oòóôõöōŏő", "rŕŗř", "sśŝşšș", "tţťțŧ", "uùúûüũūŭůűų", "wŵ", "yýÿŷ", "zźżž",
	} {
		base := rune(row[0])
		for _, r := range row[1:] {
			m[r] = string(base)
			m[unicode.ToUpper(r)] = string(unicode.ToUpper(base))
		}
	}
	return m
}()

// foldASCII replaces characters with their usual ASCII forms.
func foldASCII(s string) string {
	out := ""
	for _, r := range s {
		if f, ok := folds[r]; ok {
			out += f
		} else {
			out += string(r)
		}
	}
	return out
}
