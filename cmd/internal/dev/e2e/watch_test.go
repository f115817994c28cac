//go:build vm

package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"toshy/cmd/internal/control"
)

// What a status bar or the tray gets from a daemon with a real keyboard.
func TestStatusIsWatched(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	socket := filepath.Join(dir, "toshy.sock")
	k := plugUSB(t)
	r := startOn(t, `extends = "none"
[setting.wide]
default = false
description = "is wide"
[[keyboard]]
match = { name = "no such keyboard" }
type = "apple"
[keymap.apple]
when = 'keyboard == "apple"'
keys.F3 = "B"
[keymap.all.keys]
F2 = { toggle = "wide" }
`, k)
	ask := func(command, name, value string) *control.Response {
		t.Helper()
		c, err := control.Dial(socket)
		must(t, err)
		defer c.Close()
		a, err := c.Do(control.Request{Command: command, Name: name, Value: value})
		if a == nil {
			t.Fatal(err)
		}
		return a
	}
	events := make(chan control.Event, 1000)
	began := make(chan struct{})
	c, err := control.Dial(socket)
	must(t, err)
	defer c.Close()
	go func() {
		_ = c.Watch([]string{"status"}, func() error { close(began); return nil }, func(e control.Event) error { events <- e; return nil })
	}()
	<-began
	told := func(after string) {
		t.Helper()
		select {
		case e := <-events:
			if e.Kind != "status" || e.Key != "" || e.Window != nil {
				t.Errorf("after %s: %+v", after, e)
			}
		case <-deadline().reached():
			t.Fatalf("nothing was reported after %s", after)
		}
	}
	drain := func() {
		for len(events) > 0 {
			<-events
		}
	}

	// Keys that change nothing are not reported. A key that changes a setting is reported once.
	k.becomes(r.out, "+a -a +f3 -f3", "+a -a +f3 -f3")
	k.types("+f2 -f2")
	told("a key that changes a setting")
	if s := ask("settings", "", "").Settings; len(s) != 1 || s[0].Value != "true" || s[0].Description != "is wide" {
		t.Errorf("settings: %+v", s)
	}
	k.becomes(r.out, "+a -a", "+a -a")
	if n := len(events); n != 0 {
		t.Errorf("%d more events than changes", n)
	}

	s := ask("status", "", "").Status
	if len(s.Keyboards) == 0 {
		t.Fatalf("no keyboard: %+v", s)
	}
	for _, x := range s.Keyboards {
		if a := ask("keyboard-type", x.ID, "apple"); !a.OK {
			t.Errorf("%s: %s", x.ID, a.Error)
		}
	}
	told("another keyboard type")
	k.becomes(r.out, "+f3 -f3", "+b -b")
	if a := ask("keyboard-type", s.Keyboards[0].ID, "amiga"); a.OK {
		t.Error("a keyboard type that the configuration does not know was accepted")
	}
	drain()
	ask("pause", "", "")
	told("a pause")
	ask("resume", "", "")
	told("its end")
	k.through(r.out)
	drain()
	must(t, os.WriteFile(r.config, []byte("[nonsense]\n"), 0o644))
	ask("reload", "", "")
	told("a broken configuration")
	if s := ask("status", "", "").Status; s.ConfigError == "" {
		t.Error("the status does not say that the configuration is broken")
	}
	drain()
	k.pull()
	told("a keyboard that goes")
}
