package evdev

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	goevdev "github.com/holoplot/go-evdev"
)

// Capabilities in the kernel's notation, as /proc/bus/input/devices and sysfs show them.
const (
	evKeyboard  = "120013"                                                                                                                                                     // SYN KEY MSC LED REP
	keysAT      = "402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe"                                                                                                // AT Translated Set 2 keyboard
	keysUSB     = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"                                                                                           // a USB keyboard
	keysCombo   = "ffff0000 0 0 4837fff072ff32d bf54444600000000 1f0001 130f938b17c007 ffff7bfad941dfff febeffdfffefffff fffffffffffffffe"                                     // Logitech K400 on its receiver
	keysMouse   = "1f0000 0 0 0 0"                                                                                                                                             // five buttons
	keysMedia   = "3f000303ff 0 0 483ffff17aff32d bfd4444600000000 1 130ff38b17c000 677bfad9415fed 19ed68000004400 10000002"                                                   // consumer control
	keysTouch   = "e520 10000 0 0 0 0"                                                                                                                                         // Synaptics touchpad
	keysPower   = "10000000000000 0"                                                                                                                                           // KEY_POWER
	keysPad     = "7cdb000000000000 0 0 0 0"                                                                                                                                   // Xbox pad
	keysRemote  = "c0000 400000000 0 58000 8001f84000c004 e0beffdf01cfffff fffffffffffffffe"                                                                                   // all letters, as some remotes claim
	keysPadKeys = "7cdb000000000000 1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"                                                                          // a pad that claims a keyboard
	keysAll     = "ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffff0000 0 ffffffffffffffff ffffffffffffffff fffffffffffffffe" // a remapper's
	keysNumpad  = "1000000000000 3f7a0000000000 0"
)

func device(bus, vendor uint16, name string, virtual bool, ev, key, rel, abs string) *Info {
	return &Info{
		Identity: Identity{Path: "/dev/input/event0", Name: name, Bus: bus, Vendor: vendor, Product: 1, Version: 1},
		Virtual:  virtual,
		Caps:     Caps{Types: parseBits(ev), Keys: parseBits(key), Rel: parseBits(rel), Abs: parseBits(abs)},
	}
}

func withLEDs(info *Info) *Info {
	info.Caps.LEDs = 7
	return info
}

