//go:build desktop

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"toshy/remap/window/gnome"
	"toshy/remap/window/windowtest"
)

// TestWindowsFollow runs the real command on real desktops. The desktop's own means move the focus, and each change is a line.
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

// TestWindowsCategories: the categories of an application, from its desktop entry, and the groups that follow from them.
func TestWindowsCategories(t *testing.T) {
	x := &windowtest.X11{Manager: "openbox"}
	x.Start(t)
	data := t.TempDir()
	if err := os.MkdirAll(filepath.Join(data, "applications"), 0o755); err != nil {
		t.Fatal(err)
	}
	entry := "[Desktop Entry]\nType=Application\nName=New\nStartupWMClass=New-Shell\nCategories=System;TerminalEmulator;\n"
	if err := os.WriteFile(filepath.Join(data, "applications/com.example.new.desktop"), []byte(entry), 0o644); err != nil {
		t.Fatal(err)
	}
	env := []string{"DISPLAY=" + x.Display, "XDG_RUNTIME_DIR=" + x.Dir, "XDG_DATA_HOME=" + data}
	x.Open(t, "new-shell", "~").Focus(t)
	out, err := toshyIn(t, env, "windows", "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var k known
	if err := json.Unmarshal(out, &k); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(k.Categories, []string{"System", "TerminalEmulator"}) || !slices.Contains(k.Groups, "terminals") || slices.Contains(k.Groups, "gui") {
		t.Errorf("%+v", k)
	}
	text, err := toshyIn(t, env, "windows").Output()
	if err != nil || !strings.Contains(string(text), "System, TerminalEmulator") || !strings.Contains(string(text), "terminals") {
		t.Errorf("%v\n%s", err, text)
	}
}

// TestWindowsLayout: a change of the keyboard layout is a line, too, and both ways of asking show it.
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

// expectLayout waits for a line with this layout.
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

// extensionFolder contains our extension as "toshy gnome-extension install" writes it.
func extensionFolder(t testing.TB) string {
	t.Helper()
	folder, err := gnome.Write(t.TempDir(), windowtest.ShellVersion(t))
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// follower is toshy windows --follow.
type follower struct {
	t      testing.TB
	pid    int
	lines  chan known
	source string
}

// followDesktop starts the command in a session, with nothing of toshy in its environment.
func followDesktop(t *testing.T, d windowtest.Desktop, source, name string, env ...string) {
	t.Helper()
	a := d.Open(t, "konsole", "~ : bash")
	b := d.Open(t, "firefox", `Inbox "1"`)
	a.Focus(t)
	f := follow(t, env)
	f.source = source // sway supports a common protocol, too, which may answer first and is then replaced
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

// toshyIn runs the command in a session, with nothing of toshy in its environment.
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

func follow(t testing.TB, env []string) *follower {
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
	f := &follower{t: t, pid: c.Process.Pid, lines: make(chan known, 64)}
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

// expect waits for a line about this window from this source.
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

// BenchmarkIdle measures what a source costs while nothing happens, on real desktops at the same time: toshy windows --follow, which
// follows the focus and the layout as toshy run does, and does little else. It measures after the search for missing sources has
// ended.
// sources that are not there has been given up.
func BenchmarkIdle(b *testing.B) {
	const settle, span = 150 * time.Second, 20 * time.Second
	names, followers := []string{}, map[string]*follower{}
	begin := func(name string, d windowtest.Desktop, source string, env ...string) {
		d.Open(b, "konsole", "~ : bash").Focus(b)
		f := follow(b, env)
		f.source = source
		f.expect("konsole", "~ : bash")
		names, followers[name] = append(names, name), f
	}
	x := &windowtest.X11{Manager: "openbox"}
	x.Start(b)
	begin("X11", x, "x11", "DISPLAY="+x.Display, "XDG_RUNTIME_DIR="+x.Dir)
	s := &windowtest.Sway{}
	s.Start(b)
	begin("sway", s, "sway", "XDG_RUNTIME_DIR="+s.Dir)
	k := (&windowtest.KWin{}).Launch(b)
	k.Start(b)
	begin("KWin", k, "kwin", "DBUS_SESSION_BUS_ADDRESS="+k.Address(), "XDG_RUNTIME_DIR="+k.Env("XDG_RUNTIME_DIR"))
	g := (&windowtest.GNOME{Extensions: []string{extensionFolder(b)}}).Launch(b)
	g.Start(b)
	begin("GNOME", g, "gnome", "DBUS_SESSION_BUS_ADDRESS="+g.Address(), "XDG_RUNTIME_DIR="+g.Env("XDG_RUNTIME_DIR"))
	c := new(windowtest.Cinnamon).Launch(b)
	c.Start(b)
	begin("Cinnamon", c, "cinnamon", "DBUS_SESSION_BUS_ADDRESS="+c.Address(), "DISPLAY="+c.Env("DISPLAY"), "XDG_RUNTIME_DIR="+c.Env("XDG_RUNTIME_DIR"))

	time.Sleep(settle)
	before := map[string]used{}
	for name, f := range followers {
		before[name] = usage(b, f.pid)
	}
	time.Sleep(span)
	for _, name := range names {
		after := usage(b, followers[name].pid)
		b.Run(name, func(b *testing.B) {
			b.ReportMetric(float64(after.switches-before[name].switches)/span.Seconds(), "wakeups/s")
			b.ReportMetric(float64(after.rss)/1024, "rss-MB")
			b.ReportMetric(float64(after.own)/1024, "own-MB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// used is what a process has used so far: how often its threads have waited, and its memory in KiB.
type used struct{ switches, rss, own int }

func usage(b *testing.B, pid int) (u used) {
	b.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for i, path := range append(tasks, fmt.Sprintf("/proc/%d/status", pid)) {
		text, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(line, ":")
			n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB")) // other lines are not numbers
			switch whole := i == len(tasks); {
			case !whole && name == "voluntary_ctxt_switches":
				u.switches += n
			case whole && name == "VmRSS":
				u.rss = n
			case whole && name == "RssAnon":
				u.own = n
			}
		}
	}
	return u
}
