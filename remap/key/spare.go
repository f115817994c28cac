package key

import "slices"

// Spare codes are codes that almost no keyboard sends and to which keyboard layouts give no symbol. A keymap can put
// characters on them ("toshy characters"), eight on each: one for each combination of Shift, SpareLevel3 and SpareLevel5.
// Codes below 248 also reach X11 programs; the X protocol knows no higher ones. Of the higher codes, libinput passes on 352
// to 542. Codes that keyboards do send are not in the list, although layouts do not use them: 89 and 95 of Japanese and
// Brazilian keyboards, 189 and 194 (F19, F24), 211, 240 (sent for a key that the kernel does not know). Neither are those on
// which systemd-logind acts, whatever symbol they have: it switches the computer off at 116 and 356, starts it again at 408,
// and suspends it at 142 and 205.
const (
	SpareLevel3 Code = 141 // KEY_SETUP, in the keymap ISO_Level3_Shift
	SpareLevel5 Code = 146 // KEY_DELETEFILE, in the keymap ISO_Level5_Shift
)

// FirstWaylandOnly is the first code that X11 programs do not get.
const FirstWaylandOnly Code = 248

// Spare are the codes for characters, those for X11 programs first. The kernel has no name for 443, 452 to 463, 486 to
// 496, 507 and 508, so no driver sends them.
var Spare = []Code{
	112, 160, 170, 175, 176, 214, 222,
	443, 447, 452, 453, 454, 455, 456, 457, 458, 459, 460, 461, 462, 463,
	486, 487, 488, 489, 490, 491, 492, 493, 494, 495, 496, 507, 508,
	448, 449, 450, 451, 361, 367, 382, 391, 394, 395, 404, 406, 407, 412, 414, 415, chromiumKnows,
}

// chromiumKnows is the only spare code that Chromium knows.
const chromiumKnows Code = 405

// Borrowed are codes of keys that have one function in every layout and type nothing. A keymap can put four more characters on
// each, together with SpareLevel5; alone and with other modifiers, the key does what it did before. Chromium and Electron
// on Wayland ignore a key whose code is not in their own table (ui/events/keycodes/dom/dom_code_data.inc). These are, spare
// codes are not. Keys that a desktop acts on whatever modifiers are held are not in the list, nor are those that a
// browser acts on (back, search). Chromium acts on these by their code, whatever symbol they have: 181 (New) opens a tab,
// 206 (Close) closes one.
var Borrowed = []Code{
	183, 184, 185, 186, 187, 188, 189, // F13 to F19
	167, 168, 169, 174, 208, 209, 182, 231, 232, 233, 234, 235, 129, 131, 132, 134, 136, 138, 144, 171, 204, 133, 135, 137,
	190, 191, 192,
	358, 362, 370, 372, 392, 397, 410, 411, 421, 423, 429, 432, 433,
}

// IsBorrowed says whether a code is in Borrowed.
func IsBorrowed(c Code) bool { return slices.Contains(Borrowed, c) }

// IsSpare says whether a code is for characters of "toshy characters".
func IsSpare(c Code) bool { return slices.Contains(Spare, c) || IsBorrowed(c) }

// ChromiumKnows says whether Chromium and Electron on Wayland take characters on a code for characters.
func ChromiumKnows(c Code) bool { return c == chromiumKnows || IsBorrowed(c) }
