// Package key has the names of keys: kernel codes, their names and aliases, modifiers, and the combo syntax that
// configurations, scenario scripts and messages share. Every other package may import it; it only imports the standard
// library.
package key

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Code is a key or button code as in linux/input-event-codes.h (KEY_*, BTN_*), or one of this package's codes for a step of
// the wheel, which the kernel reports as a relative axis.
type Code uint16

// Count is the number of codes: every Code of this package is below it. The kernel's KEY_CNT is 0x300; the rest are the
// wheel steps below.
const Count = 0x310

// Wheel steps as keys, so that a keymap can map them. They never appear on an evdev device.
const (
	WheelUp Code = 0x300 + iota
	WheelDown
	WheelLeft
	WheelRight
)

// Set0 is the first of the codes for several modifiers as one key. Each program defines its own. No device sends them.
const (
	Set0    Code = 0x304
	MaxSets      = Count - 1 - int(Set0)
)

// Any means any other key, in a combo that you press. It is written as AnyName.
const (
	Any     Code = Count - 1
	AnyName      = "any"
)

// IsSet says whether c means several modifiers.
func (c Code) IsSet() bool { return c >= Set0 && c < Any }

// IsKey says whether c is a key of a keyboard, not a button or a step of the wheel.
func (c Code) IsKey() bool { return c > 0 && c < WheelUp && !c.IsButton() }

// Codes that toshy itself uses. Parse finds all others by name.
const (
	Reserved   Code = 0
	Esc        Code = 1
	Backspace  Code = 14
	Tab        Code = 15
	Enter      Code = 28
	LeftCtrl   Code = 29
	A          Code = 30
	LeftShift  Code = 42
	RightShift Code = 54
	LeftAlt    Code = 56
	Space      Code = 57
	CapsLock   Code = 58
	NumLock    Code = 69
	RightCtrl  Code = 97
	RightAlt   Code = 100
	Delete     Code = 111
	LeftMeta   Code = 125
	RightMeta  Code = 126
	F15        Code = 185
	F16        Code = 186
	Unknown    Code = 240 // no keyboard sends it, and it has no symbol
	Fn         Code = 464
)

// The kernel splits the code space: two ranges contain buttons (linux/input-event-codes.h, BTN_MISC up to KEY_OK and the
// ranges of joysticks), the rest keys.
const (
	btnFirst, btnEnd           Code = 0x100, 0x160 // BTN_MISC .. below KEY_OK
	btnDpadFirst, btnDpadEnd   Code = 0x220, 0x224
	btnHappyFirst, btnHappyEnd Code = 0x2c0, 0x2e8
)

// IsButton says whether c is a button of a mouse, pen, pad or joystick, and not a key.
func (c Code) IsButton() bool {
	return c >= btnFirst && (c < btnEnd || c >= btnDpadFirst && c < btnDpadEnd || c >= btnHappyFirst && c < btnHappyEnd)
}

// IsWheel says whether c is a wheel step.
func (c Code) IsWheel() bool { return c >= WheelUp && c <= WheelRight }

// String is the name that scenario scripts and messages use: the kernel's without KEY_, in lower case; buttons keep their
// prefix ("leftctrl", "btn_left"). Parse accepts it.
func (c Code) String() string {
	if int(c) < len(byCode) && byCode[c] != "" {
		return byCode[c]
	}
	return "code_" + strconv.Itoa(int(c))
}

// KernelName is the name in the kernel's header, "" if it has none.
func (c Code) KernelName() string {
	if int(c) < len(kernelByCode) {
		return kernelByCode[c]
	}
	return ""
}

var (
	byCode       [Count]string
	kernelByCode [Count]string
	byName       = make(map[string]Code, 2*len(names))
)

func init() {
	for _, n := range names {
		low := strings.ToLower(n.name)
		short := strings.TrimPrefix(low, "key_")
		if kernelByCode[n.code] == "" {
			kernelByCode[n.code] = n.name
			byCode[n.code] = short
		}
		byName[low] = n.code
		byName[short] = n.code
	}
	for c, n := range map[Code]string{WheelUp: "wheelup", WheelDown: "wheeldown", WheelLeft: "wheelleft", WheelRight: "wheelright"} {
		byCode[c] = n
		byName[n] = c
	}
	byCode[Any] = AnyName // not the name of a key: only valid in a combo that you press
	for n, target := range aliases {
		byName[n] = byName[target]
	}
}

