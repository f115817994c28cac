package config

import (
	"os"
	"testing"
)

// An edit of a real configuration changes nothing else. SetValue itself checks this, here for each key of each keymap.
func TestEditOfRealFiles(t *testing.T) {
	text, err := os.ReadFile("../docs/tutorial.toml")
	if err != nil {
		t.Fatal(err)
	}
	keymaps, err := FileKeymaps(string(text))
	if err != nil || len(keymaps) < 3 {
		t.Fatalf("%v: %d keymaps", err, len(keymaps))
	}
	for _, m := range keymaps {
		got, err := SetValue(string(text), []string{"keymap", m.Name, "keys", "F24"}, `"F23"`)
		if err != nil || len(got) < len(text)+8 {
			t.Errorf("a new key in %s: %v", m.Name, err)
		}
		for _, k := range m.Keys {
			if k.Value == "{ ... }" {
				continue
			}
			if _, err := SetValue(string(text), []string{"keymap", m.Name, "keys", k.Combo}, `"F23"`); err != nil {
				t.Errorf("%s in %s: %v", k.Combo, m.Name, err)
			}
		}
	}
}
