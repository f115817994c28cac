package remap

import (
	"slices"
	"time"

	"toshy/remap/key"
)

// A scene is the current state around the keys: the program, the window, variables, layers, the layout and the keyboards,
// and the view that results from them. All parts read it. When it changes, it computes the views again, so that no key
// press evaluates a condition.
type scene struct {
	program     *Compiled
	window      Window
	passthrough bool   // keys are not mapped: locked, paused, or another machine has the pointer
	userPass    bool   // the same, switched by the user
	changes     uint64 // see Changes
	vars        []int32
	layers      []bool
	keys        keyState
	order       []int   // the layers that are on, in the order in which they were turned on
	given       *Layout // by SetLayout
	corrected   *Layout // adjusted to the options
	specials    [key.Count]bool
	canType     bool // the session types characters that no key types

	devices   [MaxDevices]device
	current   *device // the keyboard of the current or latest event; nil: it does not exist
	currentID uint8
	view      *view // its view
	chatter   bool  // some keyboard has a debounce time
	views     []*view
	refreshes uint64

	asked    bool // conditions of an action read askedFor, not the focused window
	askedFor Window
	scratch  []bool // groups for it
}

// device is what the engine knows about one keyboard.
type device struct {
	known   bool
	info    Device
	results []bool // for Compiled.conds
	groups  []bool
	view    *view
}

// compiled is the program that runs. Its tables do not change.
func (s *scene) compiled() *Compiled { return s.program }

func (s *scene) options() *Options { return &s.program.program.Options }

// now is the view for the keyboard of the current event. A view does not change while it is in use.
func (s *scene) now() *view { return s.view }

// layout is the active keyboard layout adjusted to the options, nil for US.
func (s *scene) layout() *Layout { return s.corrected }

// focused is the focused window.
func (s *scene) focused() Window { return s.window }

// keyboard is the keyboard of the current or latest event.
func (s *scene) keyboard() *Device { return &s.present().info }

// passing says whether keys are not mapped at present.
func (s *scene) passing() bool { return s.passthrough || s.userPass }

// locked says whether keys are not mapped, whatever the user's own switch says.
func (s *scene) locked() bool { return s.passthrough }

func (s *scene) modOf(c key.Code) (key.ModSet, bool) {
	m := s.program.modSet[c]
	return m, m != 0
}

// special says whether a key of the output needs special treatment: it is a modifier, it never goes out, or something waits
// for it.
func (s *scene) special(c key.Code) bool { return s.specials[c] }

// findSpecials finds the special output keys for the program and the layout.
func (s *scene) findSpecials() {
	p := s.program
	for c := range key.Code(key.Count) {
		k := s.corrected.lookup(c)
		s.specials[c] = p.modOf[c] >= 0 || p.hidden[c] || c >= 0x300 || k < key.Count && p.noticeAt[k] != 0
	}
}

// use selects the keyboard of the current event.
func (s *scene) use(id uint8) {
	if !s.uses(id) {
		s.current, s.currentID = &s.devices[id], id
		s.view = s.current.view
	}
}

// uses says whether this keyboard is selected already, and exists.
func (s *scene) uses(id uint8) bool { return s.currentID == id && s.current != nil }

// knows says whether a keyboard exists.
func (s *scene) knows(id uint8) bool { return s.devices[id].known }

// debounce says whether any keyboard has a debounce time.
func (s *scene) debounce() bool { return s.chatter }

// debounces is the debounce time of a keyboard.
func (s *scene) debounces(id uint8) time.Duration { return s.devices[id].info.Debounce }

// viewOf is the view for a keyboard, nil if it is not known.
func (s *scene) viewOf(id uint8) *view { return s.devices[id].view }

// present is the keyboard of the current or latest event.
func (s *scene) present() *device {
	if s.current != nil {
		return s.current
	}
	return &s.devices[0]
}

// meet makes sure that a keyboard has a view, even if SetDevice never reported it.
func (s *scene) meet(id uint8) {
	if d := &s.devices[id]; !d.known {
		d.known = true
		s.refreshDevice(d, readsAll, nil)
	}
}

// begin makes sure that there is a view: there may be output that belongs to no keyboard, or to one that is gone.
func (s *scene) begin() {
	if s.view == nil {
		s.useAny()
	}
}

// useAny gives timers that belong to no keyboard the view of an existing one.
func (s *scene) useAny() {
	for i := range s.devices {
		if s.devices[i].known {
			s.use(uint8(i))
			return
		}
	}
	s.meet(0)
	s.use(0)
}

// setDevice adds a keyboard, or changes the facts about it.
func (s *scene) setDevice(id uint8, info Device) {
	d := &s.devices[id]
	if d.known && d.info == info {
		return
	}
	changed := reads(readsAll)
	if d.known {
		changed = readsDevice
	}
	d.known, d.info = true, info
	s.chatter = s.chatter || info.Debounce > 0
	s.refreshDevice(d, changed, nil)
	s.useRefreshed()
}

