package importer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.starlark.net/syntax"
)

// What a Toshy user edits between the installer's marks, and what the rest of the file defines for these parts.

// stockConditions are the names in Toshy's conditions for facts that it has found out before.
var stockConditions = sync.OnceValue(func() map[string]cond {
	return map[string]cond{
		"ctx_app_is_remote": named("remotes"), "ctx_app_is_terminal": named("terminals"),
		"hmp_is_remote": named("remotes"), "hmp_is_terminal": named("terminals"), "hmp_is_vscode": named("vscodes"),
		"hmp_is_browser": named("browsers"), "hmp_is_chrome_browser": named("browsers_chrome"), "hmp_is_firefox_browser": named("browsers_firefox"),
		"hmp_is_filemanager": named("filemanagers"), "hmp_is_sublime_text": named("sublimes"), "hmp_is_transmission": named("transmissions"),
		"ctx_kbd_is_apple": equal("keyboard", "apple"), "ctx_kbd_is_windows": equal("keyboard", "windows"),
		"ctx_kbd_is_chromebook": equal("keyboard", "chromebook"), "ctx_kbd_is_ibm": equal("keyboard", "ibm"),
		"ctx_ovl_macos_globals": named("settings.global_shortcuts"), "ctx_ovl_terminal_ergo": named("settings.terminal_shortcuts"),
		"ctx_ovl_finder_mods": named("settings.file_manager_shortcuts"), "ctx_ovl_enter_to_rename": named("settings.enter_to_rename"),
		"ctx_ovl_browser_shortcuts": named("settings.browser_shortcuts"), "ctx_ovl_vscode_shortcuts": named("settings.vscode_shortcuts"),
		"ctx_ovl_dialog_ergo": named("settings.dialog_shortcuts"), "ctx_ovl_level3_left_alt": named("settings.option_is_level3"),
		"ctx_caps_is_caps": equal("settings.capslock_mode", "caps"), "ctx_caps_is_caps_and_cmd": equal("settings.capslock_mode", "caps_and_cmd"),
		"ctx_caps_is_cmd": equal("settings.capslock_mode", "cmd"), "ctx_caps_is_esc_and_cmd": equal("settings.capslock_mode", "esc_and_cmd"),
		"ctx_caps_is_esc_and_lctrl":           equal("settings.capslock_mode", "esc_and_ctrl"),
		"ctx_caps_is_esc_and_lctrl_role_swap": equal("settings.capslock_mode", "esc_and_ctrl_swap"),
		"ctx_caps_is_lctrl_role_swap":         equal("settings.capslock_mode", "ctrl_swap"),
	}
})

// stockCondition is the condition for a name of Toshy's, with or without the brackets of a call.
func (p *python) stockCondition(e syntax.Expr) (cond, bool) {
	if call, ok := e.(*syntax.CallExpr); ok && len(call.Args) == 1 {
		e = call.Fn
	}
	id, ok := e.(*syntax.Ident)
	if !ok || p.extends != "mac" {
		return cond{}, false
	}
	c, ok := stockConditions()[id.Name]
	return c, ok
}

// stockGroups are Toshy's lists of applications that are groups in the built-in configuration.
var stockGroups = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"terminals": "terminals", "remotes": "remotes", "vscodes": "vscodes", "sublimes": "sublimes", "filemanagers": "filemanagers",
		"browsers_chrome": "browsers_chrome", "browsers_firefox": "browsers_firefox", "browsers_all": "browsers", "transmissions": "transmissions", "thunderbirds": "thunderbirds",
	}
})

// longer says what list.append(x), list.extend([x]) and list += [x] add to which list.
func longer(s syntax.Stmt) (name string, more syntax.Expr) {
	switch s := s.(type) {
	case *syntax.AssignStmt:
		if id, ok := s.LHS.(*syntax.Ident); ok && s.Op == syntax.PLUS_EQ {
			return id.Name, s.RHS
		}
	case *syntax.ExprStmt:
		call, ok := s.X.(*syntax.CallExpr)
		if !ok || len(call.Args) != 1 {
			break
		}
		dot, ok := call.Fn.(*syntax.DotExpr)
		if !ok {
			break
		}
		id, ok := dot.X.(*syntax.Ident)
		switch {
		case !ok:
		case dot.Name.Name == "extend":
			return id.Name, call.Args[0]
		case dot.Name.Name == "append":
			return id.Name, &syntax.ListExpr{Lbrack: call.Lparen, List: call.Args, Rbrack: call.Rparen}
		}
	}
	return "", nil
}

