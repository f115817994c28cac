package x11

import (
	"errors"
	"slices"
	"time"
)

// A slot is a place for a character.
type slot struct {
	code  byte
	level int // index of all levels
}

// useLevels lists the places on all codes, and forgets what is on them.
func (t *Typist) useLevels(l levels) {
	t.levels, t.slots, t.order = l, nil, nil
	t.on, t.at, t.used = map[slot]rune{}, map[rune]slot{}, map[slot]time.Time{}
	for _, code := range t.codes {
		for i := range t.levels.all {
			t.slots = append(t.slots, slot{code, i})
		}
	}
}

// useOneLevel gives our codes back, and uses one level from now on.
func (t *Typist) useOneLevel() error {
	err := t.giveBack(codesOf(t.order))
	t.useLevels(oneLevel())
	return err
}

// chooseLevels chooses the levels for the next text. on says that a level is on: then another one cannot be chosen.
func (t *Typist) chooseLevels(on bool) error {
	if on {
		if len(t.levels.all) == 1 {
			return nil
		}
		return t.useOneLevel()
	}
	if len(t.levels.all) > 0 {
		return nil
	}
	l, err := t.findLevels()
	if err == nil {
		t.useLevels(l)
	}
	return err
}

// placeAll puts the characters of a text on codes. If the server does not take levels, it uses the first level alone.
func (t *Typist) placeAll(text string) error {
	if different(text) > len(t.slots) {
		return ErrLater
	}
	var changed []byte
	for _, r := range text {
		is, err := t.place(r)
		if err != nil {
			return errors.Join(err, t.put(changed))
		}
		if is && !slices.Contains(changed, t.at[r].code) {
			changed = append(changed, t.at[r].code)
		}
	}
	if err := t.put(changed); err != nil || len(changed) == 0 || len(t.levels.all) == 1 {
		return err
	}
	if left, err := t.left(); err != nil || len(left) == len(t.on) {
		return err
	}
	if err := t.useOneLevel(); err != nil {
		return err
	}
	return t.placeAll(text)
}

// place gives a character a place: its own, else one that is free, else the one that was used longest ago. is says whether
// the code must change.
func (t *Typist) place(r rune) (is bool, _ error) {
	at, ok := t.at[r]
	if ok {
		t.order = slices.DeleteFunc(t.order, func(s slot) bool { return s == at })
		t.order = append(t.order, at)
		return false, nil
	}
	if len(t.order) < len(t.slots) {
		at = t.slots[len(t.order)]
	} else {
		at = t.order[0]
		if time.Since(t.used[at]) < reuse {
			return false, ErrLater
		}
		t.order = t.order[1:]
		delete(t.at, t.on[at])
	}
	t.order = append(t.order, at)
	t.on[at], t.at[r] = r, at
	return true, nil
}

// left are our places that still have their characters.
func (t *Typist) left() (all []slot, err error) {
	of, err := t.symbols()
	if err != nil {
		return nil, err
	}
	for at, r := range t.on {
		syms, i := of(at.code), 4*t.levels.all[at.level].core
		if isOurs(syms) && len(syms) >= i+4 && order.Uint32(syms[i:]) == symOf(r) {
			all = append(all, at)
		}
	}
	return all, nil
}

// codesOf are the codes of places, each once.
func codesOf(all []slot) (codes []byte) {
	for _, at := range all {
		codes = append(codes, at.code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func (t *Typist) giveBack(codes []byte) error {
	for _, code := range codes {
		if err := t.clear(code); err != nil {
			return err
		}
	}
	return nil
}

// different is how many different characters a text has.
func different(text string) int {
	all := []rune(text)
	slices.Sort(all)
	return len(slices.Compact(all))
}
