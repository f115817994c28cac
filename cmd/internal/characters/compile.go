package characters

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"toshy/remap/key"
	"toshy/remap/window/layout"
)

// A Layout is what a desktop makes libxkbcommon compile: layouts, their variants and the options, each separated by commas.
type Layout struct{ Model, Layouts, Variants, Options string }

func (l Layout) String() string {
	s := l.Layouts
	if strings.Trim(l.Variants, ",") != "" {
		s += " (" + l.Variants + ")"
	}
	if l.Options != "" {
		s += " with " + l.Options
	}
	return s
}

// with is the layout with or without our option.
func (l Layout) with(option bool) Layout {
	l.Options = without(l.Options)
	switch {
	case option && l.Options == "":
		l.Options = Option
	case option:
		l.Options += "," + Option
	}
	return l
}

// has says whether our option is on.
func (l Layout) has() bool {
	for o := range strings.SplitSeq(l.Options, ",") {
		if strings.TrimSpace(o) == Option {
			return true
		}
	}
	return false
}

// without removes our option from a list, and leaves the rest as it is. COSMIC's settings write ",compose:ralt".
func without(options string) string {
	all := strings.Split(options, ",")
	return strings.Join(slices.DeleteFunc(all, func(o string) bool { return strings.TrimSpace(o) == Option }), ",")
}

// compileLimit is how long one compilation may take.
const compileLimit = 20 * time.Second

// ErrNoCompiler says that xkbcli is not installed.
var ErrNoCompiler = errors.New("xkbcli is missing: toshy tries out every file with it first, because a wrong one would end your session")

// compile makes a keymap as a desktop with the configuration folder config would.
func compile(ctx context.Context, config string, l Layout) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, compileLimit)
	defer cancel()
	args := []string{"compile-keymap", "--rules", "evdev", "--layout", l.Layouts, "--variant", l.Variants, "--options", strings.Trim(l.Options, ",")}
	if l.Model != "" {
		args = append(args, "--model", l.Model)
	}
	cmd := exec.CommandContext(ctx, "xkbcli", args...)
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+config)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", ErrNoCompiler
	case err != nil:
		return "", fmt.Errorf("xkbcli cannot compile %s: %w: %s", l, err, firstError(errs.String()))
	}
	return out.String(), nil
}

// firstError is the first error line in the output of xkbcli.
func firstError(text string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(strings.ToLower(line), "error") {
			return strings.TrimSpace(line)
		}
	}
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

var versionNumber = pattern(`(\d+)\.(\d+)`)

// readsPost says whether libxkbcommon reads rules/evdev.post, as it does since 1.13. Then a file of a few lines is enough,
// which does not repeat the system's rules.
func readsPost(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, compileLimit)
	defer cancel()
	out, err := exec.CommandContext(ctx, "xkbcli", "--version").Output()
	if errors.Is(err, exec.ErrNotFound) {
		return false, ErrNoCompiler
	}
	m := versionNumber().FindStringSubmatch(string(out))
	if err != nil || m == nil {
		return false, fmt.Errorf("xkbcli --version says %.40q: %w", out, errors.Join(err, errors.New("that is not a version")))
	}
	major, _ := strconv.Atoi(m[1])
	minor, _ := strconv.Atoi(m[2])
	return major > 1 || major == 1 && minor >= 13, nil
}