// lengthen remembers that a list gets longer.
func (p *python) lengthen(name string, more syntax.Expr) {
	if old := p.env[name]; old != nil {
		start, _ := more.Span()
		p.env[name] = &lazy{expr: &syntax.BinaryExpr{X: old.expr, Op: syntax.PLUS, OpPos: start, Y: more}}
	}
}

// lengthened translates a statement that makes a list longer. One of Toshy's own lists is a group of the built-in
// configuration, which gets more members. lengthen has already handled other lists.
func (p *python) lengthened(s syntax.Stmt) bool {
	name, more := longer(s)
	if name == "" || p.env[name] == nil {
		return false
	}
	group, stock := stockGroups()[name]
	if !stock || p.extends != "mac" {
		return true
	}
	line := lineOf(more)
	v, err := p.eval(more)
	list, ok := texts(v)
	switch {
	case err != nil:
		p.doc.lost(line, "more %s: %v", name, err)
	case !ok:
		p.doc.lost(line, "more %s: the added value is not a list of application classes", name)
	default:
		p.addToGroup(group, list, line)
	}
	return true
}

func (p *python) addToGroup(group string, list []string, line int) {
	members := classes(list)
	if len(members) == 0 {
		return
	}
	s := p.doc.single("groups")
	for _, e := range s.fields {
		if e.key == group { // { add = [...] } of a statement before
			old := strings.TrimSuffix(strings.TrimPrefix(e.value, "{ add = ["), "] }")
			s.set(group, "{ add = ["+old+", "+strings.Join(strs(members), ", ")+"] }", line)
			return
		}
	}
	s.set(group, "{ add = "+array(strs(members))+" }", line)
}

// classes are application classes in the form for groups: Toshy's are regular expressions for the whole class.
func classes(list []string) []string {
	var out []string
	for _, c := range list {
		if regexp.QuoteMeta(strings.ReplaceAll(c, ".", "")) != strings.ReplaceAll(c, ".", "") || strings.Contains(c, ".*") || strings.Contains(c, ".+") {
			c = "/^(?:" + c + ")$/"
		}
		out = append(out, c)
	}
	return out
}

// stockNames are names in the slices that toshy does not need while they have Toshy's value.
var stockNames = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"OVERRIDE_DISTRO_ID": "", "OVERRIDE_DISTRO_VER": "", "OVERRIDE_VARIANT_ID": "", "OVERRIDE_SESSION_TYPE": "", "OVERRIDE_DESKTOP_ENV": "",
		"OVERRIDE_DE_MAJ_VER": "", "OVERRIDE_WINDOW_MGR": "", "wlroots_compositors": "",
	}
})

// slicesNames translates the names that a Toshy user sets between the marks, and reports unused ones.
func (p *python) sliceNames(stmts []syntax.Stmt) {
	for _, s := range stmts {
		a, ok := s.(*syntax.AssignStmt)
		if !ok || !p.mine(lineOf(s)) || p.extends != "mac" {
			continue
		}
		id, ok := a.LHS.(*syntax.Ident)
		if !ok {
			p.doc.lost(lineOf(s), "an assignment that is not to one name")
			continue
		}
		switch name := id.Name; {
		case name == "keyboards_UserCustom_dct":
			p.keyboardTypes(a)
		case strings.HasPrefix(name, "exclude_kpad_devs_UserCustom"):
			p.excludedKeypads(a)
		case a.Op == syntax.EQ:
			p.override(name, a)
		}
	}
}

// override reports a value that Toshy would use instead of what it detects.
func (p *python) override(name string, a *syntax.AssignStmt) {
	if _, stock := stockNames()[name]; !stock {
		return
	}
	v, err := p.eval(a.RHS)
	_, none := v.(pyNone)
	list, isList := v.([]any)
	if err == nil && (none || isList && len(list) == 0) {
		return
	}
	if name == "wlroots_compositors" {
		p.doc.note(lineOf(a), "%s: toshy asks every compositor that has the protocol, without a list", name)
		return
	}
	p.doc.lost(lineOf(a), "%s: toshy finds out by itself which desktop, session and distribution there are; toshy doctor shows what it found", name)
}

// keyboardTypes translates the dictionary of keyboards whose type Toshy would detect wrongly.
func (p *python) keyboardTypes(a *syntax.AssignStmt) {
	v, err := p.eval(a.RHS)
	d, ok := v.(*pyDict)
	if err != nil || !ok {
		p.doc.lost(lineOf(a), "toshy cannot read keyboards_UserCustom_dct as a dictionary: write [[keyboard]] rules")
		return
	}
	for i, k := range d.keys {
		name, isText := k.(string)
		kind, ok := d.values[i].(string)
		low := strings.ToLower(kind)
		switch {
		case name == "My Keyboard Device Name": // Toshy's example
		case !isText || !ok || !slices.Contains([]string{"apple", "windows", "chromebook", "ibm"}, low):
			p.doc.lost(d.lines[i], "the keyboard %v: its type is not Apple, Windows, Chromebook or IBM", k)
		default:
			s := p.doc.element("keyboard", d.lines[i])
			s.set("match", inline("name", str(name)), d.lines[i])
			s.set("type", str(low), d.lines[i])
		}
	}
}

