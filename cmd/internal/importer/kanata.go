package importer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"toshy/remap/key"
)

// kanata translates a configuration of kanata or kmonad: S-expressions, and layers by key position.
type kanata struct {
	name     string
	doc      *document
	board    *board
	include  Include
	monad    bool            // it is kmonad's
	vars     map[string]lisp // $name
	aliases  map[string]lisp // @name
	source   []lisp          // the keys of defsrc, which layers count off
	layers   []string        // names, the first is the base
	switched map[string]bool // layers that become the base
	depth    int             // of aliases in aliases
	neither  []string        // keys of no hand, in TOML
	idle     string          // tap-hold-require-prior-idle, in TOML
	withMods []layerWithMods // layers together with modifiers
	members  []chordMember   // keys of chords of the first kind
	virtuals map[string]lisp // virtual keys and their actions
	switches []kanataSwitch  // that need to know what all other keys do
	typing   float64         // how long the layer of somebody who types stays on, in milliseconds, of the action that was translated last

	sequences                  []kanataSequence
	sequenceTime, sequenceMode string
}

// A chordMember is a key that has a name in a group of chords.
type chordMember struct {
	group, name string
	plane       *plane
	key         key.Code
	line        int
}

// Kanata converts a configuration of kanata.
func Kanata(name string, source []byte, include Include) (*Result, error) {
	return readKanata(name, source, include, false)
}

// Kmonad converts a configuration of kmonad.
func Kmonad(name string, source []byte) (*Result, error) { return readKanata(name, source, nil, true) }

func readKanata(name string, source []byte, include Include, monad bool) (*Result, error) {
	list, err := readLisp(name, string(source))
	if err != nil {
		return nil, err
	}
	d := newDocument(name)
	k := &kanata{name: name, doc: d, board: newBoard(d), include: include.limited(), monad: monad, vars: map[string]lisp{}, aliases: map[string]lisp{}, switched: map[string]bool{}, virtuals: map[string]lisp{}, sequenceTime: "1s"}
	list = k.unfold(list, 0)
	if !monad {
		list = k.expand(list)
	}
	for _, l := range list {
		if l.head() == "deflocalkeys-linux" {
			k.localKeys(list, l.args())
		}
	}
	if !slices.ContainsFunc(list, func(l lisp) bool { return l.head() == "defsrc" || l.head() == "deflayermap" }) {
		if len(d.list) > 0 {
			return nil, fmt.Errorf("%s:%d: %s. Without it, there is no (defsrc ...)", name, d.list[0].Line, d.list[0].Reason)
		}
		return nil, fmt.Errorf("%s: a configuration of this kind has (defsrc ...); this file has none. Is it for another remapper?", name)
	}
	d.single("options").set("layout", str("us"), 0) // it goes by the places of keys
	for _, l := range list {
		k.declare(l)
	}
	for _, l := range list {
		switch l.head() {
		case "defcfg":
			k.options(l.args())
		case "defhands":
			k.hands(l.args())
		}
	}
	for _, l := range list {
		if l.head() == "defseq" {
			k.sequence(l)
		}
	}
	for _, l := range list {
		k.define(l)
	}
	for _, l := range list {
		if l.head() == "defchords" {
			k.chordGroup(l)
		}
	}
	k.putSwitches()
	k.emitWithMods()
	k.board.emit()
	return d.finish()
}

// unfold inserts the parts for Linux, and included files.
func (k *kanata) unfold(list []lisp, depth int) []lisp {
	var out []lisp
	for _, l := range list {
		switch l.head() {
		case "platform":
			args := l.args()
			if len(args) == 2 && slices.ContainsFunc(args[0].list, func(x lisp) bool { return x.atom == "linux" }) {
				out = append(out, args[1])
			}
		case "include":
			if depth > 0 || len(l.list) != 2 {
				k.doc.lost(l.line, "%s: an included file includes no other", l)
				continue
			}
			more, err := k.included(l.list[1].atom)
			if err != nil {
				k.doc.lost(l.line, "the file %s is included: %v", l.list[1].atom, err)
			}
			for i := range more {
				setLine(&more[i], l.line)
			}
			out = append(out, k.unfold(more, depth+1)...)
		default:
			out = append(out, l)
		}
	}
	return out
}

