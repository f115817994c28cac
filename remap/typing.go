package remap

import (
	"slices"
	"strings"
	"time"
)

// Characters that no key types can be typed by the user's session, if it says that it can (SetTypes): the engine asks
// for them (Output.Typing), and all later output waits for the answer (Typed), so that everything keeps its order.

const (
	// typingLimit is how long output waits for an answer.
	typingLimit = 100 * time.Millisecond
	// maxTyping is how many characters one request has.
	maxTyping = 8
	// trustAfter is how long after an answer a session gets more than one character. Before its first answer, and after a silence, it gets
	// one, and the rest of a text waits for the answer: if none comes, the rest is entered in another way.
	trustAfter = time.Second
	// yieldAfter is how long a key that is pressed waits for characters that the session has not typed yet.
	yieldAfter = 500 * time.Millisecond
	// askAgain is the time until a session is asked again that cannot type yet, and maxAgain how often. It may have room for fewer
	// characters: it is asked for half as many each time, and for all of them after halvings.
	askAgain = 50 * time.Millisecond
	maxAgain = 8
	halvings = 4
	// typeText is the type of a character that waits with the output. No event has this type; its Value is the character.
	typeText uint16 = 0xfffe
)

// A Typing asks the session for a text.
type Typing struct {
	Text   string
	Serial uint64        // for the answer
	Until  time.Duration // a session that reads it later must not type it: the engine has gone on
}

// TypingResult is what came of a Typing.
type TypingResult uint8

// Results.
const (
	TypingDone   TypingResult = iota
	TypingFailed              // nothing was typed
	TypingForX11              // nothing was typed: the window belongs to an X11 program, which the session cannot reach
	TypingLater               // nothing was typed: the session can do it a little later, or can type fewer characters now
)

var typingRefusals = map[TypingResult]*Effect{
	TypingFailed: {Kind: EffectRefused, Text: "the desktop did not type a character that has no key"},
	TypingForX11: {Kind: EffectRefused, Text: "a character has no key, and this desktop types such characters only in Wayland windows"},
}

var yieldedTyping = &Effect{Kind: EffectRefused, Text: "the session types too slowly: keys were pressed meanwhile, and the rest of a text was not typed"}

var lateTyping = &Effect{Kind: EffectRefused, Text: "the session took too long to type a character that has no key"}

// A typingRequest is the last one to the session, and whether it answers.
type typingRequest struct {
	serial uint64        // of the last request
	until  time.Duration // when no longer to wait; 0: nothing is waited for
	silent bool          // it has not answered in time: it is not asked again until it answers
	trust  time.Duration // until when it gets more than one character
	text   [maxTyping]pacedOut
	length int // of text
	again  int // how often it was asked for this text again

	yieldAt time.Duration // when the first of the waiting characters give way to a key, or earlier; 0: none do
	slow    bool          // some have: it is not asked while keys wait for a macro
}

// forget forgets the text of a request that has its answer, or gets none.
func (a *typingRequest) forget() {
	a.until, a.again = 0, 0
	a.disown()
}

// disown has the text of a request not asked for again. Its answer is still waited for.
func (a *typingRequest) disown() { a.text, a.length = [maxTyping]pacedOut{}, 0 }

// yieldsAt notes that characters give way to a key at some time.
func (a *typingRequest) yieldsAt(at time.Duration) {
	if at != 0 && (a.yieldAt == 0 || at < a.yieldAt) {
		a.yieldAt = at
	}
}

// SetTypes says whether the session can type characters that no key types.
func (e *Engine) SetTypes(can bool, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	e.scene.setTypes(can)
	e.pacer.unsilence()
	return e.wake()
}

// Typed takes the session's answer to a Typing. An answer that comes too late only says that the session is there again.
func (e *Engine) Typed(serial uint64, result TypingResult, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	e.pacer.typed(serial, result)
	return e.wake()
}

// unsilence has a session asked again that has not answered.
func (p *pacer) unsilence() { p.request.silent, p.request.trust = false, 0 }

// tries says whether a character waits for a session that may not answer.
func (p *pacer) tries() bool { return p.request.trust <= p.clock.now() && p.texts() }

// sessionTypes says whether the session is to type what has no key, in the window that has the focus.
func (p *pacer) sessionTypes() bool {
	a := &p.request
	a.slow = a.slow && p.queue.hasPress()
	return p.scene.sessionTypes() && p.scene.now().unicode.Method == UnicodeAuto && !a.silent && !a.slow
}

