package wlr

import (
	"errors"
	"testing"
)

// A text for which there are not enough codes leaves the keymap as it is, and what is known about it.
func TestTooManyCharacters(t *testing.T) {
	typist := &Typist{others: []uint16{200}, codes: map[rune]uint32{'é': 200}}
	if err := typist.setKeymap("üé"); !errors.Is(err, ErrTooMany) {
		t.Fatal(err)
	}
	if typist.codes['é'] != 200 || typist.codes['ü'] != 0 {
		t.Errorf("%v", typist.codes)
	}
}
