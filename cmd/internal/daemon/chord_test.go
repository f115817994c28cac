package daemon

import "testing"

func TestPanicChords(t *testing.T) {
	type ev struct {
		code  uint16
		value int32
	}
	for name, c := range map[string]struct {
		events []ev
		want   int
	}{
		"keyd's":                {[]ev{{rawBackspace, 1}, {rawEsc, 1}, {rawEnter, 1}}, 1},
		"kanata's":              {[]ev{{rawLeftCtrl, 1}, {rawSpace, 1}, {rawSpace, 2}, {rawEsc, 1}}, 1},
		"two of three":          {[]ev{{rawBackspace, 1}, {rawEsc, 1}, {rawEsc, 0}, {rawEnter, 1}}, 0},
		"mixed":                 {[]ev{{rawBackspace, 1}, {rawSpace, 1}, {rawEnter, 1}}, 0},
		"again without letting": {[]ev{{rawBackspace, 1}, {rawEsc, 1}, {rawEnter, 1}, {rawEnter, 0}, {rawEnter, 1}}, 1},
		"twice":                 {[]ev{{rawBackspace, 1}, {rawEsc, 1}, {rawEnter, 1}, {rawBackspace, 1}, {rawEsc, 1}, {rawEnter, 1}}, 2},
	} {
		var ch chords
		n := 0
		for _, e := range c.events {
			if ch.see(e.code, e.value) == chordGiveBack {
				n++
			}
		}
		if n != c.want {
			t.Errorf("%s: %d times, want %d", name, n, c.want)
		}
	}
}
