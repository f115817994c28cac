package remap

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"toshy/remap/key"
)

// The compose method types a character as the Cancel key, the decimal digits of its code point, and Cancel again: a
// sequence that ComposeFile puts into the user's ~/.XCompose. Every layout has keys for digits, and on nearly all of them
// CapsLock does not change digits. No layout uses Cancel, and no sequence in the usual compose tables begins with it. XKB's
// evdev rules give KEY_STOP that symbol (xkeyboard-config, keycodes/evdev: <STOP>; symbols/inet: key <STOP> { [ Cancel ]
// }).

// composeKey is what X and Wayland call Cancel.
const composeKey key.Code = 128 // KEY_STOP

// compose types a character by the compose file.
func (w *writer) compose(r rune) {
	var buf [8]byte
	digits := strconv.AppendInt(buf[:0], int64(r), 10)
	symbols := w.scene.layout() != nil && w.scene.layout().Symbols != nil
	if symbols && !w.scene.layout().canEnter(r, UnicodeCompose) {
		w.refuse("digits")
		return
	}
	w.ledger.tapCode(nil, composeKey)
	for _, d := range digits {
		if symbols {
			w.tapSteps(w.scene.layout().Symbols[string(rune(d))])
		} else {
			w.tapStroke(usStrokes[d])
		}
	}
	w.ledger.tapCode(nil, composeKey)
}

// ComposeFile is the compose file with which UnicodeCompose can type the program's characters: one line for each character
// above ASCII in its texts, in order.
func ComposeFile(p *Program) string {
	runes := Characters(p)
	slices.Sort(runes)
	var b strings.Builder
	for _, r := range runes {
		b.WriteString("<Cancel>")
		for _, d := range strconv.Itoa(int(r)) {
			fmt.Fprintf(&b, " <%c>", d)
		}
		fmt.Fprintf(&b, " <Cancel> : \"%c\" U%04X\n", r, r)
	}
	return b.String()
}

// Characters are the characters above ASCII in a program's texts, each once, in the order of the program.
func Characters(p *Program) []rune {
	w := textWalker{seen: make(map[*Nested]bool), has: make(map[rune]bool)}
	for i := range p.Keymaps {
		w.entries(p.Keymaps[i].Entries)
	}
	for i := range p.TapHolds {
		for _, t := range p.TapHolds[i].Keys {
			w.action(t.TapDo)
			w.action(t.HoldDo)
		}
	}
	for i := range p.Chords {
		for _, c := range p.Chords[i].Chords {
			w.action(c.Action)
		}
	}
	return w.runes
}

// textWalker collects the characters of all texts in a program.
type textWalker struct {
	runes []rune
	has   map[rune]bool
	seen  map[*Nested]bool
}

func (w *textWalker) entries(entries []Entry) {
	for _, x := range entries {
		w.action(x.Action)
	}
}

func (w *textWalker) action(a *Action) {
	if a == nil {
		return
	}
	if a.Kind == DoText || a.Kind == DoUnicode {
		for _, r := range a.Text {
			if r >= utf8.RuneSelf && !w.has[r] {
				w.has[r] = true
				w.runes = append(w.runes, r)
			}
		}
	}
	for _, x := range a.List {
		w.action(x)
	}
	if n := a.Nested; n != nil && !w.seen[n] {
		w.seen[n] = true
		w.entries(n.Entries)
		w.action(n.Immediate)
		w.action(n.OnTimeout)
		w.action(n.OnMiss)
	}
}
