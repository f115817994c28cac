package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"toshy/remap"
	"toshy/remap/key"
)

// A compose is a dead key: an accent, and the characters that it makes from the next key.
type compose struct {
	nested *remap.Nested
}

// alone are the keys after which the accent is typed alone, as on a Mac. The key is used up: it types no blank and closes
// no dialog.
var alone = []key.Code{key.Space, key.Esc, key.Delete}

// nameComposes compiles [compose.NAME], which actions refer to by name.
func (b *builder) nameComposes() {
	for _, s := range b.sections("compose") {
		if !b.open(s, composeTable) {
			continue
		}
		c := &compose{&remap.Nested{Name: s.name, Otherwise: remap.LookUpAgain}}
		b.composes[s.name] = c
		if n := s.get("accent"); n != nil {
			if text, ok := b.textValue(n); ok {
				c.nested.OnMiss = &remap.Action{Kind: remap.DoUnicode, Text: codePoint(text)}
			}
		}
		room := 0 // a letter needs two: it has a capital
		for _, n := range s.nodes {
			if chars := n.get("characters"); chars != nil {
				room += 2*len(chars.kids) + len(alone)
			}
		}
		byID := make(map[comboID]int, room)
		c.nested.Entries = make([]remap.Entry, 0, room)
		for i := len(s.nodes) - 1; i >= 0; i-- {
			chars := s.nodes[i].get("characters")
			if chars == nil || !b.is(chars, kindTable, "characters") {
				continue
			}
			var upper []remap.Entry
			add := func(e remap.Entry, replace bool) {
				id := idOf(e.Combo)
				if j, known := byID[id]; !known {
					byID[id] = len(c.nested.Entries)
					c.nested.Entries = append(c.nested.Entries, e)
				} else if replace {
					c.nested.Entries[j] = e
				}
			}
			for _, n := range chars.kids {
				e, ok := b.character(n)
				if !ok {
					continue
				}
				add(e, true)
				if u, has := capital(e); has {
					upper = append(upper, u)
				}
			}
			for _, u := range upper {
				add(u, i < len(s.nodes)-1 && !slices.ContainsFunc(chars.kids, func(n *node) bool { return strings.EqualFold(n.key, "shift-"+u.Combo.Key.String()) }))
			}
		}
		for _, k := range alone {
			if _, known := byID[idOf(key.Combo{Key: k})]; !known && c.nested.OnMiss != nil && len(c.nested.Entries) > 0 {
				c.nested.Entries = append(c.nested.Entries, remap.Entry{Combo: key.Combo{Key: k}, Action: c.nested.OnMiss})
			}
		}
		if len(c.nested.Entries) == 0 && b.ps.errors == 0 {
			b.ps.error(s.nodes[0].keySpan(), fmt.Sprintf("[compose.%s.characters] a = \"á\"", s.name), "%s composes nothing", s.title())
		}
	}
}

// capital makes Shift-a = "Á" from a = "á", if both have a capital of one code point.
func capital(e remap.Entry) (remap.Entry, bool) {
	base := e.Combo.Key.String()
	if len(e.Combo.Mods) > 0 || len(base) != 1 || base[0] < 'a' || base[0] > 'z' {
		return e, false
	}
	up := strings.ToUpper(e.Action.Text)
	if up == e.Action.Text || utf8.RuneCountInString(up) != utf8.RuneCountInString(e.Action.Text) || !unicode.IsUpper([]rune(up)[0]) {
		return e, false
	}
	e.Combo.Mods = []key.Mod{key.Shift}
	e.Action = &remap.Action{Kind: remap.DoUnicode, Text: up}
	return e, true
}

func (b *builder) composeAction(_, v *node) *remap.Action {
	if !b.is(v, kindString, "compose") {
		return nil
	}
	c, ok := b.composes[v.str()]
	if !ok {
		var names []string
		for n := range b.composes {
			names = append(names, n)
		}
		slices.Sort(names)
		hint := didYouMean(v.str(), names)
		if hint == "" {
			hint = fmt.Sprintf("declare it: [compose.%s]", v.str())
		}
		b.ps.error(v.valueSpan(), hint, "there is no compose table %q", v.str())
		return nil
	}
	return &remap.Action{Kind: remap.DoNested, Nested: c.nested}
}
