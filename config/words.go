package config

import (
	"strings"

	"toshy/remap"
	"toshy/remap/key"
)

// Words describe for people what combos are for. They have no effect on keys.
type Words struct {
	Name    string
	Group   string      // the heading under which they are listed; "": not set
	When    *remap.Cond // nil: always
	Entries []WordsEntry
}

// A WordsEntry is what one combo is for.
type WordsEntry struct {
	Combo  key.Combo
	Text   string
	Origin remap.Origin
}

// buildWords reads [words.NAME].
func (b *builder) buildWords() {
	for _, s := range b.sections("words") {
		if !b.open(s, wordsTable) {
			continue
		}
		when, ok := b.sectionWhen(s)
		w := Words{Name: s.name, When: when}
		if n := s.get("group"); n != nil && b.is(n, kindString, "group") {
			w.Group = n.str()
		}
		index := map[comboID]int{}
		for i := len(s.nodes) - 1; i >= 0; i-- {
			keys := s.nodes[i].get("keys")
			if keys == nil || !b.is(keys, kindTable, "keys") {
				continue
			}
			for _, n := range keys.kids {
				c, good := b.comboKey(n)
				if !good || !b.is(n, kindString, "what "+n.key+" is for") {
					continue
				}
				e := WordsEntry{c, strings.Join(strings.Fields(n.str()), " "), origin(n.keySpan())}
				if j, known := index[idOf(c)]; known {
					w.Entries[j] = e
					continue
				}
				index[idOf(c)] = len(w.Entries)
				w.Entries = append(w.Entries, e)
			}
		}
		if ok {
			b.config.Words = append(b.config.Words, w)
		}
	}
}

// IsBuiltin says whether a message's or origin's file belongs to the built-in configuration.
func IsBuiltin(file string) bool { return strings.HasPrefix(file, builtinPrefix) }
