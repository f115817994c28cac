package characters

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// A conf is a desktop's own configuration file, which contains the options of the keyboard layout in one of its lines.
type conf struct {
	file    string                // below the configuration folder
	line    string                // the line to add if none sets options; %s is the options
	section func() *regexp.Regexp // after which to add that line, nil for the end of the file
	// The expressions that find the values: the first group of each.
	layouts, variants, options func() *regexp.Regexp
	// A file that this expression finds can also contain options. Then toshy touches none of them.
	includes func() *regexp.Regexp
	// Finds all lines that name the option, also those that toshy cannot change; nil if options finds all.
	named       func() *regexp.Regexp
	needsLayout bool     // the option alone would take away the layout that the desktop gets from elsewhere
	made        bool     // create the file if it is missing
	comment     string   // what a comment begins with
	some        bool     // values are Rust's Some("...") and None
	reload      []string // the program that makes the desktop read the file again, nil if it watches the file
}

// pattern is a regular expression that is compiled when first used, so that the daemon does not compile any.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// setting finds the value after the match of the expression "before", with or without quotes.
func setting(before string) func() *regexp.Regexp {
	return pattern(`(?m)^[ \t]*` + before + `("[^"\n]*"|'[^'\n]*'|[^\s#"';]*)`)
}

var sway = conf{
	comment: "# ", file: "sway/config", line: "input type:keyboard xkb_options %s",
	layouts: swaySetting("layout"), variants: swaySetting("variant"), options: swaySetting("options"),
	includes: pattern(`(?m)^[ \t]*include[ \t]+([^\n]*)`),
	reload:   []string{"swaymsg", "reload"},
}

func swaySetting(name string) func() *regexp.Regexp {
	return setting(`(?:input[ \t]+\S+[ \t]+(?:\{[ \t]*)?)?xkb_` + name + `[ \t]+`)
}

var labwc = conf{
	comment: "# ", file: "labwc/environment", line: "XKB_DEFAULT_OPTIONS=%s",
	layouts: setting(`XKB_DEFAULT_LAYOUT=`), variants: setting(`XKB_DEFAULT_VARIANT=`), options: setting(`XKB_DEFAULT_OPTIONS=`),
	made: true, reload: []string{"labwc", "--reconfigure"},
}

// budgieLabwc is the file that Budgie writes for labwc. It has no line for variants: they are in parentheses behind their layouts.
var budgieLabwc = conf{
	file: "budgie-desktop/labwc/environment", made: true,
	layouts: setting(`XKB_DEFAULT_LAYOUT=`), options: setting(`XKB_DEFAULT_OPTIONS=`),
}

var wayfire, wayfireFolder = wayfireIn("wayfire.ini"), wayfireIn("wayfire/wayfire.ini")

func wayfireIn(file string) conf {
	return conf{
		comment: "# ", file: file, line: "xkb_options = %s", section: pattern(`(?m)^\[input\][ \t]*\n`),
		layouts: setting(`xkb_layout[ \t]*=[ \t]*`), variants: setting(`xkb_variant[ \t]*=[ \t]*`), options: setting(`xkb_options[ \t]*=[ \t]*`),
	}
}

var hyprland = conf{
	comment: "# ", file: "hypr/hyprland.conf", line: "input:kb_options = %s",
	layouts: hyprSetting("layout"), variants: hyprSetting("variant"), options: hyprSetting("options"),
	includes: pattern(`(?m)^[ \t]*source[ \t]*=[ \t]*([^\n]*)`),
}

func hyprSetting(name string) func() *regexp.Regexp {
	return setting(`(?:input[ \t]*\{[ \t]*|input:)?kb_` + name + `[ \t]*=[ \t]*`)
}

// hyprlandLua is the file of Hyprland from version 0.55 on.
var hyprlandLua = conf{
	comment: "-- ", file: "hypr/hyprland.lua", line: `hl.config({ input = { kb_options = "%s" } })`,
	layouts: luaSetting("layout"), variants: luaSetting("variant"), options: luaSetting("options"),
	named:    pattern(`(?m)^(?:[^-\n]|-[^-\n])*\bkb_options\b`),
	includes: pattern(`(?m)^[ \t]*(?:[\w. ]+=[ \t]*)?require[ \t]*\(?[ \t]*("[^"\n]*"|'[^'\n]*')`),
}

