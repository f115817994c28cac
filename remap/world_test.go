package remap

import (
	"fmt"
	"hash"
	"hash/fnv"
	"slices"
	"time"

	"toshy/remap/key"
)

// A physical key is a key of a keyboard in the test's world.
type physical struct {
	dev  uint8
	code key.Code
}

// A world plays keyboards and a desktop around an engine, and checks at each step what must always be true. Its events are random. It
// knows nothing about the program except which free keys it may lose.
type world struct {
	s    source
	e    *Engine
	out  *Output
	now  time.Duration
	wake time.Duration

	pool     []*Compiled // programs that Swap may choose from
	poolInfo []chaos
	info     *chaos // about the running program
	loses    bool   // free keys may be swallowed
	repeats  bool   // free keys may be typed again
	locks    bool   // layers may stay on

	held   []physical      // physically down
	down   [key.Count]bool // on the output
	typed  []key.Code      // free keys whose press has not come out yet
	plan   []planned       // what to press and release next
	rush   int             // events without time between them
	events int             // given to the engine
	outs   int             // events that came out
	hash   hash.Hash64     // of the output, if hashed
	hashed bool
	trace  func(string, ...any)
	failed string
}

type planned struct {
	physical
	value int32
}

func newWorld(s source, programs int) (*world, error) {
	w := &world{s: s, out: NewOutput(), wake: Never, hash: fnv.New64a()}
	holdOnly := chance(s, 50)
	for range programs {
		c := chaos{s: s, holdOnly: holdOnly}
		compiled, err := Compile(c.program())
		if err != nil {
			continue
		}
		w.pool, w.poolInfo = append(w.pool, compiled), append(w.poolInfo, c)
	}
	if len(w.pool) == 0 {
		c, err := Compile(&Program{})
		if err != nil {
			return nil, err
		}
		w.pool, w.poolInfo = []*Compiled{c}, []chaos{{p: &Program{}}}
	}
	w.e = New(w.pool[0])
	w.use(0)
	return w, nil
}

// use notes what the program that runs from now on may do.
func (w *world) use(i int) {
	w.info = &w.poolInfo[i]
	w.loses = w.loses || w.info.loses
	w.repeats = w.repeats || w.info.repeats
	w.locks = w.locks || w.info.locks
}

// aim plans the keys of a combo that the program knows, so that not only chance finds them.
func (w *world) aim() {
	var all []Entry
	for _, m := range w.info.p.Keymaps {
		all = append(all, m.Entries...)
	}
	for _, n := range w.info.nested {
		all = append(all, n.Entries...)
	}
	if len(all) == 0 {
		return
	}
	c := pick(w.s, all).Combo
	for _, p := range w.held {
		w.plan = append(w.plan, planned{p, Release})
	}
	first := len(w.plan)
	for _, m := range c.Mods {
		code := m.Code()
		if code == 0 {
			code = w.info.p.Modifiers[m-key.Custom0].Carrier
		}
		w.plan = append(w.plan, planned{physical{0, code}, Press})
	}
	if c.Key.IsWheel() {
		return
	}
	w.plan = append(w.plan, planned{physical{0, c.Key}, Press})
	if last := len(w.plan) - 1; chance(w.s, 60) {
		for i := last; i >= first; i-- {
			w.plan = append(w.plan, planned{w.plan[i].physical, Release})
		}
	}
}

func (w *world) fail(format string, args ...any) {
	if w.failed == "" {
		w.failed = fmt.Sprintf(format, args...)
	}
}

// after checks the engine's output.
func (w *world) after(wake time.Duration) {
	w.wake = wake
	if at := min(w.e.hand.windowDue(), w.e.hand.undecidedDue(), w.e.othersDue()); at != wake {
		w.fail("woken at %v, but a part that did not tell the clock is due at %v", wake, at)
	}
	events := w.out.Events
	for i := range events {
		ev := events[i]
		if w.hashed {
			w.hash.Write([]byte{byte(ev.Type), byte(ev.Code), byte(ev.Code >> 8), byte(ev.Value)})
		}
		if w.trace != nil && ev.Type != TypeSyn {
			w.trace("    %v %d %v %d", w.now, ev.Type, ev.Code, ev.Value)
		}
		if ev.Type != TypeKey {
			continue
		}
		w.outs++
		if ev.Code == 0 || ev.Code >= 0x300 {
			w.fail("code %d put out", ev.Code)
			continue
		}
		switch is := w.down[ev.Code]; {
		case ev.Value == Press && is:
			w.fail("%v pressed twice", ev.Code)
		case ev.Value == Release && !is:
			w.fail("%v released though it was up", ev.Code)
		case ev.Value == Repeat && !is:
			w.fail("%v repeated though it was up", ev.Code)
		case ev.Value < Release || ev.Value > Repeat:
			w.fail("value %d", ev.Value)
		}
		w.down[ev.Code] = ev.Value != Release
		if i+1 == len(events) || events[i+1].Type != TypeSyn {
			w.fail("%v without its SYN", ev.Code)
		}
		if ev.Value == Press && isFree(ev.Code) {
			w.came(ev.Code)
		}
	}
	if q := w.out.Typing; q != nil && (q.Text == "" || q.Until > w.now+typingLimit) {
		w.fail("the session is asked for %d bytes until %v", len(q.Text), q.Until)
	}
	w.out.Reset()
	w.bounded()
	w.accounted()
}

