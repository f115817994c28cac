package remap

import (
	"slices"
	"time"

	"toshy/remap/key"
)

// lastKeyTime is how long the last key stays known.
const lastKeyTime = time.Minute

// asked says what a program's conditions ask about a key.
type asked uint8

const (
	askedHeld asked = 1 << iota
	askedLast
)

// A keyState is what conditions know about keys: which of the keys that they name are held, and which was the last one. It
// changes when a key goes down, so that the keys before it decide what it is.
type keyState struct {
	held, scratch []key.Code
	last          key.Code // if a condition names it, else 0
	typed         key.Code // the last key that was decided
	typedAt       time.Duration
}

// maxHeldKnown bounds the held keys that conditions see. Nobody holds more.
const maxHeldKnown = 32

// typed notes the last key.
func (s *scene) typed(c key.Code, at time.Duration) {
	if s.program.asksKeys && !s.locked() && c < key.WheelUp {
		s.keys.typed, s.keys.typedAt = c, at
	}
}

// forgetTyped forgets the last key: what follows belongs to someone else.
func (s *scene) forgetTyped() {
	s.keys.typed = 0
	if s.keys.last != 0 {
		s.keys.last = 0
		s.refresh(readsKeys)
	}
}

// watch updates the held keys and the last key, before a key is decided.
func (s *scene) watch(held []key.Code, now time.Duration) {
	k := &s.keys
	last := key.Code(0)
	if now-k.typedAt > lastKeyTime {
		k.typed = 0
	}
	if s.program.asked[k.typed]&askedLast != 0 {
		last = k.typed
	}
	if last == k.last && slices.Equal(held, k.held) {
		return
	}
	k.last, k.held = last, append(k.held[:0], held...)
	s.refresh(readsKeys)
}

// room is an empty list for held keys.
func (s *scene) room() []key.Code { return s.keys.scratch[:0] }

// namedKeys appends the keys that are down and that conditions ask about, except one.
func (h *hand) namedKeys(list []key.Code, except physicalKey) []key.Code {
	for i := range h.slots {
		s := &h.slots[i]
		if h.scene.compiled().asked[s.code]&askedHeld != 0 && s.physical() != except && len(list) < maxHeldKnown && !slices.Contains(list, s.code) {
			list = append(list, s.code)
		}
	}
	slices.Sort(list)
	return list
}

// watchKeys tells conditions which keys are held, apart from one, and which was the last key.
func (e *Engine) watchKeys(except physicalKey) {
	e.scene.watch(e.hand.namedKeys(e.scene.room(), except), e.clock.now())
}
