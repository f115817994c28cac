package evdev

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
)

// Bus types (linux/input.h).
const (
	BusPCI       = 0x01
	BusUSB       = 0x03
	BusBluetooth = 0x05
	BusVirtual   = 0x06
	BusI8042     = 0x11
)

var busNames = map[uint16]string{
	BusPCI: "pci", 0x02: "isapnp", BusUSB: "usb", 0x04: "hil", BusBluetooth: "bluetooth", BusVirtual: "virtual",
	0x10: "isa", BusI8042: "i8042", 0x12: "xtkbd", 0x13: "rs232", 0x14: "gameport", 0x15: "parport",
	0x16: "amiga", 0x17: "adb", 0x18: "i2c", 0x19: "host", 0x1a: "gsc", 0x1b: "atari", 0x1c: "spi",
	0x1d: "rmi", 0x1e: "cec", 0x1f: "intel-ishtp", 0x20: "amd-sfh",
}

// Identity is what a device says about itself.
type Identity struct {
	Path    string // the node, /dev/input/event3
	Name    string
	Phys    string // where it is plugged in; changes with the port
	Uniq    string // serial number or Bluetooth address, often empty
	Bus     uint16
	Vendor  uint16
	Product uint16
	Version uint16
}

// BusName is the bus in a word, or its number in hexadecimal.
func (id Identity) BusName() string {
	if n, ok := busNames[id.Bus]; ok {
		return n
	}
	return fmt.Sprintf("%04x", id.Bus)
}

// ID is a name for the device that stays the same after a reboot, a reconnect and on another port:
//
//	BUS-VENDOR-PRODUCT-NAME[@UNIQ]      usb-05ac-024f-keychron-k2   bluetooth-05ac-024f-keychron-k2@dc:2c:26:00:11:22
//
// with BUS as in BusName, four hexadecimal digits each for vendor and product, the name in lower case with hyphens in place
// of everything but letters and digits, and the serial number or Bluetooth address, if there is one. Two identical
// keyboards without a serial number have the same ID. Phys tells them apart, as long as they stay in their ports:
// SyntheticID with @phys.
func (id Identity) ID() string {
	s := fmt.Sprintf("%s-%04x-%04x", id.BusName(), id.Vendor, id.Product)
	if n := slug(id.Name); n != "" {
		s += "-" + n
	}
	if id.Uniq != "" {
		s += "@" + strings.ToLower(id.Uniq)
	}
	return s
}

func slug(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "-")
}

// SyntheticID is xwaykeyz's name for a device, without its optional "@phys", for users who bring such names.
func (id Identity) SyntheticID() string {
	sum := md5.Sum([]byte(id.Name))
	return fmt.Sprintf("b%04x:v%04x:p%04x:e%04x:n%s", id.Bus, id.Vendor, id.Product, id.Version, hex.EncodeToString(sum[:4]))
}

// SyntheticIDAt is SyntheticID with the port: b0003:v05ac:p024f:e0111:n381a17b4@usb-0000:00:14.0-2/input0.
func (id Identity) SyntheticIDAt() string { return id.SyntheticID() + "@" + id.Phys }

// HardwareID is VENDOR:PRODUCT in hexadecimal, as in lsusb: 05ac:024f.
func (id Identity) HardwareID() string { return fmt.Sprintf("%04x:%04x", id.Vendor, id.Product) }

// What toshy's own devices say about themselves. toshy recognises them by phys, whatever their name: no other program
// writes that text, and users cannot set it.
const (
	ownPhys      = "toshy/"
	keyboardPhys = ownPhys + "virtual-keyboard"
	pointerPhys  = ownPhys + "virtual-pointer"
	KeyboardName = "toshy virtual keyboard"
	PointerName  = "toshy virtual pointer"

	ownVendor       = 0x1209 // pid.codes, the vendor id of open source projects
	keyboardProduct = 0x7453
	pointerProduct  = 0x7454
)

// IsOwn says whether this or another toshy made the device.
func (id Identity) IsOwn() bool { return strings.HasPrefix(id.Phys, ownPhys) }
