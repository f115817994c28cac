package remap

import "toshy/remap/key"

// Hands says which hand presses which physical key, for keys that you press with an unusual hand. The list Neither has keys
// that belong to no hand.
type Hands struct{ Left, Right, Neither []key.Code }

// handOf is the hand that presses a key.
type handOf uint8

const (
	noHand handOf = iota
	leftHand
	rightHand
)

// The hands of touch typing, by key position. Keys that a thumb presses belong to neither hand, and combine with both.
var (
	leftKeys = keySet("12345qwertasdfgzxcvb", "esc", "grave", "tab", "capslock", "leftshift", "leftctrl", "102nd",
		"f1", "f2", "f3", "f4", "f5")
	rightKeys = keySet("67890yuiophjklnm", "minus", "equal", "backspace", "leftbrace", "rightbrace", "backslash", "semicolon",
		"apostrophe", "enter", "comma", "dot", "slash", "rightshift", "rightctrl", "ro", "yen",
		"f6", "f7", "f8", "f9", "f10", "f11", "f12", "insert", "delete", "home", "end", "pageup", "pagedown", "up", "down", "left", "right",
		"sysrq", "scrolllock", "pause", "numlock", "kpslash", "kpasterisk", "kpminus", "kpplus", "kpenter", "kpdot",
		"kp0", "kp1", "kp2", "kp3", "kp4", "kp5", "kp6", "kp7", "kp8", "kp9")
)

// table has the hand of each key.
func (h *Hands) table() (hands [key.Count]handOf) {
	for k := range hands {
		switch {
		case leftKeys[k]:
			hands[k] = leftHand
		case rightKeys[k]:
			hands[k] = rightHand
		}
	}
	for hand, keys := range [][]key.Code{noHand: h.Neither, leftHand: h.Left, rightHand: h.Right} {
		for _, k := range keys {
			hands[k] = handOf(hand)
		}
	}
	return hands
}
