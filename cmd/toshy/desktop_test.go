//go:build desktop

package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"toshy/remap/window/gnome"
	"toshy/remap/window/windowtest"
)

// TestWindowsFollow runs the real command beside real desktops: focus moves by the desktop's own means, and
// each change is a line.
func TestWindowsFollow(t *testing.T) {
	t.Run("openbox", func(t *testing.T) {
		x := &windowtest.X11{Manager: "openbox"}
		x.Start(t)
		followDesktop(t, x, "x11", "openbox", "DISPLAY="+x.Display, "XDG_RUNTIME_DIR="+x.Dir)
	})
	t.Run("sway", func(t *testing.T) {
		s := &windowtest.Sway{}
		s.Start(t)
		followDesktop(t, s, "sway", "sway", "XDG_RUNTIME_DIR="+s.Dir)
	})
	t.Run("kwin", func(t *testing.T) {
		k := (&windowtest.KWin{}).Launch(t)
		k.Start(t)
		followDesktop(t, k, "kwin", "kde", "DBUS_SESSION_BUS_ADDRESS="+k.Address(), "XDG_RUNTIME_DIR="+k.Env("XDG_RUNTIME_DIR"))
	})
	t.Run("gnome", func(t *testing.T) {
		g := (&windowtest.GNOME{Extensions: []string{extensionFolder(t)}}).Launch(t)
		g.Start(t)
		followDesktop(t, g, "gnome", "gnome", "DBUS_SESSION_BUS_ADDRESS="+g.Address(), "XDG_RUNTIME_DIR="+g.Env("XDG_RUNTIME_DIR"))
	})
}

// TestWindowsLayout: a change of the keyboard layout is a line as well, and both ways of asking show it.
func TestWindowsLayout(t *testing.T) {
	x := &windowtest.X11{Manager: "openbox"}
	x.Start(t)
	x.Setxkbmap(t, "-layout", "fr")
	f := follow(t, []string{"DISPLAY=" + x.Display, "XDG_RUNTIME_DIR=" + x.Dir})
	f.expectLayout(keyboardLayout{"French", 0, "x11"})
	x.Setxkbmap(t, "-layout", "de")
	f.expectLayout(keyboardLayout{"German", 0, "x11"})

	k := (&windowtest.KWin{Layouts: "fr,ru"}).Launch(t)
	k.Start(t)
	env := []string{"DBUS_SESSION_BUS_ADDRESS=" + k.Address(), "XDG_RUNTIME_DIR=" + k.Env("XDG_RUNTIME_DIR")}
	f = follow(t, env)
	f.expectLayout(keyboardLayout{"French", 0, "wayland"})
	k.SwitchLayout(t, 1)
	f.expectLayout(keyboardLayout{"Russian", 1, "wayland"})
	for _, command := range []string{"windows", "doctor"} {
		c := toshyIn(t, env, command)
		out, err := c.Output() // doctor finds no keyboard here
		if want := `"Russian", group 2, from wayland`; !strings.Contains(string(out), want) {
			t.Errorf("toshy %s: %v; %s\nwant %s", command, err, out, want)
		}
	}
}

// expectLayout waits for a line with that layout.
func (f *follower) expectLayout(want keyboardLayout) {
	f.t.Helper()
	var seen []keyboardLayout
	for limit := time.After(windowtest.Limit); ; {
		select {
		case k := <-f.lines:
			if k.Layout == nil {
				continue
			}
			if *k.Layout == want {
				return
			}
			seen = append(seen, *k.Layout)
		case <-limit:
			f.t.Fatalf("never printed: %+v; printed: %+v", want, seen)
		}
	}
}

// extensionFolder has our extension as "toshy gnome-extension install" writes it.
func extensionFolder(t *testing.T) string {
	t.Helper()
	folder, err := gnome.Write(t.TempDir(), gnome.FirstShell)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// follower is toshy windows --follow.
type follower struct {
	t      *testing.T
	lines  chan known
	source string
}

// followDesktop starts the command in a session, with nothing of ours in its environment.
func followDesktop(t *testing.T, d windowtest.Desktop, source, name string, env ...string) {
	t.Helper()
	a := d.Open(t, "konsole", "~ : bash")
	b := d.Open(t, "firefox", `Inbox "1"`)
	a.Focus(t)
	f := follow(t, env)
	f.source = source // sway speaks a common protocol, too, which may answer first and has to give way
	if k := f.expect("konsole", "~ : bash"); k.Desktop != name {
		t.Errorf("%+v, want the desktop %q", k, name)
	}
	b.Focus(t)
	f.expect("firefox", `Inbox "1"`)
	b.SetTitle(t, "Inbox (2)")
	f.expect("firefox", "Inbox (2)")
	b.Close(t)
	f.expect("konsole", "~ : bash")
	a.Close(t)
	if k := f.expect("", ""); k.Desktop != name {
		t.Errorf("without a window: %+v, want the desktop %q", k, name)
	}
}

// toshyIn is the command in a session, with nothing of ours in its environment.
func toshyIn(t testing.TB, env []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, args...)
	c.Args[0] = "toshy" // see TestMain
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	return c
}

func follow(t *testing.T, env []string) *follower {
	t.Helper()
	c := toshyIn(t, env, "windows", "--follow", "--json")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	f := &follower{t: t, lines: make(chan known, 64)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var k known
			if err := json.Unmarshal(lines.Bytes(), &k); err != nil {
				t.Errorf("%s: %v", lines.Text(), err)
			}
			f.lines <- k
		}
	}()
	t.Cleanup(func() {
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		<-read
		if err := c.Wait(); err != nil {
			t.Errorf("toshy windows: %v", err)
		}
	})
	return f
}

// expect waits for a line about that window, which is known by the source.
func (f *follower) expect(app, title string) known {
	f.t.Helper()
	var seen []known
	for limit := time.After(windowtest.Limit); ; {
		select {
		case k := <-f.lines:
			if k.App == app && k.Title == title && k.State == "known" && k.Source == f.source {
				return k
			}
			seen = append(seen, k)
		case <-limit:
			f.t.Fatalf("never printed: %q %q; printed: %+v", app, title, seen)
		}
	}
}
