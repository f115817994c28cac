package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The tray starts the unit for the way in which toshy runs: the agent if the system's daemon is installed, otherwise the single
// process.
func TestLookAround(t *testing.T) {
	root := t.TempDir()
	home := filepath.Join(root, "home")
	if m := lookAround(root, home); m.unit != "" || m.preset != "mac" {
		t.Errorf("nothing is installed: %+v", m)
	}
	put(t, filepath.Join(root, "/etc/systemd/user/toshy.service"), "")
	if m := lookAround(root, home); m.unit != "toshy.service" || m.system || m.atLogin || m.running {
		t.Errorf("toshy setup: %+v", m)
	}
	put(t, filepath.Join(root, "/usr/lib/systemd/user/toshy-agent.service"), "")
	if m := lookAround(root, home); m.unit != "toshy.service" {
		t.Errorf("an agent without a daemon: %+v", m)
	}
	put(t, filepath.Join(root, "/usr/lib/systemd/system/toshy-daemon.service"), "")
	if m := lookAround(root, home); m.unit != "toshy-agent.service" || !m.system || m.atLogin {
		t.Errorf("a package: %+v", m)
	}
	put(t, filepath.Join(home, "systemd/user", target, "toshy-agent.service"), "")
	if m := lookAround(root, home); !m.atLogin {
		t.Errorf("enabled: %+v", m)
	}
}

func TestPreset(t *testing.T) {
	opener(t, map[string]string{})
	path, err := ownConfiguration()
	if err != nil {
		t.Fatal(err)
	}
	if got := presetOf(path); got != "mac" {
		t.Errorf("a new configuration builds on %q", got)
	}
	if err := choosePreset("windows"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || presetOf(path) != "windows" || !strings.Contains(string(text), "[settings]") {
		t.Errorf("%v: %s", err, text)
	}
	for text, want := range map[string]string{
		"":                                 "mac",
		"[keymap.k]\nextends = \"none\"\n": "mac",
		"extends = 'none' # mine\n":        "none",
		"extends = \"other.toml\"\n":       "",
	} {
		put(t, path, text)
		if got := presetOf(path); got != want {
			t.Errorf("%q builds on %q, not %q", text, got, want)
		}
	}
	put(t, path, "this is no TOML")
	if err := choosePreset("mac"); err == nil {
		t.Error("a broken file was changed")
	}
	if text, _ := os.ReadFile(path); string(text) != "this is no TOML" {
		t.Errorf("it is now %q", text)
	}
}

// The complete text of a mistake can be read: it takes as many lines as it needs, none of them wider than a menu.
func TestMistakeIsWhole(t *testing.T) {
	message := "/home/somebody/.config/toshy/config.toml:123:45: " + strings.Repeat("word ", 30) + "END"
	text := ""
	for _, e := range mistake(message + "\n    line\n    ^\nhint: did you mean \"this\"?\n") {
		if !e.hidden {
			text += e.label + "\n"
		}
		if n := utf8.RuneCountInString(e.label); n > longest {
			t.Errorf("%d characters: %s", n, e.label)
		}
	}
	if !strings.Contains(text, "END\n") || !strings.Contains(text, "Hint: did you mean") {
		t.Errorf("cut:\n%s", text)
	}
	for _, e := range mistake("") {
		if !e.hidden {
			t.Errorf("without a mistake there is %q", e.label)
		}
	}
}