// text has the session type a character, in its place between the keys. It reaches the desktop by another way than these: the
// desktop gets the time to read them first.
func (p *pacer) text(r rune) {
	if len(p.paced) >= maxPaced {
		p.flushSome(maxPaced / 4)
	}
	p.free = p.freeAt()
	if n := len(p.paced); n == 0 || p.paced[n-1].ev.Type != typeText {
		p.free += burstPause
	}
	w := pacedOut{at: p.free, ev: Out{Type: typeText, Value: r}}
	if p.queue.hasPress() { // keys were pressed before the macro got here
		w.yieldAt = p.clock.now() + yieldAfter
		p.request.yieldsAt(w.yieldAt)
	}
	p.paced = append(p.paced, w)
	p.clock.expect()
}

// waits says whether output waits, for its time or for the session.
func (p *pacer) waits() bool { return len(p.paced) > 0 || p.request.until != 0 }

// texts says whether characters wait for the session, or their answer is waited for. How long that takes is not known.
func (p *pacer) texts() bool {
	return p.request.until != 0 || slices.ContainsFunc(p.paced, func(w pacedOut) bool { return w.ev.Type == typeText })
}

// textDue says whether the first of what waits is a character whose time has come.
func (p *pacer) textDue() bool {
	return len(p.paced) > 0 && p.paced[0].ev.Type == typeText && p.paced[0].at <= p.clock.now()
}

// pressed sees a press of any key, before the engine does anything with it: what waits for the session must not hold it back for
// long.
func (p *pacer) pressed() {
	if !p.waits() {
		return
	}
	a := &p.request
	at := p.clock.now() + yieldAfter
	mark := func(waiting []pacedOut) {
		for i := len(waiting) - 1; i >= 0; i-- {
			switch w := &waiting[i]; {
			case w.ev.Type != typeText:
			case w.yieldAt != 0: // so do all before it
				return
			default:
				w.yieldAt = at
			}
		}
	}
	mark(p.paced)
	mark(a.text[:a.length])
	if p.texts() {
		a.yieldsAt(at)
		p.clock.expect()
	}
}

// yield gives up the characters that a key has waited for too long.
func (p *pacer) yield() {
	a, now := &p.request, p.clock.now()
	if a.yieldAt == 0 || a.yieldAt > now {
		return
	}
	was := len(p.paced)
	p.paced = slices.DeleteFunc(p.paced, func(w pacedOut) bool { return w.yieldAt != 0 && w.yieldAt <= now })
	a.yieldAt = 0
	if first := slices.IndexFunc(p.paced, func(w pacedOut) bool { return w.yieldAt != 0 }); first >= 0 {
		a.yieldAt = p.paced[first].yieldAt
	}
	if len(p.paced) == was { // the session was fast enough
		return
	}
	if a.until == 0 {
		a.forget()
	}
	a.slow = true
	p.effect(yieldedTyping)
}

// ask asks the session for the characters that are first among what waits. If it is silent, they are refused.
func (p *pacer) ask() {
	a := &p.request
	var text strings.Builder
	n, most := 0, maxTyping>>(a.again%halvings)
	for n < len(p.paced) && n < most && p.paced[n].ev.Type == typeText {
		a.text[n] = p.paced[n]
		text.WriteRune(a.text[n].ev.Value)
		n++
	}
	a.length = n
	p.take(n)
	if a.silent || !p.scene.sessionTypes() {
		a.forget()
		p.effect(typingRefusals[TypingFailed])
		return
	}
	a.serial++
	a.until = p.clock.now() + typingLimit
	p.out.Typing = &Typing{text.String(), a.serial, a.until}
	p.clock.expect()
}

// typed continues after an answer.
func (p *pacer) typed(serial uint64, result TypingResult) {
	a := &p.request
	a.silent, a.trust = false, p.clock.now()+trustAfter
	if a.until == 0 || serial != a.serial {
		return
	}
	if result == TypingLater && a.again < maxAgain && a.length > 0 {
		p.later()
		return
	}
	if result == TypingLater {
		result = TypingFailed
	}
	a.forget()
	if x := typingRefusals[result]; x != nil {
		p.effect(x)
	}
	p.flush()
}

// later puts the characters of the request first again, to ask for them a little later.
func (p *pacer) later() {
	a := &p.request
	back := a.text[:a.length]
	for i := range back {
		back[i].at = p.clock.now() + askAgain
	}
	a.yieldsAt(back[0].yieldAt)
	p.paced = slices.Insert(p.paced, 0, back...)
	a.until = 0
	a.again++
	p.clock.expect()
}

// giveUp continues without an answer if it is overdue.
func (p *pacer) giveUp() {
	if a := &p.request; a.until != 0 && a.until <= p.clock.now() {
		a.forget()
		a.silent, a.trust = true, 0
		p.effect(lateTyping)
	}
}
