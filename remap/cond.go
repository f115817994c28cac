package remap

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"toshy/remap/key"
)

// CondOp is the operation of a Cond.
type CondOp uint8

const (
	CondConst  CondOp = iota // Value != 0
	CondAll                  // all of Kids; true if there are none
	CondAny                  // any of Kids; false if there are none
	CondNot                  // not Kids[0]
	CondGroup                // Program.Groups[Var]
	CondVar                  // Program.Vars[Var] has the value Value
	CondLayer                // layer Value is on
	CondHeld                 // the physical key Value is down; the key being decided does not count
	CondLast                 // the physical key Value was the last one
	CondLock                 // the lock named by Field is on, or the layout has a third level
	CondEqual                // Field is one of Strings, without regard to case when Fold
	CondMatch                // Regexp is found in Field
	CondPrefix               // Field begins with Strings[0]
	CondSuffix               // Field ends with Strings[0]
	CondWithin               // Strings[0] is found in Field
)

// Field is a fact that a condition reads.
type Field uint8

const (
	FieldApp Field = iota
	FieldTitle
	FieldExe
	FieldDevice   // name of the keyboard
	FieldKeyboard // its type: "apple", "windows", ...
	FieldDesktop
	FieldSession
	FieldCategories // as CategoryList writes them
	FieldCapsLock
	FieldNumLock
	FieldLevel3 // whether the layout needs AltGr for some character
	numFields
)

var fieldNames = [...]string{"app", "title", "exe", "device", "keyboard", "desktop", "session", "categories", "capslock", "numlock", "level3"}

func (f Field) String() string { return fieldNames[f] }

// A Cond is a condition as a tree. While the window is not known, its fields are empty: a rule that asks for an application
// does not match, and a rule that excludes an application does.
type Cond struct {
	Op      CondOp
	Kids    []*Cond
	Field   Field
	Strings []string
	Regexp  *regexp.Regexp
	Fold    bool
	Var     int
	Value   int32
	Source  string // the part of the expression as written, for explain
	Column  int    // where it begins in the expression, from 1
}

// Window is what conditions can read about the focused window and the session.
type Window struct {
	App, Title, Exe  string
	Desktop, Session string
	Categories       string // of the application, as CategoryList writes them

	answers *answers // see Compiled.Search; may be nil
}

// Device is what conditions can read about a keyboard.
type Device struct {
	Name     string
	Keyboard string // its type
	CapsLock bool
	NumLock  bool
	Debounce time.Duration // how long its switches may chatter; at most LongestDebounce

	answers *answers // see Compiled.SearchDevice; may be nil
}

// env is everything that a condition reads.
type env struct {
	window  *Window
	device  *Device
	vars    []int32
	layers  []bool
	held    []key.Code // the held keys that conditions ask about
	last    key.Code
	level3  bool
	groups  []bool // filled in order: a group reads only earlier groups
	program *Program
}

// eval evaluates the condition; nil is true. It allocates nothing.
func (c *Cond) eval(v *env) bool {
	if c == nil {
		return true
	}
	switch c.Op {
	case CondConst:
		return c.Value != 0
	case CondAll:
		for _, k := range c.Kids {
			if !k.eval(v) {
				return false
			}
		}
		return true
	case CondAny:
		for _, k := range c.Kids {
			if k.eval(v) {
				return true
			}
		}
		return false
	case CondNot:
		return !c.Kids[0].eval(v)
	case CondGroup:
		return v.groups[c.Var]
	case CondVar:
		return v.vars[c.Var] == c.Value
	case CondLayer:
		return v.layers[c.Value]
	case CondHeld:
		return slices.Contains(v.held, key.Code(c.Value))
	case CondLast:
		return v.last == key.Code(c.Value)
	case CondLock:
		switch c.Field {
		case FieldCapsLock:
			return v.device.CapsLock
		case FieldNumLock:
			return v.device.NumLock
		}
		return v.level3
	}
	s := v.field(c.Field)
	switch c.Op {
	case CondEqual:
		for _, want := range c.Strings {
			if s == want || c.Fold && strings.EqualFold(s, want) {
				return true
			}
		}
		return false
	case CondMatch, CondWithin:
		known := v.window.answers
		if c.Field == FieldDevice || c.Field == FieldKeyboard {
			known = v.device.answers
		}
		if yes, is := known.to(c, s); is {
			return yes
		}
		what, _ := c.search()
		return what.in(s)
	case CondPrefix:
		return strings.HasPrefix(s, c.Strings[0]) || c.Fold && len(s) >= len(c.Strings[0]) && strings.EqualFold(s[:len(c.Strings[0])], c.Strings[0])
	case CondSuffix:
		return strings.HasSuffix(s, c.Strings[0]) || c.Fold && len(s) >= len(c.Strings[0]) && strings.EqualFold(s[len(s)-len(c.Strings[0]):], c.Strings[0])
	}
	return false
}

// containsFold is strings.Contains that ignores case.
func containsFold(s, part string) bool {
	for i := 0; i+len(part) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

func (v *env) field(f Field) string {
	switch f {
	case FieldApp:
		return v.window.App
	case FieldTitle:
		return v.window.Title
	case FieldExe:
		return v.window.Exe
	case FieldDevice:
		return v.device.Name
	case FieldKeyboard:
		return v.device.Keyboard
	case FieldDesktop:
		return v.window.Desktop
	case FieldSession:
		return v.window.Session
	case FieldCategories:
		return v.window.Categories
	}
	return ""
}
