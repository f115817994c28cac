package evdev

import (
	"fmt"
	"strings"
)

// Caps is what a device can send.
type Caps struct {
	Types KeySet // event types; codes below 32
	Keys  KeySet
	Rel   KeySet
	Abs   KeySet
	LEDs  LEDs
}

// Kind is what a device is, judged by its capabilities.
type Kind string

// The kinds that Classify tells apart.
const (
	KindKeyboard    Kind = "keyboard"
	KindMouse       Kind = "pointer"
	KindTouchpad    Kind = "touchpad"
	KindTouchscreen Kind = "touchscreen"
	KindTablet      Kind = "graphics tablet"
	KindGamepad     Kind = "gamepad or joystick"
	KindPowerButton Kind = "power button"
	KindKeys        Kind = "keys without letters" // number pads, media keys, remote controls
	KindSwitch      Kind = "switch"               // laptop lid, headphone jack
	KindOther       Kind = "no keys"
)

// Codes that Classify tests (linux/input-event-codes.h).
const (
	keyPower      = 116
	keySleep      = 142
	keyWakeup     = 143
	keySuspend    = 205
	keyPower2     = 0x166
	btnMisc       = 0x100
	btnJoystick   = 0x120
	btnDigi       = 0x140
	btnToolFinger = 0x145
	btnTouch      = 0x14a
	btnStylus     = 0x14b
	keyOK         = 0x160
	absX          = 0x00
	absY          = 0x01
	absMtX        = 0x35
)

// letters are the keys that every keyboard for typing has.
var letters = []struct {
	code uint16
	name string
}{{16, "Q"}, {17, "W"}, {18, "E"}, {19, "R"}, {20, "T"}, {21, "Y"}, {30, "A"}, {44, "Z"}, {57, "Space"}}

// missingLetters names the letters that a device lacks.
func (c *Caps) missingLetters() (missing []string) {
	for _, l := range letters {
		if !c.Keys.Has(l.code) {
			missing = append(missing, l.name)
		}
	}
	return missing
}

// Kind classifies by capability. A keyboard has Q W E R T Y A Z Space. If it also moves a pointer by relative axes, it is
// still a keyboard (see HasPointer). A device with the buttons and absolute axes of a gamepad, touchpad or tablet is not:
// if toshy grabbed it, events would be lost that the virtual devices cannot pass on. But if it also has lights, it is a
// keyboard: A4Tech's keyboards announce buttons and axes that they do not have.
func (c *Caps) Kind() Kind {
	absolute := c.Abs.Has(absX) && c.Abs.Has(absY) || c.Abs.Has(absMtX)
	switch {
	case absolute && c.Keys.Has(btnToolFinger):
		return KindTouchpad
	case absolute && (c.Keys.Has(btnStylus) || c.Keys.Has(btnDigi)):
		return KindTablet
	case absolute && c.hasKey(btnJoystick, btnDigi) && (c.LEDs == 0 || len(c.missingLetters()) > 0):
		return KindGamepad
	case absolute && c.Keys.Has(btnTouch):
		return KindTouchscreen
	case len(c.missingLetters()) == 0:
		return KindKeyboard
	case c.hasKey(btnJoystick, btnDigi):
		return KindGamepad
	case c.Keys.Has(BtnLeft) || c.Rel.Has(RelX):
		return KindMouse
	case c.onlyPower():
		return KindPowerButton
	case c.hasKey(1, btnMisc) || c.hasKey(keyOK, KeyMax+1):
		return KindKeys
	case c.Types.Has(EvSw):
		return KindSwitch
	}
	return KindOther
}

// HasPointer says whether the device moves a pointer or scrolls by relative axes. Then its events need a virtual pointer.
func (c *Caps) HasPointer() bool { return !c.Rel.Empty() }

// hasKey says whether the device has any code in [from, to).
func (c *Caps) hasKey(from, to uint16) bool {
	for code := from; code < to; code++ {
		if c.Keys.Has(code) {
			return true
		}
	}
	return false
}

func (c *Caps) onlyPower() bool {
	rest := c.Keys
	for _, code := range []uint16{keyPower, keySleep, keyWakeup, keySuspend, keyPower2} {
		rest.Remove(code)
	}
	return rest.Empty() && !c.Keys.Empty()
}

// Reason is why a device is grabbed or not.
type Reason string

// The reasons, in the order in which Classify checks them.
const (
	ReasonOwn        Reason = "own"        // made by toshy
	ReasonSeat       Reason = "seat"       // belongs to another seat of this machine
	ReasonIgnored    Reason = "ignored"    // in the ignore list
	ReasonNotAllowed Reason = "not-listed" // not in the allow list
	ReasonPermission Reason = "permission" // cannot be opened
	ReasonAllowed    Reason = "allowed"    // in the allow list: grabbed, whatever its kind
	ReasonRemapper   Reason = "remapper"   // output of another remapper
	ReasonVirtual    Reason = "virtual"    // made by a program, as sysfs shows
	ReasonKind       Reason = "kind"       // not a keyboard
	ReasonKeyboard   Reason = "keyboard"   // a keyboard: grabbed
)