// came removes a free key that came out from the list of expected keys.
func (w *world) came(c key.Code) {
	i := 0
	if w.loses {
		i = slices.Index(w.typed, c)
	}
	if i >= 0 && i < len(w.typed) && w.typed[i] == c {
		w.typed = append(w.typed[:0], w.typed[i+1:]...)
		return
	}
	if !w.repeats {
		w.fail("free key %v came out of order or twice, expected %v", c, w.typed)
	}
}

// bounded checks that the engine's memory is limited.
func (w *world) bounded() {
	e := w.e
	if len(e.queue.events) > maxQueue || cap(e.queue.events) > maxQueue {
		w.fail("queue of %d", len(e.queue.events))
	}
	if len(e.hand.slots) > len(w.held)+maxQueue+1 {
		w.fail("%d held", len(e.hand.slots))
	}
	if len(e.runner.frames) > 4*maxDepth || len(e.ledger.lifted) > 64 || len(e.ledger.downMods) > 16 || len(e.runner.delayed) > 64 || len(e.runner.taps) > 64 {
		w.fail("frames %d, lifted %d, modifiers %d, delayed %d, taps %d", len(e.runner.frames), len(e.ledger.lifted), len(e.ledger.downMods), len(e.runner.delayed), len(e.runner.taps))
	}
	if len(e.scene.views) > maxViews+1 || len(e.runner.cycles) > 256 {
		w.fail("views %d, cycles %d", len(e.scene.views), len(e.runner.cycles))
	}
	if n := len(e.pacer.paced); n > maxPaced {
		w.fail("paced %d", n)
	}
}

// accounted checks that everything that holds a key down is known. An unknown holder would never release it.
func (w *world) accounted() {
	for c := 1; c < len(w.e.ledger.down); c++ {
		if n := w.e.ledger.down[c].holders; n > 0 {
			if by := w.e.holders(key.Code(c)); int(n) != len(by) {
				w.fail("%v has %d holders, known are %+v", key.Code(c), n, by)
			}
		}
	}
}

func (w *world) key(p physical, value int32) {
	if w.trace != nil {
		w.trace("%v key %v dev %d value %d", w.now, p.code, p.dev, value)
	}
	i := slices.Index(w.held, p)
	reserved := p.code == w.e.scene.program.program.Options.EjectKey
	if value == Press && !reserved {
		if isFree(p.code) {
			w.typed = append(w.typed, p.code)
		}
		if i < 0 {
			w.held = append(w.held, p)
		}
	} else if value == Release && i >= 0 {
		w.held[i] = w.held[len(w.held)-1]
		w.held = w.held[:len(w.held)-1]
	}
	w.events++
	wake := w.e.Handle(Event{At: w.now, Type: TypeKey, Code: p.code, Value: value, Device: p.dev}, w.out)
	ejected := len(w.out.Effects) > 0 && w.out.Effects[len(w.out.Effects)-1].Kind == EffectEject
	w.after(wake)
	if ejected {
		w.released()
	}
}

// newKey returns a key to press.
func (w *world) newKey() physical {
	p := physical{dev: uint8(w.s.n(chaosDevices))}
	if w.s.n(3) > 0 {
		p.dev = 0
	}
	switch n := w.s.n(100); {
	case n < 55:
		p.code = pick(w.s, chaosKeys)
	case n < 75:
		p.code = pick(w.s, chaosMods)
	case n < 85:
		p.code = firstFree + key.Code(p.dev)*freePerDevice + key.Code(w.s.n(freePerDevice))
	case n < 90:
		p.code = pick(w.s, chaosButtons)
	case n < 94:
		p.code = pick(w.s, chaosCarrier)
	case n < 99:
		p.code = key.Code(1 + w.s.n(0x2ff))
	default:
		p.code = key.F15 + key.Code(w.s.n(2))
	}
	if isFree(p.code) {
		p.dev = uint8(p.code-firstFree) / freePerDevice
	}
	return p
}