// excludedKeypads translates the list of keyboards whose keypad Forced Numpad ignores: names, or dictionaries of names.
func (p *python) excludedKeypads(a *syntax.AssignStmt) {
	v, err := p.eval(a.RHS)
	list, ok := v.([]any)
	if err != nil || !ok {
		p.doc.lost(lineOf(a), "the list of excluded keypads cannot be read: write keypad_excluded = { device = [...] } in [groups]")
		return
	}
	names := []string{"/razer naga x/"} // of the group that this one replaces
	line := 0
	for _, x := range list {
		name, ok := x.(string)
		if d, isDict := x.(*pyDict); isDict {
			for i, k := range d.keys {
				if n, is := k.(*pyName); is && n.name == "devn" || k == "devn" {
					name, ok = d.values[i].(string)
				}
			}
		}
		if !ok {
			p.doc.lost(lineOf(a), "an excluded keypad that is told by more than its name")
			continue
		}
		names = append(names, classes([]string{name})...)
		line = lineOf(a)
	}
	if line > 0 {
		p.doc.single("groups").set("keypad_excluded", inline("device", array(strs(names)), "replace", "true"), line)
		p.doc.note(line, "Toshy does not read this list, by mistake; toshy does")
	}
}

// unusedNames reports names that a Toshy user has set and that nothing in the result uses.
func (p *python) unusedNames() {
	if p.extends != "mac" {
		return
	}
	for name, l := range p.env {
		if l.expr == nil || l.done || l.running || !p.mine(l.line()) {
			continue
		}
		_, stock := stockNames()[name]
		if group := stockGroups()[name]; stock || group != "" || name == "keyboards_UserCustom_dct" || strings.HasPrefix(name, "exclude_kpad_devs_UserCustom") || strings.Contains(name, "(before line") {
			continue
		}
		p.doc.lost(l.line(), "%s: nothing that was converted uses it", name)
	}
}

// truthOfStock is what a name of the stock file means as a list in conditions.
func (p *python) stockGroup(name string) string {
	if p.extends != "mac" {
		return ""
	}
	if l := p.env[name]; l != nil && l.expr != nil && p.mine(l.line()) && !mentionsLonger(l.expr) {
		return "" // the user's own list of that name
	}
	return stockGroups()[name]
}

// mentionsLonger says whether a list is another list plus more.
func mentionsLonger(e syntax.Expr) bool {
	b, ok := e.(*syntax.BinaryExpr)
	return ok && b.Op == syntax.PLUS
}

var lookAhead = pattern(`^\^((?:[A-Za-z0-9 _-]|\\.)*)\(\?!([^()]*)\)((?:\.\*)?\$?)$`)

// withoutLookAhead writes ^prefix(?!not this).* as two conditions. ok is false for other expressions.
func withoutLookAhead(field, expr string, ignoreCase bool) (c cond, ok bool) {
	m := lookAhead().FindStringSubmatch(expr)
	if m == nil {
		return cond{}, false
	}
	yes, err := matching(field, "^"+m[1], ignoreCase)
	if err != nil {
		return cond{}, false
	}
	no, err := matching(field, "^"+m[1]+"(?:"+m[2]+")", ignoreCase)
	if err != nil {
		return cond{}, false
	}
	return allOf(yes, not(no)), true
}

// stockTimes are the default values of releases of Toshy, Kinto, keyszer and xwaykeyz, so no user has chosen them.
var stockTimes = map[string][]float64{
	"multipurpose": {1}, "suspend": {0, 1}, "tap_interval": {0.24, 0.25}, "min_tap_delay": {0.07},
	"key_pre_delay_ms": {0, 8, 12}, "key_post_delay_ms": {0, 12, 18},
}

func isStock(name string, value float64) bool { return slices.Contains(stockTimes[name], value) }

// wish reports that the file's own time is kept, and what toshy does without it.
func (p *python) wish(line int, name, value string) {
	why := map[string]string{
		"suspend": "toshy needs no wait for modifiers: leave it out where nothing is wrong without it",
		"pre":     "toshy sends keys without a pause: leave it out where no program loses keys",
	}
	why["post"] = why["pre"]
	if text := why[name]; text != "" {
		p.doc.note(line, "%s", fmt.Sprintf("%s = %s is kept; %s", name, value, text))
	}
}
