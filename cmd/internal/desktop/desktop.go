// Package desktop combines the packages below remap/window to find out which window has the focus, and who gets the keys.
package desktop

import (
	"cmp"
	"context"
	"os"
	"strconv"
	"time"

	"toshy/remap/window"
	"toshy/remap/window/cinnamon"
	"toshy/remap/window/cosmic"
	"toshy/remap/window/focus"
	"toshy/remap/window/gala"
	"toshy/remap/window/gnome"
	"toshy/remap/window/hyprland"
	"toshy/remap/window/i3ipc"
	"toshy/remap/window/kwin"
	"toshy/remap/window/niri"
	"toshy/remap/window/wlr"
	"toshy/remap/window/x11"
)

// detectLimit is how long a look for a desktop may take.
const detectLimit = 500 * time.Millisecond

// busSource is a source that looks for its desktop on a bus.
type busSource interface {
	window.Source
	Detect(ctx context.Context) error
}

// New returns a follower of the focus on every desktop that toshy supports. changed is called after each change, from any
// goroutine but never from two at once; kicked when a new desktop may have started. Both may be nil and must not wait.
func New(changed, kicked func()) *focus.Follower {
	onBus := func(s busSource) focus.Candidate {
		return focus.Candidate{Source: s, Detect: func() bool {
			ctx, cancel := context.WithTimeout(context.Background(), detectLimit)
			defer cancel()
			return s.Detect(ctx) == nil
		}}
	}
	sway := i3ipc.NewSway(i3ipc.Options{Watch: wlr.New(wlr.Options{})})
	i3 := i3ipc.NewI3(i3ipc.Options{})
	hypr, niris, cosmics := hyprland.New(hyprland.Options{}), niri.New(niri.Options{}), cosmic.New(cosmic.Options{})
	toplevels, x := wlr.New(wlr.Options{}), x11.New(x11.Options{})
	return focus.New(focus.Config{
		// A desktop's own interface comes before a shared one. X11 comes last, since Wayland sessions also have an X server,
		// which shows only some windows.
		Candidates: []focus.Candidate{
			onBus(&kwin.Source{}),
			onBus(&gnome.Source{}),
			onBus(&cinnamon.Source{}),
			onBus(&gala.Source{}),
			{Source: hypr, Detect: hypr.Detect},
			{Source: niris, Detect: niris.Detect},
			{Source: cosmics, Detect: cosmics.Detect},
			{Source: sway, Detect: sway.Detect},
			{Source: i3, Detect: i3.Detect},
			{Source: toplevels, Detect: toplevels.Detect},
			{Source: x, Detect: x.Detect},
		},
		Changed: changed,
		Kicked:  kicked,
		Watch:   focus.SocketFolders(runtimeFolder()),
	})
}

// runtimeFolder is where the sources look for sockets: $XDG_RUNTIME_DIR, else the folder that logind makes for this user.
func runtimeFolder() string {
	return cmp.Or(os.Getenv("XDG_RUNTIME_DIR"), "/run/user/"+strconv.Itoa(os.Geteuid()))
}
