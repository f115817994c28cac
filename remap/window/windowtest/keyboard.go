package windowtest

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"toshy/remap/window/internal/xkb"
)

// A Keyboard is the desktop's side of a keyboard with a recorded layout. It turns keys into text, with dead keys and the Unicode entry
// of GTK (Ctrl-Shift-U, digits, Enter), and reports the layout like a source.
type Keyboard struct {
	Text      string   // the typed text
	Shortcuts []string // keys pressed with Ctrl, by the character that they type alone: "ctrl-a"
	Group     int

	keymap *xkb.Keymap
	down   map[uint16]bool
	dead   xkb.Sym
	hex    []byte
	inHex  bool
}

// Layouts are the recorded layouts with a single group.
var Layouts = []string{"us", "de", "fr", "gb", "dvorak", "ru", "tr", "se", "es", "bepo"}

// KeymapText returns a recorded keymap in text form: one of Layouts, "fr,ru" or "ru,us".
func KeymapText(t testing.TB, layout string) string {
	t.Helper()
	_, self, _, _ := runtime.Caller(0)
	b, err := os.ReadFile(filepath.Join(filepath.Dir(self), "..", "internal", "xkb", "testdata", layout+".xkb.gz"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// NewKeyboard returns a keyboard with a recorded layout.
func NewKeyboard(t testing.TB, layout string) *Keyboard {
	t.Helper()
	k, err := xkb.ParseText(KeymapText(t, layout))
	if err != nil {
		t.Fatal(err)
	}
	return &Keyboard{keymap: k, down: map[uint16]bool{}}
}

// Name returns "recorded".
func (k *Keyboard) Name() string { return "recorded" }

// RunKeymap reports the layout once and waits.
func (k *Keyboard) RunKeymap(ctx context.Context, report func(*xkb.Keymap, int)) error {
	report(k.keymap, k.Group)
	<-ctx.Done()
	return ctx.Err()
}

// Kernel codes of keys that are not characters.
const (
	keyEnter      = 28
	keyLeftCtrl   = 29
	keyLeftShift  = 42
	keyRightShift = 54
	keyRightCtrl  = 97
)

// Key handles one event.
func (k *Keyboard) Key(code uint16, press bool) {
	if k.down[code] = press; !press {
		switch code {
		case keyLeftCtrl, keyLeftShift, keyRightShift, keyRightCtrl:
			if k.inHex && len(k.hex) > 0 { // as GTK does
				k.endHex()
			}
		}
		return
	}
	shift := k.down[keyLeftShift] || k.down[keyRightShift]
	ctrl := k.down[keyLeftCtrl] || k.down[keyRightCtrl]
	level3 := false
	for c, down := range k.down {
		level3 = level3 || down && k.keymap.Means(c, k.Group, false, false) == xkb.Level3Shift
	}
	sym := k.keymap.Means(code, k.Group, shift, level3)
	r := sym.Rune()
	switch alone := k.keymap.Means(code, k.Group, false, false).Rune(); {
	case ctrl && alone != 0 && shift && alone == 'u':
		k.inHex, k.hex = true, nil
	case ctrl && alone != 0:
		k.Shortcuts = append(k.Shortcuts, "ctrl-"+string(alone))
	case code == keyEnter && k.inHex:
		k.endHex()
	case k.inHex && r != 0:
		k.hex = append(k.hex, string(r)...)
	case code == keyEnter:
		k.Text += "\n"
	case k.dead != 0 && r != 0:
		k.Text += string(xkb.Compose(k.dead, r))
		k.dead = 0
	case r != 0:
		k.Text += string(r)
	case xkb.Compose(sym, 'a') != 0 || xkb.Compose(sym, ' ') != 0:
		k.dead = sym
	}
}

func (k *Keyboard) endHex() {
	n, err := strconv.ParseUint(string(k.hex), 16, 32)
	if err != nil {
		k.Text += "<bad hex " + string(k.hex) + ">"
	}
	k.Text += string(rune(n))
	k.inHex = false
}
