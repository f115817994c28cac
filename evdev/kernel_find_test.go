//go:build vm

package evdev

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"toshy/evdev/evdevtest"
)

func TestKernelHotplug(t *testing.T) {
	type report struct {
		kind ChangeKind
		path string
		err  error
	}
	got := make(chan report, 64)
	first := evdevtest.NewKeyboard(t, "first test keyboard")
	h, err := watchDevices(InputDir, time.Millisecond, Probe, func(c Change) {
		r := report{kind: c.Kind, path: c.Path}
		if c.Info != nil {
			r.err = c.Info.Err
		}
		got <- r
	})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	want := func(kind ChangeKind, path string, denied bool) {
		t.Helper()
		limit := time.After(time.Minute)
		for {
			select {
			case r := <-got:
				if r.kind == kind && (path == "" || r.path == path) && errors.Is(r.err, os.ErrPermission) == denied {
					return
				}
			case <-limit:
				t.Fatalf("no report of kind %d for %s, denied %v", kind, path, denied)
			}
		}
	}
	want(Appeared, first.Node, false)
	want(Scanned, "", false)
	second := evdevtest.NewKeyboard(t, "second test keyboard")
	want(Appeared, second.Node, false)
	second.Unplug()
	want(Vanished, second.Node, false)

	// As a user who may not open it yet. udev changes the mode later.
	third := evdevtest.NewKeyboard(t, "third test keyboard")
	want(Appeared, third.Node, false)
	if err := os.Chmod(third.Node, 0o600); err != nil {
		t.Fatal(err)
	}
	setuid := func(id int) {
		t.Helper()
		if err := syscall.Seteuid(id); err != nil {
			t.Fatal(err)
		}
	}
	setuid(65534)
	defer setuid(0)
	late := make(chan report, 64)
	h2, err := watchDevices(InputDir, time.Millisecond, Probe, func(c Change) {
		if c.Path == third.Node {
			late <- report{c.Kind, c.Path, c.Info.Err}
			if c.Info.Err != nil && c.Info.Name != "third test keyboard" {
				t.Errorf("without permission it is %+v", c.Info)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer h2.Close()
	if r := <-late; !errors.Is(r.err, os.ErrPermission) {
		t.Fatalf("before udev: %v", r)
	}
	if v := Classify(Probe(third.Node), nil); v.Grab || v.Reason != ReasonPermission {
		t.Errorf("without permission: %+v", v)
	}
	if err := os.Chmod(UinputPath, 0o600); !errors.Is(err, os.ErrPermission) {
		t.Errorf("the test has not dropped its rights: %v", err)
	}
	if _, err := NewKeyboard(); !errors.Is(err, ErrUinputPermission) {
		t.Errorf("without permission a virtual keyboard gives %v", err)
	}
	setuid(0)
	if err := os.Chmod(third.Node, 0o666); err != nil {
		t.Fatal(err)
	}
	setuid(65534)
	if r := <-late; r.kind != Appeared || r.err != nil {
		t.Errorf("after udev: %v", r)
	}
}

func TestKernelList(t *testing.T) {
	k, m := evdevtest.NewKeyboard(t, "test keyboard"), evdevtest.NewMouse(t, "test mouse")
	list, err := List(nil)
	if err != nil {
		t.Fatal(err)
	}
	verdict := func(path string) Found {
		i := slices.IndexFunc(list, func(f Found) bool { return f.Path == path })
		if i < 0 {
			t.Fatalf("%s is not in %v", path, list)
		}
		return list[i]
	}
	if f := verdict(k.Node); !f.Grab || !f.Virtual || f.ID() != "usb-4711-0815-test-keyboard" {
		t.Errorf("the keyboard: %+v", f)
	}
	if f := verdict(m.Node); f.Grab || f.Caps.Kind() != KindMouse {
		t.Errorf("the mouse: %+v", f)
	}
	// sysfs reports the same as the device.
	for _, f := range list {
		var s Info
		s.fromSysfs(filepath.Join(sysClassInput, filepath.Base(f.Path), "device"))
		s.Path = f.Path
		if s.Identity != f.Identity || s.Caps != f.Caps {
			t.Errorf("sysfs has %+v\nioctls have %+v", s, f.Info)
		}
	}
}
