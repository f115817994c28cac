package config

import (
	"fmt"
	"slices"
	"strings"

	"toshy/remap"
)

// A group is a named condition of [groups].
type group struct {
	name  string
	nodes []*node // of the file that overrides first
	state uint8   // 0: not built, 1: being built, 2: built, 3: contains a mistake
	index int
	uses  int // how deeply groups are nested in it
	used  bool
	own   bool // written in the user's files
}

// nameGroups finds the names, so that conditions can use groups in any order.
func (b *builder) nameGroups() {
	for _, d := range b.docs {
		t := d.root.get("groups")
		if t == nil || !b.is(t, kindTable, "groups") {
			continue
		}
		for _, n := range t.kids {
			if !identifier(n.key) || slices.Contains(reserved, n.key) {
				hint := "use letters, digits and _"
				if slices.Contains(reserved, n.key) {
					hint = "conditions already use this word: give the group another name"
				}
				b.ps.error(n.keySpan(), hint, "a group cannot be named %q", n.key)
				continue
			}
			g := b.groups[n.key]
			if g == nil {
				g = &group{name: n.key, own: d.layer == 0}
				b.groups[n.key] = g
				b.groupNames = append(b.groupNames, n.key)
			} else if d.layer > 0 {
				g.used = true // it changes a group that is used elsewhere
			}
			g.nodes = append(g.nodes, n)
		}
	}
}

// buildGroups compiles all groups, each after those that it uses.
func (b *builder) buildGroups() {
	for _, n := range b.groupNames {
		b.makeGroup(b.groups[n], span{})
	}
}

// groupIndex is the index of a group that a condition uses.
func (b *builder) groupIndex(name string, at span) (int, bool) {
	g := b.groups[name]
	g.used = true
	b.makeGroup(g, at)
	b.uses = max(b.uses, g.uses+1)
	return g.index, g.state == 2
}

func (b *builder) makeGroup(g *group, at span) {
	switch g.state {
	case 1:
		b.ps.error(at, "a group can only use groups that do not use it", "group %q uses itself", g.name)
		return
	case 2, 3:
		return
	}
	g.state = 1
	outer := b.uses
	b.uses = 0
	b.inGroups++
	var c *remap.Cond
	if b.inGroups <= maxUses {
		c = b.groupCond(g.nodes)
	}
	if b.inGroups > maxUses || c != nil && b.uses >= maxUses {
		b.ps.error(g.nodes[0].keySpan(), "use them all in one group", "with %[2]q, more than %[1]d groups use each other in a row", maxUses, g.name)
		c = nil
	}
	b.inGroups--
	g.uses, b.uses = b.uses, outer
	if c == nil {
		g.state = 3
		return
	}
	g.state = 2
	g.index = len(b.program.Groups)
	b.program.Groups = append(b.program.Groups, remap.Group{Name: g.name, Cond: c})
}

// groupCond compiles the first definition; { add = [...], remove = [...] } also needs the others.
func (b *builder) groupCond(nodes []*node) *remap.Cond {
	n := nodes[0]
	switch n.kind {
	case kindString:
		return b.when(n)
	case kindArray:
		return b.match(n, remap.FieldApp)
	case kindTable:
		if n.get("add") != nil || n.get("remove") != nil {
			return b.changedGroup(n, nodes[1:])
		}
		return b.matchTable(n)
	}
	b.ps.error(n.valueSpan(), `a list of applications, { app = [...], title = [...] }, or a condition in quotes`, "a group cannot be %s", n.kind)
	return nil
}

// changedGroup compiles { add = [...], remove = [...] }: the overridden group with some applications added or removed.
func (b *builder) changedGroup(n *node, before []*node) *remap.Cond {
	b.checkKeys(n, "a group that changes another", "add", "remove")
	if len(before) == 0 {
		b.ps.error(n.keySpan(), fmt.Sprintf("write %s = [...]", n.key), "there is no group %q to change", n.key)
		return nil
	}
	c := b.groupCond(before)
	if list := n.get("remove"); list != nil && c != nil {
		if less := b.match(list, remap.FieldApp); less == nil {
			c = nil
		} else {
			c = both(c, negate(less))
		}
	}
	if list := n.get("add"); list != nil && c != nil {
		more := b.match(list, remap.FieldApp)
		if more == nil {
			return nil
		}
		c = &remap.Cond{Op: remap.CondAny, Kids: []*remap.Cond{c, more}, Source: c.Source + " or " + more.Source, Column: 1}
	}
	return c
}

