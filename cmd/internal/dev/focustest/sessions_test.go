//go:build desktop

package focustest

import (
	"context"
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/cosmic"
	"toshy/remap/window/focus"
	"toshy/remap/window/hyprland"
	"toshy/remap/window/i3ipc"
	"toshy/remap/window/niri"
	"toshy/remap/window/windowtest"
	"toshy/remap/window/wlr"
	"toshy/remap/window/x11"
)

// TestSessions starts before any desktop. It goes through a session of X11, one of sway, a restart of sway, and X11 again.
func TestSessions(t *testing.T) {
	x := (&windowtest.X11{Manager: "openbox"}).Reserve(t)
	s := (&windowtest.Sway{}).Reserve(t)
	sway := i3ipc.NewSway(i3ipc.Options{Runtime: s.Dir})
	hypr := hyprland.New(hyprland.Options{Runtime: s.Dir})
	nir := niri.New(niri.Options{Runtime: s.Dir})
	cos := cosmic.New(cosmic.Options{Runtime: s.Dir})
	wl := wlr.New(wlr.Options{Runtime: s.Dir})
	x11s := x11.New(x11.Options{Display: x.Display})
	changed := make(chan struct{}, 1)
	f := focus.New(focus.Config{
		Candidates: []focus.Candidate{
			{Source: sway, Detect: sway.Detect},
			{Source: hypr, Detect: hypr.Detect},
			{Source: nir, Detect: nir.Detect},
			{Source: cos, Detect: cos.Detect},
			{Source: wl, Detect: wl.Detect},
			{Source: x11s, Detect: x11s.Detect},
		},
		Changed: func() {
			select {
			case changed <- struct{}{}:
			default:
			}
		},
		Watch: focus.SocketFolders(s.Dir),
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	expect := func(class string, state window.State, source string) {
		t.Helper()
		windowtest.Until(t, class+" from "+source, func() bool {
			n := f.Current()
			return n.Info.Class == class && n.State == state && n.Info.Source == source
		})
	}
	expect("", window.Unknown, "")

	x.Start(t)
	x.Open(t, "in.x11", "x").Focus(t)
	expect("in.x11", window.Known, "x11")
	x.Kill()
	expect("", window.Unknown, "")

	for range 2 {
		s.Start(t)
		w := s.Open(t, "in.sway", "s")
		w.Focus(t)
		expect("in.sway", window.Known, "sway")
		s.Kill()
		expect("", window.Unknown, "")
	}

	x.Start(t)
	x.Open(t, "x.again", "x").Focus(t)
	expect("x.again", window.Known, "x11")
	<-changed // the change was reported
}
