package daemon

import (
	"testing"

	"toshy/remap/key"
)

type rawKey struct {
	code  key.Code
	value int32
}

// fires returns how often keys complete a chord.
func fires(c *chords, keys []rawKey) (n int) {
	for _, k := range keys {
		if c.see(uint16(k.code), k.value) {
			n++
		}
	}
	return n
}

func TestPanicChords(t *testing.T) {
	const backspace, esc, enter, ctrl, space = key.Backspace, key.Esc, key.Enter, key.LeftCtrl, key.Space
	for name, c := range map[string]struct {
		keys []rawKey
		want int
	}{
		"keyd's":                {[]rawKey{{backspace, 1}, {esc, 1}, {enter, 1}}, 1},
		"kanata's":              {[]rawKey{{ctrl, 1}, {space, 1}, {space, 2}, {esc, 1}}, 1},
		"with others down":      {[]rawKey{{700, 1}, {ctrl, 1}, {backspace, 1}, {space, 1}, {esc, 1}}, 1},
		"two of three":          {[]rawKey{{backspace, 1}, {esc, 1}, {esc, 0}, {enter, 1}}, 0},
		"mixed":                 {[]rawKey{{backspace, 1}, {space, 1}, {enter, 1}}, 0},
		"again without letting": {[]rawKey{{backspace, 1}, {esc, 1}, {enter, 1}, {enter, 0}, {enter, 1}}, 1},
		"twice":                 {[]rawKey{{backspace, 1}, {esc, 1}, {enter, 1}, {backspace, 1}, {esc, 1}, {enter, 1}}, 2},
		"no key at all":         {[]rawKey{{0xffff, 1}, {767, 1}}, 0},
	} {
		var ch chords
		ch.set(nil)
		if n := fires(&ch, c.keys); n != c.want {
			t.Errorf("%s: %d times, want %d", name, n, c.want)
		}
	}
}

func TestOwnPanicChords(t *testing.T) {
	const a, b, c, d = 30, 48, 46, 32
	var ch chords
	ch.set([][]key.Code{{a, b, c}, {b, c, d}})
	if n := fires(&ch, []rawKey{{key.Backspace, 1}, {key.Esc, 1}, {key.Enter, 1}}); n != 0 {
		t.Error("the defaults are still there")
	}
	if n := fires(&ch, []rawKey{{a, 1}, {c, 1}, {b, 1}, {a, 0}, {b, 0}, {c, 0}, {d, 1}, {c, 1}, {b, 1}}); n != 2 {
		t.Errorf("%d times, want 2", n)
	}
	ch.set(nil)
	if n := fires(&ch, []rawKey{{key.Backspace, 1}, {key.Esc, 1}, {key.Enter, 1}}); n != 1 {
		t.Error("the defaults are not back")
	}
	if got := panicText(nil); got != "backspace+esc+enter or leftctrl+space+esc" {
		t.Error(got)
	}
}
