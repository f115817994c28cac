package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// builder makes a program from the documents that the loader has put in order.
type builder struct {
	*loader
	config  *Config
	program *remap.Program

	vars                     map[string]int // by full name: settings.x, state.x
	declared                 map[string]*node
	settings                 map[string]int // index into Config.Settings
	bySection                map[string][]*section
	needs                    map[int]int           // for a variable, the one that it needs
	whole                    map[int][]*remap.Cond // conditions that a variable and the variables that it needs are true
	modifiers                map[string]key.Mod    // by lower-case name
	modNames                 []string
	modNamed                 map[string]bool
	layers                   map[string]int
	layerNames               []string
	layerUsed                map[string]bool
	composes                 map[string]*compose
	macros                   map[string]*macro
	groups                   map[string]*group
	groupNames               []string
	level3                   int      // the number of keymaps that have it
	inGroups                 int      // how many groups are being built, each for the previous one
	parts                    int      // of all conditions
	uses                     int      // depth of groups used by the current condition
	types                    []string // keyboard types
	regexps                  map[string]compiled
	searches, deviceSearches searchBudget
	entries                  []written // of keymaps, for the warnings
	linted                   []groupLint
	asked                    []string // types of keyboards that conditions test
	asksAll                  bool     // a condition may test for any type

	machine     forMachine
	actions     map[string]*desktopAction // actions of the desktop
	actionNames []string
	trigger     *key.Combo  // of the entry whose action is being compiled; nil: none
	strokes     []key.Combo // the strokes that lead to it; the last is the trigger

	// Combos that have been read, by their text: a configuration writes the same ones many times.
	triggers, sent map[string]key.Combo
	spare          []remap.Action // room for more actions
	inAction       bool           // an action of the desktop is being compiled
}

func newBuilder(l *loader) *builder {
	p := &remap.Program{}
	return &builder{
		loader: l, program: p, config: &Config{Program: p},
		vars: map[string]int{}, declared: map[string]*node{}, settings: map[string]int{}, modifiers: map[string]key.Mod{}, triggers: map[string]key.Combo{}, sent: map[string]key.Combo{}, modNamed: map[string]bool{}, layers: map[string]int{}, layerUsed: map[string]bool{},
		bySection: map[string][]*section{}, needs: map[int]int{}, whole: map[int][]*remap.Cond{}, actions: map[string]*desktopAction{}, composes: map[string]*compose{}, macros: map[string]*macro{}, groups: map[string]*group{}, regexps: map[string]compiled{}, searches: searchBudget{most: maxSearch}, deviceSearches: searchBudget{most: maxDeviceSearch},
	}
}

// build goes through the sections in the order in which they need each other.
func (b *builder) build() {
	for _, d := range b.docs {
		b.checkKeys(d.root, "a configuration", topLevel...)
	}
	b.buildSettings()
	b.buildModifiers()
	b.nameLayers()
	b.buildKeyboards()
	b.buildDevices()
	b.buildDaemon()
	b.nameGroups()
	b.buildGroups()
	b.buildResets()
	b.buildOptions()
	b.buildTimings()
	b.buildPacings()
	b.buildUnicodes()
	b.buildHands()
	b.buildModmaps()
	b.nameComposes()
	b.buildActions()
	b.buildNotices()
	b.buildChords()
	b.buildKeymaps()
	b.buildAbbreviations()
	b.checkMacros()
	b.buildWords()
	if b.ps.errors == 0 && !b.opts.Quiet {
		b.lint()
	}
}

// origin is the place of a node.
func origin(at span) remap.Origin {
	if at.src == nil || at.src.lines == nil {
		return remap.Origin{}
	}
	line, col, _ := at.src.position(at.off)
	return remap.Origin{File: at.src.name, Line: line, Column: col}
}

// checkKeys reports each key of a table that is not among names.
func (b *builder) checkKeys(n *node, what string, names ...string) {
	for _, k := range n.kids {
		if !slices.Contains(names, k.key) {
			b.ps.error(k.keySpan(), cmp.Or(b.tableHint(k, what, names), didYouMean(k.key, names)), "unknown key %q in %s", k.key, what)
		}
	}
}

