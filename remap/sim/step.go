package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// Kind says what a Step is.
type Kind uint8

// Kinds of steps. docs/USAGE.md says what each means in a script.
const (
	Comment Kind = iota // a line that begins with #
	Key                 // a key event
	Wait                // time that passes
	Rel                 // motion or a wheel
	App
	Title
	Exe
	Desktop
	Session
	Categories
	Device
	Keyboard
	Unplug
	CapsLock
	NumLock
	Set
	Pointer
	Passthrough
	Types
	ReleaseAll
	Reload
	Layout
	Host
	Distro
	DesktopVersion
	Shortcut
	Command
	Notify
	Action
	Eject
	Dump
	Refused
	Typed
)

// A Step is one event or statement of a script. Kind decides which fields are used.
type Step struct {
	Kind  Kind
	Code  key.Code      // Key; the axis of Rel
	Value int32         // Key: remap.Press, ...; Rel: the amount
	Wait  time.Duration // Wait
	On    bool          // CapsLock, NumLock, Passthrough, Types
	Name  string        // Set: the variable
	Text  string        // the text, the name or the value
	Args  []string      // Command

	Line, Column int // its place, from 1; 0 in output
}

// same says whether two steps mean the same, wherever they are.
func (s Step) same(t Step) bool {
	return s.Kind == t.Kind && s.Code == t.Code && s.Value == t.Value && s.Wait == t.Wait && s.On == t.On &&
		s.Name == t.Name && s.Text == t.Text && slices.Equal(s.Args, t.Args)
}

// argument is the kind of text after a statement's word.
type argument uint8

const (
	noArgument argument = iota
	text                // the rest of the line, may be empty
	name                // the rest of the line, not empty
	onOff
	nameValue
	axisValue
	arguments
	all // the word "all"
)

// side says where a statement may be used.
type side uint8

const (
	inInput side = 1 << iota
	inWant
	inBoth = inInput | inWant
)

type statement struct {
	word     string
	kind     Kind
	argument argument
	side     side
	expected string // what should follow the word, for messages
}

var statements = []statement{
	{"app", App, text, inInput, "an application class"},
	{"title", Title, text, inInput, "a window title"},
	{"exe", Exe, text, inInput, "the path of a program"},
	{"desktop", Desktop, text, inInput, "the name of a desktop"},
	{"session", Session, text, inInput, "x11 or wayland"},
	{"categories", Categories, text, inInput, "categories of the application"},
	{"device", Device, name, inInput, "the name of a keyboard"},
	{"keyboard", Keyboard, name, inInput, "a type of keyboard"},
	{"unplug", Unplug, noArgument, inInput, "nothing"},
	{"capslock", CapsLock, onOff, inInput, "on or off"},
	{"numlock", NumLock, onOff, inInput, "on or off"},
	{"set", Set, nameValue, inBoth, "a setting and its value"},
	{"pointer", Pointer, noArgument, inInput, "nothing"},
	{"passthrough", Passthrough, onOff, inInput, "on or off"},
	{"types", Types, onOff, inInput, "on or off"},
	{"release", ReleaseAll, all, inInput, `the word "all"`},
	{"reload", Reload, name, inInput, "the name of a configuration"},
	{"layout", Layout, name, inInput, "the name of a keyboard layout"},
	{"host", Host, text, inInput, "the name of a machine"},
	{"distro", Distro, text, inInput, "the name of a distribution"},
	{"desktop_version", DesktopVersion, text, inInput, "a version of the desktop"},
	{"shortcut", Shortcut, nameValue, inInput, "an action of the desktop and its shortcut"},
	{"rel", Rel, axisValue, inBoth, "an axis and a number"},
	{"run", Command, arguments, inWant, "a command with its arguments"},
	{"notify", Notify, text, inWant, "a text"},
	{"action", Action, name, inWant, "the name of an action"},
	{"eject", Eject, noArgument, inWant, "nothing"},
	{"dump", Dump, noArgument, inWant, "nothing"},
	{"refused", Refused, text, inWant, "a text"},
	{"typed", Typed, text, inWant, "a text"},
}

