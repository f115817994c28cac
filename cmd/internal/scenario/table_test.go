package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/sim"
)

// A table is a file of short scenarios: what a Mac user presses, and what the application sees.
//
//	## K66 Firefox             a map, by its number in docs/MIGRATING.md
//	app firefox                statements of package sim, which hold until the next ## or another of the same kind
//	terminal kitty             an application that is a terminal: Control is another key there
//	keyboards apple ibm        only on these types; else on all four
//	distro fedora              facts about the machine, with version for the desktop's
//	Cmd-Comma | Ctrl-T "about:preferences" Enter
//	Cmd-Tab | hold Alt-Tab     pressed twice without letting Command go: Alt stays down in between
//	Opt-Tab | block            the application sees nothing
//	dead Opt-E ´ a=á A=Á       a dead key and what it makes of the next; Space, Esc and Delete leave the accent alone; every other key comes after it
//	type Opt 1=¡ 2=™           characters
//
// On the left stand combos of Cmd, Opt, Ctl, Shift, Fn and ROpt, the right Option, in order, and waits.
// On the right combos that the application sees in order, "typed text", 'characters' entered by number,
// waits (all are checked when there is one), notify, dump.
type table []row

type row struct {
	section  string
	at       string // FILE:LINE
	script   []string
	terminal bool
	types    []string
	facts    [2]string // distro, desktop_version
	press    []string
	want     []string
}

var keyboardTypes = []string{"apple", "windows", "chromebook", "ibm"}

func readTable(t *testing.T, name, text string) table {
	t.Helper()
	var rows table
	var cur row
	var context []string // the first words of statements. A statement replaces an earlier one with the same word
	line := 0
	fail := func(format string, args ...any) { t.Fatalf("%s:%d: %s", name, line, fmt.Sprintf(format, args...)) }
	state := func(word, statement string) {
		if i := slices.Index(context, word); i >= 0 {
			cur.script = slices.Clone(cur.script)
			cur.script[i] = statement
			return
		}
		context = append(slices.Clone(context), word)
		cur.script = append(slices.Clone(cur.script), statement)
	}
	add := func(press, want []string) {
		r := cur
		r.at, r.press, r.want = fmt.Sprintf("%s:%d", name, line), press, want
		rows = append(rows, r)
	}
	for s := range strings.Lines(text) {
		line++
		s = strings.TrimSpace(s)
		f := strings.Fields(s)
		rest := strings.TrimSpace(strings.TrimPrefix(s, strings.Join(f[:min(1, len(f))], "")))
		switch {
		case s == "":
		case f[0] == "##":
			cur, context = row{section: strings.TrimSpace(s[2:]), types: keyboardTypes}, nil
		case strings.HasPrefix(s, "#"):
		case strings.Contains(s, " | "):
			left, right, _ := strings.Cut(s, " | ")
			add(strings.Fields(left), splitWant(right))
		case f[0] == "app", f[0] == "terminal":
			cur.terminal = f[0] == "terminal"
			state("app", "app "+rest)
		case f[0] == "keyboards":
			cur.types = f[1:]
		case f[0] == "distro":
			cur.facts[0] = rest
		case f[0] == "version":
			cur.facts[1] = rest
		case f[0] == "dead":
			for _, pair := range f[3:] {
				k, c, _ := strings.Cut(pair, "=")
				add([]string{f[1], character(k)}, []string{"'" + c + "'"})
			}
			add([]string{f[1], "F5"}, []string{"'" + f[2] + "'", "F5"})
			for _, k := range []string{"Space", "Esc", "Delete"} {
				add([]string{f[1], k}, []string{"'" + f[2] + "'"})
			}
		case f[0] == "type":
			for _, pair := range f[2:] {
				k, c, ok := strings.Cut(pair[1:], "=") // the key may be = itself
				if !ok {
					fail("%q is no pair", pair)
				}
				add([]string{f[1] + "-" + pair[:1] + k}, []string{"'" + c + "'"})
			}
		case slices.Contains([]string{"title", "exe", "desktop", "session", "numlock", "capslock", "layout"}, f[0]):
			state(f[0], s)
		case f[0] == "set":
			state(s[:strings.LastIndex(s, " ")], s)
		default:
			fail("%q is not understood", s)
		}
	}
	return rows
}

// character is the combo of a letter or digit. ⇧ before it, or a capital letter, means Shift.
func character(k string) string {
	if rest, ok := strings.CutPrefix(k, "⇧"); ok {
		return "Shift-" + rest
	}
	if strings.ToLower(k) != k {
		return "Shift-" + k
	}
	return k
}

