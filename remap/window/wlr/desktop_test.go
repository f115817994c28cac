//go:build desktop

package wlr

import (
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

func TestSway(t *testing.T) {
	d := (&windowtest.Sway{}).Reserve(t)
	windowtest.Suite{
		Desktop: d,
		Source:  func() window.Source { return New(Options{Display: d.Display()}) },
		Want:    window.Info{Session: "wayland", Source: "wlr"},
	}.Run(t)
}

// testCompositor runs the suite on one of the compositors of windowtest/today.sh.
func testCompositor(t *testing.T, d windowtest.Desktop, display string) {
	t.Helper()
	windowtest.Suite{
		Desktop: d,
		Source:  func() window.Source { return New(Options{Display: display}) },
		Want:    window.Info{Session: "wayland", Source: "wlr"},
	}.Run(t)
}

func TestLabwc(t *testing.T) {
	d := (&windowtest.Wlroots{Compositor: "labwc"}).Reserve(t)
	testCompositor(t, d, d.Display())
}

// TestBudgie: the session of Budgie, which has its panel and desktop on labwc.
func TestBudgie(t *testing.T) {
	d := (&windowtest.Wlroots{Compositor: "budgie"}).Reserve(t)
	testCompositor(t, d, d.Display())
}

func TestWayfire(t *testing.T) {
	d := (&windowtest.Wlroots{Compositor: "wayfire"}).Reserve(t)
	testCompositor(t, d, d.Display())
}

// TestPhoc: it also reports launchers, as sway does.
func TestPhoc(t *testing.T) {
	d := (&windowtest.Wlroots{Compositor: "phoc"}).Reserve(t)
	testCompositor(t, d.Telling(), d.Display())
}

// TestX11Windows: windows of X11 clients, and back to one of a Wayland client. If a title does not fit into libwayland's 4,096 bytes
// for an event, the compositor cannot report it, and then reports nothing any more.
func TestX11Windows(t *testing.T) {
	d := &windowtest.Sway{Xwayland: true}
	d.Start(t)
	windowtest.X11Windows(t, d, d.X11(t), New(Options{Runtime: d.Dir}), "XAlpha", 4000, 20_000)
}

// testX11Windows: the same on one of the compositors of windowtest/today.sh.
func testX11Windows(t *testing.T, compositor string) {
	t.Helper()
	d := (&windowtest.Wlroots{Compositor: compositor, Xwayland: true}).Reserve(t)
	d.Start(t)
	windowtest.X11Windows(t, d, d.X11(t), New(Options{Display: d.Display()}), "XAlpha", 4000, 20_000)
}

func TestLabwcX11Windows(t *testing.T)   { testX11Windows(t, "labwc") }
func TestBudgieX11Windows(t *testing.T)  { testX11Windows(t, "budgie") }
func TestWayfireX11Windows(t *testing.T) { testX11Windows(t, "wayfire") }
func TestPhocX11Windows(t *testing.T)    { testX11Windows(t, "phoc") }
