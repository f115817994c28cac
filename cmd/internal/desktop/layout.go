package desktop

import (
	"context"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/window/cinnamon"
	"toshy/remap/window/gnome"
	"toshy/remap/window/hyprland"
	"toshy/remap/window/i3ipc"
	"toshy/remap/window/kwin"
	"toshy/remap/window/layout"
	"toshy/remap/window/niri"
	"toshy/remap/window/x11"
)

// Layout follows the keyboard layout for the daemon.
type Layout struct {
	Log      *zap.Logger
	Follower *layout.Follower
	Seen     func(layout.Layout) // called with each; may be nil
}

// NewLayouts returns a follower of the keyboard layout on every desktop that toshy supports.
func NewLayouts() *layout.Follower { return newLayouts(nil) }

// newLayouts is NewLayouts; see [layout.Wayland.Settled].
func newLayouts(settled func()) *layout.Follower {
	// Everything is typed on our own keyboard; other keyboards may have other layouts.
	w := layout.NewWayland(layout.Options{},
		i3ipc.NewSway(i3ipc.Options{Keyboard: evdev.KeyboardName}),
		hyprland.New(hyprland.Options{Keyboard: evdev.KeyboardName}),
		niri.New(niri.Options{}),
		&kwin.Source{},
		&gnome.Source{},
		&cinnamon.Source{},
	)
	w.Settled = settled
	return layout.NewFollower(w, layout.From(x11.New(x11.Options{})))
}

// Run follows the layout until ctx ends and calls changed with each.
func (l Layout) Run(ctx context.Context, changed func(string, *remap.Layout)) error {
	return l.Follower.Run(ctx,
		func(found layout.Layout) {
			l.Log.Debug("keyboard layout", zap.String("name", found.Name), zap.String("source", found.Source),
				zap.Int("moved keys", len(found.Positions)), zap.Int("characters", len(found.Strokes)))
			if l.Seen != nil {
				l.Seen(found)
			}
			changed(found.Name, engineLayout(found))
		},
		func(source string, err error) {
			l.Log.Debug("keyboard layout", zap.String("source", source), zap.Error(err))
		})
}

// LayoutTime is how long a desktop may take to report its keyboard layout once. It tries several interfaces, most of which
// do not exist.
const LayoutTime = 2 * time.Second

// groupTime is how long a desktop may take to say which group of its keymap is active.
const groupTime = 8 * time.Second

// ActiveLayout asks for the keyboard layout once; false if no desktop reports it. A Wayland compositor reports the keymap,
// and another interface reports which of its groups is active: ActiveLayout waits for both.
func ActiveLayout(ctx context.Context) (found layout.Layout, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, groupTime)
	defer cancel()
	var mu sync.Mutex
	settled := false
	defer time.AfterFunc(LayoutTime, func() {
		mu.Lock()
		defer mu.Unlock()
		if !ok {
			cancel()
		}
	}).Stop()
	_ = newLayouts(func() {
		mu.Lock()
		defer mu.Unlock()
		if settled = true; ok {
			cancel()
		}
	}).Run(ctx, func(l layout.Layout) { // ended by ctx
		mu.Lock()
		defer mu.Unlock()
		if found, ok = l, true; settled || l.Source != layout.FromWayland { // others report the group with the keymap
			cancel()
		}
	}, nil)
	mu.Lock()
	defer mu.Unlock()
	return found, ok
}

// engineLayout is a layout in the form for the engine; nil for the US layout, which the engine knows.
func engineLayout(l layout.Layout) *remap.Layout {
	if len(l.Positions) == 0 && isUS(l.Strokes) {
		return nil
	}
	r := &remap.Layout{
		Correct: true,
		Map:     make(map[key.Code]key.Code, len(l.Positions)),
		Symbols: make(map[string][]remap.Step, len(l.Strokes)),
	}
	for from, to := range l.Positions {
		r.Map[key.Code(from)] = key.Code(to)
	}
	for c, strokes := range l.Strokes {
		steps := make([]remap.Step, len(strokes))
		for i, s := range strokes {
			steps[i].Key = key.Code(s.Key)
			for _, m := range s.Mods {
				steps[i].Mods = append(steps[i].Mods, key.Code(m))
			}
		}
		r.Symbols[string(c)] = steps
	}
	return r
}

// isUS says whether the layout types the same characters as a US keyboard, and no others.
func isUS(strokes map[rune][]layout.Stroke) bool {
	const lower, upper = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./", "~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:\"ZXCVBNM<>?"
	for i := range len(lower) {
		k, _ := key.Parse(lower[i : i+1])
		for c, mods := range map[byte][]uint16{lower[i]: nil, upper[i]: {uint16(key.LeftShift)}} {
			s := strokes[rune(c)]
			if len(s) != 1 || s[0].Key != uint16(k) || !slices.Equal(s[0].Mods, mods) {
				return false
			}
		}
	}
	for c := range strokes {
		if c > '~' {
			return false
		}
	}
	return true
}