func (k *kanata) included(name string) ([]lisp, error) {
	if k.include == nil {
		return nil, errors.New("it was not read; put its text into this file")
	}
	source, err := k.include(name)
	if err != nil {
		return nil, err
	}
	return readLisp(name, string(source))
}

func setLine(l *lisp, line int) {
	l.line = line
	for i := range l.list {
		setLine(&l.list[i], line)
	}
}

// localKeys replaces names that the file gives to the kernel's numbers with keys.
func (k *kanata) localKeys(list, args []lisp) {
	names := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		n, err := strconv.ParseUint(args[i+1].atom, 10, 16)
		if err == nil {
			if _, ok := key.Parse(key.Code(n).String()); ok {
				names[args[i].atom] = fmt.Sprintf("code_%d", n)
				continue
			}
		}
		k.doc.lost(args[i].line, "the key %s, which has the number %s", args[i], args[i+1])
	}
	var walk func(l *lisp)
	walk = func(l *lisp) {
		if h := l.head(); h == "deflocalkeys-linux" || h == "unicode" || h == "cmd" {
			return
		}
		if !l.isList {
			at := strings.LastIndex(l.atom, "-") + 1 // behind the modifiers
			if to, ok := names[l.atom]; ok {
				l.atom = to
			} else if to, ok := names[l.atom[at:]]; ok && at > 0 {
				l.atom = l.atom[:at] + to
			}
		}
		for i := range l.list {
			walk(&l.list[i])
		}
	}
	for i := range list {
		walk(&list[i])
	}
}

// declare remembers names, which may be used before their definition.
func (k *kanata) declare(l lisp) {
	args := l.args()
	switch l.head() {
	case "defsrc":
		k.source = args
	case "defvar":
		for i := 0; i+1 < len(args); i += 2 {
			k.vars[args[i].atom] = args[i+1]
		}
	case "defalias":
		for i := 0; i+1 < len(args); i += 2 {
			k.aliases[args[i].atom] = args[i+1]
		}
	case "defvirtualkeys", "deffakekeys":
		for i := 0; i+1 < len(args); i += 2 {
			k.virtuals[args[i].atom] = args[i+1]
		}
	case "deflayer", "deflayermap":
		if len(args) > 0 {
			name := args[0].atom
			if args[0].isList && len(args[0].list) > 0 {
				name = args[0].list[0].atom
			}
			k.layers = append(k.layers, name)
		}
	}
	k.findSwitches(l)
}

func (k *kanata) findSwitches(l lisp) {
	if l.head() == "layer-switch" && len(l.list) == 2 {
		k.switched[l.list[1].atom] = true
	}
	for _, x := range l.list {
		k.findSwitches(x)
	}
}

// define translates a top-level expression.
func (k *kanata) define(l lisp) {
	args := l.args()
	switch l.head() {
	case "defsrc", "defvar", "defalias", "defchords", "defvirtualkeys", "deffakekeys", "defseq":
	case "defcfg", "defhands":
	case "deflayer":
		if len(args) > 0 {
			k.layer(args[0].atom, l.line, args[1:])
		}
	case "deflayermap":
		switch {
		case len(args) > 0 && len(args[0].list) > 0:
			k.layerMap(args[0].list[0].atom, l.line, args[1:])
		case len(args) > 0 && !args[0].isList:
			k.layerMap(args[0].atom, l.line, args[1:])
		default:
			k.doc.lost(l.line, "a deflayermap without a name")
		}
	case "defoverrides":
		k.overrides(args)
	case "defchordsv2", "defchordsv2-experimental":
		k.chords(args)
	case "deflocalkeys-linux", "deflocalkeys-win", "deflocalkeys-winiov2", "deflocalkeys-wintercept", "deflocalkeys-macos":
	case "":
		k.doc.lost(l.line, "%s is not known", l)
	default:
		k.doc.lost(l.line, "toshy has no counterpart for (%s ...)", l.head())
	}
}

