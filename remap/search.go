package remap

import (
	"regexp"
	"strings"
)

// A search is a condition that searches a whole text for a regular expression or a substring. It takes time in proportion
// to expression times text, and both come from others. So the caller performs all searches before it takes the lock that
// blocks keys (Compiled.Search). The engine only looks up the answers when it gets the window.
type search struct {
	field  Field
	regexp *regexp.Regexp // nil: part is searched
	part   string
	fold   bool
}

func (s *search) in(text string) bool {
	if s.regexp != nil {
		return s.regexp.MatchString(text)
	}
	return strings.Contains(text, s.part) || s.fold && containsFold(text, s.part)
}

// search is what a condition searches for; false if it only compares.
func (c *Cond) search() (search, bool) {
	switch {
	case c.Op == CondMatch && c.Regexp != nil:
		return search{field: c.Field, regexp: c.Regexp}, true
	case c.Op == CondWithin && len(c.Strings) == 1:
		return search{field: c.Field, part: c.Strings[0], fold: c.Fold}, true
	}
	return search{}, false
}

// addSearch gives a condition an index into the answers. Conditions that search for the same share one.
func (c *Compiled) addSearch(cond *Cond) {
	s, is := cond.search()
	if !is {
		return
	}
	n, has := c.numbers[s]
	if !has {
		n = len(c.searches)
		c.numbers[s], c.searches = n, append(c.searches, s)
	}
	c.searchOf[cond] = n
}

// answers are what a program's searches find in some texts. They do not change once they are made.
type answers struct {
	of    *Compiled
	texts [numFields]string
	yes   []bool   // by index of the search
	older *answers // of another program
}

// to is the answer of a search in a text, if it is known.
func (a *answers) to(c *Cond, text string) (yes, known bool) {
	for ; a != nil; a = a.older {
		if n, has := a.of.searchOf[c]; has && a.texts[c.Field] == text {
			return a.yes[n], true
		}
	}
	return false, false
}

// answer computes the answers for the texts of some fields, except for known ones.
func (c *Compiled) answer(texts *[numFields]string, fields reads, before *answers) *answers {
	a := &answers{of: c, texts: *texts, yes: make([]bool, len(c.searches))}
	var mine *answers
	for b := before; b != nil; b = b.older {
		if b.of == c {
			mine = b
		} else if a.older == nil {
			a.older = &answers{of: b.of, texts: b.texts, yes: b.yes}
		}
	}
	for n := range c.searches {
		s := &c.searches[n]
		switch {
		case fields&(1<<s.field) == 0:
		case mine != nil && mine.texts[s.field] == texts[s.field]:
			a.yes[n] = mine.yes[n]
		default:
			a.yes[n] = s.in(texts[s.field])
		}
	}
	return a
}

// Search adds to a window the answers to all searches of the program's conditions in its texts. After that, SetWindow takes
// the same time whatever the texts are. before is the previous window with its answers: what has not changed is not
// searched again. An engine that runs this program is no slower with them.
func (c *Compiled) Search(w, before Window) Window {
	if len(c.searches) > 0 || before.answers != nil {
		w.answers = c.answer(&[numFields]string{FieldApp: w.App, FieldTitle: w.Title, FieldExe: w.Exe, FieldDesktop: w.Desktop, FieldSession: w.Session, FieldCategories: w.Categories}, readsWindow, before.answers)
	}
	return w
}

// Same says whether two windows are equal for conditions, whatever answers they carry.
func (w Window) Same(as Window) bool {
	w.answers, as.answers = nil, nil
	return w == as
}

// SearchDevice is Search for a keyboard.
func (c *Compiled) SearchDevice(d, before Device) Device {
	if len(c.searches) > 0 || before.answers != nil {
		d.answers = c.answer(&[numFields]string{FieldDevice: d.Name, FieldKeyboard: d.Keyboard}, readsDevice, before.answers)
	}
	return d
}