var (
	byWord = make(map[string]*statement, len(statements))
	byKind = make(map[Kind]*statement, len(statements))
)

func init() {
	for i := range statements {
		byWord[statements[i].word] = &statements[i]
		byKind[statements[i].kind] = &statements[i]
	}
}

// axes are the relative axes by name, REL_* of linux/input-event-codes.h without the prefix.
var axes = []string{0: "x", 1: "y", 2: "z", 3: "rx", 4: "ry", 5: "rz", 6: "hwheel", 7: "dial", 8: "wheel", 9: "misc", 11: "wheel_hi_res", 12: "hwheel_hi_res"}

func axisName(c key.Code) string {
	if int(c) < len(axes) && axes[c] != "" {
		return axes[c]
	}
	return "code_" + strconv.Itoa(int(c))
}

// keyName is a name of a key that parses as that key everywhere in a script.
func keyName(c key.Code) string {
	n := c.String()
	if _, taken := byWord[n]; taken && c != key.CapsLock && c != key.NumLock {
		return "key_" + n
	}
	return n
}

var keyWords = [...]string{remap.Release: "up", remap.Press: "down", remap.Repeat: "repeat"}

const keySigns = "-+~" // by value

// String is the step as a line of a script.
func (s Step) String() string {
	switch s.Kind {
	case Comment:
		return "# " + s.Text
	case Key:
		return keyName(s.Code) + " " + keyWords[s.Value]
	case Wait:
		return waitText(s.Wait)
	case Rel:
		return "rel " + axisName(s.Code) + " " + strconv.Itoa(int(s.Value))
	}
	st := byKind[s.Kind]
	switch st.argument {
	case noArgument:
		return st.word
	case all:
		return st.word + " all"
	case onOff:
		if s.On {
			return st.word + " on"
		}
		return st.word + " off"
	case nameValue:
		return st.word + " " + quote(s.Name, true) + " " + quote(s.Text, true)
	case arguments:
		var b strings.Builder
		b.WriteString(st.word)
		for _, a := range s.Args {
			b.WriteByte(' ')
			b.WriteString(quote(a, true))
		}
		return b.String()
	}
	return strings.TrimRight(st.word+" "+quote(s.Text, false), " ")
}

// waitText is a duration without zero parts: 2m, not 2m0s.
func waitText(d time.Duration) string {
	s := d.String()
	if short, ok := strings.CutSuffix(s, "m0s"); ok {
		s = short + "m"
	}
	if short, ok := strings.CutSuffix(s, "h0m"); ok {
		s = short + "h"
	}
	return s
}

// compact is the step as part of a row, false if it needs its own line.
func (s Step) compact() (string, bool) {
	switch s.Kind {
	case Key:
		return keySigns[s.Value:s.Value+1] + keyName(s.Code), true
	case Wait:
		return waitText(s.Wait), true
	}
	return "", false
}

// quote puts text in quotes if it would not parse without: a word also if it is empty or contains a blank.
func quote(s string, word bool) string {
	plain := strings.TrimSpace(s) == s && !strings.HasPrefix(s, `"`) && !strings.HasPrefix(s, "#") && !strings.Contains(s, " #")
	for _, r := range s {
		plain = plain && strconv.IsPrint(r)
	}
	if word {
		plain = plain && s != "" && !strings.ContainsAny(s, ` "`)
	}
	if plain {
		return s
	}
	return strconv.Quote(s)
}

// Format prints steps, one per line.
func Format(steps []Step) string {
	var b strings.Builder
	for _, s := range steps {
		b.WriteString(s.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// Compact prints steps in rows: consecutive events in one line, statements and effects in lines of their own.
func Compact(steps []Step) string {
	var b strings.Builder
	inRow := false
	for _, s := range steps {
		word, ok := s.compact()
		switch {
		case !ok && inRow:
			b.WriteString("\n" + s.String() + "\n")
		case !ok:
			b.WriteString(s.String() + "\n")
		case inRow:
			b.WriteString(" " + word)
		default:
			b.WriteString(word)
		}
		inRow = ok
	}
	if inRow {
		b.WriteByte('\n')
	}
	return b.String()
}
