package explain

import (
	"fmt"
	"slices"
	"strings"

	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/sim"
)

// An Explanation as text and as JSON.
type Explanation struct {
	Combo    string       `json:"combo"` // as asked
	Keyboard string       `json:"keyboard,omitempty"`
	Keys     []KeyPath    `json:"keys"`             // the last one is pressed, the others are held
	Seen     string       `json:"seen"`             // what keymaps look up, in the configuration's words
	Result   string       `json:"result"`           // matched, passes, action, modifier, eject or diagnostic
	Winner   *RuleText    `json:"winner,omitempty"` // of a match
	Action   string       `json:"action,omitempty"`
	Passing  []string     `json:"passing,omitempty"` // modifiers that the winner lets pass
	Lets     string       `json:"lets,omitempty"`    // and why
	Typed    []TypedText  `json:"typed,omitempty"`   // characters that a US layout lacks
	Output   []string     `json:"output"`            // in the form of toshy simulate, in rows
	Lost     []LostKeymap `json:"lost"`
	Chords   []RuleText   `json:"chords,omitempty"`
	Notes    []string     `json:"notes,omitempty"`
}

type KeyPath struct {
	Key     string    `json:"key"`
	Becomes string    `json:"becomes"`
	Modmap  *RuleText `json:"modmap,omitempty"`
	Tap     string    `json:"tap,omitempty"`
	Hold    string    `json:"hold,omitempty"`
	TapHold *RuleText `json:"tap_hold,omitempty"`
}