func TestClassify(t *testing.T) {
	own := device(BusVirtual, ownVendor, "renamed by someone", true, "120013", keysAll, "", "")
	own.Phys = keyboardPhys
	forwarded := device(BusUSB, 0x046d, "Logitech K400 forwarded", true, "120013", keysUSB, "", "")
	forwarded.Phys = "input-remapper/abc"
	denied := device(BusUSB, 0x05ac, "Keychron K2", false, evKeyboard, keysUSB, "", "")
	denied.Err = &fs.PathError{Op: "open", Path: "/dev/input/event0", Err: fs.ErrPermission}
	deniedMouse := device(BusUSB, 0x046d, "Logitech M325", false, "17", keysMouse, "903", "")
	deniedMouse.Err = denied.Err
	for _, c := range []struct {
		info   *Info
		filter *Filter
		grab   bool
		reason Reason
		kind   Kind
		text   string
	}{
		{device(BusI8042, 1, "AT Translated Set 2 keyboard", false, evKeyboard, keysAT, "", ""), nil, true, ReasonKeyboard, KindKeyboard, "keyboard"},
		{device(BusUSB, 0x05ac, "Keychron K2", false, evKeyboard, keysUSB, "", ""), nil, true, ReasonKeyboard, KindKeyboard, "keyboard"},
		{device(BusUSB, 0x046d, "Logitech K400", false, "12001f", keysCombo, "1943", "100000000"), nil, true, ReasonKeyboard, KindKeyboard, "with pointer"},
		{device(BusBluetooth, 0x05ac, "keyd virtual keyboard", false, evKeyboard, keysUSB, "", ""), nil, true, ReasonKeyboard, KindKeyboard, "keyboard"},
		{device(BusUSB, 0x046d, "Logitech M325", false, "17", keysMouse, "903", ""), nil, false, ReasonKind, KindMouse, "pointer"},
		{device(BusUSB, 0x05ac, "Keychron K2 Consumer Control", false, "1f", keysMedia, "1040", "100000000"), nil, false, ReasonKind, KindKeys, "no letter keys"},
		{device(BusI8042, 2, "SynPS/2 Synaptics TouchPad", false, "b", keysTouch, "", "660800011000003"), nil, false, ReasonKind, KindTouchpad, "touchpad"},
		{device(0x19, 0, "Power Button", false, "3", keysPower, "", ""), nil, false, ReasonKind, KindPowerButton, "power button"},
		{device(0x19, 0, "Lid Switch", false, "21", "", "", ""), nil, false, ReasonKind, KindSwitch, "switch"},
		{device(BusUSB, 0x045e, "Xbox Wireless Controller", false, "20000b", keysPad, "", "3003f"), nil, false, ReasonKind, KindGamepad, "gamepad"},
		{device(BusUSB, 0x28de, "Pad with keys", false, "20000b", keysPadKeys, "", "3003f"), nil, false, ReasonKind, KindGamepad, "gamepad"},
		{withLEDs(device(BusUSB, 0x09da, "COMPANY USB Device", false, "12001f", keysPadKeys, "", "3003f")), nil, true, ReasonKeyboard, KindKeyboard, "keyboard"},
		{withLEDs(device(BusUSB, 0x045e, "Pad with lights", false, "22000b", keysPad, "", "3003f")), nil, false, ReasonKind, KindGamepad, "gamepad"},
		{device(BusUSB, 0x28de, "Pad with keys", false, "20000b", keysPadKeys, "", "3003f"), &Filter{Allow: []string{"Pad with keys"}}, true, ReasonAllowed, KindGamepad, "Pad with keys"},
		{device(BusUSB, 0x20a0, "Remote with letters", false, "100013", keysRemote, "", ""), nil, true, ReasonKeyboard, KindKeyboard, ""},
		{device(BusUSB, 1, "Numpad", false, "3", keysNumpad, "", ""), nil, false, ReasonKind, KindKeys, "no letter keys"},
		{device(0x19, 0, "PC Speaker", false, "40001", "", "", ""), nil, false, ReasonKind, KindOther, "no keys"},
		{own, nil, false, ReasonOwn, KindKeyboard, "toshy"},
		{own, &Filter{Allow: []string{"renamed by someone"}}, false, ReasonOwn, KindKeyboard, "toshy"},
		{device(BusUSB, 0x0fac, "keyd virtual keyboard", true, evKeyboard, keysAll, "", ""), nil, false, ReasonRemapper, KindKeyboard, "keyd"},
		{device(BusUSB, 0x0fac, "keyd virtual keyboard", true, evKeyboard, keysAll, "", ""), &Filter{Allow: []string{"keyd virtual keyboard"}}, true, ReasonAllowed, KindKeyboard, ""},
		{device(BusUSB, 0x1234, "xremap pid=812", true, evKeyboard, keysAll, "", ""), nil, false, ReasonRemapper, KindKeyboard, "xremap"},
		{device(BusUSB, 0, "kanata", true, evKeyboard, keysAll, "", ""), nil, false, ReasonRemapper, KindKeyboard, "kanata"},
		{device(BusUSB, 0, "Keymapper Virtual", true, evKeyboard, keysAll, "", ""), nil, false, ReasonRemapper, KindKeyboard, "keymapper"},
		{device(BusVirtual, 0, "Evsieve Virtual Device", true, evKeyboard, keysAll, "", ""), nil, false, ReasonRemapper, KindKeyboard, "evsieve"},
		{device(BusVirtual, 0x2333, "ydotoold virtual device", true, evKeyboard, keysAll, "103", ""), nil, false, ReasonRemapper, KindKeyboard, "ydotool"},
		{forwarded, nil, false, ReasonRemapper, KindKeyboard, "input-remapper"},
		{device(BusVirtual, 0, "Something else", true, evKeyboard, keysAll, "", ""), nil, false, ReasonVirtual, KindKeyboard, "another program"},
		{device(BusUSB, 0x4711, "Test keyboard", true, evKeyboard, keysUSB, "", ""), nil, true, ReasonKeyboard, KindKeyboard, ""},
		{denied, nil, false, ReasonPermission, KindKeyboard, "udev rule"},
		{deniedMouse, nil, false, ReasonKind, KindMouse, "pointer"},
		{denied, &Filter{Ignore: []string{"05AC:0001"}}, false, ReasonIgnored, KindKeyboard, "05AC:0001"},
	} {
		v := Classify(c.info, c.filter)
		if v.Grab != c.grab || v.Reason != c.reason || !strings.Contains(v.Text, c.text) {
			t.Errorf("%s: grab %v, %s, %q; want %v, %s, …%s…", c.info.Name, v.Grab, v.Reason, v.Text, c.grab, c.reason, c.text)
		}
		if k := c.info.Caps.Kind(); k != c.kind {
			t.Errorf("%s is a %s, want %s", c.info.Name, k, c.kind)
		}
		if v.Text == "" {
			t.Errorf("%s: no text", c.info.Name)
		}
	}
}

func TestMissingLettersAreNamed(t *testing.T) {
	info := device(BusUSB, 1, "Almost", false, "3", keysUSB, "", "")
	info.Caps.Keys.Remove(44)
	if v := Classify(info, nil); v.Grab || v.Text != "no keyboard (no Z)" {
		t.Errorf("%+v", v)
	}
}