func luaSetting(name string) func() *regexp.Regexp {
	return pattern(`(?m)^(?:[^-\n]|-[^-\n])*\bkb_` + name + `[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*')`)
}

// niri takes the layout from the system's settings (locale1) if its file sets nothing in xkb.
var niri = conf{
	comment: "// ", file: "niri/config.kdl", line: `options "%s"`, section: pattern(`(?m)^[ \t]*xkb[ \t]*\{[ \t]*\n`), needsLayout: true,
	layouts: niriSetting("layout"), variants: niriSetting("variant"), options: niriSetting("options"),
	named:    pattern(`(?m)(?:^|[{;])[ \t]*options[ \t]`),
	includes: pattern(`(?m)^[ \t]*include[ \t]+(?:optional=\w+[ \t]+)?("[^"\n]*")`),
}

func niriSetting(name string) func() *regexp.Regexp {
	return pattern(`(?m)^[ \t]*` + name + `[ \t]+("[^"\n]*")`)
}

// cosmic's file is one of Rust's object notation (RON) with all keys.
var cosmic = conf{
	file: "cosmic/com.system76.CosmicComp/v1/xkb_config", some: true,
	layouts: ronSetting("layout", `"[^"\n]*"`), variants: ronSetting("variant", `"[^"\n]*"`), options: ronSetting("options", `None|Some\([ \t]*"[^"\n]*"[ \t]*\)`),
	named: pattern(`\boptions[ \t]*:`),
}

func ronSetting(name, value string) func() *regexp.Regexp {
	return pattern(`(?m)(?:^|[(,])[ \t]*` + name + `[ \t]*:[ \t]*(` + value + `)`)
}

// inFile is the place for a desktop that keeps the options in a text file of the user. If several are given, it is the first
// that exists, or the last.
func inFile(name string, files ...conf) *Place {
	read := func() (c conf, text, path string, err error) {
		for _, c = range files {
			var there bool
			if there, text, path, err = c.read(); there {
				break
			}
		}
		return c, text, path, err
	}
	return &Place{
		Name: name,
		get: func(context.Context, Run) (Layout, error) {
			c, text, _, err := read()
			if err != nil {
				return Layout{}, err
			}
			return Layout{Layouts: c.value(c.layouts, text), Variants: c.value(c.variants, text), Options: c.value(c.options, text)}, nil
		},
		set: func(ctx context.Context, run Run, options string) error {
			c, text, path, err := read()
			if err != nil {
				return err
			}
			edited, err := c.edit(text, options)
			if err != nil {
				return fmt.Errorf("%s %w", path, err)
			}
			if err := c.write(path, edited); err != nil {
				return err
			}
			if c.reload == nil {
				return nil
			}
			_, err = run(ctx, c.reload...)
			return err
		},
	}
}

// value is the last value that an expression finds, because later lines of such a file replace earlier ones.
func (c *conf) value(e func() *regexp.Regexp, text string) string {
	all := e().FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return ""
	}
	v := all[len(all)-1][1]
	if c.some {
		if v == "None" {
			return ""
		}
		v = strings.Trim(strings.TrimSuffix(strings.TrimPrefix(v, "Some("), ")"), " \t")
	}
	return strings.Trim(v, `"'`)
}

