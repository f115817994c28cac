// Package config reads the configuration language, TOML, and makes a remap.Program of it.
//
// Reading goes in steps, and each step goes on after a mistake, so that one run names them all:
// a file becomes a tree of values with places (document.go, index.go, scan.go), files that include and
// extend each other become a list in order of precedence (load.go), and that list becomes a program
// (build.go and the files beside it, one section of the language each). docs/CONFIG.md is the
// reference of the language.
package config

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"toshy/remap"
	"toshy/remap/key"
)

// A Config is a configuration ready for use.
type Config struct {
	Program   *remap.Program
	Settings  []Setting      // in order of their declaration
	Keyboards []KeyboardRule // see KeyboardType
	Devices   Devices
	Daemon    Daemon         // of the administrator's configuration
	Modifiers []ModifierName // those of extended files first
	modifiers map[string]key.Mod
	// PanicChords are the physical keys that give the keyboards back when they are down together; nil:
	// the configuration names none. There is never an empty list or chord.
	PanicChords [][]key.Code
	Actions     map[string]*DesktopAction
	Words       []Words     // the first one that has the combo and whose condition is true is used
	Groups      []GroupInfo // of [groups], those of the user's files first
	Warnings    []Problem

	// Files are the files that were read, the user's first; without those of the built-in
	// configuration. Patterns are the globs of their includes. A change of any calls for a reload.
	Files    []string
	Patterns []string
	// Texts is the content of Files: enough to read the configuration again elsewhere.
	Texts Texts
}

// A Setting is a switch that conditions read and users change while the program runs.
type Setting struct {
	Name        string // without "settings."
	Description string
	Values      []string // allowed values; a boolean has "false", "true"
	Bool        bool
	Default     string // as declared
	Needs       string // the setting without which this one is false; "": none
	Value       string // as the configuration sets it, else Default
	Var         int    // index into Program.Vars
}

// Modifier is the modifier that a word means by [modifiers], or one of its other spellings (key.Spellings), without regard to case.
// The built-in meanings of words are not among them.
func (c *Config) Modifier(word string) (key.Mod, bool) {
	return key.Fold(c.modifiers, word)
}

// A ModifierName is a name of [modifiers].
type ModifierName struct {
	Name string
	Mod  key.Mod
}

// Options say how a configuration is read.
type Options struct {
	// Files is where files come from; nil: Disk.
	Files Files
	// Extends is what the first file builds on when it does not say; "": "mac".
	Extends string
	// Facts are what conditions may ask about the machine that does not change while the program
	// runs: "host", "distro", "desktop_version", "machine" (who made the computer). One that is missing is the empty text.
	Facts map[string]string
	// Actions are the shortcuts that the running desktop has for what ActionNames lists, in the notation
	// of combos ("Alt-Space", "Super"); "": it has none. The rules of [action.NAME] count for one that is missing.
	Actions map[string]string
	// Quiet looks for errors only, which is quicker. A built-in configuration then comes from its snapshot.
	Quiet bool
	// Context ends the reading early when it ends; nil: never. What is read is bounded anyway; this is for who must not
	// wait on a slow machine.
	Context context.Context
}

// factNames are the facts that conditions know.
var factNames = []string{"host", "distro", "desktop_version", "machine"}

// Load reads the configuration in a file. An error is an *Error and holds every problem found.
func Load(path string, opts Options) (*Config, error) {
	return read(opts, func(l *loader) { l.open(path, span{}) })
}

// Parse reads a configuration from its text; includes are relative to name.
func Parse(name string, data []byte, opts Options) (*Config, error) {
	return read(opts, func(l *loader) { l.text(name, data, false) })
}

// Builtin reads a built-in configuration: "mac", "mac-minimal", "windows", or "none" for one that maps nothing.
func Builtin(name string, opts Options) (*Config, error) {
	if opts.Quiet && slices.Contains(builtinNames(), name) {
		return fromSnapshot(name, opts)
	}
	return read(opts, func(l *loader) {
		if name != "none" && !l.builtin(name) {
			l.ps.error(span{src: &source{name: name}}, didYouMean(name, append(builtinNames(), "none")), "there is no built-in configuration %q", name)
		}
	})
}

// read reads the files and builds the program of them.
func read(opts Options, files func(*loader)) (*Config, error) {
	return newBuilder(newLoader(opts)).read(files)
}

// read is the function of that name, for those who want to know more of the program.
func (b *builder) read(files func(*loader)) (*Config, error) {
	l, opts := b.loader, b.opts
	func() {
		defer func() {
			if r := recover(); r != nil && r != errStop {
				panic(r)
			}
		}()
		files(l)
		b.build()
	}()
	list := l.ps.sorted(l.read)
	if opts.Context != nil && opts.Context.Err() != nil {
		return nil, fmt.Errorf("the configuration was not read to its end: %w", context.Cause(opts.Context))
	}
	if l.ps.errors > 0 {
		return nil, &Error{list}
	}
	c := b.config
	c.modifiers = b.modifiers
	c.Groups = b.groupInfos()
	for _, n := range b.modNames {
		if m, ok := b.modifiers[strings.ToLower(n)]; ok {
			c.Modifiers = append(c.Modifiers, ModifierName{n, m})
		}
	}
	c.Warnings = list
	c.Files, c.Patterns, c.Texts = l.files, l.patterns, l.texts
	return c, nil
}
