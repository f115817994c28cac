package remap

import (
	"time"

	"toshy/remap/key"
)

func (e *Engine) layerOn(i int) {
	if !e.layers[i] {
		e.layers[i] = true
		e.changes++
		e.refresh(readsLayers)
	}
}

func (e *Engine) layerOff(i int) {
	if e.layers[i] {
		e.layers[i] = false
		e.changes++
		e.refresh(readsLayers)
	}
}

// holdLayer turns a layer on while the key of slot s is down. The key holds one at a time.
func (e *Engine) holdLayer(s *slot, i int) {
	if s.layer != i+1 {
		e.releaseLayer(s)
	}
	s.layer = i + 1
	e.layerOn(i)
}

// releaseLayer turns the layer off that a key holds, unless another key holds it too.
func (e *Engine) releaseLayer(s *slot) {
	l := s.layer
	s.layer = 0
	if l == 0 {
		return
	}
	for i := range e.held {
		if e.held[i].layer == l {
			return
		}
	}
	e.layerOff(l - 1)
}

// endLayerOnce turns the layer off that was on for one key.
func (e *Engine) endLayerOnce() {
	if l := e.layerOnce; l > 0 {
		e.layerOnce = 0
		e.layerOff(l - 1)
	}
}

// useView takes the view that the keyboard of the current event has got by a refresh.
func (e *Engine) useView() {
	if e.info != nil {
		e.view = e.device().view
	}
}

// oneShot are modifiers that are down for the next key only.
type oneShot struct {
	mods     key.ModSet
	codes    codeList
	deadline time.Duration
	fresh    bool // made by the key that is being handled
}

func (e *Engine) beginOneShot(a *Action) {
	o := &e.oneShot
	o.deadline = Never
	if a.Time > 0 {
		o.deadline = e.now + a.Time
	}
	for _, m := range a.Combo.Mods {
		c := e.compiled.modCode[m.Left()]
		bit := key.ModSet(1) << e.compiled.modOf[c]
		if o.mods&bit == 0 {
			o.mods |= bit
			o.codes.add(c)
			e.pressKey(c, false)
		}
	}
}

// pastOneShot finds an entry that one-shot modifiers must not hide: another one-shot, which adds to
// them, or their end. look is the combo with them.
func (e *Engine) pastOneShot(look comboKey) *Action {
	o := &e.oneShot
	if o.mods == 0 || !e.view.hasCombo[look&0xffff] {
		return nil
	}
	a := e.view.combos.get(look &^ combo(o.mods, 0))
	if a != nil && (a.Kind == DoOneShot || a.Kind == DoCancel) {
		return a
	}
	return nil
}

func (e *Engine) endOneShot() {
	o := e.oneShot
	e.oneShot = oneShot{}
	for i := int(o.codes.n) - 1; i >= 0; i-- {
		e.consume(o.codes.codes[i])
		e.maskRelease(o.codes.codes[i])
		e.releaseKey(o.codes.codes[i], false)
	}
}

// Keys of which words are made, on a US keyboard; a layout moves letters only among these.
var letters = func() (l [key.Count]bool) {
	for _, c := range "qwertyuiopasdfghjklzxcvbnm" {
		k, _ := key.Parse(string(c))
		l[k] = true
	}
	return l
}()

var joiners = func() (l [key.Count]bool) {
	for _, n := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "minus", "backspace", "delete"} {
		k, _ := key.Parse(n)
		l[k] = true
	}
	return l
}()

var shiftMods = []key.Mod{key.Shift}

func shifted(c key.Code) key.Combo { return key.Combo{Mods: shiftMods, Key: c} }

// capitalise says whether a key is to be typed as a capital, and ends caps-word on others than
// letters, digits and what joins them.
func (e *Engine) capitalise(c key.Code) bool {
	for _, m := range e.downMods {
		if m != key.LeftShift && m != key.RightShift {
			e.capsWord = false
			return false
		}
	}
	if letters[c] {
		return true
	}
	e.capsWord = joiners[c]
	return c != key.Backspace && e.capsWord && c == minusKey
}

var minusKey, _ = key.Parse("minus")

// SetLayer turns a layer on or off, as an action of the user's would.
func (e *Engine) SetLayer(i int, on bool, now time.Duration, out *Output) time.Duration {
	e.begin(now, out)
	switch {
	case i < 0 || i >= len(e.layers):
	case on:
		e.layerOn(i)
	default:
		e.layerOff(i)
	}
	return e.wake()
}
