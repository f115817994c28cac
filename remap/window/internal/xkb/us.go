package xkb

// Kernel codes of the keys that type characters (linux/input-event-codes.h), in numerical order. Not all keyboards have the
// last three, from firstRare on: KEY_102ND, KEY_RO, KEY_YEN.
var charKeys = []uint16{
	2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
	30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 43,
	44, 45, 46, 47, 48, 49, 50, 51, 52, 53,
	86, 89, 124,
}

// usBase and usShifted are the characters of charKeys on a US keyboard, alone and with Shift.
const (
	usBase    = "1234567890-=qwertyuiop[]asdfghjkl;'`\\zxcvbnm,./"
	usShifted = "!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"~|ZXCVBNM<>?"
)

const (
	firstRare = 86

	codeTab       = 15
	codeEnter     = 28
	codeLeftShift = 42
	codeSpace     = 57
	codeRightAlt  = 100
)

// level3Keys are the keys that may be the modifier for the third level, the usual one first.
var level3Keys = []uint16{codeRightAlt, 97, 56, 126, 125}
