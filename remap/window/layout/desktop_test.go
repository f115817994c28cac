//go:build desktop

package layout_test

import (
	"context"
	"testing"

	"toshy/remap/window/gnome"
	"toshy/remap/window/i3ipc"
	"toshy/remap/window/kwin"
	"toshy/remap/window/layout"
	"toshy/remap/window/windowtest"
	"toshy/remap/window/x11"
)

// A heard is what a follower reports, the newest last.
type heard struct{ reports chan layout.Layout }

func follow(t *testing.T, sources ...layout.Source) *heard {
	t.Helper()
	h := &heard{make(chan layout.Layout, 256)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	f := layout.NewFollower(sources...)
	go func() {
		defer close(done)
		_ = f.Run(ctx, func(l layout.Layout) { h.reports <- l }, func(source string, err error) { t.Log(source, err) })
	}()
	t.Cleanup(func() { cancel(); <-done })
	return h
}

// until waits for the layout on which the key Q of a US keyboard types c.
func (h *heard) until(t *testing.T, name string, c rune) {
	t.Helper()
	windowtest.Until(t, name+" is reported", func() bool {
		for {
			select {
			case l := <-h.reports:
				if s := l.Strokes[c]; l.Name == name && len(s) == 1 && s[0].Key == 16 && len(s[0].Mods) == 0 {
					return true
				}
			default:
				return false
			}
		}
	})
}

func TestSway(t *testing.T) {
	d := (&windowtest.Sway{}).Reserve(t)
	h := follow(t, layout.NewWayland(layout.Options{Runtime: d.Dir}, i3ipc.NewSway(i3ipc.Options{Runtime: d.Dir})))
	for range 2 { // again after a crash
		d.Start(t)
		unplug := d.Keyboard(t, "fr,ru")
		h.until(t, "French", 'a')
		for range 3 {
			d.SwitchLayout(t, 1)
			h.until(t, "Russian", 'й')
			d.SwitchLayout(t, 0)
			h.until(t, "French", 'a')
		}
		unplug()
		d.Keyboard(t, "de")
		h.until(t, "German", 'q')
		d.Kill()
	}
}

func TestX11(t *testing.T) {
	x := &windowtest.X11{}
	x.Start(t)
	h := follow(t, layout.NewWayland(layout.Options{Runtime: t.TempDir()}), layout.From(x11.New(x11.Options{Display: x.Display})))
	h.until(t, "English (US)", 'q')
	x.Setxkbmap(t, "-layout", "fr,ru")
	h.until(t, "French", 'a')
	x.Setxkbmap(t, "-layout", "ru,fr")
	h.until(t, "Russian", 'й')
}

func TestKWin(t *testing.T) {
	k := (&windowtest.KWin{Layouts: "fr,ru"}).Launch(t)
	k.Start(t)
	h := follow(t, layout.NewWayland(layout.Options{Display: k.Socket()}, &kwin.Source{Address: k.Address()}))
	h.until(t, "French", 'a')
	for range 3 {
		k.SwitchLayout(t, 1)
		h.until(t, "Russian", 'й')
		k.SwitchLayout(t, 0)
		h.until(t, "French", 'a')
	}
}

func TestGNOME(t *testing.T) {
	folder, err := gnome.Write(t.TempDir(), 43)
	if err != nil {
		t.Fatal(err)
	}
	g := (&windowtest.GNOME{Extensions: []string{folder}}).Launch(t)
	g.Start(t)
	g.Keyboard(t, "fr", "ru")
	h := follow(t, layout.NewWayland(layout.Options{Display: g.Socket()}, &gnome.Source{Address: g.Address()}))
	h.until(t, "French", 'a')
	for range 3 {
		g.SwitchLayout(t, 1)
		h.until(t, "Russian", 'й')
		g.SwitchLayout(t, 0)
		h.until(t, "French", 'a')
	}
}
