//go:build desktop

package layout_test

import (
	"context"
	"strings"
	"testing"

	"toshy/remap/window/gnome"
	"toshy/remap/window/i3ipc"
	"toshy/remap/window/kwin"
	"toshy/remap/window/layout"
	"toshy/remap/window/windowtest"
	"toshy/remap/window/x11"
)

// heard has what a follower reports, the newest last.
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

// A sample is a character that identifies a layout.
type sample struct {
	name string // of the layout
	char rune
	key  uint16 // the key that types it without modifiers
}

// Kernel codes.
const (
	keyQ         = 16
	keyZ         = 44
	keyBackslash = 43
)

// samples are those of the layouts, by the names that setxkbmap and Settings use.
var samples = map[string]sample{
	"us":        {"English (US)", 'z', keyZ},
	"de":        {"German", 'y', keyZ},
	"fr":        {"French", 'a', keyQ},
	"gb":        {"English (UK)", '#', keyBackslash},
	"us+dvorak": {"English (Dvorak)", '\'', keyQ},
	"ru":        {"Russian", 'й', keyQ},
}

// all has the names of samples, in an order in which each differs from the one before.
var all = []string{"us", "de", "fr", "gb", "us+dvorak", "ru"}

// is waits for a layout.
func (h *heard) is(t *testing.T, layout string) {
	t.Helper()
	h.until(t, samples[layout])
}

func (h *heard) until(t *testing.T, want sample) {
	t.Helper()
	windowtest.Until(t, want.name+" is reported", func() bool {
		for {
			select {
			case l := <-h.reports:
				if s := l.Strokes[want.char]; l.Name == want.name && len(s) == 1 && s[0].Key == want.key && len(s[0].Mods) == 0 {
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
		h.is(t, "fr")
		for range 3 {
			d.SwitchLayout(t, 1)
			h.is(t, "ru")
			d.SwitchLayout(t, 0)
			h.is(t, "fr")
		}
		for _, l := range all {
			unplug()
			unplug = d.Keyboard(t, strings.TrimPrefix(l, "us+"))
			h.is(t, l)
		}
		d.Kill()
	}
}

// testWlroots: other compositors report the keymap, which shows the layout that a keyboard starts with.
func testWlroots(t *testing.T, compositor string) {
	d := (&windowtest.Wlroots{Compositor: compositor}).Reserve(t)
	h := follow(t, layout.NewWayland(layout.Options{Display: d.Display()}))
	for range 2 { // again after a crash
		d.Start(t)
		for _, l := range all {
			unplug := d.Keyboard(t, strings.TrimPrefix(l, "us+"))
			h.is(t, l)
			unplug()
		}
		d.Kill()
	}
}

func TestLabwc(t *testing.T)   { testWlroots(t, "labwc") }
func TestWayfire(t *testing.T) { testWlroots(t, "wayfire") }
func TestPhoc(t *testing.T)    { testWlroots(t, "phoc") }

func TestX11(t *testing.T) {
	x := &windowtest.X11{}
	x.Start(t)
	h := follow(t, layout.NewWayland(layout.Options{Runtime: t.TempDir()}), layout.From(x11.New(x11.Options{Display: x.Display})))
	h.is(t, "us")
	x.Setxkbmap(t, "-layout", "fr,ru")
	h.is(t, "fr")
	x.Setxkbmap(t, "-layout", "ru,fr")
	h.is(t, "ru")
	for _, l := range all {
		name, variant, _ := strings.Cut(l, "+")
		x.Setxkbmap(t, "-layout", name, "-variant", variant)
		h.is(t, l)
	}
}

// TestKWin: a keymap has at most four layouts.
func TestKWin(t *testing.T) {
	for _, layouts := range [][]string{{"fr", "ru", "us+dvorak"}, {"us", "de", "gb"}} {
		var names, variants []string
		for _, l := range layouts {
			name, variant, _ := strings.Cut(l, "+")
			names, variants = append(names, name), append(variants, variant)
		}
		k := (&windowtest.KWin{Layouts: strings.Join(names, ","), Variants: strings.Join(variants, ",")}).Launch(t)
		k.Start(t)
		h := follow(t, layout.NewWayland(layout.Options{Display: k.Socket()}, &kwin.Source{Address: k.Address()}))
		h.is(t, layouts[0])
		for range 2 {
			for i := range layouts {
				next := (i + 1) % len(layouts)
				k.SwitchLayout(t, next)
				h.is(t, layouts[next])
			}
		}
	}
}

func TestGNOME(t *testing.T) {
	folder, err := gnome.Write(t.TempDir(), windowtest.ShellVersion(t))
	if err != nil {
		t.Fatal(err)
	}
	g := (&windowtest.GNOME{Extensions: []string{folder}}).Launch(t)
	g.Start(t)
	g.Keyboard(t, all...)
	h := follow(t, layout.NewWayland(layout.Options{Display: g.Socket()}, &gnome.Source{Address: g.Address()}))
	h.is(t, all[0])
	for range 2 {
		for i := range all { // more than the shell puts into one keymap
			next := (i + 1) % len(all)
			g.SwitchLayout(t, next)
			h.is(t, all[next])
		}
	}
}
