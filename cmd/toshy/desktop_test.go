//go:build desktop

package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
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
	t     *testing.T
	lines chan known
}

// followDesktop starts the command in a session, with nothing of ours in its environment.
func followDesktop(t *testing.T, d windowtest.Desktop, source, name string, env ...string) {
	t.Helper()
	a := d.Open(t, "konsole", "~ : bash")
	b := d.Open(t, "firefox", `Inbox "1"`)
	a.Focus(t)
	f := follow(t, env)
	k := f.expect("konsole", "~ : bash")
	if k.Source != source || k.Desktop != name || k.State != "known" {
		t.Errorf("%+v, want source %q and desktop %q", k, source, name)
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

func follow(t *testing.T, env []string) *follower {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, "windows", "--follow", "--json")
	c.Args[0] = "toshy" // see TestMain
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
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

// expect waits for a line about that window, which is known.
func (f *follower) expect(app, title string) known {
	f.t.Helper()
	var seen []known
	for limit := time.After(windowtest.Limit); ; {
		select {
		case k := <-f.lines:
			if k.App == app && k.Title == title && k.State == "known" {
				return k
			}
			seen = append(seen, k)
		case <-limit:
			f.t.Fatalf("never printed: %q %q; printed: %+v", app, title, seen)
		}
	}
}
