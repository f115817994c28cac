package remap

import (
	"slices"
	"time"

	"toshy/remap/key"
)

// The kernel keeps 64 records for a program that reads the virtual keyboard (EVDEV_MIN_BUFFER_SIZE in
// drivers/input/evdev.c), and drops all of them if there are more. A key event with its SYN makes two. A desktop that is
// busy while a macro types must not lose keys. So the first part of a burst goes out at once and the rest a few events at a
// time, slowly enough for any desktop to read them.
const (
	burstAtOnce = 24
	burstPiece  = 8
	burstPause  = 4 * time.Millisecond
)

const (
	// runAhead is how much output may wait before the next step of an action waits, too. An action may have any number of
	// texts, and keys that are typed meanwhile wait for it as for any macro.
	runAhead = 250 * time.Millisecond
	// maxPaced bounds the waiting output. It is more than runAhead plus any text. Events beyond it go out at once.
	maxPaced = 1 << 16
	// maxDelay bounds how long output waits if pacing is slower than the typist.
	maxDelay = 10 * time.Second
)

// A pacedOut is an event that waits for its time.
type pacedOut struct {
	at   time.Duration
	ev   Out
	fast bool // typed by the user, not sent by an action

	yieldAt time.Duration // when a character for the session gives way to a key that was pressed after it; 0: none was
}

// A pacer sends what the ledger decides, in order, each event at its time. Everything that an engine sends or asks for goes
// through it.
type pacer struct {
	clock *clock
	scene *scene
	queue *queue  // keys that wait for a macro, and so for its texts
	out   *Output // of the call

	paced     []pacedOut
	request   typingRequest
	wrote     time.Duration // the latest keys
	free      time.Duration // when the waiting output is out
	burst     burst
	frameOpen bool // a forwarded pointer frame waits for its SYN
}

func newPacer(c *clock, s *scene, q *queue) pacer {
	return pacer{clock: c, scene: s, queue: q, paced: make([]pacedOut, 0, 1024)}
}

// begin sets the Output for the call that starts here.
func (p *pacer) begin(out *Output) {
	p.out = out
	if b := &p.burst; b.at != p.clock.call() {
		b.at, b.sent = p.clock.call(), 0
	}
}

// beginEvent is begin for an event. What is sent from here on belongs to a new event.
func (p *pacer) beginEvent(out *Output) {
	p.out = out
	p.burst.at, p.burst.sent = p.clock.call(), 0
}

// idle says whether nothing waits.
func (p *pacer) idle() bool { return !p.waits() }

// needs is how long a number of events of an action take to go out.
func (p *pacer) needs(events int) time.Duration {
	t := &p.scene.now().pacing
	return time.Duration(events) * max(t.Pre+t.Post, burstPause/burstPiece)
}

// due is the time when the first waiting event goes out, Never if none waits.
func (p *pacer) due() time.Duration {
	due := Never
	switch {
	case p.request.until != 0:
		due = p.request.until
	case len(p.paced) > 0:
		due = p.paced[0].at
	}
	if at := p.request.yieldAt; at != 0 {
		due = min(due, at)
	}
	return due
}

// freeAt is the time when something more could go out.
func (p *pacer) freeAt() time.Duration { return max(p.clock.now(), p.free) }

// behind says whether so much waits that the next step of an action must wait as well, and until when.
func (p *pacer) behind() (until time.Duration, behind bool) {
	return p.free - runAhead/2, p.free > p.clock.now()+runAhead && !p.scene.options().Reference
}

// effect asks the program around the engine for something.
func (p *pacer) effect(e *Effect) { p.out.Effects = append(p.out.Effects, e) }

// key sends one key event. fast: the user types it, no action sends it.
func (p *pacer) key(c key.Code, value int32, fast bool) {
	v := p.scene.now()
	switch {
	case v.isPaced:
		p.paceKey(c, value, fast, &v.pacing)
	case !p.waits() && p.mayBurst():
		p.write(Out{TypeKey, c, value})
	default:
		p.pace(Out{TypeKey, c, value}, fast, 0, 0)
	}
}

// paceKey is key for programs that pace the output.
func (p *pacer) paceKey(c key.Code, value int32, fast bool, t *Pacing) {
	pre, post := t.Pre, t.Post
	if fast {
		pre, post = t.FastPre, t.FastPost
	}
	if pre|post == 0 && !p.waits() && p.mayBurst() {
		p.write(Out{TypeKey, c, value})
		return
	}
	p.pace(Out{TypeKey, c, value}, fast, pre, post)
}

// pointer sends a movement or a step of the wheel, in order with the keys.
func (p *pacer) pointer(axis key.Code, value int32) {
	ev := Out{TypeRel, axis, value}
	if !p.waits() {
		p.write(ev)
	} else {
		p.pace(ev, false, 0, 0)
	}
}

// write sends an event as its own frame.
func (p *pacer) write(ev Out) {
	p.wrote = p.clock.call()
	p.out.Events = append(p.out.Events, ev, Out{Type: TypeSyn})
}

