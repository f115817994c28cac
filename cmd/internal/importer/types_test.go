package importer

import "testing"

// Rules for one keyboard test a type that the keyboard gets by its numbers.
func TestKeyboardTypes(t *testing.T) {
	for _, c := range []struct{ file, source, input string }{
		{"karabiner.json", `{"title":"x","rules":[{"manipulators":[{"type":"basic","from":{"key_code":"a"},"to":[{"key_code":"b"}],"conditions":[{"type":"device_if","identifiers":[{"vendor_id":1452,"product_id":1}]}]}]}]}`, "keyboard vendor_0x05ac_product_0x0001\n+a -a"},
		{"xremap.yml", "modmap:\n- remap: { a: b }\n  device: { only: 'ids:0x5ac:0x1' }\n", "keyboard ids_0x5ac_0x1\n+a -a"},
		{"keyd.conf", "[ids]\n05ac:0001\n[main]\na = b\n", "+a -a"},
	} {
		k, err := Detect(c.file, []byte(c.source))
		if err != nil {
			t.Fatal(err)
		}
		r, err := k.Read(c.file, []byte(c.source), nil)
		if err != nil {
			t.Fatalf("%s: %v", c.file, err)
		}
		if got := seen(play(t, r, c.input)); got != "b" || len(r.Notes) > 0 {
			t.Errorf("%s: a is %s there; %v\n%s", c.file, got, r.Notes, r.TOML)
		}
	}
	files := []File{{"my-board.conf", []byte("[ids]\n05ac:0001\n[global]\ndefault_layout = two\n[main]\na = x\n[two:layout]\na = b\n")}, {"2.conf", []byte("[ids]\n05ac:0002\n[main]\na = c\n")}}
	r, err := KeydFiles(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	for input, want := range map[string]string{"keyboard my_board\n+a -a": "b", "keyboard keyboard_2\n+a -a": "c", "+a -a": "a"} {
		if got := seen(play(t, r, input)); got != want || len(r.Notes) > 0 {
			t.Errorf("%s: %s, expected %s; %v\n%s", input, got, want, r.Notes, r.TOML)
		}
	}
}
