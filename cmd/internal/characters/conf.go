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
	made     bool     // create the file if it is missing
	reload   []string // the program that makes the desktop read the file again, nil if it watches the file
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
	file: "sway/config", line: "input type:keyboard xkb_options %s",
	layouts: swaySetting("layout"), variants: swaySetting("variant"), options: swaySetting("options"),
	includes: pattern(`(?m)^[ \t]*include[ \t]+([^\n]*)`),
	reload:   []string{"swaymsg", "reload"},
}

func swaySetting(name string) func() *regexp.Regexp {
	return setting(`(?:input[ \t]+\S+[ \t]+(?:\{[ \t]*)?)?xkb_` + name + `[ \t]+`)
}

var labwc = conf{
	file: "labwc/environment", line: "XKB_DEFAULT_OPTIONS=%s",
	layouts: setting(`XKB_DEFAULT_LAYOUT=`), variants: setting(`XKB_DEFAULT_VARIANT=`), options: setting(`XKB_DEFAULT_OPTIONS=`),
	made: true, reload: []string{"labwc", "--reconfigure"},
}

var wayfire = conf{
	file: "wayfire.ini", line: "xkb_options = %s", section: pattern(`(?m)^\[input\][ \t]*\n`),
	layouts: setting(`xkb_layout[ \t]*=[ \t]*`), variants: setting(`xkb_variant[ \t]*=[ \t]*`), options: setting(`xkb_options[ \t]*=[ \t]*`),
}

var hyprland = conf{
	file: "hypr/hyprland.conf", line: "input:kb_options = %s",
	layouts: hyprSetting("layout"), variants: hyprSetting("variant"), options: hyprSetting("options"),
	includes: pattern(`(?m)^[ \t]*source[ \t]*=[ \t]*([^\n]*)`),
}

func hyprSetting(name string) func() *regexp.Regexp {
	return setting(`(?:input[ \t]*\{[ \t]*|input:)?kb_` + name + `[ \t]*=[ \t]*`)
}

// inFile is the place for a desktop that keeps the options in a text file of the user.
func inFile(name string, c conf) *Place {
	return &Place{
		Name: name,
		get: func(context.Context, Run) (Layout, error) {
			text, _, err := c.read()
			if err != nil {
				return Layout{}, err
			}
			return Layout{Layouts: value(c.layouts, text), Variants: value(c.variants, text), Options: value(c.options, text)}, nil
		},
		set: func(ctx context.Context, run Run, options string) error {
			text, path, err := c.read()
			if err != nil {
				return err
			}
			if err := c.write(path, c.edit(text, options)); err != nil {
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
func value(e func() *regexp.Regexp, text string) string {
	all := e().FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return ""
	}
	return strings.Trim(all[len(all)-1][1], `"'`)
}

// read returns the text of the file and its path. It refuses a file that it cannot change with certainty.
func (c *conf) read() (text, path string, err error) {
	home, err := NewHome()
	if err != nil {
		return "", "", err
	}
	path = filepath.Join(home.Config, c.file)
	text, err = readOwn(path)
	switch {
	case err != nil:
		return "", "", err
	case text == "" && !c.made:
		return "", "", fmt.Errorf("there is no %s to write the option into", path)
	case len(c.options().FindAllString(text, 2)) > 1:
		return "", "", fmt.Errorf("%s sets the options in more than one place", path)
	}
	if c.includes == nil {
		return text, path, nil
	}
	for _, m := range c.includes().FindAllStringSubmatch(text, -1) {
		for _, other := range included(strings.TrimSpace(m[1]), path) {
			if b, err := readOwn(other); err == nil && c.options().MatchString(b) {
				return "", "", fmt.Errorf("%s sets the options, and %s includes it", other, path)
			}
		}
	}
	return text, path, nil
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
func included(pattern, path string) []string {
	pattern = strings.Trim(os.ExpandEnv(pattern), `"'`)
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

// The lines around a line that toshy adds. All these files have such comments.
const (
	confBegin = "# toshy characters: begin\n"
	confEnd   = "# toshy characters: end\n"

	inputSection = "[input]\n"
)

// edit sets the options: in the line that sets them, or else in our own line, which is removed once it is empty.
func (c *conf) edit(text, options string) string {
	before, rest, _ := strings.Cut(text, confBegin)
	if block, after, ok := strings.Cut(rest, confEnd); ok && options == "" {
		if own := c.ownLine(value(c.options, block)); block == own || block == inputSection+own {
			return before + after
		}
	}
	if at := c.options().FindStringSubmatchIndex(text); at != nil {
		old, quote := text[at[2]:at[3]], ""
		if old != "" && (old[0] == '"' || old[0] == '\'') {
			quote = old[:1]
		}
		return text[:at[2]] + quote + options + quote + text[at[3]:]
	}
	if options == "" {
		return text
	}
	block := confBegin + c.ownLine(options) + confEnd
	if c.section != nil {
		if at := c.section().FindStringIndex(text); at != nil {
			return text[:at[1]] + block + text[at[1]:]
		}
		block = confBegin + inputSection + c.ownLine(options) + confEnd
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text + block
}

func (c *conf) ownLine(options string) string { return fmt.Sprintf(c.line, options) + "\n" }
