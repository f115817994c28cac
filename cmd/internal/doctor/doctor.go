// Package doctor finds what is wrong on this machine for toshy, and what to do about it. It changes nothing and reads no
// keys.
package doctor

import (
	"errors"
	"io/fs"
	"strings"

	"toshy/evdev"
)

// A Level says how much a finding matters.
type Level uint8

// The levels of findings.
const (
	Good    Level = iota // as it should be
	Note                 // worth knowing
	Warning              // works, but not as well as it could
	Broken               // does not work
)

// Words are the names of the levels.
var Words = [...]string{"ok", "note", "warning", "broken"}

// MarshalText gives the level's name.
func (l Level) MarshalText() ([]byte, error) { return []byte(Words[l]), nil }

// The Kind of a broken thing decides the exit code.
type Kind uint8

// Kinds.
const (
	Other Kind = iota
	Permission
	Device
)

// A Finding is the result of one check.
type Finding struct {
	Check string `json:"check"` // "uinput", "keyboards", "remappers", "focus", ...
	Level Level  `json:"level"`
	Text  string `json:"text"`
	Fix   string `json:"fix,omitempty"` // a command, or what to do
	Kind  Kind   `json:"-"`
}

// Fixes that several checks share.
const (
	rulesFix = "sudo toshy setup (installs toshy's udev rule, 70-toshy.rules; a package has it)"
	uinputIs = "sudo modprobe uinput && echo uinput | sudo tee /etc/modules-load.d/toshy.conf"
)

// Uinput checks whether toshy can make a virtual keyboard.
func Uinput(check func() error) Finding {
	const name = "uinput"
	err := check()
	switch {
	case err == nil:
		return Finding{Check: name, Text: "toshy can create a virtual keyboard"}
	case errors.Is(err, evdev.ErrNoUinput):
		return Finding{name, Broken, "there is no " + evdev.UinputPath + ": the kernel module uinput is not loaded", uinputIs, Device}
	case errors.Is(err, evdev.ErrUinputPermission):
		return Finding{name, Broken, "no permission to write " + evdev.UinputPath, rulesFix, Permission}
	}
	return Finding{name, Broken, err.Error(), "", Device}
}

// Keyboards checks whether there are keyboards that toshy takes and may read. judge comes from the configuration.
func Keyboards(list func() ([]evdev.Found, error), judge func(*evdev.Info) evdev.Verdict) []Finding {
	const name = "keyboards"
	found, err := list()
	switch {
	case errors.Is(err, evdev.ErrNoInputDir):
		return []Finding{{name, Broken, "there is no " + evdev.InputDir + ": no input devices, or a container without any", "sudo modprobe evdev; a container needs " + evdev.InputDir, Device}}
	case errors.Is(err, fs.ErrPermission):
		return []Finding{{name, Broken, "no permission to look into " + evdev.InputDir, rulesFix, Permission}}
	case err != nil:
		return []Finding{{name, Broken, err.Error(), "", Device}}
	}
	var all []Finding
	var take, denied []string
	for i := range found {
		info := &found[i].Info
		switch v := judge(info); {
		case v.Grab:
			take = append(take, info.Name)
		case v.Reason == evdev.ReasonPermission:
			denied = append(denied, info.Name)
		case v.Reason == evdev.ReasonRemapper:
			all = append(all, Finding{"remappers", Warning, info.Name + ": " + v.Text, "run one remapper only; toshy devices shows all devices", Other})
		}
	}
	if len(denied) > 0 {
		all = append(all, Finding{name, Broken, "no permission to read " + strings.Join(denied, ", "), rulesFix, Permission})
	}
	switch {
	case len(take) > 0:
		all = append(all, Finding{Check: name, Text: "will be taken: " + strings.Join(take, ", ")})
	case len(denied) == 0:
		all = append(all, Finding{name, Broken, "no keyboard that toshy would take", "toshy devices says why; plug in a keyboard, or list it in [devices] of the configuration", Device})
	}
	return all
}
