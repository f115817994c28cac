package remap

import (
	"unicode"

	"toshy/remap/key"
)

// typeSymbols types a text by the layout's table. The table knows the layout without CapsLock, so a
// lock that is on is turned off round the text.
func (e *Engine) typeSymbols(s string) {
	o := &e.compiled.program.Options
	l := e.layout
	placeholder := false
	if !l.canType(s) {
		switch o.Unreachable {
		case UnreachableRefuse:
			e.refuse("layout")
			return
		case UnreachableFold:
			s = foldASCII(s)
			if !l.canType(s) && o.Folded != UnreachablePlaceholder {
				e.refuse("layout")
				return
			}
			placeholder = true
		case UnreachablePlaceholder:
			placeholder = true
		}
	}
	caps := e.info.CapsLock
	if caps {
		e.tapCombo(capsTap)
	}
	for _, r := range s {
		steps, ok := l.Symbols[string(r)]
		switch {
		case ok:
			e.tapSteps(steps)
		case placeholder:
			for _, p := range o.Placeholder {
				e.tapSteps(l.Symbols[string(p)])
			}
		default:
			e.enterUnicodeBySymbols(r)
		}
	}
	if caps {
		e.tapCombo(capsTap)
	}
}

func (l *Layout) canType(s string) bool {
	for _, r := range s {
		if _, ok := l.Symbols[string(r)]; !ok {
			return false
		}
	}
	return true
}

// tapSteps taps the keystrokes of one character. They are positions of the layout: no correction.
func (e *Engine) tapSteps(steps []Step) {
	for _, s := range steps {
		var mods [8]key.Mod
		n := 0
		for _, c := range s.Mods {
			if m, ok := e.compiled.modifier(c); ok && n < len(mods) {
				mods[n] = m
				n++
			}
		}
		e.tapCode(mods[:n], s.Key)
	}
}

// enterUnicodeBySymbols types a hex entry on a layout with a table. A digit that takes more than one
// keystroke would end the entry, so then nothing is typed.
func (e *Engine) enterUnicodeBySymbols(r rune) {
	l := e.layout
	var buf [8]byte
	digits := appendHex(buf[:0], r)
	u, ok := l.Symbols["u"]
	ok = ok && len(u) == 1
	for i, d := range digits {
		digits[i] = byte(unicode.ToUpper(rune(d)))
		steps := l.Symbols[string(rune(digits[i]))]
		ok = ok && len(steps) == 1
	}
	if !ok {
		e.refuse("hex")
		return
	}
	if e.info.CapsLock {
		e.tapCombo(capsTap)
		defer e.tapCombo(capsTap)
	}
	e.tapCode(ctrlShift, u[0].Key)
	for _, d := range digits {
		e.tapSteps(l.Symbols[string(rune(d))])
	}
	e.tapCode(nil, e.compiled.program.Options.unicodeEnd())
}

var ctrlShift = []key.Mod{key.Ctrl, key.Shift}

// folds are the ASCII forms of characters that fall apart into a letter and a mark.
var folds = func() map[rune]string {
	m := map[rune]string{'ß': "ss", 'æ': "ae", 'Æ': "AE", 'œ': "oe", 'Œ': "OE", 'ø': "o", 'Ø': "O", 'đ': "d", 'Đ': "D",
		'ł': "l", 'Ł': "L", 'þ': "th", 'Þ': "TH", 'ð': "d", 'Ð': "D", '–': "-", '—': "-", '‘': "'", '’': "'", '“': `"`, '”': `"`, '…': "..."}
	for _, row := range []string{"aàáâãäåāăą", "cçćĉċč", "dďđ", "eèéêëēĕėęě", "gĝğġģ", "hĥħ", "iìíîïĩīĭįı", "jĵ", "kķ", "lĺļľ", "nñńņň",
		"oòóôõöōŏő", "rŕŗř", "sśŝşšș", "tţťțŧ", "uùúûüũūŭůűų", "wŵ", "yýÿŷ", "zźżž"} {
		base := rune(row[0])
		for _, r := range row[1:] {
			m[r] = string(base)
			m[unicode.ToUpper(r)] = string(unicode.ToUpper(base))
		}
	}
	return m
}()

// foldASCII writes a text with ASCII letters where that is usual.
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
