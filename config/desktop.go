package config

import (
	"slices"

	"toshy/remap"
	"toshy/remap/key"
)

// An ActionName is an action for which desktops have a shortcut.
type ActionName struct{ Name, Doc string }

// ActionNames are the desktop actions that { action = "NAME" } knows without a declaration. The agent in the session finds
// the running desktop's shortcut for each: see Options.Actions.
var ActionNames = []ActionName{
	{"launcher", "opens the launcher, menu or search"},
	{"overview", "shows all windows"},
	{"show-desktop", "shows the desktop"},
	{"application-windows", "shows all windows of the application"},
	{"applications", "shows all applications"},
	{"notifications", "shows the notifications"},
	{"input-source-next", "the next keyboard layout or input method"},
	{"input-source-previous", "the previous keyboard layout or input method"},
	{"input-source-last", "the keyboard layout or input method that was used last"},
	{"switch-applications", "the next application or window"},
	{"switch-applications-backward", "the previous application or window"},
	{"switch-windows", "the next window of the application"},
	{"switch-windows-backward", "the previous window of the application"},
	{"workspace-left", "the workspace to the left, or the previous one"},
	{"workspace-right", "the workspace to the right, or the next one"},
	{"workspace-up", "the workspace above"},
	{"workspace-down", "the workspace below"},
	{"move-to-workspace-left", "moves the window to the workspace to the left"},
	{"move-to-workspace-right", "moves the window to the workspace to the right"},
	{"close", "closes the window"},
	{"minimize", "minimises the window"},
	{"maximize", "maximises the window, or restores it"},
	{"unmaximize", "restores a maximised window"},
	{"tile-left", "the window takes the left half of the screen"},
	{"tile-right", "the window takes the right half of the screen"},
	{"run", "asks for a command, and runs it"},
	{"fullscreen", "makes the window fill the screen, or restores it"},
	{"screenshot", "opens the screenshot tool"},
	{"screenshot-screen", "saves a picture of the screen to a file"},
	{"screenshot-window", "saves a picture of the window to a file"},
	{"screenshot-area", "saves a picture of an area to a file"},
	{"screenshot-screen-clipboard", "copies a picture of the screen to the clipboard"},
	{"screenshot-window-clipboard", "copies a picture of the window to the clipboard"},
	{"screenshot-area-clipboard", "copies a picture of an area to the clipboard"},
	{"emoji", "opens the picker for emoji and other characters"},
	{"force-quit", "ends an application that hangs"},
	{"screen-reader", "turns the screen reader on and off"},
	{"magnifier", "turns the magnifier on and off"},
	{"zoom-in", "magnifies the screen more"},
	{"zoom-out", "magnifies the screen less"},
	{"lock", "locks the screen"},
	{"logout", "ends the session"},
	{"files", "opens the file manager"},
	{"terminal", "opens a terminal"},
	{"settings", "opens the desktop's settings"},
}

// A DesktopAction is what an action of the desktop does.
type DesktopAction struct {
	// Set is the combo from the running desktop's settings; "" if it has none, or if the rules decide.
	Set string
	// Rules say where each choice of the action is written. The last one may have none: it applies if nothing is known.
	Rules []remap.Origin
	// None says that the running desktop is known to have no shortcut.
	None bool
}

// desktopAction is a DesktopAction with its compiled action.
type desktopAction struct {
	DesktopAction
	conds []*remap.Cond
	list  []*remap.Action
}

// buildActions reads [action.NAME] and combines it with the desktop's shortcuts.
func (b *builder) buildActions() {
	sections := map[string]*section{}
	var names []string
	for _, n := range ActionNames {
		names = append(names, n.Name)
	}
	for _, s := range b.sections("action") {
		if b.open(s, actionTable) {
			sections[s.name] = s
			if !slices.Contains(names, s.name) {
				names = append(names, s.name)
			}
		}
	}
	for _, name := range names {
		r := &actionRules{Name: name}
		if s := sections[name]; s != nil && s.get("do") != nil {
			r.Always = true
			r.add(nil, b.doing(s.get("do")), origin(s.get("do").keySpan()))
		} else if s != nil {
			b.actionRules(s, r)
		}
		b.actionNames = append(b.actionNames, name)
		b.machine.Actions = append(b.machine.Actions, r)
	}
	b.decideActions()
}

// actionRules reads the rules of an action: what it does if the desktop's settings say nothing.
func (b *builder) actionRules(s *section, r *actionRules) {
	for _, t := range s.nodes {
		for _, n := range b.tables(t, "rule", "action."+s.name+".rule") {
			b.checkKeys(n, "a rule of "+s.title(), actionRuleTable.names()...)
			var c *remap.Cond
			if w := n.get("when"); w != nil {
				c = b.when(w)
			}
			do := n.get("do")
			if do == nil {
				b.ps.error(n.valueSpan(), `{ when = 'desktop == "kde"', do = "Alt-Space" }`, "a rule needs do, an action")
				continue
			}
			if a := b.doing(do); a != nil {
				r.add(c, a, origin(do.keySpan()))
			}
		}
	}
}

// doing compiles what an action of the desktop does. It must not be another desktop action, and has no combo to pass on.
func (b *builder) doing(n *node) *remap.Action {
	outer, outerTrigger := b.inAction, b.trigger
	b.inAction, b.trigger = true, nil
	defer func() { b.inAction, b.trigger = outer, outerTrigger }()
	return b.action(n)
}

// sends is the action that sends a shortcut from a desktop's settings, such as "Alt-Space" or the modifier "Super" alone;
// nil if the text is neither.
func sends(text string) *remap.Action {
	if m, ok := key.ParseMod(text); ok {
		return &remap.Action{Kind: remap.DoTap, Combo: key.Combo{Key: m.Code()}}
	}
	if c, err := key.ParseCombo(text, nil); err == nil {
		return remap.Send(c)
	}
	return nil
}

// desktopForm compiles { action = "launcher", hold = true, else = ACTION }.
func (b *builder) desktopForm(n, v *node) *remap.Action {
	if !b.is(v, kindString, "action") {
		return nil
	}
	name := v.str()
	if b.inAction {
		b.ps.error(v.keySpan(), "write the result", "an action of the desktop cannot be another one")
		return nil
	}
	d := b.actions[name]
	if d == nil {
		hint := didYouMean(name, b.actionNames)
		if hint == "" {
			hint = "one of " + quoted(b.actionNames)
		}
		b.ps.error(v.valueSpan(), hint, "there is no action %q", name)
		return nil
	}
	u := &desktopUse{Action: &remap.Action{Kind: remap.DoDesktop, Text: name}}
	if hold := n.get("hold"); hold != nil {
		u.Hold = b.boolean(hold)
	}
	if otherwise := n.get("else"); otherwise != nil {
		if u.Else = b.action(otherwise); u.Else == nil {
			return nil
		}
	} else if d.None && b.own(n) {
		b.ps.warn(v.valueSpan(), `give it one in the desktop's settings, or say what to do: { action = "`+name+`", else = "Super-F1" }`, "this desktop has no shortcut for %q", name)
	}
	b.machine.Uses = append(b.machine.Uses, u)
	u.decide(d)
	return u.Action
}

// own says whether a place is in the user's files.
func (b *builder) own(n *node) bool {
	for _, d := range b.docs {
		if d.root.src == n.src {
			return d.layer == 0
		}
	}
	return false
}
