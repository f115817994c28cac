package key

import "slices"

// Spare codes are codes that almost no keyboard sends and to which keyboard layouts give no symbol. A keymap can put
// characters on them ("toshy characters"), eight on each: one for each combination of Shift, SpareLevel3 and SpareLevel5.
// Codes below 248 also reach X11 programs; the X protocol knows no higher ones. Of the higher codes, libinput passes on 352
// to 542. Codes that keyboards do send are not in the list, although layouts do not use them: 89 and 95 of Japanese and
// Brazilian keyboards, 189 and 194 (F19, F24), 211, 240 (sent for a key that the kernel does not know).
const (
	SpareLevel3 Code = 141 // KEY_SETUP, in the keymap ISO_Level3_Shift
	SpareLevel5 Code = 146 // KEY_DELETEFILE, in the keymap ISO_Level5_Shift
)

// FirstWaylandOnly is the first code that X11 programs do not get.
const FirstWaylandOnly Code = 248

// Spare are the codes for characters, those for X11 programs first. The kernel has no name for 443, 447, 452 to 463 and 486
// to 496, so no driver sends them.
var Spare = []Code{
	112, 160, 170, 175, 176, 214, 222,
	443, 447, 452, 453, 454, 455, 456, 457, 458, 459, 460, 461, 462, 463,
	486, 487, 488, 489, 490, 491, 492, 493, 494, 495, 496,
	448, 449, 450, 451, 356, 361, 367, 382, 391, 394, 395, 404, 405, 406, 407, 408, 412, 414, 415,
}

// IsSpare says whether a code is in Spare.
func IsSpare(c Code) bool { return slices.Contains(Spare, c) }
