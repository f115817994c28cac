package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// opener is a PATH with an xdg-open that records what it should open, and with programs that print a text.
func opener(t *testing.T, programs map[string]string) (opened func() string) {
	t.Helper()
	dir := t.TempDir()
	note := filepath.Join(dir, "opened")
	programs["xdg-open"] = fmt.Sprintf("printf %%s \"$1\" >%s.new && mv %[1]s.new %[1]s", note)
	for name, text := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	return func() string {
		t.Helper()
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if b, err := os.ReadFile(note); err == nil {
				_ = os.Remove(note)
				return string(b)
			}
		}
		t.Fatal("nothing was opened")
		return ""
	}
}

func TestConfigurationIsMadeOnce(t *testing.T) {
	opened := opener(t, map[string]string{})
	path := filepath.Join(os.Getenv("XDG_CONFIG_HOME"), "toshy", "config.toml")
	makes := func(want string) {
		t.Helper()
		if err := createConfiguration(); err != nil {
			t.Fatal(err)
		}
		if got := opened(); got != path {
			t.Errorf("opens %q", got)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("the file is %q, %v", got, err)
		}
	}
	makes(firstConfiguration)
	if err := os.WriteFile(path, []byte("# mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	makes("# mine")
}

// The tray shows what a program prints, even if its exit status is not 0. A missing program is an error.
func TestReport(t *testing.T) {
	opened := opener(t, map[string]string{"findings": "echo broken; echo why >&2; exit 3"})
	if err := openReport(context.Background(), "doctor", "findings"); err != nil {
		t.Fatal(err)
	}
	path := opened()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v", path, info, err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "broken\nwhy\n" {
		t.Errorf("%q, %v", b, err)
	}
	if err := openReport(context.Background(), "log", "no-such-program"); err == nil || !strings.Contains(err.Error(), "no-such-program") {
		t.Errorf("a missing program: %v", err)
	}
}

// The tray opens the page for the focused application, and reports why it cannot open.
func TestPage(t *testing.T) {
	opener(t, map[string]string{"toshy-ui": `[ "$*" = "--socket /s --app bank" ] || { echo "toshy: no display" >&2; exit 4; }`})
	if err := openPage("/s", "bank"); err != nil {
		t.Error(err)
	}
	if err := openPage("/s", ""); err == nil || err.Error() != "open the page: no display" {
		t.Errorf("an error is reported as %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "*.log")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestProgramsBesideComeFirst(t *testing.T) {
	if got := beside("no-such-program"); got != "no-such-program" {
		t.Errorf("%q", got)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if got := beside(filepath.Base(self)); got != self {
		t.Errorf("%q, want %q", got, self)
	}
}
