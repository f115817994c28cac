package sim

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// A Script is a parsed scenario.
type Script struct {
	File    string   // as given to Parse, for messages
	Lines   []string // the source
	Input   []Step
	Want    []Step // expected output
	HasWant bool   // there was a line ---, even if Want is empty
}

// A Machine is what a script says about the machine for which the configuration is read. It applies to the whole script.
type Machine struct {
	Facts     map[string]string // by the names in conditions: host, distro, desktop_version
	Shortcuts map[string]string // of the desktop, by action
}

// Machine is what the script says about its machine. If it says the same thing twice, the later statement is used.
func (s *Script) Machine() (m Machine) {
	put := func(to *map[string]string, name, value string) {
		if *to == nil {
			*to = make(map[string]string)
		}
		(*to)[name] = value
	}
	for i := range s.Input {
		switch x := &s.Input[i]; x.Kind {
		case Host, Distro, DesktopVersion:
			put(&m.Facts, byKind[x.Kind].word, x.Text)
		case Shortcut:
			put(&m.Shortcuts, x.Name, x.Text)
		}
	}
	return m
}

// Empty says whether the script says nothing about its machine.
func (m Machine) Empty() bool { return m.Facts == nil && m.Shortcuts == nil }

// An Error is one mistake in a script.
type Error struct {
	File         string
	Line, Column int    // from 1; the column counts characters
	Message      string // what is wrong and what was expected
	Hint         string // the nearest right word; may be empty
	Source       string // the whole line
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	if e.Hint != "" {
		s += fmt.Sprintf("; did you mean %q?", e.Hint)
	}
	return s
}

// Excerpt is the line with a caret below the mistake. Of a long line, it is the part around the mistake. It contains
// nothing that a terminal would interpret.
func (e *Error) Excerpt() string {
	const most, before = 110, 40 // characters
	line := []rune(e.Source)
	column := min(e.Column-1, len(line))
	from := 0
	if len(line) > most {
		from = max(0, min(column-before, len(line)-most))
		line = line[:from+most]
	}
	line, column = line[from:], column-from
	margin := make([]rune, column)
	for i, r := range line {
		if r != '\t' && !strconv.IsPrint(r) {
			r = utf8.RuneError
			line[i] = r
		}
		if i < column {
			margin[i] = ' '
			if r == '\t' {
				margin[i] = '\t'
			}
		}
	}
	return string(line) + "\n" + string(margin) + "^"
}
