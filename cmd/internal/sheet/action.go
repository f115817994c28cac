package sheet

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"toshy/config"
	"toshy/remap"
	"toshy/remap/key"
)

// A description is an action in words.
type description struct {
	what  string
	sends string // the combo that it sends, if it does nothing else
	group string // the heading under which it is listed
	off   bool   // it does nothing
}

// keys is a combo with the names of physical keys.
func keys(c key.Combo) string {
	words := make([]string, 0, 8)
	for _, m := range c.Mods {
		words = append(words, plain(m))
	}
	return strings.Join(append(words, title(c.Key)), "-")
}

func sends(c key.Combo) description { return description{what: "Sends " + keys(c), sends: keys(c)} }

// describe says in words what an action does in this situation.
func (m *maker) describe(a *remap.Action) description {
	if a == nil {
		return description{off: true}
	}
	switch a.Kind {
	case remap.DoNothing, remap.DoIgnore:
		return description{what: "Does nothing", off: true}
	case remap.DoCombo, remap.DoTap:
		return sends(a.Combo)
	case remap.DoText, remap.DoUnicode:
		return description{what: "Types " + quote(a.Text), group: groupCharacters}
	case remap.DoWithMark, remap.DoSetWithMark, remap.DoCall, remap.DoList:
		return m.list(a.List)
	case remap.DoCycle:
		return m.first(a.List, "The next one each time: ")
	case remap.DoWithout:
		return m.list(a.List)
	case remap.DoPress:
		return m.press(a)
	case remap.DoTaps:
		return m.first(a.List, "By the number of taps: ")
	case remap.DoTurbo:
		return m.first(a.List, "Again and again while it is held: ")
	case remap.DoGlide:
		return description{what: glide(a)}
	case remap.DoIf:
		chosen := 1
		if m.look.Holds(a.Cond) {
			chosen = 0
		}
		if chosen < len(a.List) {
			return m.describe(a.List[chosen])
		}
		return description{what: "Does nothing", off: true}
	case remap.DoDesktop:
		return m.desktop(a)
	case remap.DoNested:
		return m.sequence(a.Nested)
	case remap.DoSet, remap.DoNext:
		return m.variable(a)
	case remap.DoLayerOn, remap.DoLayerOff, remap.DoLayerToggle, remap.DoLayerOnce, remap.DoLayerHold:
		how := map[remap.ActionKind]string{
			remap.DoLayerOn: "Turns on the layer %s", remap.DoLayerOff: "Turns off the layer %s", remap.DoLayerToggle: "Turns the layer %s on or off",
			remap.DoLayerOnce: "The layer %s for the next key", remap.DoLayerHold: "The layer %s while it is held",
		}[a.Kind]
		return description{what: fmt.Sprintf(how, m.c.Program.Layers[a.Value]), group: groupLayer}
	case remap.DoRecord:
		return description{what: fmt.Sprintf("Begins or ends the recording of the macro %s", m.c.Program.Macros[a.Value])}
	case remap.DoPlay:
		return description{what: fmt.Sprintf("Plays the macro %s", m.c.Program.Macros[a.Value])}
	case remap.DoEffect:
		return effect(a.Effect)
	}
	return description{what: plainActions[a.Kind]}
}

// plainActions are actions with a fixed description.
var plainActions = map[remap.ActionKind]string{
	remap.DoBind: "", remap.DoWait: "", remap.DoEscapeKey: "Sends the next key unchanged", remap.DoEscapeCombo: "Sends the next combo unchanged",
	remap.DoSetMark: "Sets the mark", remap.DoOneShot: "Modifiers for the next key", remap.DoThrough: "Passes", remap.DoLock: "Keeps a key down until it is used again", remap.DoPointer: "Moves the pointer", remap.DoCapsWord: "Capitals until the word ends",
	remap.DoRepeat: "Repeats the last action", remap.DoPassthrough: "Turns mapping off or on", remap.DoCancel: "Ends macros and sequences",
	remap.DoInspect: "Shows what rules can test of this window",
}

