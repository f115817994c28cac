// Package layout follows the active keyboard layout: which key types which symbol, through group
// switches, from whichever desktop is there.
//
// X servers report everything. Wayland compositors send their keymap, but only tell the focused client which of its groups
// is active. So the group comes from the desktop's own interface ([window.GroupSource]); if there is none, the first group
// is used.
package layout

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"toshy/remap/window"
	"toshy/remap/window/internal/wayland"
	"toshy/remap/window/internal/xkb"
)

// A Stroke is one key pressed and released while modifier keys are held. Keys are kernel codes.
type Stroke = xkb.Stroke

// A Layout says what the keys of the active layout type.
type Layout struct {
	Name   string // for people, such as "French"; "" if the desktop does not say
	Group  int    // among the user's layouts, from 0
	Source string // name of the source that reported it
	// Positions has, for each key that differs from a US keyboard, the US key of its symbol: KEY_A for KEY_Q on AZERTY. It
	// is a permutation. A layout without Latin letters has the positions of the user's first layout with Latin letters, or
	// none.
	Positions map[uint16]uint16
	// Strokes has the keystrokes for each character that the layout can type.
	Strokes map[rune][]Stroke

	keymap *xkb.Keymap // for Find; nil for US
}

// describe makes a Layout from a group of a keymap.
func describe(k *xkb.Keymap, group int, source string) Layout {
	l := Layout{Name: k.Name(group), Group: group, Source: source, Strokes: k.Strokes(group), keymap: k}
	if g := k.ByLetter(group); g >= 0 {
		l.Positions = k.Positions(g)
	}
	return l
}

// A Source follows the layout on one kind of desktop.
type Source interface {
	Name() string
	// Run reports the layout, now and at each change, from one goroutine at a time, as [window.Source] reports the focus.
	Run(ctx context.Context, report func(Layout)) error
}

// KeymapSource reports a keymap and its active group. The X11 source implements it.
type KeymapSource interface {
	Name() string
	RunKeymap(ctx context.Context, report func(k *xkb.Keymap, group int)) error
}

type whole struct{ KeymapSource }

// From makes a Source from a source that reports everything.
func From(s KeymapSource) Source { return whole{s} }

func (w whole) Run(ctx context.Context, report func(Layout)) error {
	return w.RunKeymap(ctx, func(k *xkb.Keymap, group int) {
		report(describe(k, group, w.Name()))
	})
}

// Options say where the Wayland compositor is.
type Options = wayland.Options

// Wayland follows the layout on a Wayland compositor.
type Wayland struct {
	// Settled is called once the group is known, or none of the sources for it can be run; until then the group is 0. It may be nil.
	Settled func()

	opts   Options
	groups []window.GroupSource
}

// NewWayland returns a source that takes the keymap from the compositor, and the group from the first of the given sources
// that runs.
func NewWayland(opts Options, groups ...window.GroupSource) *Wayland {
	return &Wayland{opts: opts, groups: groups}
}

// FromWayland is the name of the source, in Layout.Source.
const FromWayland = "wayland"

// Name is FromWayland.
func (w *Wayland) Name() string { return FromWayland }

// Run implements Source.
func (w *Wayland) Run(ctx context.Context, report func(Layout)) error {
	return w.opts.Follow(ctx, FromWayland, func(c *wayland.Conn) error {
		m := &merger{report: report, source: FromWayland, fresh: make(chan struct{}, 1)}
		var running sync.WaitGroup
		defer running.Wait()
		following, cancel := context.WithCancel(ctx)
		defer cancel()
		settled := func() {}
		if w.Settled != nil {
			settled = sync.OnceFunc(w.Settled)
		}
		running.Go(func() { m.followGroups(following, w.groups, settled) })
		return c.FollowKeymaps(func(k *xkb.Keymap) {
			if following.Err() == nil {
				m.setKeymap(k)
			}
		})
	})
}

// Compositor is the process of the compositor.
func Compositor(ctx context.Context, o Options) (pid int, _ error) {
	c, err := o.Dial(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return c.PID()
}

// A merger combines keymap and group.
type merger struct {
	report func(Layout)
	source string
	fresh  chan struct{} // receives when a keymap came

	mu     sync.Mutex
	keymap *xkb.Keymap
	group  window.Group
	told   int // the group that was reported for this keymap, plus 1; 0: none
}

func (m *merger) setKeymap(k *xkb.Keymap) {
	m.mu.Lock()
	m.keymap, m.told = k, 0
	m.tell()
	m.mu.Unlock()
	select {
	case m.fresh <- struct{}{}:
	default:
	}
}

func (m *merger) setGroup(g window.Group) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.group = g
	m.tell()
}

func (m *merger) tell() {
	if m.keymap == nil {
		return
	}
	if group := groupOf(m.keymap, m.group); m.told != group+1 {
		m.told = group + 1
		m.report(describe(m.keymap, group, m.source))
	}
}

// groupOf finds a group in a keymap. If its number belongs to another name, the name decides: one of the two may be newer
// for a while.
func groupOf(k *xkb.Keymap, g window.Group) int {
	inside := g.Index >= 0 && g.Index < k.Groups()
	if inside && (g.Name == "" || k.Name(g.Index) == g.Name) {
		return g.Index
	}
	if i := slices.Index(k.Names, g.Name); i >= 0 && g.Name != "" {
		return i
	}
	if inside {
		return g.Index
	}
	return 0
}

// maxTries is how often sources are tried (about two minutes) before only a new desktop makes toshy try again. Most
// compositors have no source for the group.
const maxTries = 10

// followGroups runs the first source that can be run, until ctx ends. It calls settled whenever the group is known or cannot be known.
func (m *merger) followGroups(ctx context.Context, sources []window.GroupSource, settled func()) {
	wait := newBackOff()
	tries := 0
	for ctx.Err() == nil {
		for _, s := range sources {
			ran := false
			_ = s.RunGroup(ctx, func(g window.Group) { // the reason does not matter: most do not exist
				ran = true
				m.setGroup(g)
				settled()
			})
			if ctx.Err() != nil {
				return
			}
			if ran {
				wait.Reset()
				tries = 0
				break
			}
		}
		settled()
		tries++
		select {
		case <-ctx.Done():
		case <-again(tries, wait):
		case <-m.fresh:
		}
	}
}

// again receives when it is time to retry sources that have failed this often, or never.
func again(tries int, wait *backoff.ExponentialBackOff) <-chan time.Time {
	if tries >= maxTries {
		return nil
	}
	return time.After(wait.NextBackOff())
}

func newBackOff() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval: 100 * time.Millisecond, Multiplier: 2, RandomizationFactor: 0.2, MaxInterval: 30 * time.Second,
	}
}
