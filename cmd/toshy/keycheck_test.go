package main

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"toshy/cmd/internal/keycheck"
	"toshy/evdev"
	"toshy/remap/key"
)

// keycheck writes its result into the configuration, or leaves the file as it was.
func TestKeycheckWrites(t *testing.T) {
	info := evdev.Info{Identity: evdev.Identity{Name: "Keychron K2", Vendor: 0x05ac, Product: 0x024f}}
	checked := func(keys ...key.Code) *keycheck.Check {
		c := &keycheck.Check{}
		for _, k := range keys {
			if _, err := c.Answer(keycheck.Press{Keyboard: info.Name, Key: k}); err != nil {
				t.Fatal(err)
			}
		}
		return c
	}
	run := func(path, answer string, write bool) (string, error) {
		c := checked(key.LeftAlt, key.LeftMeta)
		var out bytes.Buffer
		f := &keycheckFlags{config: path, write: write, in: bufio.NewReader(strings.NewReader(answer)), out: &out}
		err := f.tell(c.Type(), &info, c)
		return out.String(), err
	}
	read := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	const mine = "extends = \"mac\"\n[keymap.mine.keys]\nF1 = \"A\"\n"
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(mine), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run(path, "", false); err != nil || !strings.Contains(out, "Nothing was written") || read(path) != mine {
		t.Errorf("without an answer: %v\n%s", err, out)
	}
	link := filepath.Join(t.TempDir(), "link.toml")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if out, err := run(link, "y\n", false); err != nil || !strings.Contains(out, "has the type windows") || !strings.Contains(out, "Written to") {
		t.Errorf("with a yes: %v\n%s", err, out)
	}
	if text := read(path); !strings.HasPrefix(text, mine) || !strings.Contains(text, "vendor = 0x05ac, product = 0x024f, name = \"Keychron K2\"") {
		t.Errorf("written:\n%s", text)
	}
	if st, err := os.Lstat(link); err != nil || st.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is no longer a link")
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Error("other users may read the file now")
	}
	before := read(path)
	if out, err := run(path, "y\n", false); err != nil || !strings.Contains(out, "already") || read(path) != before {
		t.Errorf("a second time: %v\n%s", err, out)
	}
	// If no table can follow in a file, the file stays as it is.
	odd := "extends = \"mac\"\nkeyboard = [{ match = { name = \"x\" }, type = \"apple\" }]\n"
	if err := os.WriteFile(path, []byte(odd), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run(path, "", true); err == nil || read(path) != odd {
		t.Errorf("a list in brackets: %v\n%s", err, out)
	}
}