// Verdict says whether to grab a device, and why.
type Verdict struct {
	Grab   bool
	Reason Reason
	Text   string // for people: "another remapper's output (keyd)", "no letter keys (Z missing)"
}

// Info is a device as Probe found it.
type Info struct {
	Identity
	Caps    Caps
	Seat    string // "" is DefaultSeat
	Virtual bool   // made by a program through uinput, according to sysfs
	Err     error  // why it could not be opened; Caps then come from sysfs, if possible
}

// Classify decides whether to grab a device. The filter's lists come first. Otherwise the capabilities decide, see
// Caps.Kind, and who made the device. toshy never grabs its own devices, or devices that it cannot open.
func Classify(info *Info, f *Filter) Verdict {
	no := func(r Reason, format string, a ...any) Verdict {
		return Verdict{Reason: r, Text: fmt.Sprintf(format, a...)}
	}
	if info.IsOwn() {
		return no(ReasonOwn, "made by toshy itself")
	}
	if info.seat() != f.seat() { // someone else types there, whatever a list says
		return no(ReasonSeat, "it belongs to %s", info.seat())
	}
	if rule, ok := f.ignored(info); ok {
		return no(ReasonIgnored, "ignored by %q", rule)
	}
	rule, allowed := f.allowed(info)
	if !allowed && f.hasAllow() {
		return no(ReasonNotAllowed, "not among the devices to grab")
	}
	kind := info.Caps.Kind()
	if !allowed {
		if who := remapper(info); who != "" {
			return no(ReasonRemapper, "output of another remapper (%s)", who)
		}
		if kind != KindKeyboard {
			return no(ReasonKind, "%s", kindText(kind, &info.Caps))
		}
		if info.Virtual && info.Bus == BusVirtual {
			return no(ReasonVirtual, "made by another program; list it by name to grab it anyway")
		}
	}
	if info.Err != nil {
		return no(ReasonPermission, "%s", openText(info.Err))
	}
	if allowed {
		return Verdict{Grab: true, Reason: ReasonAllowed, Text: fmt.Sprintf("listed as %q", rule)}
	}
	text := "keyboard"
	if info.Caps.HasPointer() {
		text = "keyboard with pointer"
	}
	return Verdict{Grab: true, Reason: ReasonKeyboard, Text: text}
}

func kindText(k Kind, c *Caps) string {
	if k == KindKeys {
		if missing := c.missingLetters(); len(missing) < len(letters) {
			return "no keyboard (no " + strings.Join(missing, ", ") + ")"
		}
		return "no letter keys"
	}
	return string(k)
}

// remappers are programs that make virtual keyboards. They are recognised by the start of the name or of phys, or by vendor
// and product. If toshy grabbed their output, one remapper would feed the other, or even itself in a circle.
var remappers = []struct {
	who, name, phys string
	vendor, product uint16
}{
	{who: "keyd", name: "keyd virtual", vendor: 0x0fac},
	{who: "kanata", name: "kanata"},
	{who: "xremap", name: "xremap"},
	{who: "keymapper", name: "Keymapper"},
	{who: "input-remapper", name: "input-remapper", phys: "input-remapper"},
	{who: "input-remapper", name: "key-mapper", phys: "key-mapper"},
	{who: "evsieve", name: "Evsieve Virtual Device"},
	{who: "xwaykeyz", name: "XWayKeyz (virtual)"},
	{who: "keyszer", name: "Keyszer (virtual)"},
	{who: "xkeysnail", name: "py-evdev-uinput", phys: "py-evdev-uinput"},
	{who: "kmonad", name: "KMonad"},
	{who: "evremap", name: "evremap "},
	{who: "makima", name: "Makima"},
	{who: "hawck", name: "Hawck"},
	{who: "logiops", name: "LogiOps Virtual"},
	{who: "solaar", name: "solaar-keyboard"},
	{who: "ydotool", name: "ydotoold"},
	{who: "ydotool", name: "ydotool"},
	{who: "dotool", name: "dotool"},
}

// remapper names the program whose output a device is, or returns "". It only considers devices that a program made, so a
// real keyboard may have any name.
func remapper(info *Info) string {
	if !info.Virtual && info.Bus != BusVirtual {
		return ""
	}
	for _, r := range remappers {
		if hasPrefixFold(info.Name, r.name) || r.phys != "" && strings.HasPrefix(info.Phys, r.phys) ||
			r.vendor != 0 && info.Vendor == r.vendor && (r.product == 0 || r.product == info.Product) {
			return r.who
		}
	}
	return ""
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