// is reports a value of the wrong type, and says whether the type is right.
func (b *builder) is(n *node, want kind, what string) bool {
	if n.kind == want {
		return true
	}
	b.ps.error(n.valueSpan(), b.kindHint(n, want, what), "%s is %s, not %s", what, want, n.kind)
	return false
}

// declares says whether a file has a table of that kind and name.
func (b *builder) declares(kind, name string) bool {
	return slices.ContainsFunc(b.docs, func(d document) bool {
		t := d.root.get(kind)
		n := (*node)(nil)
		if t != nil && t.kind == kindTable {
			n = t.get(name)
		}
		return n != nil && n.kind == kindTable
	})
}

// kindHint explains what was probably meant by a value of another type.
func (b *builder) kindHint(n *node, want kind, what string) string {
	switch {
	case want == kindTable && n.kind == kindArray && n.tables:
		return cmp.Or(foreignHint(n.src), fmt.Sprintf("one pair of brackets makes a table: [%s.mine]", n.key))
	case want == kindTable && b.looksPressed(n.key) && n.kind != kindTable:
		return "entries need a table with a name: write them below [keymap.mine.keys], or [modmap.mine.keys] for keys that become other keys"
	case want == kindString && n.kind == kindArray && n.key == "when":
		return `a list of applications is compared with in: when = 'app in ["firefox", "kitty"]'`
	case want == kindString && n.kind == kindTable && n.key == "when":
		return `write one text: when = 'app == "firefox"'`
	case want == kindTable && strings.HasPrefix(what, "setting.") && b.declares("setting", n.key):
		return fmt.Sprintf("write [settings], which gives a setting its value: %s = %s", n.key, shown(n))
	case want == kindTable && strings.HasPrefix(what, "setting."):
		return fmt.Sprintf("[settings] gives a built-in setting its value; declare your own with a default: [setting.%s] default = %s", n.key, shown(n))
	case want == kindString && n.key == "notify":
		return `write the text to show: { notify = "Saved" }`
	case want == kindTable && n.key == "keys":
		return `write entries: keys.Cmd-K = "Ctrl-L"`
	case want == kindTable && n.key == "match":
		return "match = { name = " + shown(n) + " }"
	case want == kindTable && n.key == "devices" && n.kind == kindArray:
		return "write [devices], and below it allow = [...] or ignore = [...]"
	case want == kindTable && n.kind == kindString && strings.HasPrefix(what, "abbreviations"):
		return fmt.Sprintf("[abbreviations.mine.texts] %s = %s", n.key, shown(n))
	case want == kindArray && n.kind == kindString:
		return fmt.Sprintf("write a list: [%s]", shown(n))
	}
	return ""
}

// A section is a named table such as [keymap.NAME], merged from all files.
type section struct {
	name  string
	kind  string
	nodes []*node // of the overriding file first
	layer int     // of the file that decides its position
}

// sections returns the tables [kind.NAME] in order. The file with the lowest priority decides a table's position, so that
// adding to a table does not move it before others.
func (b *builder) sections(kind string) []*section {
	list, ok := b.bySection[kind]
	if !ok {
		list = b.findSections(kind)
		b.bySection[kind] = list
	}
	return list
}

func (b *builder) findSections(kind string) []*section {
	var list []*section
	byName := map[string]*section{}
	last := map[string]int{}
	tables := make([]*node, len(b.docs))
	for i, d := range b.docs {
		t := d.root.get(kind)
		if t == nil || !b.is(t, kindTable, kind) {
			continue
		}
		tables[i] = t
		for _, n := range t.kids {
			last[n.key] = i
		}
	}
	for i, t := range tables {
		if t == nil {
			continue
		}
		for _, n := range t.kids {
			if !b.is(n, kindTable, fmt.Sprintf("%s.%s", kind, n.key)) {
				continue
			}
			s := byName[n.key]
			if s == nil {
				s = &section{name: n.key, kind: kind}
				byName[n.key] = s
			}
			s.nodes = append(s.nodes, n)
			if last[n.key] == i {
				s.layer = b.docs[i].layer
				list = append(list, s)
			}
		}
	}
	return list
}