// splitWant splits the right side. Quoted texts are typed key by key.
func splitWant(s string) []string {
	if strings.HasPrefix(s, "run ") { // a command, and nothing else
		return []string{s}
	}
	var want []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		if s[0] == '"' || s[0] == '\'' {
			end := 1 + strings.IndexByte(s[1:], s[0])
			if s[0] == '\'' {
				want = append(want, s[:end+1])
			} else {
				for _, r := range s[1:end] {
					want = append(want, typed(r))
				}
			}
			s = s[end+1:]
			continue
		}
		word, rest, _ := strings.Cut(s, " ")
		want, s = append(want, word), rest
	}
	return want
}

// typed is the combo that types a character on a US keyboard. It knows the characters that the tables need.
func typed(r rune) string {
	if c, ok := map[rune]string{':': "Shift-Semicolon", '/': "Slash", ' ': "Space", '.': "Dot"}[r]; ok {
		return c
	}
	if r >= 'A' && r <= 'Z' {
		return "Shift-" + string(r)
	}
	return string(r)
}

// physical returns the key of a keyboard that acts as a Mac modifier.
func physical(mod, keyboard string, terminal bool) string {
	at := map[bool]int{false: 0, true: 1}[terminal]
	keys := map[string]map[string][2]string{
		"apple":      {"Cmd": {"leftmeta", "leftmeta"}, "Opt": {"leftalt", "leftalt"}, "Ctl": {"leftctrl", "leftctrl"}, "ROpt": {"rightalt", "rightalt"}},
		"windows":    {"Cmd": {"leftalt", "leftalt"}, "Opt": {"leftmeta", "leftmeta"}, "Ctl": {"leftctrl", "leftctrl"}, "ROpt": {"rightmeta", "rightmeta"}},
		"chromebook": {"Cmd": {"leftalt", "leftalt"}, "Opt": {"leftctrl", "leftmeta"}, "Ctl": {"leftmeta", "leftctrl"}, "ROpt": {"rightctrl", "rightctrl"}},
		"ibm":        {"Cmd": {"leftalt", "leftalt"}, "Opt": {"leftctrl", "capslock"}, "Ctl": {"capslock", "leftctrl"}, "ROpt": {"rightctrl", "rightctrl"}},
	}
	if k, ok := keys[keyboard][mod]; ok {
		return k[at]
	}
	return map[string]string{"Shift": "leftshift", "Fn": "fn", "Win": "leftmeta", "Alt": "leftalt", "Ctrl": "leftctrl"}[mod]
}

// parts splits a combo.
func parts(combo string) []string {
	if combo == "-" || strings.HasSuffix(combo, "--") {
		return append(strings.Split(strings.TrimSuffix(combo, "--"), "-"), "-")
	}
	return strings.Split(combo, "-")
}

// text returns the row as a script for one type of keyboard.
func (r *row) text(keyboard string) string {
	lines := append(slices.Clone(r.script), "keyboard "+keyboard)
	var down []string // modifiers that are held
	var events []string
	let := func(want []string) {
		for len(down) > 0 && !slices.Equal(down, want[:min(len(down), len(want))]) {
			events = append(events, "-"+down[len(down)-1])
			down = down[:len(down)-1]
		}
		for _, m := range want[len(down):] {
			events = append(events, "+"+m)
			down = append(down, m)
		}
	}
	for _, combo := range r.press {
		if strings.HasSuffix(combo, "ms") || strings.ContainsAny(combo[:1], "+-~") {
			let(nil)
			events = append(events, combo)
			continue
		}
		p := parts(combo)
		var mods []string
		for _, m := range p[:len(p)-1] {
			mods = append(mods, physical(m, keyboard, r.terminal))
		}
		let(mods)
		code, ok := key.Parse(p[len(p)-1])
		if !ok {
			return "? " + combo
		}
		for range 1 + strings.Count(strings.Join(r.want[:min(1, len(r.want))], ""), "hold") {
			events = append(events, "+"+code.String(), "-"+code.String())
		}
	}
	let(nil)
	return strings.Join(lines, "\n") + "\n" + strings.Join(events, " ") + "\n"
}

// normal returns a combo with its modifiers in a fixed order.
func normal(combo string) string {
	p := parts(combo)
	k, ok := key.Parse(p[len(p)-1])
	if !ok {
		return "?" + combo
	}
	mods := p[:len(p)-1]
	for i := range mods {
		mods[i] = strings.ToLower(mods[i])
	}
	slices.Sort(mods)
	return strings.Join(append(mods, k.String()), "-")
}