// harmlessOptions are options of defcfg that do not change what keys do, or that toshy does anyway.
var harmlessOptions = []string{
	"process-unmapped-keys", "danger-enable-cmd", "log-layer-changes", "input", "output", "fallthrough", "allow-cmd", "cmp-seq", "cmp-seq-delay", "key-seq-delay",
	"linux-unicode-u-code", "linux-unicode-termination", "linux-x11-repeat-delay-rate", "linux-continue-if-no-devs-found", "linux-use-trackpoint-property", "linux-output-device-name",
	"linux-output-device-bus-type", "linux-device-detect-mode", "dynamic-macro-max-presses", "rapid-event-delay", "alias-to-trigger-on-load",
	"chords-v2-min-idle", "chords-v2-min-idle-experimental", "concurrent-tap-hold", "movemouse-smooth-diagonals", "movemouse-inherit-accel-state", "block-unmapped-keys", "override-release-on-activation",
}

// options translates defcfg.
func (k *kanata) options(args []lisp) {
	for i := 0; i+1 < len(args); i += 2 {
		name, value := args[i].atom, args[i+1]
		names := func() []string {
			var list []string
			for _, x := range value.list {
				list = append(list, x.atom)
			}
			return list
		}
		switch {
		case name == "linux-dev-names-include" && value.isList:
			k.doc.single("devices").set("allow", array(strs(names())), args[i].line)
		case name == "linux-dev-names-exclude" && value.isList:
			k.doc.single("devices").set("ignore", array(strs(names())), args[i].line)
		case name == "linux-dev" || name == "linux-dev-names-include" || name == "linux-dev-names-exclude":
			k.doc.lost(args[i].line, "%s %s: toshy names devices by name or number, see toshy devices", name, value)
		case name == "input" && value.isList:
			k.doc.note(args[i].line, "toshy takes all keyboards, not only %s: [devices] allow names some of them, see toshy devices", value)
		case name == "fallthrough" && value.atom == "false", name == "block-unmapped-keys" && (value.atom == "yes" || value.atom == "true"):
			k.board.main.any, k.board.main.anyLine = str("block"), args[i].line
			k.doc.note(args[i].line, "keys that are not mapped do nothing here either, but modifiers do")
		case name == "tap-hold-require-prior-idle":
			if n, err := k.number(value); err != nil {
				k.doc.lost(args[i].line, "%s: %v", name, err)
			} else if n > 0 {
				k.idle = str(asTime(n / 1000))
			}
		case name == "sequence-timeout":
			if n, err := k.number(value); err == nil && n > 0 {
				k.sequenceTime = asTime(min(n, 60_000) / 1000)
			}
		case name == "sequence-input-mode":
			if k.sequenceMode = value.atom; k.sequenceMode == "visible-backspaced" {
				k.doc.note(args[i].line, "the keys of a sequence are not shown here while you type them")
			}
		case name == "delegate-to-first-layer":
			if value.atom == "yes" || value.atom == "true" {
				k.switched = map[string]bool{}
			}
		case strings.HasPrefix(name, "windows-"), strings.HasPrefix(name, "macos-"), strings.HasPrefix(name, "win"):
		case slices.Contains(harmlessOptions, name):
		default:
			k.doc.lost(args[i].line, "toshy has no counterpart for the option %s", name)
		}
	}
}

func (k *kanata) plane(name string, line int) *plane {
	if len(k.layers) > 0 && k.layers[0] == name {
		return k.board.main
	}
	return k.board.plane(name, line)
}

