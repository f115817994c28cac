//go:build desktop

package sessionbus

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

func TestWatch(t *testing.T) {
	b := windowtest.NewBus(t)
	b.Connect(t, "org.example.First", "org.example.Other")
	said := make(chan string, 16)
	names := []string{"org.example.First", "org.example.Second"}
	ended := make(chan error, 1)
	go func() {
		ended <- Watch(t.Context(), b.Address, names, func(name string, there bool) { said <- fmt.Sprint(name, " ", there) })
	}()
	wait := func(want string) {
		t.Helper()
		select {
		case got := <-said:
			if got != want {
				t.Fatalf("%q, want %q", got, want)
			}
		case <-time.After(windowtest.Limit):
			t.Fatalf("never reported: %q", want)
		}
	}
	wait("org.example.First true")
	second := b.Connect(t)
	// The start is over when a change is reported. Until then, both reports are possible.
	if _, err := second.RequestName("org.example.Third", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	if _, err := second.RequestName("org.example.Second", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	wait("org.example.Second true")
	second.Close()
	for got := range said {
		if got == "org.example.Second false" {
			break
		}
	}
	b.Kill()
	if err := windowtest.Ended(t, ended); err == nil || errors.Is(err, window.ErrUnavailable) || errors.Is(err, context.Canceled) {
		t.Errorf("without the bus Watch returned %v", err)
	}
	if err := Watch(t.Context(), b.Address, names, nil); !errors.Is(err, window.ErrUnavailable) {
		t.Errorf("without a bus Watch returned %v", err)
	}
}