// removeDevice forgets a keyboard.
func (s *scene) removeDevice(id uint8) {
	s.devices[id] = device{}
	s.current = nil
	s.useAny()
}

// setWindow sets the focused window.
func (s *scene) setWindow(w Window) { s.window = w }

// setLayout sets the tables of the active layout.
func (s *scene) setLayout(l *Layout) {
	s.given = l
	s.corrected = l.under(s.options())
	s.findSpecials()
	s.refresh(readsLayout)
}

// sessionTypes says whether the session types characters that no key types.
func (s *scene) sessionTypes() bool { return s.canType }

func (s *scene) setTypes(can bool) { s.canType = can }

// setPassthrough turns mapping off or on for everybody.
func (s *scene) setPassthrough(on bool) {
	if s.passthrough != on {
		s.passthrough = on
		s.changes++
	}
}

// pass turns mapping off or on with the user's own switch: 0 off, 1 on, 2 toggle.
func (s *scene) pass(value int32) {
	s.userPass = value == 1 || value == 2 && !s.userPass
	s.changes++
}

// variable is the value of a variable.
func (s *scene) variable(i int) int32 { return s.vars[i] }

// setVar changes a variable and says whether the value is new.
func (s *scene) setVar(i int, value int32) bool {
	if s.vars[i] == value {
		return false
	}
	s.vars[i] = value
	s.changes++
	s.refresh(readsVars)
	return true
}

// has says whether a variable exists and can have a value.
func (s *scene) has(i int, value int32) bool {
	return i >= 0 && i < len(s.vars) && value >= 0 && int(value) < len(s.program.program.Vars[i].Values)
}

// told is the effect that reports a setting's current value, nil for a state.
func (s *scene) told(i int) *Effect {
	if told := s.program.varEffects[i]; told != nil {
		return &told[s.vars[i]]
	}
	return nil
}

// noteChange counts a change that another part stores.
func (s *scene) noteChange() { s.changes++ }

// changed increments the counter for Changes.
func (s *scene) changed() uint64 { return s.changes }

// resetVars resets states whose condition the new window does not meet, and reports each of them. moved: the window belongs
// to another application.
func (s *scene) resetVars(moved bool, report func(i int)) {
	changed := false
	for i := range s.program.program.Vars {
		v := &s.program.program.Vars[i]
		if s.vars[i] == int32(v.Default) {
			continue
		}
		at := s.env(s.present())
		if moved && v.ResetByApp || !v.ResetOnFocus.eval(&at) {
			s.vars[i] = int32(v.Default)
			report(i)
			changed = true
		}
	}
	if changed {
		s.refresh(readsVars)
	}
}

// layerIs says whether a layer is on.
func (s *scene) layerIs(i int) bool { return s.layers[i] }

// inLayer says whether a layer is on.
func (s *scene) inLayer() bool { return len(s.order) > 0 }

// setLayer turns a layer on or off.
func (s *scene) setLayer(i int, on bool) {
	if s.layers[i] != on {
		s.layers[i] = on
		if on {
			s.order = append(s.order, i)
		} else {
			s.order = slices.DeleteFunc(s.order, func(l int) bool { return l == i })
		}
		s.changes++
		s.refresh(readsLayers)
	}
}

// raiseLayer moves a layer that is on to the front, as the one that was turned on last.
func (s *scene) raiseLayer(i int) {
	if s.lastLayer() != i {
		s.order = append(slices.DeleteFunc(s.order, func(l int) bool { return l == i }), i)
		s.refresh(readsLayers)
	}
}

// lastLayer is the layer that was turned on last, -1 if none is on.
func (s *scene) lastLayer() int {
	if len(s.order) == 0 {
		return -1
	}
	return s.order[len(s.order)-1]
}

// clearLayers turns all layers off.
func (s *scene) clearLayers() {
	if slices.Contains(s.layers, true) {
		clear(s.layers)
		s.order = s.order[:0]
		s.changes++
		s.refresh(readsLayers)
	}
}

// env is what conditions read for a keyboard.
func (s *scene) env(d *device) env {
	return env{window: &s.window, device: &d.info, vars: s.vars, layers: s.layers, held: s.keys.held, last: s.keys.last, groups: d.groups, program: s.program.program, level3: s.corrected != nil && s.corrected.level3}
}

// holds says whether a condition is true for the keyboard of the current or latest event.
func (s *scene) holds(c *Cond) bool {
	at := s.env(s.present())
	return c.eval(&at)
}

// askAbout makes the conditions of actions read a window that may have lost the focus, until askNow.
func (s *scene) askAbout(w Window) { s.askedFor, s.asked = w, true }

func (s *scene) askNow() { s.asked = false }

// choose returns the branch that a condition selects, or the desktop's action.
func (s *scene) choose(a *Action) *Action {
	at := s.env(s.present())
	if s.asked {
		at.window, at.groups = &s.askedFor, s.scratch[:0]
		for i := range at.program.Groups {
			at.groups = append(at.groups, at.program.Groups[i].Cond.eval(&at))
		}
		s.scratch = at.groups
	}
	return a.branch(&at)
}

