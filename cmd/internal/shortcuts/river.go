package shortcuts

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// River up to 0.3 (river-classic) has no configuration file: it runs a program that sets shortcuts with riverctl, nearly always a
// shell script. This file reads the simple lines of such a script and never runs it. It leaves out commands in loops, conditions and
// functions, and those with words that only a shell can know. Since 0.4, a window manager of its own has the shortcuts.

const (
	riverVars  = 1024 // limit of variables
	riverValue = 4096 // limit of bytes of a word
)

// shells are the interpreters whose language this is, as far as this file understands it.
var shells = []string{"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"}

func readRiver(_ context.Context, p place, f *Found) {
	name := filepath.Join(p.configs[0], "river/init")
	f.Files = append(f.Files, name)
	if st, err := os.Stat(name); err != nil || st.Mode()&0o111 == 0 {
		return // river runs only an executable file
	}
	if text, ok := readStart(name, fileSize); ok {
		riverScript(text, name, f)
	}
}

// A riverBind is a shortcut.
type riverBind struct{ action, origin string }

func riverScript(text, origin string, f *Found) {
	if first, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, "#!") {
		if !slices.ContainsFunc(strings.Fields(first[2:]), func(w string) bool { return slices.Contains(shells, filepath.Base(w)) }) {
			return
		}
	}
	f.Read = true
	binds := map[keys]riverBind{} // a later one with the same keys replaces it
	var order []keys
	s := script{vars: map[string]string{}}
	s.run(text, func(words []word) {
		k, command, ok := riverMap(words)
		if !ok {
			return
		}
		if words[1].text == "unmap" {
			delete(binds, k)
			return
		}
		binds[k] = riverBind{riverAction(command), origin + " riverctl " + joined(words[1:])}
		order = append(order, k)
	})
	for _, k := range order {
		if b := binds[k]; b.action != "" {
			f.set(b.action, b.origin, k)
		}
		delete(binds, k)
	}
}

// riverMap reads "riverctl map [-repeat] [-release] [-layout N] normal Super+Shift Q COMMAND", or the same with unmap.
func riverMap(words []word) (k keys, command []word, ok bool) {
	if len(words) < 2 || filepath.Base(words[0].text) != "riverctl" || words[1].text != "map" && words[1].text != "unmap" {
		return keys{}, nil, false
	}
	words = words[2:]
	match := byTyped
	for len(words) > 0 && strings.HasPrefix(words[0].text, "-") {
		if words[0].text == "-layout" && len(words) > 1 {
			if words[1].text != "0" {
				return keys{}, nil, false // a layout that may not be the active one
			}
			match, words = byFirst, words[1:]
		}
		words = words[1:]
	}
	if len(words) < 3 || words[0].text != "normal" || words[0].unsure || words[1].unsure || words[2].unsure {
		return keys{}, nil, false
	}
	var mods []string
	if words[1].text != "None" {
		mods = strings.Split(words[1].text, "+")
	}
	k, ok = match.read(mods, words[2].text)
	return k, words[3:], ok
}

func riverAction(command []word) string {
	switch text := joined(command); text {
	case "close":
		return "close"
	case "exit":
		return "logout"
	case "toggle-fullscreen":
		return "fullscreen"
	case "focus-view next":
		return "switch-applications"
	case "focus-view previous":
		return "switch-applications-backward"
	default:
		if rest, ok := strings.CutPrefix(text, "spawn "); ok {
			return commandAction(rest)
		}
	}
	return ""
}

func joined(words []word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.text
	}
	return strings.Join(texts, " ")
}

// A word is a word of a command after the shell's quotes and variables.
type word struct {
	text   string
	unsure bool // it contains something that only the shell can know
}

// A script has the state of reading one.
type script struct {
	vars  map[string]string // those with a known value
	rest  string
	depth int  // of loops, conditions and functions
	maybe bool // the command depends on the one before it
}

// certain says whether the current command runs.
func (s *script) certain() bool { return s.depth == 0 && !s.maybe }

// run calls do with each command that runs for sure, as far as the text shows.
func (s *script) run(text string, do func([]word)) {
	s.rest = strings.ReplaceAll(text, "\\\n", " ")
	for s.rest != "" {
		words, end := s.command()
		if len(words) > 0 {
			first := words[0].text
			switch {
			case first == "exit" || first == "exec":
				if s.certain() {
					return
				}
			case slices.Contains([]string{"if", "for", "while", "until", "case", "select", "{", "("}, first):
				s.depth++
			case slices.Contains([]string{"fi", "done", "esac", "}", ")"}, first):
				s.depth = max(s.depth-1, 0)
			case words[len(words)-1].text == "{" && len(words) > 1: // NAME() {
				s.depth++
			case s.assign(words):
			case s.certain() && end != "|":
				do(words)
			}
		}
		s.maybe = end == "&&" || end == "||" || end == "|"
	}
}

