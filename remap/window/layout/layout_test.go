package layout

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/internal/xkb"
	"toshy/remap/window/windowtest"
)

func recorded(t *testing.T, name string) *xkb.Keymap {
	t.Helper()
	k, err := xkb.ParseText(windowtest.KeymapText(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestGroupOf(t *testing.T) {
	two, one := recorded(t, "fr,ru"), recorded(t, "de")
	for _, c := range []struct {
		k    *xkb.Keymap
		g    window.Group
		want int
	}{
		{two, window.Group{}, 0},
		{two, window.Group{Index: 1}, 1},
		{two, window.Group{Index: 1, Name: "Russian"}, 1},
		{two, window.Group{Index: 0, Name: "Russian"}, 1},  // the number belongs to another keymap
		{two, window.Group{Index: 1, Name: "Russisch"}, 1}, // in the user's language
		{two, window.Group{Index: -1, Name: "Russian"}, 1},
		{two, window.Group{Index: -1, Name: "Greek"}, 0},
		{two, window.Group{Index: 7}, 0},
		{one, window.Group{Index: 1, Name: "Russian"}, 0}, // it does not know the new keymap yet
	} {
		if got := groupOf(c.k, c.g); got != c.want {
			t.Errorf("%v, %+v: group %d, want %d", c.k.Names, c.g, got, c.want)
		}
	}
}

// A scripted source reports one layout per run, or fails.
type scripted struct {
	name string
	runs chan string // layouts; "" is a run without a report
	hold bool        // runs continue until the context ends
}

func (s *scripted) Name() string { return s.name }

func (s *scripted) Run(ctx context.Context, report func(Layout)) error {
	select {
	case name := <-s.runs:
		if name != "" {
			report(Layout{Name: name, Source: s.name})
			if s.hold {
				<-ctx.Done()
			}
			return errors.New("lost")
		}
	default:
	}
	return fmt.Errorf("%w", window.ErrUnavailable)
}

// TestFollower tries the next source if one is missing, and starts again with the best one if one is lost.
func TestFollower(t *testing.T) {
	best := &scripted{name: "best", runs: make(chan string, 8)}
	other := &scripted{name: "other", runs: make(chan string, 8)}
	best.runs <- ""
	other.runs <- "one"
	best.runs <- "two"
	best.runs <- "three"
	got := make(chan Layout, 8)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	f := NewFollower(best, other)
	go func() { ended <- f.Run(ctx, func(l Layout) { got <- l }, nil) }()
	for _, want := range []Layout{{Name: "one", Source: "other"}, {Name: "two", Source: "best"}, {Name: "three", Source: "best"}} {
		if l := <-got; l.Name != want.Name || l.Source != want.Source {
			t.Errorf("%s from %s, want %s from %s", l.Name, l.Source, want.Name, want.Source)
		}
	}
	other.runs <- "four"
	f.Kick()
	if l := <-got; l.Name != "four" {
		t.Errorf("%s after a kick", l.Name)
	}
	cancel()
	if err := <-ended; err != context.Canceled {
		t.Errorf("ended with %v", err)
	}
}

// groupScript is a source of groups: it reports one, or it is not there.
type groupScript struct{ groups []window.Group }

func (s groupScript) Name() string { return "script" }

func (s groupScript) RunGroup(ctx context.Context, report func(window.Group)) error {
	for _, g := range s.groups {
		report(g)
		<-ctx.Done()
	}
	return fmt.Errorf("%w", window.ErrUnavailable)
}

// TestSettled: the group is settled when a source has reported it, or when no source can be run.
func TestSettled(t *testing.T) {
	none, third := groupScript{}, groupScript{[]window.Group{{Index: 2}}}
	for _, tt := range []struct {
		sources []window.GroupSource
		group   int
	}{{[]window.GroupSource{none, none}, 0}, {[]window.GroupSource{none, third}, 2}, {nil, 0}} {
		m := &merger{fresh: make(chan struct{}, 1)}
		ctx, cancel := context.WithCancel(t.Context())
		got := -1
		m.followGroups(ctx, tt.sources, func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			got = m.group.Index
			cancel()
		})
		if got != tt.group {
			t.Errorf("%v: settled with group %d, want %d", tt.sources, got, tt.group)
		}
	}
}

// TestNoLatin: letters come from the first layout that has them.
func TestNoLatin(t *testing.T) {
	if l := describe(recorded(t, "ru"), 0, "x"); l.Positions != nil || l.Name != "Russian" {
		t.Errorf("ru alone: %v", l.Positions)
	}
	if l := describe(recorded(t, "fr,ru"), 1, "x"); l.Positions[16] != 30 || l.Strokes['й'][0].Key != 16 {
		t.Errorf("ru with fr: %v", l.Positions)
	}
}
