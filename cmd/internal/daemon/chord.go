package daemon

import (
	"strings"

	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/key"
)

// defaultPanic are the panic chords of a configuration that names none: Backspace+Esc+Enter and
// LeftCtrl+Space+Esc.
var defaultPanic = [][]key.Code{{key.Backspace, key.Esc, key.Enter}, {key.LeftCtrl, key.Space, key.Esc}}

// chords follows the keys of the panic chords, on all keyboards together. It sees raw events, before any mapping, so no
// mapping can take the chords away.
type chords struct {
	bit  [evdev.KeyMax + 1]uint8 // the number of a chord's key, plus 1; 0: it is in no chord
	all  []uint64                // the keys of each chord
	down uint64
}

// set sets the chords, which may use at most 64 different keys. Without any, the defaults apply.
func (c *chords) set(list [][]key.Code) {
	*c = chords{}
	if len(list) == 0 {
		list = defaultPanic
	}
	n := uint8(0)
	for _, codes := range list {
		var keys uint64
		for _, code := range codes {
			if c.bit[code] == 0 {
				n++
				c.bit[code] = n
			}
			keys |= 1 << (c.bit[code] - 1)
		}
		c.all = append(c.all, keys)
	}
}

// see handles one raw key event, and says whether it completes a chord.
func (c *chords) see(code uint16, value int32) bool {
	if int(code) >= len(c.bit) || c.bit[code] == 0 {
		return false
	}
	bit := uint64(1) << (c.bit[code] - 1)
	switch value {
	case remap.Release:
		c.down &^= bit
	case remap.Press:
		c.down |= bit
		for _, keys := range c.all {
			if keys&bit != 0 && c.down&keys == keys {
				c.down = 0 // must be released before it works again
				return true
			}
		}
	}
	return false
}

// forget is for a keyboard that is gone, with the keys that were down on it.
func (c *chords) forget() { c.down = 0 }

// panicText names the chords of a configuration, for people.
func panicText(list [][]key.Code) string {
	if len(list) == 0 {
		list = defaultPanic
	}
	var names []string
	for _, codes := range list {
		var keys []string
		for _, c := range codes {
			keys = append(keys, c.String())
		}
		names = append(names, strings.Join(keys, "+"))
	}
	return strings.Join(names, " or ")
}