// glide says what a movement does.
func glide(a *remap.Action) string {
	if a.Axis < 2 {
		return "Moves the pointer while it is held"
	}
	return "Turns the wheel while it is held"
}

func effect(e *remap.Effect) description {
	switch e.Kind {
	case remap.EffectRun:
		return description{what: "Starts " + strings.Join(e.Args, " ")}
	case remap.EffectNotify:
		return description{what: "Shows " + quote(e.Text)}
	case remap.EffectEject:
		return description{what: "Gives the keyboards back and ends toshy"}
	case remap.EffectDump:
		return description{what: "Shows the state of the engine"}
	}
	return description{}
}

// quote is a text for a list: short, and on one line.
func quote(s string) string {
	const most = 40
	s = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most-1]) + "…"
	}
	return "“" + s + "”"
}

// list describes actions that run one after the other, without those that only prepare the next.
func (m *maker) list(list []*remap.Action) description {
	var all []description
	for _, a := range list {
		switch a.Kind {
		case remap.DoBind, remap.DoWait, remap.DoSet:
			continue
		}
		if d := m.describe(a); d.what != "" && !d.off {
			all = append(all, d)
		}
	}
	switch len(all) {
	case 0:
		if len(list) == 1 {
			return m.describe(list[0])
		}
		return description{what: "Does nothing", off: true}
	case 1:
		return all[0]
	}
	const most = 4
	words := []string{all[0].what}
	for i, d := range all[1:] {
		if i == most-1 {
			words = append(words, "…")
			break
		}
		words = append(words, lower(d.what))
	}
	return description{what: strings.Join(words, ", then ")}
}

// lower makes the first letter of a text a small one.
func lower(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

func (m *maker) first(list []*remap.Action, prefix string) description {
	var words []string
	for _, a := range list {
		if d := m.describe(a); d.what != "" {
			words = append(words, lower(d.what))
		}
	}
	return description{what: prefix + strings.Join(words, "; ")}
}

// press describes an action for a press and a release.
func (m *maker) press(a *remap.Action) description {
	up := "When the key goes up: " + lower(m.describe(a.List[1]).what)
	if a.List[0] == nil {
		return description{what: up}
	}
	return description{what: m.describe(a.List[0]).what + "; " + lower(up)}
}

// desktop describes an action of the desktop.
func (m *maker) desktop(a *remap.Action) description {
	d := description{what: "The desktop's " + a.Text, group: groupDesktop}
	for _, n := range config.ActionNames {
		if n.Name == a.Text {
			d.what = upper(n.Doc)
		}
	}
	for i, k := range a.List {
		if i < len(a.Conds) && !m.look.Holds(a.Conds[i]) {
			continue
		}
		is := m.describe(k)
		d.sends, d.off = is.sends, is.off
		break
	}
	return d
}

func (m *maker) sequence(n *remap.Nested) description {
	if len(n.Entries) == 0 && n.Immediate != nil {
		return m.describe(n.Immediate)
	}
	const most = 6
	var words []string
	for _, e := range n.Entries {
		if len(words) == most {
			words = append(words, "…")
			break
		}
		var mods []string
		for _, mod := range e.Combo.Mods {
			mods = append(mods, m.word(mod))
		}
		words = append(words, strings.Join(append(mods, title(e.Combo.Key)), "-"))
	}
	d := description{what: "Waits for a second stroke: " + strings.Join(words, ", ")}
	if n.Immediate != nil {
		if is := m.describe(n.Immediate); is.what != "" {
			d.what = is.what
			d.group = is.group
		}
	}
	return d
}

func (m *maker) variable(a *remap.Action) description {
	v := &m.c.Program.Vars[a.Var]
	_, short, _ := strings.Cut(v.Name, ".")
	if a.Kind == remap.DoNext {
		return description{what: "Changes " + short}
	}
	return description{what: fmt.Sprintf("Sets %s to %s", short, v.Values[a.Value])}
}
