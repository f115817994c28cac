package keyboards

import (
	"testing"

	"toshy/config"
	"toshy/evdev"
	"toshy/remap/key"
)

// device returns a device with the keys of a full keyboard.
func device(name string) *evdev.Info {
	info := &evdev.Info{Identity: evdev.Identity{Path: "/dev/input/event7", Name: name, Bus: 3, Vendor: 0x1234, Product: 0x5678}}
	info.Caps.Types.Add(1)
	for c := key.Code(1); c < 0x100; c++ {
		info.Caps.Keys.Add(uint16(c))
	}
	return info
}

func TestVerdict(t *testing.T) {
	const ignoring, listing = `
[devices]
ignore = [{ name = "Pedal" }]
`, `
[devices]
allow = [{ name = "Board" }]
`
	const adding = `
[devices]
also = ["Pedal"]
ignore = ["Broken"]
`
	for _, c := range []struct {
		what, toml, device string
		only               []string
		grab               bool
		reason             evdev.Reason
	}{
		{"a keyboard", "", "Board", nil, true, evdev.ReasonKeyboard},
		{"ignored", ignoring, "Pedal", nil, false, evdev.ReasonIgnored},
		{"another is ignored", ignoring, "Board", nil, true, evdev.ReasonKeyboard},
		{"listed", listing, "Board", nil, true, evdev.ReasonAllowed},
		{"another is listed", listing, "Pedal", nil, false, evdev.ReasonNotAllowed},
		{"one more", adding, "Pedal", nil, true, evdev.ReasonAllowed},
		{"one more leaves the others", adding, "Board", nil, true, evdev.ReasonKeyboard},
		{"one more and one less", adding, "Broken", nil, false, evdev.ReasonIgnored},
		{"one more beside a list", listing + "also = [\"Pedal\"]\n", "Pedal", nil, true, evdev.ReasonAllowed},
		{"the command line replaces the list", listing, "Pedal", []string{"Pedal"}, true, evdev.ReasonAllowed},
		{"and what is ignored", ignoring, "Pedal", []string{"Pedal"}, true, evdev.ReasonAllowed},
		{"the command line names another", "", "Board", []string{"Pedal"}, false, evdev.ReasonNotAllowed},
	} {
		cfg, err := config.Parse("x.toml", []byte("extends = \"none\"\n"+c.toml), config.Options{})
		if err != nil {
			t.Fatal(err)
		}
		v := Verdict(device(c.device), cfg, c.only)
		if v.Grab != c.grab || v.Reason != c.reason {
			t.Errorf("%s: %+v", c.what, v)
		}
	}
}

func TestType(t *testing.T) {
	cfg, err := config.Parse("x.toml", []byte("extends = \"none\"\n[[keyboard]]\nmatch = { vendor = 0x1234 }\ntype = \"apple\"\n"), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := Type(device("Board"), cfg); got != "apple" {
		t.Errorf("type %q", got)
	}
}
