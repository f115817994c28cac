package importer

import (
	"slices"

	"toshy/remap/key"
)

// keydSeen are the lines with constructs that only behave differently next to others of the same kind.
type keydSeen struct {
	oneShots []int
	waiting  []int // keys with two meanings that wait for other keys
	modified []keydModified
}

// A keydModified is an entry in a section for a single modifier.
type keydModified struct {
	section string
	mod     key.Mod
	key     key.Code
	line    int
}

func addLine(lines *[]int, line int) {
	if !slices.Contains(*lines, line) {
		*lines = append(*lines, line)
	}
}

// tellDifferences reports what toshy does differently because of the rest of the file.
func (k *keyd) tellDifferences() {
	if len(k.seen.oneShots) > 1 {
		for _, line := range k.seen.oneShots {
			k.doc.note(line, "if you hold this key, press another key, and then another one-shot key, keyd applies both to the next key; toshy applies the latter only")
		}
	}
	for _, line := range k.seen.waiting {
		k.doc.note(line, "keys that you press while toshy waits for the decision keep the modifiers with which you pressed them; in keyd they get those of the moment of the decision")
		if len(k.seen.waiting) > 1 {
			k.doc.note(line, "if you roll this key and another one with two meanings, toshy types both; keyd takes the second as held and types nothing for it")
		}
	}
	k.tellModified()
}

// tellModified reports entries of [shift] and similar sections whose key is also in a layer, or in the section of another
// modifier. keyd uses what was turned on last.
func (k *keyd) tellModified() {
	for i, m := range k.seen.modified {
		word := comboWords(key.Combo{Mods: []key.Mod{m.mod}, Key: m.key})
		for _, p := range k.board.planes {
			if p.layer && p.find(m.key) != nil {
				k.doc.note(m.line, "while [%s] is on, toshy always uses its entry for this key; keyd uses [%s] if you press %s last: write keys.\"*-%s\" into [layer.%s]", p.name, m.section, comboWord(m.mod), word, bare(p.name))
			}
		}
		for _, before := range k.seen.modified[:i] {
			if before.key == m.key && before.section != m.section && !k.both(before.section, m.section, m.key) {
				k.doc.note(m.line, "with both modifiers held, toshy uses [%s] for this key; keyd uses the section of the modifier that you press last: write a section [%s+%s]", before.section, before.section, m.section)
			}
		}
	}
}

// both says whether a section for two modifiers has a key. That section comes first.
func (k *keyd) both(a, b string, c key.Code) bool {
	return slices.ContainsFunc(k.board.combos, func(x boardCombo) bool {
		return x.combo.Key == c && (x.title == k.prefix+a+"+"+b || x.title == k.prefix+b+"+"+a)
	})
}

// waitForLongerChords makes chords wait if their keys are part of a longer chord. keyd runs them when no further key is
// possible, and types their keys if they are released before.
func (k *keyd) waitForLongerChords() {
	for i := range k.board.chords {
		c := &k.board.chords[i]
		for _, longer := range k.board.chords {
			if len(longer.keys) <= len(c.keys) || slices.ContainsFunc(c.keys, func(x key.Code) bool { return !slices.Contains(longer.keys, x) }) {
				continue
			}
			if longer.plane != c.plane && longer.plane != k.board.main {
				k.doc.note(c.line, "while [%s] is on, keyd waits with this chord for the longer one of that section, and types the keys if you release them before", longer.plane.name)
				continue
			}
			c.waits = true
			if c.hold == "" {
				c.hold = c.window
			}
			if c.hold == "" {
				c.hold = "50ms" // what keyd waits by default
			}
		}
	}
}

// idleNote explains how keyd counts the time since the last key.
func (k *keyd) idleNote(name string, line int) {
	k.doc.note(line, "%s: toshy counts the idle time from the last press, keyd from the last press or release; make idle longer if the key becomes its hold while you type", name)
}
