package doctor

import (
	"testing"

	"toshy/remap/window/i3ipc"
)

// TestSwayLayouts: sway has a layout for one keyboard, which toshy's keyboard does not have.
func TestSwayLayouts(t *testing.T) {
	const laptop, usb = "1:1:AT_Translated_Set_2_keyboard", "1452:591:Keychron_K2"
	us, de := []string{"English (US)"}, []string{"German"}
	own := i3ipc.Keyboard{Identifier: ownIdentifier, Layouts: us}
	config := func(text string) *i3ipc.Config {
		return &i3ipc.Config{Path: "/home/ann/.config/sway/config", Texts: []string{"input * xkb_numlock enabled\n" + text}}
	}
	const line = "input \"" + laptop + "\" xkb_layout de\n"
	both := []i3ipc.Keyboard{own, {Identifier: usb, Layouts: us}, {Identifier: laptop, Layouts: de}}
	for _, tt := range []struct {
		what string
		all  []i3ipc.Keyboard
		c    *i3ipc.Config
		fix  string
	}{
		{"a line", both, config(line), `add to /home/ann/.config/sway/config: input "` + ownIdentifier + `" xkb_layout de`},
		{
			"a block", both, config("input " + laptop + " {\n\trepeat_rate 30\n\txkb_layout de\n\txkb_variant nodeadkeys\n}\ninput type:touchpad {\n\txkb_layout x\n}\n"),
			`add to /home/ann/.config/sway/config: input "` + ownIdentifier + `" xkb_layout de; input "` + ownIdentifier + `" xkb_variant nodeadkeys`,
		},
		{"another file", both, config(""), `add to /home/ann/.config/sway/config: input "` + ownIdentifier + `" xkb_layout LAYOUT`},
		{"no configuration", both, nil, `add to sway's configuration: input "` + ownIdentifier + `" xkb_layout LAYOUT`},
		{"toshy's keyboard has its own", both, config(line + "input \"" + ownIdentifier + "\" xkb_layout us\n"), ""},
		{"one layout for all", both[:2], config(line), ""},
		{"the keyboard of a program", []i3ipc.Keyboard{own, {Identifier: "0:0:virtual_keyboard", Layouts: de}}, config(""), ""},
		{"toshy does not run", both[1:], config(line), ""},
		{"nothing", nil, nil, ""},
	} {
		all := SwayLayouts(tt.all, tt.c)
		if tt.fix == "" {
			if len(all) > 0 {
				t.Errorf("%s: %+v", tt.what, all)
			}
			continue
		}
		if len(all) != 1 {
			t.Fatalf("%s: %+v", tt.what, all)
		}
		check(t, tt.what, all[0], Warning, Other, laptop+" the layout German")
		if all[0].Fix != tt.fix {
			t.Errorf("%s: %s, want %s", tt.what, all[0].Fix, tt.fix)
		}
	}
}
