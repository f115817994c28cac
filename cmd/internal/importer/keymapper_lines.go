package importer

import (
	"fmt"
	"slices"
	"strings"
)

// statement translates a line.
func (k *keymapper) statement(text string, line int) {
	k.line = line
	text = uncommented(text)
	name, value, alias := strings.Cut(text, "=")
	if alias = alias && wordOnly().MatchString(strings.TrimSpace(name)); !alias && !strings.HasPrefix(text, "[") && !strings.HasPrefix(text, "@") {
		expanded, err := k.macros(text, 0)
		if err != nil {
			k.doc.lost(line, "%s: %v", text, err)
			return
		}
		text = expanded
		if list := mappings(text); len(list) > 1 {
			for _, m := range list {
				k.statement(m, line)
			}
			return
		}
	}
	in, out, mapping := strings.Cut(text, ">>")
	switch {
	case text == "":
		return
	case strings.HasPrefix(text, "["):
		k.context(text)
		return
	case strings.HasPrefix(text, "@"):
		k.directive(text)
	case alias:
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if value == "Virtual" { // one that nothing else uses
			k.virtuals++
			value = fmt.Sprintf("Virtual%d", 1000+k.virtuals)
		}
		if k.define(name, value) {
			break
		}
		k.aliases[name] = value
	case mapping:
		if k.plane != nil {
			if err := k.mapping(strings.TrimSpace(in), strings.TrimSpace(out)); err != nil {
				k.doc.lost(line, "%v", err)
			}
		}
	default:
		k.doc.lost(line, "%s is not a mapping, an alias or a context", text)
	}
	k.pending = false
}

var wordOnly = pattern(`^[A-Za-z_][A-Za-z0-9_]*$`)

// uncommented removes the text after a # outside quotes.
func uncommented(s string) string {
	quote := byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '#':
			return strings.TrimSpace(s[:i])
		}
	}
	return strings.TrimSpace(s)
}

func (k *keymapper) directive(text string) {
	word, rest, _ := strings.Cut(text, " ")
	switch word {
	case "@forward-modifiers", "@toggle-active", "@grab-device":
		if word == "@toggle-active" {
			k.doc.lost(k.line, "%s: a key with { passthrough = \"toggle\" } does that", word)
		}
	case "@skip-device", "@grab-device-id", "@skip-device-id":
		k.doc.lost(k.line, "%s %s: [devices] ignore names keyboards, see toshy devices", word, rest)
	case "@allow-unmapped-sequence-repetition", "@allow-unmapped-commands", "@enforce-lowercase-commands", "@done", "@linux-highres-wheel", "@macos-toggle-fn", "@macos-iso-keyboard", "@server-port":
	default:
		k.doc.lost(k.line, "toshy has no counterpart for %s", word)
	}
}

// maxLogical bounds how many mappings one becomes that contains names for one of several keys.
const maxLogical = 64

// define stores a name for one of several keys: A | B.
func (k *keymapper) define(name, value string) bool {
	var keys []string
	for _, w := range strings.Split(value, "|") {
		w = k.expand(strings.TrimSpace(w))
		if keymapperKeys(w) == nil {
			return false
		}
		keys = append(keys, w)
	}
	if len(keys) < 2 {
		return false
	}
	delete(k.aliases, name)
	k.logical[name] = keys
	for generic, sides := range map[string][]string{"Shift": {"ShiftLeft", "ShiftRight"}, "Control": {"ControlLeft", "ControlRight"}, "Alt": {"AltLeft", "AltRight"}, "Meta": {"MetaLeft", "MetaRight"}} {
		if slices.Equal(slices.Sorted(slices.Values(keys)), sides) {
			k.logical[name] = []string{generic}
		}
	}
	return true
}

// mapping translates A >> B, for each key that a name in it may mean.
func (k *keymapper) mapping(in, out string) error {
	list := [][2]string{{k.expand(in), k.expand(out)}}
	for name, keys := range k.logical {
		var more [][2]string
		for _, m := range list {
			if !slices.Contains(aliasWord().FindAllString(m[0], -1), name) {
				more = append(more, [2]string{m[0], replaceWord(m[1], name, keys[0])})
				continue
			}
			for _, c := range keys {
				more = append(more, [2]string{replaceWord(m[0], name, c), replaceWord(m[1], name, c)})
			}
		}
		if list = more; len(list) > maxLogical {
			return fmt.Errorf("%s: more than %d combinations of keys", in, maxLogical)
		}
	}
	slices.SortStableFunc(list, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	for _, m := range list {
		if err := k.oneMapping(m[0], m[1]); err != nil {
			return err
		}
	}
	return nil
}

// replaceWord replaces a name with another word.
func replaceWord(s, name, word string) string {
	return aliasWord().ReplaceAllStringFunc(s, func(w string) string {
		if w == name {
			return word
		}
		return w
	})
}

// expand replaces aliases with their values.
func (k *keymapper) expand(s string) string {
	for range 10 {
		changed, size := false, len(s)
		s = aliasWord().ReplaceAllStringFunc(s, func(w string) string {
			if v, ok := k.aliases[w]; ok && v != w && size < 1<<14 {
				changed = true
				size += len(v)
				return v
			}
			return w
		})
		if !changed {
			break
		}
	}
	return s
}
