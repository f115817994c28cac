package daemon

import (
	"context"
	"time"

	"go.uber.org/zap"

	"toshy/evdev"
	"toshy/remap"
)

// A configuration's searches in titles and names take time in proportion to regular expressions times text, and both can
// come from an attacker. So they run here, on a separate goroutine, without the lock for which a key may wait. Until the
// answers are known, keys use the previous window (remap.Compiled.Search).

// slowSearch is how long a search may take before it is logged; a normal one takes 50 µs.
const slowSearch = 100 * time.Millisecond

// A searcher takes the newest window, runs the configuration's searches in it, and passes it to the loop.
type searcher struct {
	seen  chan remap.Window // the newest window, until it is taken
	stale chan struct{}     // answers are needed for another program
}

func newSearcher() *searcher {
	return &searcher{seen: make(chan remap.Window, 1), stale: make(chan struct{}, 1)}
}

// look gets each window that gets the focus. It does not wait.
func (s *searcher) look(w remap.Window) {
	for {
		select {
		case s.seen <- w:
			return
		default:
		}
		select {
		case <-s.seen: // an older one
		default:
		}
	}
}

// again searches the last window again, for the program that is now in use.
func (s *searcher) again() {
	select {
	case s.stale <- struct{}{}:
	default:
	}
}

// search serves the searcher until ctx ends.
func (d *daemon) search(ctx context.Context) {
	s := d.searcher
	var now remap.Window
	known, told := false, false
	var rest <-chan time.Time // this uses at most half of a processor
	for {
		seen, stale := s.seen, s.stale
		if rest != nil {
			seen, stale = nil, nil
		}
		select {
		case <-ctx.Done():
			return
		case <-rest:
			rest = nil
			continue
		case now = <-seen:
			known = true
		case <-stale:
			if !known {
				continue
			}
		}
		d.lock()
		program, before := d.setup.Program, d.window
		d.unlock()
		began := time.Now()
		answered := program.Search(now, before)
		took := time.Since(began)
		if took > slowSearch {
			rest = time.After(took)
			if !told {
				told = true
				d.log.Warn("the configuration's regular expressions are slow for the title of this window; its rules take effect late", zap.Duration("took", took))
			}
		}
		done := make(chan struct{})
		d.post(func() {
			defer close(done)
			if d.setup.Program != program { // it has changed meanwhile
				s.again()
				return
			}
			d.focus(answered)
		})
		select {
		case <-done: // the next search builds on it
		case <-ctx.Done():
			return
		}
	}
}

// Answers are the search results of a program that is about to be used, for the focused window and the keyboards.
type answers struct {
	window  remap.Window
	devices [remap.MaxDevices]remap.Device
}

// answersOf runs a program's searches in everything that exists. Do not call it under the lock.
func (d *daemon) answersOf(program *remap.Compiled) *answers {
	a := &answers{}
	d.lock()
	a.window = d.window
	for i, k := range d.devices {
		if k != nil {
			a.devices[i] = k.told
		}
	}
	d.unlock()
	a.window = program.Search(a.window, a.window)
	for i, k := range a.devices {
		if k != (remap.Device{}) {
			a.devices[i] = program.SearchDevice(k, k)
		}
	}
	return a
}

// swap gives the engine the setup's program, with its answers. If a new window has arrived since, it stays unknown until it
// was searched.
func (d *daemon) swap(a *answers) {
	w := a.window
	if !w.Same(d.window) {
		w = remap.Window{}
		d.searcher.again()
	}
	d.wake = d.engine.SetWindow(w, evdev.Now(), d.out)
	d.send()
	d.window = w
	for i, k := range d.devices {
		if told := a.devices[i]; k != nil && k.grabbed && told.Name == k.told.Name && told.Keyboard == k.told.Keyboard {
			told.CapsLock, told.NumLock = k.told.CapsLock, k.told.NumLock
			k.told = told
			d.wake = d.engine.SetDevice(k.id, told, evdev.Now(), d.out)
			d.send()
		}
	}
	d.wake = d.engine.Swap(d.setup.Program, evdev.Now(), d.out)
	d.send() // also keep what keys have changed under the previous program
}
