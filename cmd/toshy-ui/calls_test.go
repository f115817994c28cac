package main

import (
	"testing"

	"toshy/config"
)

// The rule of keycheck names the keyboard by its vendor and product numbers, as toshy devices lists them.
func TestNamed(t *testing.T) {
	const list = `[
		{"name": "Receiver", "vendor": "046d", "product": "0001", "keyboard": "windows", "grab": false},
		{"name": "Receiver", "vendor": "046d", "product": "c52b", "keyboard": "windows", "grab": true},
		{"name": "Odd", "vendor": "x", "product": "", "keyboard": "windows", "grab": true}
	]`
	for name, want := range map[string]config.Identity{
		"Receiver": {Vendor: 0x046d, Product: 0xc52b, Name: "Receiver"}, "Odd": {Name: "Odd"}, "gone": {Name: "gone"},
	} {
		if got := named([]byte(list), name); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	if got := named(nil, "x"); got != (config.Identity{Name: "x"}) {
		t.Errorf("without a list: %+v", got)
	}
}