// step plays one random event.
func (w *world) step() {
	s := w.s
	if w.rush == 0 && s.n(300) == 0 {
		w.rush = s.n(400) // events that come at once, as from a script or after a long wait
	}
	switch n := s.n(100); {
	case w.rush > 0:
		w.rush--
	case n < 40:
	case n < 80:
		w.now += time.Duration(s.n(40)) * time.Millisecond
	case n < 98:
		w.now += time.Duration(s.n(400)) * time.Millisecond
	default:
		w.now += pick(s, chaosTimes)
	}
	if w.wake <= w.now && w.rush == 0 && s.n(10) > 0 { // a loop that is not late
		w.tick(w.now)
	}
	if len(w.plan) > 0 && s.n(8) > 0 {
		p := w.plan[0]
		w.plan = append(w.plan[:0], w.plan[1:]...)
		w.key(p.physical, p.value)
		return
	}
	switch n := s.n(1000); {
	case n < 40:
		w.aim()
	case n < 430:
		if len(w.held) > 10 {
			w.key(pick(s, w.held), Release)
			return
		}
		w.key(w.newKey(), Press)
	case n < 860:
		if len(w.held) == 0 {
			w.key(w.newKey(), Press)
			return
		}
		i := len(w.held) - 1
		if chance(s, 50) {
			i = s.n(len(w.held))
		}
		w.key(w.held[i], Release)
	case n < 920:
		if len(w.held) > 0 {
			w.key(pick(s, w.held), Repeat)
		}
	default:
		w.rare(n - 920)
	}
}

// rare plays an event that is not ordinary typing.
func (w *world) rare(n int) {
	s, e := w.s, w.e
	if w.trace != nil {
		w.trace("%v rare %d", w.now, n)
	}
	w.events++
	switch {
	case n < 8: // a press of a key that is down, a release or repeat of one that is up
		p := w.newKey()
		if len(w.held) > 0 && chance(s, 50) {
			p = pick(s, w.held)
		}
		w.key(p, int32(s.n(3)))
	case n < 12:
		ev := Event{At: w.now, Type: uint16(s.n(6)), Code: key.Code(s.n(0x400)), Value: int32(s.n(9) - 3), Device: uint8(s.n(70))}
		if ev.Type == TypeKey { // useless: wrong code, value or device
			ev.Code, ev.Device = 0, 0
			if chance(s, 50) {
				ev.Code, ev.Device = key.Code(0x300+s.n(0x1000)), uint8(s.n(2))
			}
			if chance(s, 30) {
				ev.Code, ev.Value = 30, int32(3+s.n(4))
			}
		}
		w.after(e.Handle(ev, w.out))
	case n < 30:
		axis := pick(s, []key.Code{relWheel, relWheel, relHWheel, relWheelHiRes, 0, 1})
		w.after(e.Handle(Event{At: w.now, Type: TypeRel, Code: axis, Value: int32(s.n(7) - 3)}, w.out))
		w.after(e.Handle(Event{At: w.now, Type: TypeSyn}, w.out))
	case n < 42:
		w.after(e.SetWindow(Window{App: pick(s, []string{"", "firefox", "kitty"}), Title: pick(s, []string{"", "a", "b"})}, w.now, w.out))
	case n < 46:
		id := uint8(s.n(chaosDevices))
		w.after(e.SetDevice(id, Device{Name: pick(s, []string{"x", "y"}), CapsLock: chance(s, 30), NumLock: chance(s, 30)}, w.now, w.out))
	case n < 50:
		w.unplug(uint8(s.n(chaosDevices)))
	case n < 55:
		w.after(e.SetVar(s.n(5)-1, int32(s.n(4)-1), w.now, w.out))
	case n < 59:
		w.after(e.SetPassthrough(chance(s, 40), w.now, w.out))
	case n < 62:
		w.swap()
	case n < 64:
		w.after(e.ReleaseAll(w.now, w.out))
		w.released()
	case n < 68:
		w.after(e.PointerActivity(w.now, w.out))
	case n < 72: // a time in the past
		now := w.now
		w.now -= time.Duration(s.n(int(time.Second)))
		w.key(w.newKey(), Press)
		w.now = now
	case n < 75: // the session answers: late, or without a request
		w.after(e.Typed(e.pacer.request.serial-uint64(s.n(2)), TypingResult(s.n(5)), w.now, w.out))
	case n < 76:
		w.after(e.SetTypes(chance(s, 80), w.now, w.out))
	case n < 77:
		e.SetLayout(pick(s, chaosLayouts))
	case n < 78:
		w.tick(w.now - time.Second)
	default:
		w.tick(w.now)
	}
}