// read returns the text of the file and its path, and whether it exists. It refuses a file that it cannot change with certainty.
func (c *conf) read() (there bool, text, path string, err error) {
	home, err := NewHome()
	if err != nil {
		return there, "", "", err
	}
	path = filepath.Join(home.Config, c.file)
	_, err = os.Lstat(path)
	there = err == nil
	text, err = readOwn(path)
	switch {
	case err != nil:
		return there, "", "", err
	case text == "" && !c.made:
		return there, "", "", fmt.Errorf("there is no %s to write the option into", path)
	case len(c.options().FindAllString(text, 2)) > 1:
		return there, "", "", fmt.Errorf("%s sets the options in more than one place", path)
	case c.named != nil && len(c.named().FindAllString(text, -1)) > len(c.options().FindAllString(text, -1)):
		return there, "", "", fmt.Errorf("%s sets the options in a way that toshy cannot change", path)
	}
	if c.includes != nil {
		for _, m := range c.includes().FindAllStringSubmatch(text, -1) {
			for _, other := range c.included(strings.TrimSpace(m[1]), path) {
				switch b, err := readOwn(other); {
				case err != nil:
				case c.options().MatchString(b) || c.named != nil && c.named().MatchString(b):
					return there, "", "", fmt.Errorf("%s sets the options, and %s includes it", other, path)
				case c.needsLayout && c.layouts().MatchString(b):
					return there, "", "", fmt.Errorf("%s sets the layout, and %s includes it", other, path)
				}
			}
		}
	}
	if c.needsLayout && c.value(c.layouts, text) == "" {
		return there, "", "", fmt.Errorf("%s sets no layout, so yours comes from the system's settings, and would be lost if only the options were set there: write layout \"us\" (or your own) into input { keyboard { xkb { } } } first", path)
	}
	return there, text, path, nil
}

// readOwn reads one of the user's files and follows links. The text of a file that does not exist is "".
func readOwn(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular() || info.Size() > maxFile:
		return "", fmt.Errorf("%s is not a text file of at most %d bytes", path, maxFile)
	}
	b, err := os.ReadFile(path)
	return string(b), err
}

// included are the files that a line of the file at path includes.
func (c *conf) included(pattern, path string) []string {
	pattern = strings.Trim(os.ExpandEnv(pattern), `"'`)
	if strings.HasSuffix(c.file, ".lua") { // the name of a module
		pattern = strings.ReplaceAll(pattern, ".", "/") + ".lua"
	}
	if rest, ok := strings.CutPrefix(pattern, "~/"); ok {
		home, _ := os.UserHomeDir()
		pattern = filepath.Join(home, rest)
	}
	if !filepath.IsAbs(pattern) {
		pattern = filepath.Join(filepath.Dir(path), pattern)
	}
	all, _ := filepath.Glob(pattern) // an invalid pattern includes nothing
	return all[:min(len(all), maxFolder)]
}

// write replaces the file in one step. If the path is a link, it replaces the target.
func (c *conf) write(path, text string) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if text == "" {
		return removed(path)
	}
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	return putFile(path, text, mode)
}

// The comments around a line that toshy adds.
const (
	confBegin = "toshy characters: begin\n"
	confEnd   = "toshy characters: end\n"

	inputSection = "[input]\n"
)

func (c *conf) block(line string) string { return c.comment + confBegin + line + c.comment + confEnd }

// edit sets the options: in the line that sets them, or else in our own line, which is removed once it is empty.
func (c *conf) edit(text, options string) (string, error) {
	before, rest, _ := strings.Cut(text, c.comment+confBegin)
	if line, after, ok := strings.Cut(rest, c.comment+confEnd); ok && options == "" {
		if own := c.ownLine(c.value(c.options, line)); line == own || line == inputSection+own {
			return before + after, nil
		}
	}
	if at := c.options().FindStringSubmatchIndex(text); at != nil {
		old, quote := text[at[2]:at[3]], ""
		if old != "" && (old[0] == '"' || old[0] == '\'') {
			quote = old[:1]
		}
		value := quote + options + quote
		switch {
		case c.some && options == "":
			value = "None"
		case c.some:
			value = `Some("` + options + `")`
		}
		return text[:at[2]] + value + text[at[3]:], nil
	}
	if options == "" {
		return text, nil
	}
	if c.line == "" {
		return "", errors.New("has no line that sets the options")
	}
	own := c.ownLine(options)
	if c.section != nil {
		if at := c.section().FindStringIndex(text); at != nil {
			return text[:at[1]] + c.block(own) + text[at[1]:], nil
		}
		if c.needsLayout {
			return "", errors.New("has no section for the options on lines of its own")
		}
		own = inputSection + own
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text + c.block(own), nil
}

func (c *conf) ownLine(options string) string { return fmt.Sprintf(c.line, options) + "\n" }
