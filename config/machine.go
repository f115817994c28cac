package config

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"toshy/remap"
)

// forMachine is the part of a configuration that depends on the machine and the desktop. Nothing else does, so the rest of
// a built-in configuration can be stored for all of them (snapshot.go).
type forMachine struct {
	Facts   []*factTest
	Actions []*actionRules
	Uses    []*desktopUse
	Notices []*noticeUse
}

// A factTest is a comparison of a fact. Its result does not change while the program runs.
type factTest struct {
	Cond    *remap.Cond // gets the result
	Name    string      // of the fact
	Op      string      // "!=" decides like "==": the condition around it negates the result
	Texts   []string    // the values it is compared with
	Regexp  *regexp.Regexp
	Version []int // the desktop version it is compared with; nil: compared as a text
}

// decide sets the condition.
func (f *factTest) decide(facts map[string]string) {
	f.Cond.Value = 0
	if f.holds(facts[f.Name]) {
		f.Cond.Value = 1
	}
}

func (f *factTest) holds(have string) bool {
	if f.Version != nil {
		return f.holdsVersion(have)
	}
	low := strings.ToLower(have)
	switch f.Op {
	case "startsWith":
		return strings.HasPrefix(low, strings.ToLower(f.Texts[0]))
	case "endsWith":
		return strings.HasSuffix(low, strings.ToLower(f.Texts[0]))
	case "contains":
		return strings.Contains(low, strings.ToLower(f.Texts[0]))
	case "matches":
		return f.Regexp.MatchString(have)
	}
	return slices.ContainsFunc(f.Texts, func(t string) bool { return strings.EqualFold(t, have) })
}

// holdsVersion compares as many numbers as the condition names: 46.2 equals 46. An unknown version is neither higher nor
// lower.
func (f *factTest) holdsVersion(have string) bool {
	parts, known := versionParts(have)
	if !known {
		return false
	}
	parts = append(parts, make([]int, len(f.Version))...) // 46 is 46.0
	sign := slices.Compare(parts[:len(f.Version)], f.Version)
	return f.Op[0] == '<' && sign < 0 || f.Op[0] == '>' && sign > 0 || f.Op != "<" && f.Op != ">" && sign == 0
}

// versionParts are the numbers at the beginning of a version: 46.2 of "46.2-1".
func versionParts(s string) (parts []int, ok bool) {
	for part := range strings.SplitSeq(s, ".") {
		digits := part[:len(part)-len(strings.TrimLeft(part, "0123456789"))]
		v, err := strconv.Atoi(digits)
		if err != nil {
			break
		}
		if parts = append(parts, v); digits != part {
			break
		}
	}
	return parts, len(parts) > 0
}

// decide sets whether the match tests for another machine.
func (m *DeviceMatch) decide(facts map[string]string) {
	m.elsewhere = m.Machine != nil && !slices.ContainsFunc(m.Machine, func(t TextMatch) bool { return t.Match(facts["machine"]) })
}

// actionRules are what [action.NAME] says.
type actionRules struct {
	Name   string
	Always bool // the only rule applies, whatever shortcut the desktop has
	Conds  []*remap.Cond
	List   []*remap.Action
	Places []remap.Origin
}

func (r *actionRules) add(c *remap.Cond, a *remap.Action, at remap.Origin) {
	r.Conds, r.List, r.Places = append(r.Conds, c), append(r.List, a), append(r.Places, at)
}

// decideActions combines the rules of the actions with the desktop's shortcuts.
func (b *builder) decideActions() {
	b.config.Actions = make(map[string]*DesktopAction, len(b.machine.Actions))
	for _, r := range b.machine.Actions {
		d := &desktopAction{}
		b.actions[r.Name] = d
		b.config.Actions[r.Name] = &d.DesktopAction
		set, known := b.opts.Actions[r.Name]
		a := sends(set)
		switch {
		case r.Always:
			d.conds, d.list, d.Rules = r.Conds, r.List, r.Places
		case a != nil:
			d.Set, d.conds, d.list, d.Rules = set, []*remap.Cond{nil}, []*remap.Action{a}, []remap.Origin{{}}
		case known:
			d.None = true
		default:
			for i, c := range r.Conds {
				if !b.never(c) {
					d.conds, d.list, d.Rules = append(d.conds, c), append(d.list, r.List[i]), append(d.Rules, r.Places[i])
				}
			}
		}
	}
}

// A desktopUse is an action { action = "NAME", hold = ..., else = ... }.
type desktopUse struct {
	Action *remap.Action
	Hold   bool
	Else   *remap.Action // nil: a message
}

// decide fills in what the action does with the desktop's shortcut.
func (u *desktopUse) decide(d *desktopAction) {
	a := u.Action
	a.Conds, a.List = slices.Clone(d.conds), nil
	for _, x := range d.list {
		if u.Hold && x != nil && x.Kind == remap.DoCombo && len(x.Combo.Mods) > 0 {
			x = remap.Hold(x.Combo)
		}
		a.List = append(a.List, x)
	}
	if last := len(a.Conds) - 1; last >= 0 && a.Conds[last] == nil {
		return
	}
	end := u.Else
	if end == nil {
		end = &remap.Action{Kind: remap.DoEffect, Effect: &remap.Effect{Kind: remap.EffectDesktop, Text: a.Text}}
	}
	a.Conds, a.List = append(a.Conds, nil), append(a.List, end)
}

// A noticeUse is an entry of a state's set_by.
type noticeUse struct {
	Name  string // of the action
	Var   int
	Value int32
}

func (n *noticeUse) decide(v *remap.Var, d *desktopAction) {
	for i, x := range d.list {
		if x != nil && (x.Kind == remap.DoCombo || x.Kind == remap.DoTap) {
			v.SetBy = append(v.SetBy, remap.SetBy{When: d.conds[i], Combo: x.Combo, Value: n.Value})
		}
	}
}

// decideAll decides everything that depends on the machine and the desktop in the options.
func (b *builder) decideAll() {
	for _, f := range b.machine.Facts {
		f.decide(b.opts.Facts)
	}
	for i := range b.config.Keyboards {
		b.config.Keyboards[i].Match.decide(b.opts.Facts)
	}
	for _, list := range [][]DeviceMatch{b.config.Devices.Allow, b.config.Devices.Also, b.config.Devices.Ignore} {
		for i := range list {
			list[i].decide(b.opts.Facts)
		}
	}
	b.decideActions()
	for _, u := range b.machine.Uses {
		u.decide(b.actions[u.Action.Text])
	}
	for i := range b.program.Vars {
		b.program.Vars[i].SetBy = nil
	}
	for _, n := range b.machine.Notices {
		n.decide(&b.program.Vars[n.Var], b.actions[n.Name])
	}
}