// aliases are other names that people type, each with the kernel's name (without KEY_).
var aliases = map[string]string{
	"escape": "esc", "return": "enter", "ret": "enter", "spacebar": "space", "bksp": "backspace",
	"del": "delete", "ins": "insert", "pgup": "pageup", "pgdn": "pagedown", "page_up": "pageup", "page_down": "pagedown",
	"caps": "capslock", "caps_lock": "capslock", "num": "numlock", "num_lock": "numlock", "scroll": "scrolllock",
	"printscreen": "sysrq", "prtsc": "sysrq",
	"ctrl": "leftctrl", "control": "leftctrl", "lctrl": "leftctrl", "rctrl": "rightctrl",
	"leftcontrol": "leftctrl", "rightcontrol": "rightctrl", "leftoption": "leftalt", "rightoption": "rightalt",
	"leftwin": "leftmeta", "rightwin": "rightmeta", "leftcmd": "leftmeta", "rightcmd": "rightmeta", "leftcommand": "leftmeta", "rightcommand": "rightmeta",
	"left_ctrl": "leftctrl", "right_ctrl": "rightctrl",
	"shift": "leftshift", "lshift": "leftshift", "rshift": "rightshift", "left_shift": "leftshift", "right_shift": "rightshift",
	"alt": "leftalt", "opt": "leftalt", "lalt": "leftalt", "lopt": "leftalt", "left_alt": "leftalt",
	"ralt": "rightalt", "ropt": "rightalt", "altgr": "rightalt", "right_alt": "rightalt",
	"super": "leftmeta", "meta": "leftmeta", "win": "leftmeta", "cmd": "leftmeta", "command": "leftmeta",
	"lsuper": "leftmeta", "lmeta": "leftmeta", "lwin": "leftmeta", "lcmd": "leftmeta", "leftsuper": "leftmeta", "left_meta": "leftmeta",
	"rsuper": "rightmeta", "rmeta": "rightmeta", "rwin": "rightmeta", "rcmd": "rightmeta", "rightsuper": "rightmeta", "right_meta": "rightmeta",
	"period": "dot", "quote": "apostrophe", "backtick": "grave", "leftbracket": "leftbrace", "rightbracket": "rightbrace",
	"equals": "equal", "hyphen": "minus",
	"-": "minus", "=": "equal", "[": "leftbrace", "]": "rightbrace", ";": "semicolon", "'": "apostrophe",
	"`": "grave", `\`: "backslash", ",": "comma", ".": "dot", "/": "slash",
	"mouseleft": "btn_left", "mouseright": "btn_right", "mousemiddle": "btn_middle", "mouseback": "btn_side", "mouseforward": "btn_extra",
}

// Parse finds a key by name, ignoring case: the kernel's name (KEY_LEFTCTRL), the same without its prefix, an alias (Esc,
// PageUp, Win), or code_N for a number.
func Parse(name string) (Code, bool) {
	if c, ok := Fold(byName, name); ok {
		return c, true
	}
	if digits, ok := strings.CutPrefix(strings.ToLower(name), "code_"); ok && digits != "" && len(digits) <= 4 {
		n := 0
		for _, d := range []byte(digits) {
			if d < '0' || d > '9' {
				return 0, false
			}
			n = 10*n + int(d-'0')
		}
		if n > 0 && n < 0x300 {
			return Code(n), true
		}
	}
	return 0, false
}

// Fold looks up a name in a map with lower-case keys, ignoring case. It does not allocate for a short ASCII name: a
// configuration has tens of thousands of them.
func Fold[V any](m map[string]V, name string) (V, bool) {
	var low [32]byte
	if len(name) > len(low) {
		v, ok := m[strings.ToLower(name)]
		return v, ok
	}
	for i := range len(name) {
		c := name[i]
		if c >= utf8.RuneSelf {
			v, ok := m[strings.ToLower(name)]
			return v, ok
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		low[i] = c
	}
	v, ok := m[string(low[:len(name)])]
	return v, ok
}

// Names calls yield with every name that Parse knows and its code, in no particular order.
func Names(yield func(name string, c Code) bool) {
	for n, c := range byName {
		if !yield(n, c) {
			return
		}
	}
}