// forward passes a pointer event on unchanged.
func (p *pacer) forward(ev *Event) {
	p.frameOpen = true
	p.out.Events = append(p.out.Events, Out{Type: ev.Type, Code: ev.Code, Value: ev.Value})
}

// endFrame ends the frame of forwarded events.
func (p *pacer) endFrame() {
	if p.frameOpen {
		p.frameOpen = false
		p.out.Events = append(p.out.Events, Out{Type: TypeSyn})
	}
}

// A burst counts the output of one event, or of the timers due at the same time.
type burst struct {
	at   time.Duration
	sent int
	// The current piece of waiting output: its time, and the number of its events.
	piece time.Duration
	n     int
}

// mayBurst counts an event that is ready to go out and says whether it may.
func (p *pacer) mayBurst() bool {
	b := &p.burst
	b.sent++
	return b.sent <= burstAtOnce || p.scene.options().Reference
}

// pace queues an event behind those that wait. Everything later waits behind it, to keep the order.
func (p *pacer) pace(ev Out, fast bool, pre, post time.Duration) {
	if len(p.paced) >= maxPaced {
		p.flushSome(maxPaced / 4)
	}
	at := max(p.clock.now(), p.free) + pre
	if !p.scene.options().Reference {
		if b := &p.burst; len(p.paced) == 0 && b.at == p.clock.call() && b.sent > burstAtOnce {
			b.piece, b.n = p.clock.call(), burstPiece
		}
		at = p.burst.place(min(at, p.clock.now()+maxDelay))
	}
	p.free = at + post
	p.paced = append(p.paced, pacedOut{at: at, ev: ev, fast: fast})
	p.clock.expect()
}

// place finds room for one more event at a given time or later.
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

// flush sends what is due. If the clock has run ahead, as on a busy machine, the rest moves back instead of going out in
// one burst.
//
// If a character for the session is next, everything after it waits until the session has typed it.
func (p *pacer) flush() {
	p.giveUp()
	p.yield()
	for p.request.until == 0 {
		p.flushEvents()
		if !p.textDue() || p.clock.call() < p.wrote+burstPause { // the desktop gets time for the keys before it
			break
		}
		p.ask()
	}
	if p.request.until != 0 || len(p.paced) == 0 || p.paced[0].at > p.clock.now() {
		return
	}
	late := p.clock.call() + burstPause - p.paced[0].at
	if p.paced[0].ev.Type == typeText {
		late = p.wrote + burstPause - p.paced[0].at
	}
	for i := range p.paced {
		p.paced[i].at += late
	}
	p.free += late
	p.burst.piece += late
}

// flushEvents sends the events that are due, up to a character for the session.
func (p *pacer) flushEvents() {
	n := 0
	for n < len(p.paced) && p.paced[n].at <= p.clock.now() && p.paced[n].ev.Type != typeText && p.mayBurst() {
		p.write(p.paced[n].ev)
		n++
	}
	p.take(n)
}

// take takes the first n out of what waits. Nothing of what was typed stays in its memory.
func (p *pacer) take(n int) { p.paced = slices.Delete(p.paced, 0, n) }

// flushSome sends the first n waiting events before their time. A character for the session would come too late.
func (p *pacer) flushSome(n int) {
	for _, w := range p.paced[:n] {
		if w.ev.Type != typeText {
			p.write(w.ev)
		}
	}
	p.take(n)
}

// flushAll sends everything that waits.
func (p *pacer) flushAll() {
	p.flushSome(len(p.paced))
	if p.request.until != 0 {
		p.out.Typing = nil
	}
	p.request.forget()
	p.request.yieldAt = 0
	p.free, p.burst = 0, burst{at: p.clock.call()}
}

// dropped marks output that drop removes. No event has this type.
const dropped uint16 = 0xffff

// drop removes taps of an action that wait and have not begun: the window that they were meant for has lost the focus. What
// the user types stays, and so does every release of a press that is out.
func (p *pacer) drop() {
	for i := range p.paced {
		w := &p.paced[i]
		switch {
		case w.fast:
		case w.ev.Type == TypeRel, w.ev.Type == typeText:
			w.ev.Type = dropped
		case w.ev.Type == TypeKey && w.ev.Value == Press:
			j := i + 1
			for j < len(p.paced) && (p.paced[j].ev.Type != TypeKey || p.paced[j].ev.Code != w.ev.Code) {
				j++
			}
			if j < len(p.paced) && p.paced[j].ev.Value == Release && !p.paced[j].fast {
				w.ev.Type, p.paced[j].ev.Type = dropped, dropped
			}
		}
	}
	p.paced = slices.DeleteFunc(p.paced, func(w pacedOut) bool { return w.ev.Type == dropped })
	p.request.yieldAt = 0
	p.request.again = 0
	p.request.disown()
	p.free = p.clock.now()
	if n := len(p.paced); n > 0 {
		p.free = p.paced[n-1].at
	}
}
