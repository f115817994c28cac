package evdev

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// plugs is a directory in place of /dev/input. A file's content is the name of the device. Mode 0 means a node that not even root may
// open.
type plugs struct {
	t   *testing.T
	dir string
	got chan string
}

func (p *plugs) probe(path string) *Info {
	info := &Info{Identity: Identity{Path: path}}
	st, err := os.Stat(path)
	if err == nil && st.Mode().Perm() == 0 {
		err = &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	}
	if err != nil {
		info.Err = err
		return info
	}
	b, err := os.ReadFile(path)
	info.Name, info.Err = string(b), err
	return info
}

func (p *plugs) start(limit time.Duration) *Hotplug {
	p.t.Helper()
	p.got = make(chan string, 64)
	h, err := watchDevices(p.dir, limit, p.probe, func(c Change) {
		base := filepath.Base(c.Path)
		switch {
		case c.Kind == Scanned:
			p.got <- "scanned"
		case c.Kind == Vanished:
			p.got <- "-" + base
		case errors.Is(c.Info.Err, fs.ErrPermission):
			p.got <- "!" + base
		default:
			p.got <- "+" + base
		}
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		if err := errors.Join(h.Close(), h.Close()); err != nil {
			p.t.Error(err)
		}
	})
	return h
}

// plug creates a node that has its content and mode at once.
func (p *plugs) plug(name string, mode os.FileMode) {
	p.t.Helper()
	tmp := filepath.Join(p.t.TempDir(), name)
	if err := errors.Join(os.WriteFile(tmp, []byte(name), 0o600), os.Chmod(tmp, mode), os.Rename(tmp, filepath.Join(p.dir, name))); err != nil {
		p.t.Fatal(err)
	}
}

func (p *plugs) want(want ...string) {
	p.t.Helper()
	for i, w := range want {
		select {
		case got := <-p.got:
			if got != w {
				p.t.Fatalf("report %d is %q, want %q of %q", i, got, w, want)
			}
		case <-time.After(time.Minute):
			p.t.Fatalf("no report, want %q", w)
		}
	}
}

func newPlugs(t *testing.T) *plugs { return &plugs{t: t, dir: filepath.Join(t.TempDir(), "input")} }

func TestHotplug(t *testing.T) {
	p := newPlugs(t)
	if err := os.Mkdir(p.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p.plug("event10", 0o600)
	p.plug("event9", 0o600)
	p.plug("mouse0", 0o600)
	p.start(time.Hour)
	p.want("+event9", "+event10", "scanned")

	p.plug("js0", 0o600)
	p.plug("event3", 0o600)
	p.want("+event3")
	if err := os.Chmod(filepath.Join(p.dir, "event3"), 0o640); err != nil { // udev: no second report
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(p.dir, "event9")); err != nil {
		t.Fatal(err)
	}
	p.want("-event9")
	if err := os.Rename(filepath.Join(p.dir, "event3"), filepath.Join(p.dir, "event4")); err != nil {
		t.Fatal(err)
	}
	got := []string{<-p.got, <-p.got}
	slices.Sort(got)
	if !slices.Equal(got, []string{"+event4", "-event3"}) {
		t.Fatalf("a rename gives %q", got)
	}
	// The same node again, as when a Bluetooth keyboard reconnects.
	for range 50 {
		if err := os.Remove(filepath.Join(p.dir, "event4")); err != nil {
			t.Fatal(err)
		}
		p.want("-event4")
		p.plug("event4", 0o600)
		p.want("+event4")
	}
}

func TestHotplugLatePermission(t *testing.T) {
	p := newPlugs(t)
	if err := os.Mkdir(p.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p.plug("event0", 0)
	p.start(time.Hour)
	p.want("scanned")
	p.plug("event1", 0)
	for _, n := range []string{"event0", "event1"} {
		if err := os.Chmod(filepath.Join(p.dir, n), 0o600); err != nil {
			t.Fatal(err)
		}
		p.want("+" + n)
	}
	p.plug("event2", 0) // unplugged before it could be opened: nothing to report
	if err := os.Remove(filepath.Join(p.dir, "event2")); err != nil {
		t.Fatal(err)
	}
	p.plug("event3", 0o600)
	p.want("+event3")
}

func TestHotplugPermissionNeverComes(t *testing.T) {
	p := newPlugs(t)
	if err := os.Mkdir(p.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p.plug("event0", 0)
	p.start(time.Millisecond)
	p.want("scanned", "!event0")
	p.plug("event1", 0)
	p.want("!event1")
	if err := os.Chmod(filepath.Join(p.dir, "event0"), 0o600); err != nil { // it can be opened after all
		t.Fatal(err)
	}
	p.want("+event0")
	if err := os.Remove(filepath.Join(p.dir, "event1")); err != nil {
		t.Fatal(err)
	}
	p.want("-event1")
}

func TestHotplugDirectoryComesAndGoes(t *testing.T) {
	p := newPlugs(t)
	p.start(time.Hour)
	p.want("scanned")
	for i := range 5 {
		if err := os.Mkdir(p.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		node := fmt.Sprintf("event%d", i)
		p.plug(node, 0o600)
		p.want("+" + node)
		if err := os.RemoveAll(p.dir); err != nil {
			t.Fatal(err)
		}
		p.want("-" + node)
	}
}

// The kernel makes every key slower while someone asks for changes of modes. So toshy asks only while a node cannot be opened.
func TestHotplugAsksForModesOnlyWhileRefused(t *testing.T) {
	p := newPlugs(t)
	if err := os.Mkdir(p.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p.plug("event0", 0o600)
	h := p.start(time.Hour)
	p.want("+event0", "scanned")
	next := 100
	// Each report comes after everything about the one before is done.
	wantAsked := func(want bool) {
		t.Helper()
		node := fmt.Sprintf("event%d", next)
		next++
		p.plug(node, 0o600)
		p.want("+" + node)
		if got := asksForModes(t, h); got != want {
			t.Fatalf("toshy asks for changes of modes: %v, want %v", got, want)
		}
	}
	wantAsked(false)
	p.plug("event1", 0)
	p.plug("event2", 0)
	wantAsked(true)
	if err := os.Chmod(filepath.Join(p.dir, "event1"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.want("+event1")
	wantAsked(true)
	if err := os.Remove(filepath.Join(p.dir, "event2")); err != nil {
		t.Fatal(err)
	}
	wantAsked(false)
}

// asksForModes looks into the kernel's description of the watch (Documentation/filesystems/proc.rst, 3.8).
func asksForModes(t *testing.T, h *Hotplug) (asks bool) {
	t.Helper()
	conn, err := h.watcher.file.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	if failed := conn.Control(func(fd uintptr) { text, err = os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", fd)) }); failed != nil || err != nil {
		t.Fatal(failed, err)
	}
	watches := 0
	for line := range strings.Lines(string(text)) {
		var wd, ino, dev, mask uint64
		if n, _ := fmt.Sscanf(line, "inotify wd:%x ino:%x sdev:%x mask:%x", &wd, &ino, &dev, &mask); n == 4 {
			watches++
			asks = mask&unix.IN_ATTRIB != 0
		}
	}
	if watches != 1 {
		t.Fatalf("%d watches, want 1:\n%s", watches, text)
	}
	return asks
}
