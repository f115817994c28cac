package daemon

// Panic chords work on raw events, before all mapping, so that no configuration can take them away:
// Backspace+Escape+Enter and LeftCtrl+Space+Escape.
const (
	rawEsc       = 1
	rawBackspace = 14
	rawEnter     = 28
	rawLeftCtrl  = 29
	rawSpace     = 57
)

// PanicChords names them for people.
const PanicChords = "Backspace+Escape+Enter or LeftCtrl+Space+Escape"

// chords follows the keys of the panic chords, on all keyboards together.
type chords struct {
	down uint8 // a bit for each key below
}

type chordResult uint8

const (
	chordNone chordResult = iota
	chordGiveBack
)

const (
	bitEsc = 1 << iota
	bitBackspace
	bitEnter
	bitLeftCtrl
	bitSpace
)

// see takes one raw key event.
func (c *chords) see(code uint16, value int32) chordResult {
	var bit uint8
	switch code {
	case rawEsc:
		bit = bitEsc
	case rawBackspace:
		bit = bitBackspace
	case rawEnter:
		bit = bitEnter
	case rawLeftCtrl:
		bit = bitLeftCtrl
	case rawSpace:
		bit = bitSpace
	default:
		return chordNone
	}
	switch value {
	case 0:
		c.down &^= bit
	case 1:
		c.down |= bit
		const one, other = bitEsc | bitBackspace | bitEnter, bitEsc | bitLeftCtrl | bitSpace
		if c.down&one == one || c.down&other == other {
			c.down = 0 // has to be let go before it counts again
			return chordGiveBack
		}
	}
	return chordNone
}