// wanted returns the right side in the form of seen.
func (r *row) wanted() []string {
	list := r.want
	if len(list) > 0 && list[0] == "hold" {
		list = []string{list[1], list[1]}
	}
	out := []string{}
	for _, w := range list {
		switch {
		case w == "block":
		case w[0] == '\'', isWait(w), strings.HasPrefix(w, "run "), w == "notify", w == "dump":
			out = append(out, w)
		default:
			out = append(out, normal(w))
		}
	}
	return out
}

// isWait says whether a word on the right side is a wait: 200ms, 5s.
func isWait(w string) bool {
	_, err := time.ParseDuration(w)
	return err == nil && len(w) > 1
}

// family is the modifier that programs see for a key.
func family(c key.Code) (string, bool) {
	if _, is := key.ModOf(c); !is {
		return "", false
	}
	name := c.String()
	if name == "rightalt" {
		return "altgr", true
	}
	return strings.TrimPrefix(strings.TrimPrefix(strings.Replace(name, "meta", "super", 1), "left"), "right"), true
}

// seen is what an application makes of an output: each key with the modifiers that are down; Alt or Super, if it goes down and up with
// nothing in between, which opens menus, and Control, if it does so while no other modifier is down, to which some programs react; and
// the characters that are entered by number.
func seen(steps []sim.Step, waits bool) []string {
	list := []string{}
	down := map[string]int{}
	var last sim.Step
	since := time.Duration(0)
	for _, s := range steps {
		if s.Kind == sim.Wait {
			since += s.Wait
			if waits && s.Wait >= 50*time.Millisecond { // shorter ones are the pace of typed text
				list = append(list, s.Wait.String())
			}
			continue
		}
		switch s.Kind {
		case sim.Notify:
			list = append(list, "notify")
		case sim.Dump:
			list = append(list, "dump")
		case sim.Set: // a state is tested by its effects
		case sim.Key:
			f, isMod := family(s.Code)
			switch {
			case isMod && s.Value == remap.Press:
				down[f]++
			case isMod && s.Value == remap.Release:
				down[f]--
				heard := f == "alt" || f == "super" || f == "ctrl" && combo(down, s.Code) == s.Code.String()
				if heard && last.Kind == sim.Key && last.Code == s.Code && last.Value == remap.Press {
					list = append(list, s.Code.String())
				}
			case s.Code == key.Unknown: // without a symbol, it only hides a modifier
			case s.Value == remap.Press:
				list = append(list, combo(down, s.Code))
			}
		default:
			list = append(list, strings.TrimSpace(sim.Compact([]sim.Step{s})))
		}
		last = s
	}
	return unhex(list)
}

func combo(down map[string]int, c key.Code) string {
	var mods []string
	for m, n := range down {
		if n > 0 {
			mods = append(mods, m)
		}
	}
	slices.Sort(mods)
	return strings.Join(append(mods, c.String()), "-")
}

// unhex turns Ctrl-Shift-U, hex digits and Enter into one character, and characters in a row into one text.
func unhex(list []string) []string {
	out := []string{}
	for i := 0; i < len(list); i++ {
		end := slices.Index(list[i:], "enter")
		if list[i] != "ctrl-shift-u" || end < 0 {
			out = append(out, list[i])
			continue
		}
		n, err := strconv.ParseInt(strings.Join(list[i+1:i+end], ""), 16, 32)
		if err != nil {
			out = append(out, list[i])
			continue
		}
		i += end
		if k := len(out) - 1; k >= 0 && out[k][0] == '\'' {
			out[k] = strings.TrimSuffix(out[k], "'") + string(rune(n)) + "'"
		} else {
			out = append(out, "'"+string(rune(n))+"'")
		}
	}
	return out
}

// keptDown says whether the modifier of a held combo stayed down from the first to the last key.
func keptDown(steps []sim.Step, combo string) bool {
	first := strings.ToLower(parts(combo)[0])
	inside, keys := false, 0
	for _, s := range steps {
		if s.Kind != sim.Key {
			continue
		}
		f, isMod := family(s.Code)
		if !isMod && s.Code != key.Unknown && s.Value == remap.Press {
			keys++
			inside = keys == 1
		}
		if inside && f == first && s.Value == remap.Release {
			return false
		}
	}
	return keys == 2
}
