// Package evdevtest makes input devices that imitate real ones in tests. They need /dev/uinput.
package evdevtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bendahl/uinput"
)

// Keyboard is a keyboard that types what a test says. It presents itself as a USB keyboard.
type Keyboard struct {
	Node string // its device node

	t   testing.TB
	kbd uinput.Keyboard
}

// NewKeyboard plugs in a keyboard, until the test ends or calls Unplug.
func NewKeyboard(t testing.TB, name string) *Keyboard {
	t.Helper()
	kbd, err := uinput.CreateKeyboard("/dev/uinput", []byte(name))
	if err != nil {
		t.Fatal(err)
	}
	k := &Keyboard{t: t, kbd: kbd}
	t.Cleanup(k.Unplug)
	sys, err := kbd.FetchSyspath()
	if err != nil {
		t.Fatal(err)
	}
	k.Node = node(t, sys)
	return k
}

// Mouse is a mouse that does what a test says.
type Mouse struct {
	uinput.Mouse
	Node string
}

// NewMouse plugs in a mouse until the test ends.
func NewMouse(t testing.TB, name string) *Mouse {
	t.Helper()
	m, err := uinput.CreateMouse("/dev/uinput", []byte(name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	sys, err := m.FetchSyspath()
	if err != nil {
		t.Fatal(err)
	}
	return &Mouse{Mouse: m, Node: node(t, sys)}
}

// node finds the event node of the device that sysfs shows in dir.
func node(t testing.TB, dir string) string {
	t.Helper()
	dir = strings.TrimRight(dir, "\x00") // the library does not remove the padding
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if found, _ := filepath.Glob(filepath.Join(dir, "event*")); len(found) == 1 {
			n := filepath.Join("/dev/input", filepath.Base(found[0]))
			if _, err := os.Stat(n); err == nil {
				return n
			}
		}
	}
	t.Fatalf("no node for %s", dir)
	return ""
}

// Down presses keys, one frame each.
func (k *Keyboard) Down(codes ...int) {
	k.t.Helper()
	for _, c := range codes {
		if err := k.kbd.KeyDown(c); err != nil {
			k.t.Fatal(err)
		}
	}
}

// Up releases keys, one frame each.
func (k *Keyboard) Up(codes ...int) {
	k.t.Helper()
	for _, c := range codes {
		if err := k.kbd.KeyUp(c); err != nil {
			k.t.Fatal(err)
		}
	}
}

// Tap presses and releases each key.
func (k *Keyboard) Tap(codes ...int) {
	k.t.Helper()
	for _, c := range codes {
		k.Down(c)
		k.Up(c)
	}
}

// Unplug unplugs the keyboard, with whatever is held on it. Doing it again does nothing.
func (k *Keyboard) Unplug() {
	if k.kbd != nil {
		_ = k.kbd.Close()
		k.kbd = nil
	}
}