// resolve returns the action that a choice selects now, nil for nothing. Any other action is returned unchanged.
func (s *scene) resolve(a *Action) *Action {
	for a != nil && (a.Kind == DoIf || a.Kind == DoDesktop) {
		a = s.choose(a)
	}
	return a
}

// load adopts a program. Variables and layers keep their values by name.
func (s *scene) load(c *Compiled) {
	old := s.program
	if old == nil {
		old = &Compiled{program: &Program{}}
	}
	vars := make([]int32, len(c.program.Vars))
	for i := range c.program.Vars {
		v := &c.program.Vars[i]
		vars[i] = int32(v.Default)
		for j := range old.program.Vars {
			if w := &old.program.Vars[j]; w.Name == v.Name {
				if n := slices.Index(v.Values, w.Values[s.vars[j]]); n >= 0 {
					vars[i] = int32(n)
				}
			}
		}
	}
	layers := make([]bool, len(c.program.Layers))
	for i, name := range c.program.Layers {
		if j := slices.Index(old.program.Layers, name); j >= 0 {
			layers[i] = s.layers[j]
		}
	}
	var order []int
	for _, l := range s.order {
		if i := slices.Index(c.program.Layers, old.program.Layers[l]); i >= 0 {
			order = append(order, i)
		}
	}
	s.keys = keyState{held: make([]key.Code, 0, maxHeldKnown), scratch: make([]key.Code, 0, maxHeldKnown)}
	s.program, s.vars, s.layers, s.order = c, vars, layers, slices.Grow(order, len(layers))
	s.corrected = s.given.under(&c.program.Options)
	s.findSpecials()
	s.views, s.view, s.current = s.views[:0], nil, nil
	for i := range s.devices {
		s.devices[i].view = nil
		s.devices[i].results = nil
	}
	s.refresh(readsAll)
}

// refresh evaluates the conditions whose inputs have changed and gives each keyboard its view.
func (s *scene) refresh(changed reads) {
	s.refreshes++
	var before *device
	for i := range s.devices {
		if d := &s.devices[i]; d.known {
			s.refreshDevice(d, changed, before)
			before = d
		}
	}
	s.useRefreshed()
}

// useRefreshed selects the view that a refresh gave to the keyboard of the current event.
func (s *scene) useRefreshed() {
	if s.current != nil {
		s.view = s.current.view
	}
}

// refreshDevice evaluates what has changed for a device. It copies results that do not depend on the device from an earlier
// one: with many keyboards, a change of focus costs no more than with one.
func (s *scene) refreshDevice(d *device, changed reads, before *device) {
	c := s.program
	if len(d.results) != len(c.conds) || len(d.groups) != len(c.groups) || d.view == nil {
		d.results, d.groups, changed = make([]bool, len(c.conds)), make([]bool, len(c.groups)), readsAll
	}
	v := s.env(d)
	for i, r := range c.groups {
		switch {
		case changed != readsAll && r&changed == 0:
		case before != nil && r&readsDevice == 0:
			d.groups[i] = before.groups[i]
		default:
			d.groups[i] = c.program.Groups[i].Cond.eval(&v)
		}
	}
	same := d.view != nil && changed != readsAll && slices.Equal(d.view.order, s.layerOrder())
	for i, r := range c.reads {
		if changed != readsAll && r&changed == 0 {
			continue
		}
		var on bool
		if before != nil && r&readsDevice == 0 {
			on = before.results[i]
		} else {
			on = c.conds[i].eval(&v)
		}
		if on != d.results[i] || changed == readsAll {
			d.results[i] = on
			same = false
		}
	}
	if !same {
		d.view = s.findView(d.results)
	}
	d.view.used = s.refreshes
}

// findView returns the view with these results, an old one if it still exists.
func (s *scene) findView(results []bool) *view {
	var oldest *view
	for _, v := range s.views {
		if slices.Equal(v.active, results) && slices.Equal(v.order, s.layerOrder()) {
			return v
		}
		if (oldest == nil || v.used < oldest.used) && v.used < s.refreshes && !s.viewInUse(v) {
			oldest = v
		}
	}
	if len(s.views) < maxViews || oldest == nil {
		oldest = new(view)
		s.views = append(s.views, oldest)
	}
	oldest.active = append(oldest.active[:0], results...)
	oldest.order = append(oldest.order[:0], s.layerOrder()...)
	oldest.build(s.program)
	return oldest
}

// layerOrder is the order of the layers that are on, if it makes a difference.
func (s *scene) layerOrder() []int {
	if len(s.order) > 1 {
		return s.order
	}
	return nil
}

func (s *scene) viewInUse(v *view) bool {
	for i := range s.devices {
		if s.devices[i].known && s.devices[i].view == v {
			return true
		}
	}
	return false
}
