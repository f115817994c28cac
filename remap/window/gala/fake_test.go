//go:build desktop

package gala

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

// fakeGala answers like org.pantheon.gala (src/DesktopIntegration.vala), because Pantheon is not in Debian.
type fakeGala struct {
	conn *dbus.Conn
	mu   sync.Mutex
	wins []win
}

type win struct {
	ID         uint64
	Properties map[string]dbus.Variant
}

func newFake(t *testing.T, b *windowtest.Bus) *fakeGala {
	t.Helper()
	f := &fakeGala{conn: b.Connect(t, BusName)}
	err := f.conn.ExportMethodTable(map[string]any{"GetWindows": func() ([]win, *dbus.Error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.wins, nil
	}}, path, iface)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fakeGala) set(wins ...map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wins = nil
	for i, w := range wins {
		p := map[string]dbus.Variant{"client-type": dbus.MakeVariant(uint32(0))}
		for k, v := range w {
			p[k] = dbus.MakeVariant(v)
		}
		f.wins = append(f.wins, win{uint64(i), p})
	}
}

func TestFake(t *testing.T) {
	b := windowtest.NewBus(t)
	if _, err := windowtest.RunError(t, &Source{Address: b.Address}); !errors.Is(err, window.ErrUnavailable) {
		t.Errorf("without Gala Run returned %v", err)
	}
	f := newFake(t, b)
	if err := (&Source{Address: b.Address}).Detect(t.Context()); err != nil {
		t.Error(err)
	}
	alpha := map[string]any{"title": "a", "wm-class": "Alpha", "app-id": "alpha.desktop", "has-focus": false}
	beta := map[string]any{"title": "b ✓", "app-id": "io.example.beta.desktop.desktop", "has-focus": true}
	f.set(alpha, beta)
	l, ended := windowtest.Started(t.Context(), &Source{Address: b.Address})
	if i := l.Wait(t, "io.example.beta.desktop", "b ✓"); i.Desktop != "pantheon" || i.Source != "gala" {
		t.Errorf("reported %+v", i)
	}
	f.set(map[string]any{"title": "a", "wm-class": "Alpha", "app-id": "alpha.desktop", "has-focus": true})
	l.Wait(t, "Alpha", "a")
	f.set(alpha)
	l.Wait(t, "", "")
	f.set(map[string]any{"title": strings.Repeat("✓", 1<<19), "has-focus": true})
	l.Wait(t, "", strings.Repeat("✓", window.MaxTitle/3))
	f.set(map[string]any{"title": 5, "wm-class": true, "has-focus": "yes"})
	l.Wait(t, "", "")
	f.conn.Close()
	if err := windowtest.Ended(t, ended); err == nil || errors.Is(err, window.ErrUnavailable) || errors.Is(err, context.Canceled) {
		t.Errorf("with Gala gone Run returned %v", err)
	}
}

// TestNoList is for a Gala without the interface.
func TestNoList(t *testing.T) {
	b := windowtest.NewBus(t)
	b.Connect(t, BusName)
	_, err := windowtest.RunError(t, &Source{Address: b.Address})
	if !errors.Is(err, window.ErrUnavailable) || !strings.Contains(err.Error(), "lists no windows") {
		t.Errorf("Run returned %v", err)
	}
}
