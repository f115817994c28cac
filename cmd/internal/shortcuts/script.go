package shortcuts

import (
	"slices"
	"strings"
)

const (
	scriptVars = 1024 // limit of variables
	scriptWord = 4096 // limit of bytes of a word
)

// A word is a word of a command after the shell's quotes and variables.
type word struct {
	text   string
	unsure bool // it contains something that only the shell can know
}

// A script is a shell script whose simple commands are read. It leaves out commands in loops, conditions and functions; words that only
// a shell can know are unsure.
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
		if w.unsure || !s.certain() || len(s.vars) >= scriptVars {
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
		if len(w.text)+len(text) > scriptWord {
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
