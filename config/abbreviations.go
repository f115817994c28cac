package config

import (
	"slices"

	"toshy/remap"
)

// buildAbbreviations reads [abbreviations.NAME].
func (b *builder) buildAbbreviations() {
	for _, s := range b.sections("abbreviations") {
		if !b.open(s, abbreviationsTable) {
			continue
		}
		when, ok := b.sectionWhen(s)
		m := remap.Abbreviations{Name: s.name, When: when, Origin: s.place()}
		at := make(map[string]int) // in m.Words
		for i := len(s.nodes) - 1; i >= 0; i-- {
			texts := s.nodes[i].get("texts")
			if texts == nil || !b.is(texts, kindTable, "texts") {
				continue
			}
			for _, n := range texts.kids {
				if p := remap.AbbreviationProblem(n.key); p != "" {
					b.ps.error(n.keySpan(), `btw = "by the way"`, "%q cannot be an abbreviation: %s", n.key, p)
					continue
				}
				if before, has := at[n.key]; has {
					m.Words[before].Short = "" // removed below
					delete(at, n.key)
				}
				if n.kind == kindString && n.str() == wordUnset {
					continue
				}
				if text, good := b.textValue(n); good {
					at[n.key] = len(m.Words)
					m.Words = append(m.Words, remap.Abbreviation{Short: n.key, Text: text, Origin: origin(n.keySpan())})
				}
			}
		}
		m.Words = slices.DeleteFunc(m.Words, func(w remap.Abbreviation) bool { return w.Short == "" })
		if ok && len(m.Words) > 0 {
			b.program.Abbreviations = append(b.program.Abbreviations, m)
		}
	}
}
