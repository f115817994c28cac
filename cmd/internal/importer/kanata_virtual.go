package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// virtualActions say what an action does with a virtual key, by the end of its name.
var virtualActions = map[string]string{
	"tap-virtualkey": "tap", "tap-vkey": "tap", "press-virtualkey": "press", "press-vkey": "press", "release-virtualkey": "release", "release-vkey": "release",
	"toggle-virtualkey": "toggle", "toggle-vkey": "toggle",
}

// virtual translates (on-press tap-virtualkey NAME), (on-press-fakekey NAME tap) and similar actions. A virtual key becomes
// its action.
func (k *kanata) virtual(head string, args []lisp) (string, error) {
	if len(args) != 2 {
		return "", fmt.Errorf("(%s ...) needs a virtual key and what to do with it", head)
	}
	name, what := args[1].atom, virtualActions[args[0].atom]
	if strings.HasSuffix(head, "-fakekey") {
		name, what = args[0].atom, args[1].atom
	}
	action, ok := k.virtuals[name]
	if !ok {
		return "", fmt.Errorf("there is no virtual key %s", name)
	}
	do, err := k.onVirtual(what, k.named(action))
	if err != nil {
		return "", fmt.Errorf("the virtual key %s: %w", name, err)
	}
	if strings.HasPrefix(head, "on-release") {
		return inline("release", do), nil
	}
	return do, nil
}

func (k *kanata) onVirtual(what string, action lisp) (string, error) {
	m, err := k.meaning(action)
	switch {
	case err != nil:
		return "", err
	case m.tap != nil:
		return "", errors.New("a key with two meanings")
	case k.holdsLayer(action):
		words := map[string]string{"press": "on", "release": "off", "toggle": "toggle"}
		if w := words[what]; w != "" {
			return inline("layer", str(action.list[1].atom), w, "true"), nil
		}
		return "", errors.New("a layer that is tapped")
	case what == "tap":
		return m.value(), nil
	case what == "toggle" && (m.plain() || m.mods != ""):
		return inline("lock", m.value()), nil
	}
	return "", fmt.Errorf("%q leaves a key down: write { lock = \"KEY\" }, which keeps a key down until it runs again", what)
}

// holdsLayer says whether an action turns a layer on while its key is held.
func (k *kanata) holdsLayer(l lisp) bool {
	return (l.head() == "layer-while-held" || l.head() == "layer-toggle") && k.hasLayer(l.args()) == nil
}

// inTurn translates simultaneous actions that are not a combo: they run one after the other.
func (k *kanata) inTurn(list []lisp, line int) (meaning, error) {
	var out []string
	for _, a := range list {
		m, err := k.meaning(a)
		switch {
		case err != nil:
			return m, err
		case m.tap != nil || k.holdsLayer(a):
			return m, fmt.Errorf("several actions at once, one of them %s", a)
		case m.mods != "" || m.plain() && isModifier(m.key):
			return m, errors.New("several actions at once, one of them a modifier")
		}
		out = append(out, m.value())
	}
	if len(out) == 0 {
		return meaning{}, errors.New("no action")
	}
	k.doc.note(line, "the actions of (multi ...) run one after the other here, and no key stays down")
	return doesAction(array(out)), nil
}

// A kanataSequence is a defseq: the keys that tap a virtual key after the leader.
type kanataSequence struct {
	name string
	keys []lisp
	line int
}

// leader translates sldr: the sequences become one action that waits for their strokes.
func (k *kanata) leader() (string, error) {
	if len(k.sequences) == 0 {
		return "", errors.New("the leader of sequences without a defseq")
	}
	return k.strokes(k.sequences, 0)
}

func (k *kanata) strokes(list []kanataSequence, at int) (string, error) {
	var firsts []string
	next := map[string][]kanataSequence{}
	for _, s := range list {
		c, ok := k.combo(s.keys[at].atom)
		if !ok || s.keys[at].isList || isModifier(c.Key) {
			k.doc.lost(s.line, "the sequence %s: %s in it", s.name, s.keys[at])
			continue
		}
		w := comboWords(c)
		if !slices.Contains(firsts, w) {
			firsts = append(firsts, w)
		}
		next[w] = append(next[w], s)
	}
	var pairs []string
	for _, w := range firsts {
		end := slices.IndexFunc(next[w], func(s kanataSequence) bool { return len(s.keys) == at+1 })
		if end >= 0 && len(next[w]) > 1 {
			for i, s := range next[w] {
				if i != end {
					k.doc.lost(s.line, "the sequence %s begins with the one of %s, or is the same", s.name, next[w][end].name)
				}
			}
		}
		var do string
		var err error
		if end >= 0 {
			do, err = k.onVirtual("tap", k.named(k.virtuals[next[w][end].name]))
		} else {
			do, err = k.strokes(next[w], at+1)
		}
		if err != nil {
			k.doc.lost(next[w][0].line, "the sequence %s: %v", next[w][0].name, err)
			continue
		}
		pairs = append(pairs, w, do)
	}
	if len(pairs) == 0 {
		return "", errors.New("no sequence that can be converted")
	}
	if at == 0 {
		pairs = append(pairs, "timeout", str(k.sequenceTime))
		if k.sequenceMode == "hidden-delay-type" {
			pairs = append(pairs, "otherwise", str("give_back"))
		}
	}
	return inline(pairs...), nil
}

// sequence remembers a defseq.
func (k *kanata) sequence(l lisp) {
	args := l.args()
	for i := 0; i+1 < len(args); i += 2 {
		s := kanataSequence{args[i].atom, args[i+1].list, args[i].line}
		switch _, known := k.virtuals[s.name]; {
		case len(s.keys) == 0:
			k.doc.lost(s.line, "the sequence %s has no keys", s.name)
		case !known:
			k.doc.lost(s.line, "the sequence %s: there is no virtual key of this name", s.name)
		default:
			k.sequences = append(k.sequences, s)
		}
	}
}
