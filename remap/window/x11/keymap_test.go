//go:build desktop

package x11

import (
	"context"
	"strings"
	"testing"

	"toshy/remap/window/internal/xkb"
	"toshy/remap/window/windowtest"
)

type told struct {
	keymap *xkb.Keymap
	group  int
}

// lockGroup switches the layout like a panel applet (XkbLatchLockState).
func lockGroup(t *testing.T, s *Source, display string, group byte) {
	t.Helper()
	f, err := s.connect(t.Context(), display)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	k := &keyboard{wire: f.wire}
	if err := k.open(); err != nil {
		t.Fatal(err)
	}
	const latchLockState = 5
	b := append(words(coreKeyboard)[:2], 0, 0, 1, group, 0, 0, 0, 0, 0, 0)
	if err := k.wire.send(k.major, latchLockState, b); err != nil {
		t.Fatal(err)
	}
	if _, err := k.ask(xkbGetState, coreKeyboard); err != nil { // it is done when this is answered
		t.Fatal(err)
	}
}

// TestKeymap: the server reports the same as the text form of the layout, through changes of layout and group.
func TestKeymap(t *testing.T) {
	x := &windowtest.X11{}
	x.Start(t)
	s := New(Options{Display: x.Display})
	reports := make(chan told, 64)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- s.RunKeymap(ctx, func(k *xkb.Keymap, group int) { reports <- told{k, group} })
	}()
	var last told
	until := func(what string, ok func(told) bool) {
		t.Helper()
		windowtest.Until(t, what, func() bool {
			for {
				select {
				case last = <-reports:
					if ok(last) {
						return true
					}
				default:
					return false
				}
			}
		})
	}
	until("a keymap is reported", func(r told) bool { return r.keymap.Means(16, 0, false, false).Rune() == 'q' })
	for _, layout := range append([]string{"fr,ru", "ru,us"}, windowtest.Layouts...) {
		args := []string{"-layout", layout, "-variant", ""}
		switch layout {
		case "dvorak":
			args = []string{"-layout", "us", "-variant", "dvorak"}
		case "bepo":
			args = []string{"-layout", "fr", "-variant", "bepo"}
		}
		x.Setxkbmap(t, args...)
		want, err := xkb.ParseText(windowtest.KeymapText(t, layout))
		if err != nil {
			t.Fatal(err)
		}
		until(layout+" is reported", func(r told) bool { return strings.Join(r.keymap.Names, ",") == strings.Join(want.Names, ",") })
		for code := uint16(1); code < 100; code++ {
			for i := range 4 * want.Groups() {
				group, shift, level3 := i/4, i&1 != 0, i&2 != 0
				got, w := last.keymap.Means(code, group, shift, level3), want.Means(code, group, shift, level3)
				if got.Rune() != w.Rune() || (got == xkb.Level3Shift) != (w == xkb.Level3Shift) {
					t.Errorf("%s: key %d, group %d, shift %v, level 3 %v: %q (%x), want %q (%x)",
						layout, code, group, shift, level3, got.Rune(), got, w.Rune(), w)
				}
			}
		}
	}
	x.Setxkbmap(t, "-layout", "fr,ru", "-variant", "")
	until("two groups are reported", func(r told) bool { return r.keymap.Groups() == 2 })
	for _, group := range []int{1, 0, 1} {
		lockGroup(t, s, x.Display, byte(group))
		until("the switch is reported", func(r told) bool { return r.group == group })
		if last.keymap.Name(1) != "Russian" {
			t.Errorf("group 1 is %q", last.keymap.Name(1))
		}
	}
	cancel()
	if err := <-ended; err != context.Canceled {
		t.Errorf("ended with %v", err)
	}
}