// order are all codes for characters in the order in which they are used: first those that every program takes, then those
// that Chromium takes as well, then those for X11 programs.
func order() []key.Code {
	all := slices.Concat(key.Borrowed, key.Spare)
	rank := func(c key.Code) int {
		switch x11 := c < key.FirstWaylandOnly; {
		case x11 && key.ChromiumKnows(c):
			return 0
		case key.ChromiumKnows(c):
			return 1
		case x11:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(all, func(a, b key.Code) int { return rank(a) - rank(b) })
	return all
}

// free are the codes that can have characters in all of the layouts.
func free(ctx context.Context, config string, layouts []Layout) ([]key.Code, error) {
	all := order()
	for _, l := range layouts {
		text, err := compile(ctx, config, l.with(false))
		if err != nil {
			return nil, fmt.Errorf("your current keyboard layout does not compile, even without toshy's changes: %w", err)
		}
		k, err := layout.ReadKeymap(text)
		if err != nil {
			return nil, err
		}
		for _, c := range []key.Code{key.SpareLevel3, key.SpareLevel5} {
			if k.Uses(uint16(c)) {
				return nil, fmt.Errorf("the layout %s already uses the key %s, which toshy needs to choose characters", l, c)
			}
		}
		single := functions(oneSymbol, text)
		all = slices.DeleteFunc(all, func(c key.Code) bool {
			if key.IsBorrowed(c) {
				return single[keyName(c)] == "" || k.Types(uint16(c))
			}
			return k.Uses(uint16(c))
		})
	}
	if len(all) == 0 {
		return nil, errors.New("your keyboard layouts leave no spare code free")
	}
	return all, nil
}

// oneSymbol finds the keys of a compiled keymap that have one symbol, and borrowedKey those that have it with our type.
var (
	oneSymbol   = pattern(`key\s+(<\w+>)\s*\{\s*\[\s*(\w+)\s*\]\s*\}`)
	borrowedKey = pattern(`key\s+(<\w+>)\s*\{\s*type\s*=\s*"TOSHY_CHARACTERS",\s*symbols\[(?:Group)?1\]\s*=\s*\[\s*(\w+),`)
)

// functions are the symbols of keys in a compiled keymap, by their names.
func functions(e func() *regexp.Regexp, text string) map[string]string {
	all := map[string]string{}
	for _, m := range e().FindAllStringSubmatch(text, -1) {
		if m[2] != "NoSymbol" {
			all[m[1]] = m[2]
		}
	}
	return all
}

// modMap finds the modifiers of a compiled keymap.
var modMap = pattern(`modifier_map\s+(Mod[35])\s*\{([^}]*)\}`)

// verify compiles a layout with the option and reads the result back: in each group, each character must be on its code,
// and nothing else may have changed.
func (a *Assignment) verify(ctx context.Context, config string, l Layout) error {
	before, err := compile(ctx, config, l.with(false))
	if err != nil {
		return err
	}
	after, err := compile(ctx, config, l.with(true))
	if err != nil {
		return err
	}
	old, err := layout.ReadKeymap(before)
	if err != nil {
		return err
	}
	k, err := layout.ReadKeymap(after)
	if err != nil {
		return err
	}
	mods := map[string]string{}
	for _, m := range modMap().FindAllStringSubmatch(after, -1) {
		mods[m[1]] += m[2]
	}
	for mod, c := range map[string]key.Code{"Mod5": key.SpareLevel3, "Mod3": key.SpareLevel5} {
		if !strings.Contains(mods[mod], keyName(c)) {
			return fmt.Errorf("%s: the compiled keymap does not have the key %s as %s", l, c, mod)
		}
	}
	did, does := functions(oneSymbol, before), functions(borrowedKey, after)
	for _, c := range a.Codes {
		if name := keyName(c.Code); key.IsBorrowed(c.Code) && did[name] != does[name] {
			return fmt.Errorf("%s: the option changes what the key %s does", l, c.Code)
		}
	}
	was, is := old.Layouts(), k.Layouts()
	if len(was) != len(is) {
		return fmt.Errorf("%s: the keymap has %d layouts with the option, %d without", l, len(is), len(was))
	}
	for g := range is {
		for r, strokes := range was[g].Strokes {
			if !slices.EqualFunc(strokes, is[g].Strokes[r], sameStroke) {
				return fmt.Errorf("%s: the option changes how %q is typed", l, r)
			}
		}
		for _, c := range a.Codes {
			for _, r := range c.Runes {
				if was[g].Strokes[r] != nil {
					continue // with its own key
				}
				if s := is[g].Strokes[r]; len(s) != 1 || s[0].Key != uint16(c.Code) {
					return fmt.Errorf("%s: layout %d of the compiled keymap does not type %q (U+%04X) by %s", l, g+1, r, r, c.Code)
				}
			}
		}
	}
	return nil
}

func sameStroke(a, b layout.Stroke) bool { return a.Key == b.Key && slices.Equal(a.Mods, b.Mods) }

// printable says whether a character can be shown in a comment.
func printable(r rune) bool { return unicode.IsGraphic(r) && !unicode.Is(unicode.M, r) && r != '\\' }