// The reference's recorded selection. If toshy differs on purpose, the test says so.
func TestConformanceDeviceFilter(t *testing.T) {
	b, err := os.ReadFile("testdata/device_filter.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Scenarios []struct {
			Name         string
			Only, Ignore []string
			Devices      []struct {
				Name, Path, Phys, Uniq string
				Keys                   []string
				Info                   []uint16
			}
			Expect struct {
				Grab        []bool
				SyntheticID []string `json:"synthetic_id"`
			}
		}
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Scenarios) < 10 {
		t.Fatalf("%d scenarios", len(file.Scenarios))
	}
	for _, s := range file.Scenarios {
		for i, d := range s.Devices {
			info := &Info{Identity: Identity{Path: d.Path, Name: d.Name, Phys: d.Phys, Uniq: d.Uniq, Bus: BusUSB, Vendor: 0x1234, Product: 0x5678, Version: 1}}
			if len(d.Info) == 4 {
				info.Bus, info.Vendor, info.Product, info.Version = d.Info[0], d.Info[1], d.Info[2], d.Info[3]
			}
			for _, k := range d.Keys {
				code, ok := goevdev.KEYFromString[k]
				if !ok {
					t.Fatalf("no key %s", k)
				}
				info.Caps.Keys.Add(uint16(code))
			}
			// The reference's own virtual keyboard takes the place of ours: it is recognised by phys, never by name (wart W20: the
			// reference grabs it when an allow list names it).
			own := strings.HasPrefix(d.Name, "XWayKeyz")
			if own {
				info.Phys = keyboardPhys
			}
			want := s.Expect.Grab[i] && !own
			if got := Classify(info, &Filter{Allow: s.Only, Ignore: s.Ignore}); got.Grab != want {
				t.Errorf("%s: %s: grab %v (%s), want %v", s.Name, d.Name, got.Grab, got.Text, want)
			}
			id := info.SyntheticID()
			if d.Phys != "" {
				id = info.SyntheticIDAt()
			}
			if id != s.Expect.SyntheticID[i] {
				t.Errorf("%s: synthetic id %s, want %s", d.Name, id, s.Expect.SyntheticID[i])
			}
		}
	}
}

func TestMatches(t *testing.T) {
	dir := t.TempDir()
	node, link := filepath.Join(dir, "event3"), filepath.Join(dir, "by-id")
	if err := os.WriteFile(node, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("event3", link); err != nil {
		t.Fatal(err)
	}
	id := &Identity{Path: node, Name: "Keychron K2", Phys: "usb-1/input0", Uniq: "DC:2C:26:00:11:22", Bus: BusBluetooth, Vendor: 0x05ac, Product: 0x024f, Version: 0x011b}
	for rule, want := range map[string]bool{
		"":                  false,
		"Keychron K2":       true,
		"keychron k2":       false,
		"Keychron":          false,
		node:                true,
		link:                true,
		"/dev/input/event3": false,
		"DC:2C:26:00:11:22": true,
		"05ac:024f":         true,
		"05AC:024F":         true,
		"05ac:0250":         false,
		"bluetooth-05ac-024f-keychron-k2@dc:2c:26:00:11:22": true,
		"bluetooth-05ac-024f-keychron-k2":                   false,
		"b0005:v05ac:p024f:e011b:n381a17b4":                 true,
		"b0005:v05ac:p024f:e011b:n381a17b4@usb-1/input0":    true,
		"b0005:v05ac:p024f:e011b:n381a17b4@usb-2/input0":    false,
	} {
		if got := Matches(rule, id); got != want {
			t.Errorf("Matches(%q) = %v, want %v", rule, got, want)
		}
	}
	if Matches("", &Identity{}) {
		t.Error("an empty rule names a device without a name")
	}
}

func TestID(t *testing.T) {
	twin := Identity{Name: "Magic Keyboard", Uniq: "aa:01", Bus: BusBluetooth, Vendor: 0x4c, Product: 0x267}
	other := twin
	other.Uniq = "aa:02"
	if twin.ID() == other.ID() {
		t.Error("two keyboards of one kind with different addresses have the same ID")
	}
	moved := twin
	moved.Path, moved.Phys, moved.Version = "/dev/input/event9", "other", 7
	if twin.ID() != moved.ID() {
		t.Errorf("after a reconnect %s became %s", twin.ID(), moved.ID())
	}
	for want, id := range map[string]Identity{
		"usb-05ac-024f-keychron-k2":                  {Name: "Keychron  K2 ", Bus: BusUSB, Vendor: 0x05ac, Product: 0x024f},
		"i8042-0001-0001-at-translated-set-2-ключ":   {Name: "AT Translated Set 2 Ключ", Bus: BusI8042, Vendor: 1, Product: 1},
		"00ff-0000-0000":                             {Bus: 0xff},
		"bluetooth-004c-0267-magic-keyboard@aa:01":   twin,
		"virtual-1209-7453-toshy-virtual-keyboard":   {Name: KeyboardName, Bus: BusVirtual, Vendor: ownVendor, Product: keyboardProduct},
		"usb-0000-0000-a-b@serial with spaces_and-x": {Name: "a/b", Bus: BusUSB, Uniq: "Serial with spaces_and-X"},
	} {
		if got := id.ID(); got != want {
			t.Errorf("ID = %s, want %s", got, want)
		}
	}
}
