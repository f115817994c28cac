package remap

import (
	"slices"

	"toshy/remap/key"
)

// use marks the held modifiers, except key except, as used by a combo.
func (h *hand) use(except int) {
	for i := range h.slots {
		s := &h.slots[i]
		if !s.modifier || i == except {
			continue
		}
		if s.exerted {
			h.ledger.consume(s.id)
		} else {
			s.spent = true
		}
	}
}

// endCombo ends the combo that is held on the output. except is the index of a key that is being released, whose modifier
// stays up; -1: none.
func (h *hand) endCombo(except int) {
	if i := h.find(h.ledger.comboTrigger()); i >= 0 {
		h.slots[i].over = !h.scene.options().Reference
	}
	going := releasing{}
	if except >= 0 {
		s := &h.slots[except]
		going.any, going.key = true, s.physical()
		if s.exerted {
			going.holds = s.down
		}
	}
	if by, bound := h.ledger.boundBy(); bound {
		if i := h.find(by); i >= 0 {
			going.boundIs = h.slots[i].id
		}
	}
	h.ledger.endCombo(going)
	for i := range h.slots {
		if s := &h.slots[i]; s.late && i != except {
			s.spent = false
			h.exert(s, true)
		}
	}
}

// firstModifier is the index of the held modifier that was pressed first, -1 if none is held.
func (h *hand) firstModifier() int {
	for i := range h.slots {
		if s := &h.slots[i]; s.modifier {
			if _, ok := h.scene.modOf(s.id); ok {
				return i
			}
		}
	}
	return -1
}

// bind keeps the first of these modifiers down on the output in place of modifier i, until modifier i goes up.
func (h *hand) bind(i int, mods []key.Mod) {
	s := &h.slots[i]
	h.ledger.bind(mods, s.physical(), &s.down)
	s.exerted = s.exerted && !s.down.none()
}

// holdLayer turns a layer on while key i is down. A key holds one layer at a time.
func (h *hand) holdLayer(i, layer int) {
	s := &h.slots[i]
	was := s.layer
	if was == layer+1 {
		return
	}
	s.layer = layer + 1
	h.layers.hold(layer)
	if was > 0 { // only now, so that a modifier that belongs to both layers stays down
		h.layers.drop(was-1, false)
	}
}

// swapLayer finds the key that turned a layer on last and still holds one, and makes it hold another layer.
func (h *hand) swapLayer(layer int) {
	for i := len(h.slots) - 1; i >= 0; i-- {
		if h.slots[i].layer > 0 {
			h.holdLayer(i, layer)
			return
		}
	}
}

// releaseLayer ends a key's hold on a layer.
func (h *hand) releaseLayer(s *slot) {
	if s.layer != 0 {
		h.letLayer(s)
	}
}

func (h *hand) letLayer(s *slot) {
	l := s.layer
	s.layer = 0
	h.layers.drop(l-1, s.tapHold == nil)
}

// loseNext notes that a key's keyboard is gone, and returns the index of the last such key, -1 if there is none.
func (h *hand) loseNext(dev uint8, before int) int {
	for i := min(before, len(h.slots)) - 1; i >= 0; i-- {
		if h.slots[i].dev == dev {
			h.slots[i].lost = true
			return i
		}
	}
	return -1
}

// holdsOf says whether any key of a keyboard is down.
func (h *hand) holdsOf(dev uint8) bool {
	return slices.ContainsFunc(h.slots, func(s slot) bool { return s.dev == dev })
}

// forget lifts a key that means something else in the next program, and drops the keys that are it: a modifier that becomes
// an ordinary key could not be released as a modifier.
func (h *hand) forget(c key.Code) {
	for i := len(h.slots) - 1; i >= 0; i-- {
		if s := &h.slots[i]; s.id == c || s.down.of(c) {
			if h.ledger.comboOf(s.physical()) {
				h.endCombo(-1)
			}
			if c.IsSet() {
				h.ledger.dropUsed(&s.down)
			}
			h.remove(i)
		}
	}
	if h.ledger.comboHas(c) {
		h.endCombo(-1)
	}
	h.ledger.forget(c)
}

// forgetActions ends the repeats of actions that keys run, because the actions belong to a program that is replaced.
func (h *hand) forgetActions() {
	for i := range h.slots {
		s := &h.slots[i]
		s.over = s.over || s.action != nil
		s.action, s.tapHold = nil, nil
	}
}

// renameLayers gives layers that keys hold their indices in the next program.
func (h *hand) renameLayers(number func(layer int) int) {
	for i := range h.slots {
		if s := &h.slots[i]; s.layer > 0 {
			s.layer = number(s.layer-1) + 1
		}
	}
}