// layer translates a deflayer, which has as many actions as defsrc has keys.
func (k *kanata) layer(name string, line int, actions []lisp) {
	if len(actions) != len(k.source) {
		k.doc.lost(line, "the layer %s has %d actions for the %d keys of defsrc", name, len(actions), len(k.source))
		return
	}
	p := k.plane(name, line)
	for i, a := range actions {
		k.bind(p, k.source[i], a)
	}
}

// layerMap translates a deflayermap: pairs of key and action.
func (k *kanata) layerMap(name string, line int, pairs []lisp) {
	p := k.plane(name, line)
	each := func(do func(key, action lisp), words ...string) {
		for i := 0; i+1 < len(pairs); i += 2 {
			if w := pairs[i].atom; slices.Contains(words, w) || words == nil && (strings.Trim(w, "_") != "" || w == "") {
				do(pairs[i], pairs[i+1])
			}
		}
	}
	others := func(key, action lisp) {
		if err := k.others(p, key.atom, action); err != nil {
			k.doc.lost(key.line, "%s, all other keys of the layer %s: %v", key, name, err)
		}
	}
	each(others, "__", "___")
	each(func(key, action lisp) { k.bind(p, key, action) })
	each(others, "_")
}

// others translates what all other keys of a layer do: _ those of defsrc, __ those not in it, ___ both.
func (k *kanata) others(p *plane, which string, action lisp) error {
	if which == "_" {
		for _, x := range k.source {
			if c, ok := k.key(x.atom); ok && p.find(c) == nil {
				k.bind(p, lisp{atom: x.atom, line: action.line}, action)
			}
		}
		return nil
	}
	m, err := k.meaning(action)
	switch {
	case err != nil:
		return err
	case m.tap != nil || m.mods != "" || m.plain() && isModifier(m.key):
		return errors.New("a modifier, or a key with two meanings")
	case which == "__" && len(k.source) > 0:
		return errors.New("keys that are not in defsrc: name the keys")
	}
	p.any, p.anyLine = m.value(), action.line
	return nil
}

// bind gives a key its action.
func (k *kanata) bind(p *plane, from, action lisp) {
	c, ok := k.key(from.atom)
	if !ok || from.isList {
		if action.atom != "_" {
			k.doc.lost(action.line, "the key %s is not known", from)
		}
		return
	}
	if action.atom == "_" && p == k.board.main && p.any != "" {
		k.board.put(p, c, isKey(c), action.line)
	}
	if action.atom == "_" {
		if k.switched[p.name] && p != k.board.main { // the key itself, and not what the first layer has
			k.board.put(p, c, isKey(c), action.line)
		}
		return
	}
	action = k.named(action)
	if action.head() == "chord" && len(action.list) == 3 {
		k.members = append(k.members, chordMember{action.list[1].atom, action.list[2].atom, p, c, action.line})
		return
	}
	if action.head() == "fork" {
		if err := k.fork(p, c, action); err != nil {
			k.doc.lost(action.line, "%s: %v", from, err)
		}
		return
	}
	if action.head() == "switch" {
		if err := k.switchAction(p, c, action); err != nil {
			k.doc.lost(action.line, "%s: %v", from, err)
		}
		return
	}
	if action.atom == "use-defsrc" {
		action = from
	}
	m, err := k.meaning(action)
	if err != nil {
		k.doc.lost(action.line, "%s: %v", from, err)
		return
	}
	if m.plain() && m.key == c && p == k.board.main && p.any == "" {
		return
	}
	k.board.put(p, c, m, action.line)
}

// named follows aliases and variables to their values.
func (k *kanata) named(l lisp) lisp {
	for range maxAliases {
		name, alias := strings.CutPrefix(l.atom, "@")
		name2, variable := strings.CutPrefix(l.atom, "$")
		line := l.line
		if a, ok := k.aliases[name]; ok && alias {
			l = a
		} else if v, ok := k.vars[name2]; ok && variable {
			l = v
		} else {
			return l
		}
		l.line = line
	}
	return l
}