// assign notes NAME=VALUE. A variable whose value is not simple, or that has one in a condition or loop, is not known.
func (s *script) assign(words []word) bool {
	if len(words) > 1 && slices.Contains([]string{"export", "readonly", "local", "typeset", "declare"}, words[0].text) {
		words = words[1:]
	}
	all := true
	for _, w := range words {
		name, value, ok := strings.Cut(w.text, "=")
		if !ok || !isName(name) {
			all = false
			break
		}
		if w.unsure || !s.certain() || len(s.vars) >= riverVars {
			delete(s.vars, name)
			continue
		}
		s.vars[name] = value
	}
	return all
}

func isName(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}

// skip passes over the rest of the line.
func (s *script) skip() {
	_, s.rest, _ = strings.Cut(s.rest, "\n")
}

// command reads words up to the end of a command, and returns what ends it.
func (s *script) command() (words []word, end string) {
	var w word
	begun := false
	finish := func() {
		if begun {
			words = append(words, w)
		}
		w, begun = word{}, false
	}
	add := func(text string, sure bool) {
		begun = true
		if len(w.text)+len(text) > riverValue {
			sure, text = false, ""
		}
		w.text += text
		w.unsure = w.unsure || !sure
	}
	for s.rest != "" {
		c := s.rest[0]
		s.rest = s.rest[1:]
		switch {
		case c == '\n' || c == ';':
			finish()
			return words, string(c)
		case c == '&' || c == '|':
			finish()
			if s.rest != "" && s.rest[0] == c {
				s.rest = s.rest[1:]
				return words, string(c) + string(c)
			}
			return words, string(c)
		case c == ' ' || c == '\t' || c == '\r':
			finish()
		case c == '#' && !begun:
			finish()
			s.skip()
			return words, "\n"
		case c == '\\':
			if s.rest != "" {
				add(s.rest[:1], true)
				s.rest = s.rest[1:]
			}
		case c == '\'':
			text, rest, ok := strings.Cut(s.rest, "'")
			add(text, ok)
			s.rest = rest
		case c == '"':
			s.quoted(add)
		case c == '$':
			s.variable(add)
		case c == '`' || c == '*' || c == '?' || c == '~' && !begun || c == '[':
			add(string(c), false)
		case c == '<' && strings.HasPrefix(s.rest, "<"):
			s.document()
			finish()
			return words, "\n"
		default:
			add(string(c), true)
		}
	}
	finish()
	return words, ""
}

// quoted reads up to the closing double quote.
func (s *script) quoted(add func(string, bool)) {
	add("", true)
	for s.rest != "" {
		c := s.rest[0]
		s.rest = s.rest[1:]
		switch {
		case c == '"':
			return
		case c == '\\' && s.rest != "":
			add(s.rest[:1], true)
			s.rest = s.rest[1:]
		case c == '$':
			s.variable(add)
		default:
			add(string(c), c != '`')
		}
	}
	add("", false)
}

// variable reads what follows a dollar: $NAME or ${NAME}. It passes on anything else as it is written.
func (s *script) variable(add func(string, bool)) {
	name, rest := "", ""
	if inside, after, ok := strings.Cut(s.rest, "}"); ok && strings.HasPrefix(inside, "{") {
		name, rest = inside[1:], after
	} else {
		n := strings.IndexFunc(s.rest, func(r rune) bool { return !isName(string(r)) })
		if n < 0 {
			n = len(s.rest)
		}
		name, rest = s.rest[:n], s.rest[n:]
	}
	value, known := s.vars[name]
	if !known {
		add("$", false)
		return
	}
	add(value, true)
	s.rest = rest
}

// document passes over a here-document.
func (s *script) document() {
	line, rest, _ := strings.Cut(strings.TrimPrefix(s.rest, "<"), "\n")
	end, _, _ := strings.Cut(strings.TrimLeft(line, "- \t"), " ")
	end = strings.Trim(end, `'"\;`)
	for rest != "" {
		line, rest, _ = strings.Cut(rest, "\n")
		if strings.TrimSpace(line) == end {
			break
		}
	}
	s.rest = rest
}