func (s *section) title() string { return "[" + s.kind + "." + s.name + "]" }

// get returns the value of a key from the first file that has it.
func (s *section) get(key string) *node {
	for _, n := range s.nodes {
		if v := n.get(key); v != nil {
			return v
		}
	}
	return nil
}

// place is the position of the section.
func (s *section) place() remap.Origin { return origin(s.nodes[len(s.nodes)-1].keySpan()) }

// open checks a section's keys and says whether the section must be built.
func (b *builder) open(s *section, t table) bool {
	b.ps.due()
	for _, n := range s.nodes {
		b.checkKeys(n, s.title(), t.names()...)
	}
	d := s.get("disabled")
	return !(d != nil && b.boolean(d))
}

// flag returns a boolean of a section, false if it has none.
func (b *builder) flag(s *section, key string) bool {
	n := s.get(key)
	return n != nil && b.boolean(n)
}

func (b *builder) boolean(n *node) bool {
	v, ok := n.value.(bool)
	if !ok {
		b.ps.error(n.valueSpan(), "write true or false without quotes", "%s is true or false, not %s", n.key, n.kind)
	}
	return v
}

// choice returns the index of a string among the allowed ones.
func (b *builder) choice(n *node, names ...string) int {
	if n.kind == kindString {
		if i := slices.Index(names, n.str()); i >= 0 {
			return i
		}
	}
	hint := "one of " + quoted(names)
	if near := nearest(n.str(), names); n.kind == kindString && near != "" {
		hint = fmt.Sprintf("did you mean %q? It is one of %s", near, quoted(names))
	}
	b.ps.error(n.valueSpan(), hint, "%s cannot be %s", n.key, shown(n))
	return 0
}

// shown is a value as it was written, shortened for a message.
func shown(n *node) string {
	s, _, _ := strings.Cut(n.src.text[n.voff:n.vend], "\n")
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "..."
	}
	return strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
}

func quoted(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(q, ", ")
}

// duration reads a time such as "200ms" between low and high.
func (b *builder) duration(n *node, low, high time.Duration) time.Duration {
	if n.kind != kindString {
		hint := `write a number and its unit in quotes: "200ms", "1.5s"`
		if n.kind == kindInt {
			hint = fmt.Sprintf(`write the unit: "%sms"`, shown(n))
		}
		b.ps.error(n.valueSpan(), hint, "%s is a time, not %s", n.key, n.kind)
		return low
	}
	d, err := time.ParseDuration(strings.ReplaceAll(n.str(), " ", ""))
	if err != nil {
		b.ps.error(n.valueSpan(), `a number and its unit: "200ms", "1.5s"`, "%q is not a time", n.str())
		return low
	}
	if d < low || d > high {
		b.ps.error(n.valueSpan(), "", "%s must lie between %v and %v", name(n.key, "this time"), low, high)
		return low
	}
	return d
}

func name(key, otherwise string) string {
	if key == "" {
		return otherwise
	}
	return key
}

// list returns the elements of a list; a single value is a list of one.
func list(n *node) []*node {
	if n.kind == kindArray && !n.tables {
		return n.kids
	}
	return []*node{n}
}

// tables returns the elements of [[kind]] of a table.
func (b *builder) tables(t *node, kind, what string) []*node {
	n := t.get(kind)
	if n == nil {
		return nil
	}
	if n.kind != kindArray {
		b.ps.error(n.keySpan(), fmt.Sprintf("write [[%s]]", what), "%s is a list of tables, not %s", what, n.kind)
		return nil
	}
	var list []*node
	for _, e := range n.kids {
		if b.is(e, kindTable, "an element of "+what) {
			list = append(list, e)
		}
	}
	return list
}

// identifier says whether a name can be used in a condition.
func identifier(s string) bool {
	for i, r := range s {
		if !(r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || i > 0 && r >= '0' && r <= '9') {
			return false
		}
	}
	return s != ""
}
