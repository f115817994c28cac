package program

import (
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"testing"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	own := filepath.Join(dir, "toshy", "config.toml")
	if got := Find("given.toml"); got != "given.toml" {
		t.Errorf("%q is used instead of the given path", got)
	}
	if got := Find(""); got == own {
		t.Errorf("found %q, which does not exist", got)
	}
	if err := os.MkdirAll(filepath.Dir(own), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := Find(""); got != own {
		t.Errorf("found %q, want the user's file", got)
	}
}

func TestBuiltin(t *testing.T) {
	p, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	if p.Path != "" || p.Source() != `built-in configuration "mac"` {
		t.Errorf("path %q, source %s", p.Path, p.Source())
	}
	for name, want := range map[string]string{"Apple Magic Keyboard": "apple", "Some Keyboard": "windows"} {
		if got := p.TypeByName(name); got != want {
			t.Errorf("%s is of type %q, want %q", name, got, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", "/home/of/config")
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"/home/of/config/toshy/config.toml", "/etc/toshy/users/" + me.Username + "/config.toml", "/etc/toshy/config.toml"}
	if got := Toshy.places(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
