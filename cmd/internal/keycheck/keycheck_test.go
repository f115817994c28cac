package keycheck

import (
	"errors"
	"strings"
	"testing"

	"toshy/config"
	"toshy/remap/key"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{"leftmeta leftalt", "apple"},
		{"leftalt leftmeta", "windows"},
		{"leftalt leftctrl leftmeta", "chromebook"},
		{"leftalt leftctrl capslock", "ibm"},
		{"leftshift a fn leftalt leftshift leftmeta", "windows"}, // keys that are not an answer are ignored
		{"leftctrl leftalt", ""},
		{"leftalt leftalt", ""},
		{"leftalt leftctrl rightalt", ""},
	} {
		var check Check
		asked := 0
		for name := range strings.FieldsSeq(c.keys) {
			if check.Question() == "" {
				t.Errorf("%s: no question before %s", c.keys, name)
			}
			k, _ := key.Parse(name)
			ok, err := check.Answer(Press{"one", k})
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				asked++
			}
		}
		if q := check.Question(); q != "" || check.Type() != c.want || check.Keyboard() != "one" || asked < 2 {
			t.Errorf("%s: %q, the question is %q after %d answers", c.keys, check.Type(), q, asked)
		}
	}
	var check Check
	if _, err := check.Answer(Press{"one", key.LeftAlt}); err != nil {
		t.Fatal(err)
	}
	if ok, err := check.Answer(Press{"two", key.LeftMeta}); ok || !errors.Is(err, ErrOther) || check.Type() != "" {
		t.Errorf("an answer from another keyboard: %v %v", ok, err)
	}
}

// Whatever the keyboard's name is, the rule is valid and gives the keyboard its type.
func TestRule(t *testing.T) {
	for _, id := range []config.Identity{
		{Vendor: 0x05ac, Product: 0x024f, Name: "Keychron K2"},
		{Name: "strange \"\\\n\x1b[2J\u007fé 日本"},
		{Vendor: 1},
	} {
		text := "extends = \"mac\"\n[keymap.mine.keys]\nF1 = \"A\"\n" + Rule(id, "windows", "leftalt, then leftmeta")
		c, err := config.Parse("x.toml", []byte(text), config.Options{})
		if err != nil {
			t.Errorf("%+v: %v\n%s", id, err, text)
			continue
		}
		if typ, _ := c.KeyboardType(id); typ != "windows" {
			t.Errorf("%+v is %q by\n%s", id, typ, text)
		}
	}
}