// released checks the state after ReleaseAll: no key is down, and nothing waits.
func (w *world) released() {
	w.typed = w.typed[:0]
	if w.down != ([key.Count]bool{}) {
		w.fail("something is down after ReleaseAll")
	}
}

func (w *world) unplug(id uint8) {
	w.held = slices.DeleteFunc(w.held, func(p physical) bool { return p.dev == id })
	w.after(w.e.RemoveDevice(id, w.now, w.out))
}

func (w *world) swap() {
	i := w.s.n(len(w.pool))
	w.use(i)
	w.after(w.e.Swap(w.pool[i], w.now, w.out))
}

func (w *world) tick(now time.Duration) { w.after(w.e.Tick(now, w.out)) }

// maxRest is how many wake-ups an engine may ask for after the last key goes up. Only queued output needs more than a few.
const maxRest = 40_000

// rest releases everything and waits until the engine has nothing more to do. Then no key may be down.
func (w *world) rest() {
	w.plan, w.rush = w.plan[:0], 0
	for len(w.held) > 0 {
		if chance(w.s, 3) {
			w.unplug(w.held[0].dev)
			continue
		}
		w.key(pick(w.s, w.held), Release)
		if chance(w.s, 30) {
			w.now += time.Duration(w.s.n(30)) * time.Millisecond
		}
	}
	for n := 0; w.wake != Never && w.failed == ""; n++ {
		if n == maxRest {
			w.fail("the engine keeps asking to be woken")
			return
		}
		w.now = max(w.now, w.wake)
		w.tick(w.now)
	}
	w.checkRest()
}

// checkRest checks that nothing is left from what was pressed. One-shot modifiers may wait for a key.
func (w *world) checkRest() {
	e := w.e
	allowed := [key.Count]bool{}
	for _, c := range e.next.oneShot.claims.all[:e.next.oneShot.claims.n] {
		allowed[c.code] = true
	}
	for _, k := range e.next.locked.keys {
		allowed[k.claim.code] = true
	}
	for _, c := range e.layers.claims { // from layers that may stay on
		if c.code.IsSet() {
			for _, k := range e.ledger.codesOf(c.code) {
				allowed[k] = true
			}
		}
		allowed[c.code] = true
	}
	for c, is := range w.down {
		if is && !allowed[c] {
			w.fail("%v is stuck down", key.Code(c))
		}
	}
	for c := range e.ledger.down {
		d := &e.ledger.down[c]
		if d.visible != w.down[c] && !e.scene.program.hidden[c] && c < 0x300 {
			w.fail("the ledger has wrong data about %v", key.Code(c))
		}
		if !allowed[c] && (d.holders > 0 || d.visible) {
			w.fail("%v has %d holders, visible %v", key.Code(c), d.holders, d.visible)
		}
	}
	switch {
	case len(e.hand.slots) > 0:
		w.fail("%d keys held", len(e.hand.slots))
	case len(e.queue.events) > 0 || len(e.pacer.paced) > 0 || len(e.ledger.lifted) > 0:
		w.fail("queue %d, paced %d, lifted %d", len(e.queue.events), len(e.pacer.paced), len(e.ledger.lifted))
	case e.ledger.combo.active || e.ledger.bound.active || e.runner.waiting || len(e.runner.frames) > 0 || e.chord.pending || e.chord.bypass:
		w.fail("combo %v, sticky %v, macro %v, frames %d, chord %+v", e.ledger.combo.active, e.ledger.bound.active, e.runner.waiting, len(e.runner.frames), e.chord)
	case e.hand.window.open || e.hand.window.undecided != 0:
		w.fail("window %+v", e.hand.window)
	case !w.locks && slices.Contains(e.scene.layers, true):
		w.fail("a layer is stuck on")
	case len(w.typed) > 0 && !w.loses:
		w.fail("free keys were lost: %v", w.typed)
	}
	w.typed = w.typed[:0]
}
