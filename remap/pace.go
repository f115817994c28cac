package remap

import (
	"slices"
	"time"
)

// The kernel keeps 64 records for a program that reads the virtual keyboard (EVDEV_MIN_BUFFER_SIZE in
// drivers/input/evdev.c) and throws all away when there are more; a key event with its SYN makes two. A desktop that is busy while a macro types must
// not lose keys: of what comes at one instant, the first part goes out at once and the rest a few at
// a time, well within the time in which any desktop reads again.
const (
	burstAtOnce = 24
	burstPiece  = 8
	burstPause  = 4 * time.Millisecond
)

const (
	// maxPaced bounds the output that waits: more than any text makes. What is over goes out at once.
	maxPaced = 1 << 14
	// maxDelay bounds how long output waits where pacing is slower than the typist.
	maxDelay = 10 * time.Second
)

// A pacedOut is an event that waits for its time.
type pacedOut struct {
	at   time.Duration
	ev   Out
	fast bool // what the user types, not what an action does
}

// A burst counts the output that one event, or the timers of one instant, has caused.
type burst struct {
	at   time.Duration
	sent int
	// The piece of waiting output that is being filled: from when on, and how many are in it.
	piece time.Duration
	n     int
}

// mayBurst counts an event that wants to go out now and says whether it may.
func (e *Engine) mayBurst() bool {
	b := &e.burst
	if b.at != e.clock {
		b.at, b.sent = e.clock, 0
	}
	b.sent++
	return b.sent <= burstAtOnce || e.compiled.program.Options.Reference
}

// pace puts an event behind those that wait. Everything later waits behind it, so that order is kept.
func (e *Engine) pace(ev Out, fast bool, pre, post time.Duration) {
	if len(e.paced) >= maxPaced {
		e.flushSome(maxPaced / 4)
	}
	at := max(e.now, e.paceFree) + pre
	if !e.compiled.program.Options.Reference {
		if b := &e.burst; len(e.paced) == 0 && b.at == e.clock && b.sent > burstAtOnce {
			b.piece, b.n = e.clock, burstPiece
		}
		at = min(e.burst.place(at), e.now+maxDelay)
	}
	e.paceFree = at + post
	e.paced = append(e.paced, pacedOut{at, ev, fast})
}

// place finds room for one more event at a time or later.
func (b *burst) place(at time.Duration) time.Duration {
	if at >= b.piece+burstPause {
		b.piece, b.n = at, 1
		return at
	}
	if b.n == burstPiece {
		b.piece, b.n = b.piece+burstPause, 0
	}
	b.n++
	return max(at, b.piece)
}

// flushPaced sends what is due. When the clock has run ahead, as on a machine that is busy, the rest
// moves back instead of going out in one burst.
func (e *Engine) flushPaced() {
	n := 0
	for n < len(e.paced) && e.paced[n].at <= e.now && e.mayBurst() {
		e.write(e.paced[n].ev)
		n++
	}
	e.paced = slices.Delete(e.paced, 0, n)
	if len(e.paced) == 0 || e.paced[0].at > e.now {
		return
	}
	late := e.clock + burstPause - e.paced[0].at
	for i := range e.paced {
		e.paced[i].at += late
	}
	e.paceFree += late
	e.burst.piece += late
}

// flushSome sends the first n events that wait, before their time.
func (e *Engine) flushSome(n int) {
	for _, p := range e.paced[:n] {
		e.write(p.ev)
	}
	e.paced = slices.Delete(e.paced, 0, n)
}

// flushAllPaced sends everything that waits.
func (e *Engine) flushAllPaced() {
	e.flushSome(len(e.paced))
	e.paceFree, e.burst = 0, burst{}
}

// dropped marks output that dropPaced takes out; no event has this type.
const dropped uint16 = 0xffff

// dropPaced takes out of what waits the keys that an action taps and that have not begun: the window
// that they were meant for has lost the focus. What the user types stays, and every release of a
// press that is out.
func (e *Engine) dropPaced() {
	for i := range e.paced {
		p := &e.paced[i]
		switch {
		case p.fast:
		case p.ev.Type == TypeRel:
			p.ev.Type = dropped
		case p.ev.Type == TypeKey && p.ev.Value == Press:
			j := i + 1
			for j < len(e.paced) && (e.paced[j].ev.Type != TypeKey || e.paced[j].ev.Code != p.ev.Code) {
				j++
			}
			if j < len(e.paced) && e.paced[j].ev.Value == Release && !e.paced[j].fast {
				p.ev.Type, e.paced[j].ev.Type = dropped, dropped
			}
		}
	}
	e.paced = slices.DeleteFunc(e.paced, func(p pacedOut) bool { return p.ev.Type == dropped })
	e.paceFree = e.now
	if n := len(e.paced); n > 0 {
		e.paceFree = e.paced[n-1].at
	}
}
