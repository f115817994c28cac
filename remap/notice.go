package remap

import (
	"slices"

	"toshy/remap/key"
)

// A SetBy sets a variable when a combo goes out, whatever sent it. For example, a shortcut that opens a launcher ends what
// was begun before. A modifier alone is a combo without modifiers: it triggers the SetBy when it goes up and nothing was
// pressed since it went down.
type SetBy struct {
	When  *Cond
	Combo key.Combo
	Value int32
}

// noticed is a SetBy in the form that the engine looks up.
type noticed struct {
	when  *Cond
	sets  []key.ModSet // one of them, and nothing else, must be down
	alone bool         // it is a modifier alone
	v     int
	value int32
}

// notices finds the output keys that set something.
func (c *Compiled) notices() {
	for i := range c.program.Vars {
		for _, s := range c.program.Vars[i].SetBy {
			if s.Combo.Key >= key.Count {
				continue
			}
			at := &c.noticeAt[s.Combo.Key]
			if *at == 0 {
				c.noticed = append(c.noticed, nil)
				*at = uint16(len(c.noticed))
			}
			n := noticed{when: s.When, sets: s.Combo.Expand(), v: i, value: s.Value}
			n.alone = c.modOf[s.Combo.Key] >= 0 && len(s.Combo.Mods) == 0
			c.noticesBare = c.noticesBare || len(s.Combo.Mods) == 0 && !n.alone
			c.noticed[*at-1] = append(c.noticed[*at-1], n)
		}
	}
}

// maxNotices bounds the notices of one event; few rules look for one combo.
const maxNotices = 8

// A noticeboard keeps notices until no view is in use.
type noticeboard struct {
	n    int
	list [maxNotices]*noticed
}

// notice notes that a key went down with the modifiers that are down, or that a modifier that was down alone goes up.
func (l *ledger) notice(c key.Code, alone bool) {
	k := l.scene.layout().lookup(c)
	if k >= key.Count {
		return
	}
	program := l.scene.compiled()
	at := program.noticeAt[k]
	if at == 0 || l.scene.passing() {
		return
	}
	mods := l.mods()
	list := program.noticed[at-1]
	for i := range list {
		n := &list[i]
		if n.alone != alone || !alone && !slices.Contains(n.sets, mods) || l.board.n == maxNotices {
			continue
		}
		l.board.list[l.board.n] = n
		l.board.n++
	}
}

// hasNotices says whether there are notices.
func (l *ledger) hasNotices() bool { return l.board.n > 0 }

// nextNotice removes and returns the latest notice, nil if there is none.
func (l *ledger) nextNotice() *noticed {
	if l.board.n == 0 {
		return nil
	}
	l.board.n--
	return l.board.list[l.board.n]
}

// actOnNotices sets the variables of the notices.
func (e *Engine) actOnNotices() {
	for n := e.ledger.nextNotice(); n != nil; n = e.ledger.nextNotice() {
		if e.scene.holds(n.when) {
			e.scene.setVar(n.v, n.value)
		}
	}
}
