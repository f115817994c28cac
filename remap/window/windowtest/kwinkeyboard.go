package windowtest

import (
	"context"
	"testing"

	"toshy/remap/window/internal/wayland"
)

// A fakeKeyboard is a keyboard of KWin (org_kde_kwin_fake_input), which handles its keys as those of real ones.
type fakeKeyboard struct {
	c  *wayland.Conn
	id uint32
}

// plugFake plugs in a keyboard until the test ends.
func plugFake(t testing.TB, display string) *fakeKeyboard {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	c, err := wayland.Dial(ctx, display)
	if err != nil {
		t.Fatal(err)
	}
	const authenticate = 0
	id, _, err := c.Bind("org_kde_kwin_fake_input", 4, nil)
	if err == nil {
		err = c.Send(id, authenticate, "toshy", "test")
	}
	if err == nil {
		err = c.Roundtrip()
	}
	if err == nil {
		err = c.Ready()
	}
	if err != nil {
		t.Fatal(err)
	}
	return &fakeKeyboard{c, id}
}

func (k *fakeKeyboard) key(t testing.TB, code uint16, press bool) {
	t.Helper()
	const keyboardKey = 10
	state := uint32(0)
	if press {
		state = 1
	}
	if err := k.c.Send(k.id, keyboardKey, uint32(code), state); err != nil {
		t.Fatal(err)
	}
}
