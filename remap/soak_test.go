package remap

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"testing"
	"time"
)

var (
	soakEvents = flag.Int("soak", 1_000_000, "number of random events of TestSoak")
	soakSeed   = flag.Uint64("soak.seed", 1, "first seed of TestSoak")
)

// seeded is a source that gives the same numbers for the same seed.
type seeded struct{ *rand.PCG }

func newSeeded(seed uint64) seeded { return seeded{rand.NewPCG(seed, 0x9e3779b97f4a7c15)} }

func (s seeded) n(limit int) int {
	hi := (s.Uint64() >> 32) * uint64(limit)
	return int(hi >> 32)
}

// soakRun plays one seed: random programs, and n events in pieces. After each piece, the engine must become idle.
func soakRun(seed uint64, n int, setup func(*world)) (*world, error) {
	w, err := newWorld(newSeeded(seed), 3)
	if err != nil {
		return nil, err
	}
	if setup != nil {
		setup(w)
	}
	for w.events < n && w.failed == "" {
		for range 50 + w.s.n(200) {
			if w.step(); w.failed != "" {
				return w, nil
			}
		}
		w.rest()
	}
	return w, nil
}

// TestSoak plays random events on random programs. It checks that no key is stuck, nothing is lost and the engine becomes idle. -soak
// sets the number of events.
func TestSoak(t *testing.T) {
	const perSeed = 2000
	began := time.Now()
	events, outs, seed := 0, 0, *soakSeed
	for ; events < *soakEvents; seed++ {
		w, err := playSeed(seed, perSeed)
		if err != nil {
			t.Fatalf("seed %d: %v (again with -run Soak -soak 1 -soak.seed %d)", seed, err, seed)
		}
		events += w.events
		outs += w.outs
	}
	t.Logf("%d events, %d put out, seeds %d to %d, %v: nothing stuck, nothing lost", events, outs, *soakSeed, seed-1, time.Since(began).Round(time.Second))
}

// playSeed plays one seed. A panic or a broken rule is an error.
func playSeed(seed uint64, n int) (w *world, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, stack())
		}
	}()
	w, err = soakRun(seed, n, nil)
	if err == nil && w.failed != "" {
		err = fmt.Errorf("after %d events: %s", w.events, w.failed)
	}
	return w, err
}

func stack() string { return string(debug.Stack()) }