type RuleText struct {
	Rule   string `json:"rule"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Entry  string `json:"entry,omitempty"`
}

func (r *RuleText) place() string {
	if r.Line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d", r.File, r.Line)
}

type LostKeymap struct {
	RuleText
	Shadowed bool       `json:"shadowed"`
	Why      []PartText `json:"why,omitempty"`
}

// TypedText says how a character is typed.
type TypedText struct {
	Character string `json:"character"`
	Way       string `json:"way"` // key, dead_key, spare_code, agent, hex, compose or refused
}

type PartText struct {
	Part   string `json:"part"`
	Column int    `json:"column"`
	Value  bool   `json:"value"`
	Group  string `json:"group,omitempty"`
	Have   string `json:"have,omitempty"`
}

func newRule(kind string, r *remap.Rule) *RuleText {
	if r == nil {
		return nil
	}
	name := r.Name
	if layer, ok := strings.CutPrefix(name, "layer "); ok && kind == "keymap" {
		kind, name = "layer", layer
	}
	return &RuleText{Rule: fmt.Sprintf("[%s.%s]", kind, name), File: r.Origin.File, Line: r.Origin.Line, Column: r.Origin.Column}
}

func (x *Asker) report(asked string, e *remap.Explanation, typed []sim.Step) *Explanation {
	r := &Explanation{Combo: asked, Keyboard: x.At.Device.Keyboard, Seen: x.combo(e.Combo), Result: "passes", Output: []string{}, Lost: []LostKeymap{}, Notes: x.notes}
	for _, p := range append(slices.Clone(e.Held), e.Pressed) {
		k := KeyPath{Key: p.Key.String(), Becomes: p.Becomes.String(), Modmap: newRule("modmap", p.Modmap), TapHold: newRule("modmap", p.TapRule)}
		if t := p.TapHold; t != nil {
			k.Tap, k.Hold = meaning(t.Tap, t.TapDo), meaning(t.Hold, t.HoldDo)
			if t.HoldLayer > 0 {
				k.Hold = "layer " + x.Config.Program.Layers[t.HoldLayer-1]
			}
			if t.TimeoutDo != nil {
				k.Hold += ", and an action when its time is over"
			}
		}
		r.Keys = append(r.Keys, k)
	}
	for _, k := range e.NoModifier {
		r.Notes = append(r.Notes, fmt.Sprintf("%s is not a modifier here, so it is not part of a combo", k))
	}
	for i := range e.Chords {
		r.Chords = append(r.Chords, *newRule("chord", &e.Chords[i]))
	}
	switch {
	case e.Reserved != "":
		r.Result = e.Reserved
	case e.Acts != nil:
		r.Result, r.Action, r.Typed = "action", x.action(e.Acts), x.typed(e.Acts)
	case e.Modifier:
		r.Result = "modifier"
	}
	var text strings.Builder
	text.WriteString(sim.Compact(typed))
	if text.Len() > 0 {
		r.Output = strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
	}
	for i := range e.Candidates {
		c := &e.Candidates[i]
		rule := newRule("keymap", &c.Rule)
		rule.Entry = x.combo(c.Combo)
		if i == e.Winner {
			if e.Reserved == "" {
				r.Result = "matched"
			}
			r.Winner, r.Action, r.Typed = rule, x.action(c.Action), x.typed(c.Action)
			for _, m := range c.Passes {
				r.Passing, r.Lets = append(r.Passing, x.word(m)), c.Lets
			}
			continue
		}
		l := LostKeymap{RuleText: *rule, Shadowed: c.Shadowed}
		for _, p := range c.Why {
			l.Why = append(l.Why, PartText{p.Source, p.Column, p.Value, p.Group, p.Have})
		}
		r.Lost = append(r.Lost, l)
	}
	return r
}

// ways names the ways of a character, for JSON and for people.
var ways = map[remap.Way][2]string{
	remap.WayKey:     {"key", "typed by a key of your layout"},
	remap.WayDeadKey: {"dead_key", "typed by a dead key of your layout and another key"},
	remap.WaySpare:   {"spare_code", "typed by a separate key code in your keymap (toshy characters)"},
	remap.WayAgent:   {"agent", "typed by the desktop: your layout does not have it"},
	remap.WayHex:     {"hex", "typed by its number: your layout does not have it (toshy characters can add it)"},
	remap.WayCompose: {"compose", "typed by your compose file: your layout does not have it"},
	remap.WayRefused: {"refused", "not typed: your layout does not have it, and nothing else works in this window"},
}

// typed says how the characters of an action are typed on the desktop's layout.
func (x *Asker) typed(a *remap.Action) (all []TypedText) {
	if x.Layout == nil {
		return nil
	}
	runes := a.Characters()
	if len(runes) == 0 {
		return nil
	}
	l, known := x.Layout()
	if !known {
		return nil
	}
	for _, r := range runes {
		all = append(all, TypedText{string(r), ways[x.Compiled.Way(r, l, &x.At)][0]})
	}
	return all
}

// meaning names one meaning of a key with two meanings.
func meaning(k key.Code, a *remap.Action) string {
	if a != nil {
		return "an action"
	}
	return k.String()
}

// action describes an action in a word or two, if the output alone does not.
func (x *Asker) action(a *remap.Action) string {
	switch a.Kind {
	case remap.DoIgnore, remap.DoNothing:
		return "discards the key"
	case remap.DoNested:
		var strokes []string
		for _, n := range a.Nested.Entries {
			strokes = append(strokes, x.combo(n.Combo))
		}
		const most = 12
		if len(strokes) > most {
			strokes = append(strokes[:most], "...")
		}
		return "waits for a second stroke: " + strings.Join(strokes, ", ")
	case remap.DoList:
		for _, k := range a.List {
			if k.Kind == remap.DoDesktop {
				return x.action(k)
			}
		}
	case remap.DoDesktop:
		return x.desktopAction(a)
	case remap.DoInspect:
		return "shows what rules can test of the window and the keyboard"
	case remap.DoTaps:
		if a.Value != 0 {
			return fmt.Sprintf("does something else at each tap, up to %d", len(a.List))
		}
		return fmt.Sprintf("counts taps, up to %d", len(a.List))
	case remap.DoTurbo:
		return "repeats while the key is held, every " + a.Time.String()
	case remap.DoGlide:
		if a.Axis < 2 {
			return "moves the pointer while the key is held"
		}
		return "turns the wheel while the key is held"
	case remap.DoEscapeKey, remap.DoEscapeCombo:
		return "sends the next key unchanged"
	case remap.DoOneShot:
		return "holds modifiers for the next key"
	case remap.DoLock:
		return "keeps a key down, or modifiers, until it runs again"
	case remap.DoPress:
		return "does something when the key goes up, too"
	case remap.DoRecord:
		return "begins or ends the recording of the macro " + x.Config.Program.Macros[a.Value]
	case remap.DoPlay:
		return "plays the macro " + x.Config.Program.Macros[a.Value]
	case remap.DoLayerHold, remap.DoLayerOn, remap.DoLayerOff, remap.DoLayerOnce, remap.DoLayerToggle:
		return "changes the layer " + x.Config.Program.Layers[a.Value]
	}
	return ""
}

// desktopAction says what an action of the desktop does, and why.
func (x *Asker) desktopAction(a *remap.Action) string {
	d := x.Config.Actions[a.Text]
	is := "is the desktop's " + a.Text + ": "
	if d.Set != "" {
		is += d.Set
		if from := x.Origins[a.Text]; from != "" {
			is += ", according to its settings: " + from
		}
		return is
	}
	i := x.Compiled.Choice(a, &x.At)
	what := "nothing"
	if i >= 0 && i < len(a.List) {
		if c := sent(a.List[i]); c != nil {
			what = keysText(*c)
		} else if k := a.List[i].Kind; k != remap.DoEffect && k != remap.DoIgnore {
			what = "the output below"
		}
	}
	switch {
	case i >= 0 && i < len(d.Rules):
		return fmt.Sprintf("%s%s, by [action.%s] %s:%d", is, what, a.Text, d.Rules[i].File, d.Rules[i].Line)
	case d.None:
		return is + what + ", because the desktop's settings have no shortcut for it"
	}
	return is + what + ", because no rule of [action." + a.Text + "] is about this desktop"
}

// keysText is a combo with the names of physical keys, not with the configuration's words.
func keysText(c key.Combo) string {
	words := make([]string, 0, 8)
	for _, m := range c.Mods {
		words = append(words, m.String())
	}
	return strings.Join(append(words, keyTitle(c.Key)), "-")
}

// sent is the combo that an action sends, nil if it does more than that.
func sent(a *remap.Action) *key.Combo {
	if a.Kind == remap.DoList && len(a.List) == 2 && a.List[0].Kind == remap.DoBind {
		a = a.List[1]
	}
	if a.Kind == remap.DoCombo || a.Kind == remap.DoTap {
		return &a.Combo
	}
	return nil
}

// Text is the Explanation for a terminal.
func (r *Explanation) Text() string {
	var b strings.Builder
	r.keysTo(&b)
	b.WriteByte('\n')
	r.resultTo(&b)
	r.lostTo(&b)
	return b.String()
}

// named is a rule by its name and place.
func (r *RuleText) named() string {
	if p := r.place(); p != "" {
		return r.Rule + " " + p
	}
	return r.Rule
}

// keysTo writes what the keys are before keymaps see them.
func (r *Explanation) keysTo(b *strings.Builder) {
	keys := make([]string, len(r.Keys))
	width := 0
	for i := range r.Keys {
		keys[i] = r.Keys[i].Key
		width = max(width, len(keys[i]))
	}
	on := ""
	if r.Keyboard != "" {
		on = " on a keyboard of type " + r.Keyboard
	}
	fmt.Fprintf(b, "%s: %s%s\n", r.Combo, strings.Join(keys, " + "), on)
	for i, k := range r.Keys {
		fmt.Fprintf(b, "  %-*s  ", width, k.Key)
		switch {
		case k.Modmap != nil:
			fmt.Fprintf(b, "becomes %s: %s", k.Becomes, k.Modmap.named())
		case k.Tap == "":
			b.WriteString("stays itself")
		}
		if k.Tap != "" {
			if k.Modmap != nil {
				b.WriteString("; then ")
			}
			used := "held"
			if i == len(r.Keys)-1 {
				used = "tapped"
			}
			fmt.Fprintf(b, "is %s when tapped, %s when held: %s; here it is %s", k.Tap, k.Hold, k.TapHold.named(), used)
		}
		b.WriteByte('\n')
	}
	for _, n := range r.Notes {
		b.WriteString("  " + n + "\n")
	}
	for i := range r.Chords {
		fmt.Fprintf(b, "  waits for the rest of a chord first: %s\n", r.Chords[i].named())
	}
}

// typedTo writes how characters are typed, grouped by way.
func (r *Explanation) typedTo(b *strings.Builder) {
	for w := remap.WayKey; w <= remap.WayRefused; w++ {
		var of strings.Builder
		for _, t := range r.Typed {
			if t.Way == ways[w][0] {
				of.WriteString(t.Character)
			}
		}
		if of.Len() > 0 {
			fmt.Fprintf(b, "  %s  %s\n", of.String(), ways[w][1])
		}
	}
}

// resultTo writes what the combo does.
func (r *Explanation) resultTo(b *strings.Builder) {
	switch r.Result {
	case "matched":
		fmt.Fprintf(b, "%s wins: %s in %s\n", r.Seen, r.Winner.Entry, r.Winner.named())
		if r.Action != "" {
			fmt.Fprintf(b, "  it %s\n", r.Action)
		}
		r.typedTo(b)
		if len(r.Passing) > 0 {
			fmt.Fprintf(b, "  with %s, which stays down: %s\n", strings.Join(r.Passing, " and "), r.Lets)
		}
	case "action":
		b.WriteString("its tap is an action: keymaps do not see the key\n")
		if r.Action != "" {
			fmt.Fprintf(b, "  it %s\n", r.Action)
		}
		r.typedTo(b)
	case "modifier":
		b.WriteString("a modifier alone: keymaps see it only together with another key\n")
	case "passes":
		fmt.Fprintf(b, "%s is in no active keymap: it is not changed\n", r.Seen)
	case "eject":
		b.WriteString("the eject key: it gives the keyboards back and ends the program, before all rules\n")
	case "diagnostic":
		b.WriteString("the diagnostic key: it shows the engine's state, before all rules\n")
	}
	b.WriteString("goes out:\n")
	if len(r.Output) == 0 {
		b.WriteString("  nothing\n")
	}
	for _, line := range r.Output {
		b.WriteString("  " + line + "\n")
	}
}

// lostTo writes why each other keymap with the combo is not used.
func (r *Explanation) lostTo(b *strings.Builder) {
	if len(r.Lost) > 0 {
		b.WriteString("\nalso have it:\n")
	}
	for i := range r.Lost {
		l := &r.Lost[i]
		fmt.Fprintf(b, "  %s in %s\n", l.Entry, l.named())
		if l.Shadowed {
			fmt.Fprintf(b, "    active, but %s comes before it\n", r.Winner.Rule)
			continue
		}
		for j, p := range l.Why {
			value := "false"
			if p.Value {
				value = "true"
			}
			fmt.Fprintf(b, "    %s%s is %s", strings.Repeat("  ", j), shorten(p.Part), value)
			if p.Have != "" && p.Have != p.Part+" is "+value { // for a true-or-false setting, the name says it
				b.WriteString(": " + p.Have)
			}
			b.WriteByte('\n')
		}
	}
}

// shorten shortens a long part of a condition, such as a list of all terminals.
func shorten(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most-3]) + "..."
	}
	return s
}