// matchTable compiles { app = [...], not_title = [...], any = [{...}, {...}], when = "..." }.
func (b *builder) matchTable(n *node) *remap.Cond {
	errs := b.ps.errors
	b.checkKeys(n, "a group", groupTable.names()...)
	var kids []*remap.Cond
	for _, k := range n.kids {
		field, not := strings.CutPrefix(k.key, "not_")
		var c *remap.Cond
		switch f, ok := textFields[field]; {
		case ok:
			c = b.match(k, f)
			if c != nil && not {
				c = negate(c)
			}
		case k.key == "when":
			c = b.when(k)
		case k.key == "any":
			if !b.is(k, kindArray, "any") {
				continue
			}
			c = &remap.Cond{Op: remap.CondAny, Source: "any of " + fmt.Sprint(len(k.kids)), Column: 1}
			for _, e := range k.kids {
				if !b.is(e, kindTable, "an element of any") {
					continue
				}
				if m := b.matchTable(e); m != nil {
					c.Kids = append(c.Kids, m)
				}
			}
		}
		if c != nil {
			kids = append(kids, c)
		}
	}
	if b.ps.errors > errs {
		return nil
	}
	if len(kids) == 0 {
		b.ps.error(n.valueSpan(), `{ app = ["kitty"] }`, "a group without a condition")
		return nil
	}
	return both(kids...)
}

// match compiles a text or a list of texts, each exact or a /regex/, into a condition on a field. Both ignore case.
func (b *builder) match(n *node, f remap.Field) *remap.Cond {
	errs := b.ps.errors
	exact := &remap.Cond{Op: remap.CondEqual, Field: f, Fold: true}
	var kids []*remap.Cond
	for _, e := range b.strings(n) {
		s := e.str()
		if re, ok := asRegexp(s); ok {
			if op, text, plain := plainMatch(re); plain {
				if op == remap.CondWithin && !b.within(text, f, e.valueSpan()) {
					return nil
				}
				kids = append(kids, &remap.Cond{Op: op, Field: f, Strings: []string{text}, Fold: true, Source: fmt.Sprintf("%s matches %q", f, re), Column: 1})
			} else if r := b.regexp(re, f, e.within(1, len(s)-1)); r != nil {
				kids = append(kids, &remap.Cond{Op: remap.CondMatch, Field: f, Regexp: r, Source: fmt.Sprintf("%s matches %q", f, re), Column: 1})
			}
			continue
		}
		if s == "" {
			b.ps.error(e.valueSpan(), `a window without one is matched by "/^$/"`, "an empty text")
			continue
		}
		if len(s) > 1 && (s[0] == '/' && f != remap.FieldExe || strings.HasPrefix(s, "^") || strings.HasSuffix(s, ".*")) {
			b.ps.warn(e.valueSpan(), fmt.Sprintf("put a regular expression between slashes: %q", "/"+strings.Trim(s, "/")+"/"), "%q is compared letter by letter", s)
		}
		exact.Strings = append(exact.Strings, s)
	}
	if b.ps.errors > errs {
		return nil
	}
	b.asks(f, exact.Strings)
	if len(exact.Strings) > 0 || len(kids) == 0 {
		exact.Source, exact.Column = fmt.Sprintf("%s in [%s]", f, quoted(exact.Strings)), 1
		if len(exact.Strings) == 1 {
			exact.Source = fmt.Sprintf("%s == %q", f, exact.Strings[0])
		}
		kids = append([]*remap.Cond{exact}, kids...)
	}
	if len(kids) == 1 {
		return kids[0]
	}
	sources := make([]string, len(kids))
	for i, k := range kids {
		sources[i] = k.Source
	}
	return &remap.Cond{Op: remap.CondAny, Kids: kids, Source: strings.Join(sources, " or "), Column: 1}
}

// asRegexp returns the expression between slashes.
func asRegexp(s string) (string, bool) {
	if len(s) > 2 && s[0] == '/' && s[len(s)-1] == '/' {
		return s[1 : len(s)-1], true
	}
	return "", false
}
