package importer

import (
	"errors"
	"fmt"
	"strings"
)

var contextTerm = pattern(`([a-z-]+)\s*(!?=)\s*("[^"]*"|'[^']*'|/(?:[^/\\]|\\.)*/i?)`)

// contextAlias is a name for a value.
var contextAlias = pattern(`(=\s*)([A-Za-z_][A-Za-z0-9_]*)`)

// context translates [class = "x" title = /y/]. Consecutive headings share their mappings.
func (k *keymapper) context(text string) {
	inner := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	inner = contextAlias().ReplaceAllStringFunc(inner, func(w string) string {
		m := contextAlias().FindStringSubmatch(w)
		if v, ok := k.aliases[m[2]]; ok {
			return m[1] + v
		}
		return w
	})
	if inner == "default" {
		k.plane, k.pending = k.board.main, false
		return
	}
	c, err := k.contextCond(inner)
	if err != nil {
		k.doc.lost(k.line, "the mappings of [%s]: %v", inner, err)
		if !k.pending {
			k.plane = nil
		}
		k.pending = true
		return
	}
	if c.text == never {
		if !k.pending {
			k.plane = nil
		}
		k.pending = true
		return
	}
	if k.pending && k.plane != nil && k.plane != k.board.main {
		c = anyOf(k.plane.when, c)
	}
	k.pending = true
	if c.text == "" {
		k.plane = k.board.main
		return
	}
	k.plane = k.board.plane("when "+c.text, k.line)
	k.plane.layer, k.plane.when = false, c
}

func (k *keymapper) contextCond(inner string) (cond, error) {
	if inner == "stage" {
		return cond{}, errors.New("toshy has no counterpart for a second stage")
	}
	terms := contextTerm().FindAllStringSubmatch(inner, -1)
	if rest := strings.Trim(contextTerm().ReplaceAllString(inner, ""), " ,"); len(terms) == 0 || rest != "" {
		return cond{}, fmt.Errorf("%s is not known", inner)
	}
	var all []cond
	for _, m := range terms {
		c, err := k.contextOne(m[1], m[3])
		if err != nil {
			return c, err
		}
		if m[2] == "!=" {
			c = not(c)
		}
		all = append(all, c)
	}
	for _, c := range all {
		if c.text == never {
			return c, nil
		}
	}
	return allOf(all...), nil
}

// modifierCond is true while some keys are down, and others (with !) are not.
func (k *keymapper) modifierCond(text string) (cond, error) {
	var all []cond
	for _, w := range strings.Fields(text) {
		name, negative := strings.CutPrefix(w, "!")
		c := cond{}
		if strings.HasPrefix(name, "Virtual") {
			k.board.plane(strings.ToLower(name), k.line)
			c = equal("layer", strings.ToLower(name))
		} else if codes := keymapperKeys(name); codes != nil {
			c = asksKey("held", codes...)
		} else {
			return c, fmt.Errorf("the key %s is not known", name)
		}
		if negative {
			c = not(c)
		}
		all = append(all, c)
	}
	return allOf(all...), nil
}

func (k *keymapper) contextOne(what, value string) (cond, error) {
	text := strings.Trim(value, `"'`)
	field := map[string]string{"title": "title", "class": "app", "path": "exe", "device": "device"}[what]
	switch {
	case what == "system":
		if strings.EqualFold(text, "Linux") {
			return cond{}, nil
		}
		return cond{text: never}, nil
	case what == "modifier":
		return k.modifierCond(k.expand(text))
	case field == "":
		return cond{}, fmt.Errorf("toshy has no counterpart for the filter %s", what)
	case len(text) > 1 && text[0] == '/' && (strings.HasSuffix(text, "/") || strings.HasSuffix(text, "/i")): // in quotes or not
		expr, ignoreCase := strings.CutSuffix(text[1:], "/i")
		return matching(field, strings.TrimSuffix(expr, "/"), ignoreCase)
	case what == "title" || what == "path":
		return atom("%s contains %s", field, quoteCond(text)), nil
	}
	return equal(field, text), nil
}
