// Package config reads the configuration language, TOML, and makes a remap.Program of it.
//
// Reading has several steps. Each continues after a mistake, so that one run finds all mistakes. A file becomes a tree of
// values with places (document.go, index.go, scan.go). Files that include and extend each other become a list in order of
// priority (load.go). That list becomes a program (build.go and the files beside it, one per section of the language).
// docs/CONFIG.md is the reference of the language.
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
	Daemon    Daemon         // in effect only in the administrator's configuration
	Modifiers []ModifierName // those of extended files first
	modifiers map[string]key.Mod
	// PanicChords are the physical keys that give the keyboards back when they are down together; nil: the configuration
	// names none. No list and no chord is empty.
	PanicChords [][]key.Code
	Actions     map[string]*DesktopAction
	Words       []Words     // the first one with the combo whose condition is true is used
	Groups      []GroupInfo // of [groups], those of the user's files first
	Warnings    []Problem

	// Files are the files that were read, the user's first, without those of the built-in configuration. Patterns are the
	// globs of their includes. If any of them changes, read the configuration again.
	Files    []string
	Patterns []string
	// Texts is the content of Files, enough to read the configuration again elsewhere.
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

// Modifier is the modifier that a word means because of [modifiers], also for its other spellings (key.Spellings), ignoring
// case. Built-in meanings of words are not included.
func (c *Config) Modifier(word string) (key.Mod, bool) {
	return key.Fold(c.modifiers, word)
}

// A ModifierName is a name of [modifiers].
type ModifierName struct {
	Name string
	Mod  key.Mod
}

// Options say how to read a configuration.
type Options struct {
	// Files is the source of the files; nil: Disk.
	Files Files
	// Extends is what the first file builds on if it does not say; "": "mac".
	Extends string
	// Facts are facts about the machine that conditions can test and that do not change while the program runs: "host",
	// "distro", "desktop_version", "machine" (who made the computer). A missing fact is an empty text.
	Facts map[string]string
	// Actions are the running desktop's shortcuts for the actions of ActionNames, written as combos ("Alt-Space", "Super");
	// "": it has none. If an action is missing, the rules of [action.NAME] decide.
	Actions map[string]string
	// Quiet only looks for errors, which is faster. A built-in configuration then comes from its snapshot.
	Quiet bool
	// Context stops the reading early when it is done; nil: never. Reading is bounded anyway; the context is for callers
	// that must not wait on a slow machine.
	Context context.Context
}

// factNames are the facts in conditions.
var factNames = []string{"host", "distro", "desktop_version", "machine"}

// Load reads the configuration in a file. An error is an *Error with every problem found.
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

// read reads the files and builds the program.
func read(opts Options, files func(*loader)) (*Config, error) {
	return newBuilder(newLoader(opts)).read(files)
}

// read is read for callers that need the builder afterwards.
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
