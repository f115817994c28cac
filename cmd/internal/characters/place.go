package characters

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"toshy/remap/window/sessionbus"
)

// A Place is where a desktop keeps the options of the keyboard layout, if a program may change them there.
type Place struct {
	Name string
	// get reads the layouts and the options, set writes the options; "" for none.
	get func(ctx context.Context, run Run) (Layout, error)
	set func(ctx context.Context, run Run, options string) error
	// tell makes the desktop read its settings again after set, nil if set does that.
	tell func(ctx context.Context) error
	// atLogin says that the desktop looks for the folder ~/.config/xkb only when it starts.
	atLogin bool
}

// Run runs a program and returns its output.
type Run func(ctx context.Context, args ...string) (string, error)

// placeLimit is how long a desktop's program may take.
const placeLimit = 30 * time.Second

// Places are the desktops whose option toshy can set, by their names in conditions.
var Places = map[string]*Place{
	"gnome":    inSettings("GNOME", "org.gnome.desktop.input-sources"),
	"budgie":   budgie(inSettings("Budgie", "org.gnome.desktop.input-sources")),
	"cinnamon": inSettings("Cinnamon", "org.cinnamon.desktop.input-sources"),
	"sway":     inFile("sway", sway),
	"labwc":    inFile("labwc", labwc),
	"wayfire":  inFile("Wayfire", wayfireFolder, wayfire),
	"hyprland": inFile("Hyprland", hyprlandLua, hyprland),
	"niri":     atLogin(inFile("niri", niri)),
	"cosmic":   atLogin(inFile("COSMIC", cosmic)),
	"kde":      {Name: "KDE Plasma", get: getKDE, set: setKDE, tell: tellKDE, atLogin: true},
}

// Where says which line sets the option, for a desktop that is not in Places or whose file toshy cannot change.
var Where = map[string]string{
	"sway":     "in ~/.config/sway/config: input type:keyboard xkb_options " + Option + " (added to the options that are there, with a comma), then swaymsg reload",
	"hyprland": "in ~/.config/hypr/hyprland.lua, in hl.config({ input = { } }): kb_options = \"" + Option + "\" (in hyprland.conf, in input { }: kb_options = " + Option + "), added to the options that are there, with a comma",
	"niri":     "in ~/.config/niri/config.kdl, in input { keyboard { xkb { } } }: options \"" + Option + "\" (added to the options that are there, with a comma)",
	"labwc":    "in ~/.config/labwc/environment: XKB_DEFAULT_OPTIONS=" + Option + " (added to the options that are there, with a comma), then labwc --reconfigure",
	"wayfire":  "in ~/.config/wayfire.ini, in [input]: xkb_options = " + Option + " (added to the options that are there, with a comma)",
	"cosmic":   "in ~/.config/cosmic/com.system76.CosmicComp/v1/xkb_config: options: Some(\"" + Option + "\") (added to the options that are there, with a comma)",
}

// atLogin is a place on a compositor that is built on smithay, whose only XKB context looks for the folders when it is made.
func atLogin(p *Place) *Place {
	p.atLogin = true
	return p
}

// inSettings is a place that gsettings can change.
func inSettings(name, schema string) *Place {
	return &Place{
		Name: name,
		get: func(ctx context.Context, run Run) (Layout, error) {
			options, err := run(ctx, "gsettings", "get", schema, "xkb-options")
			if err != nil {
				return Layout{}, err
			}
			sources, err := run(ctx, "gsettings", "get", schema, "sources")
			if err != nil {
				return Layout{}, err
			}
			l := Layout{Options: strings.Join(quoted(options), ",")}
			var layouts, variants []string
			words := quoted(sources) // ('xkb', 'us+intl'), ('ibus', 'anthy')
			for i := 0; i+1 < len(words); i += 2 {
				if words[i] == "xkb" {
					layout, variant, _ := strings.Cut(words[i+1], "+")
					layouts, variants = append(layouts, layout), append(variants, variant)
				}
			}
			l.Layouts, l.Variants = strings.Join(layouts, ","), strings.Join(variants, ",")
			return l, nil
		},
		set: func(ctx context.Context, run Run, options string) error {
			// Without the user's own settings, gsettings tells the default. Where nothing else is wanted, nothing stays set.
			standard, err := run(ctx, "env", "GSETTINGS_BACKEND=memory", "gsettings", "get", schema, "xkb-options")
			if err == nil && strings.Join(quoted(standard), ",") == options {
				_, err := run(ctx, "gsettings", "reset", schema, "xkb-options")
				return err
			}
			value := "[]"
			if options != "" {
				value = "['" + strings.Join(strings.Split(options, ","), "', '") + "']"
			}
			_, err = run(ctx, "gsettings", "set", schema, "xkb-options", value)
			return err
		},
	}
}

// budgie keeps what Budgie takes from the system (locale1, /etc/default/keyboard) while the user's settings are empty: a list with our
// option alone would replace the system's options. Budgie writes what it uses into labwc's file.
func budgie(p *Place) *Place {
	settings := p.get
	p.get = func(ctx context.Context, run Run) (Layout, error) {
		l, err := settings(ctx, run)
		if err != nil || l.Layouts != "" && l.Options != "" {
			return l, err
		}
		_, text, _, err := budgieLabwc.read()
		if err != nil {
			return Layout{}, err
		}
		if l.Layouts == "" {
			l.Layouts, l.Variants = withVariants(budgieLabwc.value(budgieLabwc.layouts, text))
		}
		if l.Options == "" {
			l.Options = without(budgieLabwc.value(budgieLabwc.options, text))
		}
		return l, nil
	}
	return p
}

// withVariants splits layouts such as "us,de(neo)".
func withVariants(list string) (layouts, variants string) {
	var l, v []string
	for one := range strings.SplitSeq(list, ",") {
		layout, variant, _ := strings.Cut(strings.TrimSuffix(one, ")"), "(")
		l, v = append(l, layout), append(v, variant)
	}
	return strings.Join(l, ","), strings.Join(v, ",")
}

var stringValue = pattern(`'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"`)

// quoted are the strings in a GVariant in text form.
func quoted(text string) (all []string) {
	for _, m := range stringValue().FindAllStringSubmatch(text, -1) {
		all = append(all, m[1]+m[2])
	}
	return all
}

func kde(program string, key string, more ...string) []string {
	return append([]string{program, "--file", "kxkbrc", "--group", "Layout", "--key", key}, more...)
}

// Plasma uses the options only if optionsInUse is true. If only our option needs that, optionsBefore keeps the list that
// the user had turned off, after wasOff.
const (
	optionsKey    = "Options"
	optionsInUse  = "ResetOldOptions"
	optionsBefore = "OptionsBeforeToshy"
	wasOff        = "off:"
)

// readKDE reads keys of kxkbrc, "" for one that is not set.
func readKDE(ctx context.Context, run Run, keys ...string) ([]string, error) {
	values := make([]string, len(keys))
	for i, key := range keys {
		out, err := run(ctx, kde("kreadconfig6", key)...)
		if err != nil {
			return nil, err
		}
		values[i] = strings.TrimSpace(out)
	}
	return values, nil
}

func getKDE(ctx context.Context, run Run) (Layout, error) {
	v, err := readKDE(ctx, run, "Model", "LayoutList", "VariantList", optionsKey, optionsInUse)
	if err != nil {
		return Layout{}, err
	}
	l := Layout{Model: v[0], Layouts: v[1], Variants: v[2]}
	if v[4] == "true" {
		l.Options = v[3]
	}
	return l, nil
}

func setKDE(ctx context.Context, run Run, options string) error {
	v, err := readKDE(ctx, run, optionsKey, optionsInUse, optionsBefore)
	if err != nil {
		return err
	}
	write := func(key, value string) {
		if err != nil {
			return
		}
		if value == "" {
			value = "--delete"
		}
		_, err = run(ctx, kde("kwriteconfig6", key, value)...)
	}
	if before, used := strings.CutPrefix(v[2], wasOff); v[1] != "true" {
		write(optionsBefore, wasOff+v[0])
		write(optionsInUse, "true")
	} else if used && !strings.Contains(options, Option) {
		write(optionsBefore, "")
		if options == "" { // nobody has turned on another one meanwhile
			write(optionsInUse, "")
			options = before
		}
	}
	write(optionsKey, options)
	return err
}

// tellKDE sends the signal of kwriteconfig6 --notify (KConfig's KConfigWatcher). That program sometimes ends before its signal is out:
// KWin 6.7 heard of 71 of 80 changes. Without a session bus, no desktop runs that reads settings.
func tellKDE(ctx context.Context) error {
	conn, err := sessionbus.Connect(ctx)
	if err != nil {
		return nil
	}
	defer conn.Close()
	return conn.Emit("/kxkbrc", "org.kde.kconfig.notify.ConfigChanged", map[string][][]byte{"Layout": {[]byte(optionsKey)}})
}

// Layout is the content of the place.
func (p *Place) Layout(ctx context.Context, run Run) (Layout, error) {
	ctx, cancel := context.WithTimeout(ctx, placeLimit)
	defer cancel()
	l, err := p.get(ctx, run)
	if err != nil {
		return l, fmt.Errorf("%s does not tell its keyboard layout: %w", p.Name, err)
	}
	return l, nil
}

// Switch adds or removes our option, and keeps the others.
func (p *Place) Switch(ctx context.Context, run Run, on bool) error {
	ctx, cancel := context.WithTimeout(ctx, placeLimit)
	defer cancel()
	l, err := p.get(ctx, run)
	if err == nil {
		if want := l.with(on).Options; want != l.Options {
			err = p.set(ctx, run, want)
			if err == nil && p.tell != nil {
				err = p.tell(ctx)
			}
		}
	}
	if err != nil {
		return fmt.Errorf("%s does not take the option: %w", p.Name, err)
	}
	return nil
}

// maxGroups is the largest number of layouts in a keymap.
const maxGroups = 4

// Spread are the layouts that a desktop may make from a list: each alone, and as many of them in one keymap as fit.
func (l Layout) Spread() []Layout {
	layouts, variants := strings.Split(l.Layouts, ","), strings.Split(l.Variants, ",")
	for len(variants) < len(layouts) {
		variants = append(variants, "")
	}
	var all []Layout
	add := func(from, to int) {
		x := l
		x.Layouts, x.Variants, x.Options = strings.Join(layouts[from:to], ","), strings.Join(variants[from:to], ","), without(l.Options)
		if !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	if l.Layouts == "" {
		layouts, variants = []string{"us"}, []string{""}
	}
	for i := range layouts {
		add(i, i+1)
	}
	for i := 0; i < len(layouts); i += maxGroups - 1 { // GNOME Shell keeps one group for Latin letters
		add(i, min(i+maxGroups-1, len(layouts)))
	}
	add(0, min(maxGroups, len(layouts)))
	return all
}

// Apply installs a plan and turns on the option. taken waits until the desktop's own keymap has the characters, or no longer has
// any. If it does not get them, or ctx ends meanwhile, Apply restores everything. old is the installation that is replaced, nil for
// none. later says that the desktop gets the characters at the next login, because it looked for the folder when it started and
// the folder did not exist.
func (p *Plan) Apply(ctx context.Context, place *Place, run Run, old *Installed, taken func(ctx context.Context, has bool) error) (later bool, _ error) {
	_, err := os.Stat(p.home.path("."))
	later = place.atLogin && errors.Is(err, fs.ErrNotExist)
	was, err := place.Layout(ctx, run)
	if err != nil {
		return false, err
	}
	whole := context.WithoutCancel(ctx) // only the wait for the desktop ends early, no change stops halfway
	installed, told := false, false
	// A desktop that already has the option does not read the files again, nor does one that misses the moment without it: niri looks
	// twice a second, and a busy GNOME or Cinnamon finds the same option as before.
	err = place.Switch(whole, run, false)
	if err == nil && was.has() {
		_ = taken(ctx, false) // if it keeps them, it gets the new ones when it starts again
	}
	if err == nil {
		err = p.Install()
		installed = err == nil
	}
	if err == nil {
		err = SetPlace(p.home, place.Name)
	}
	if err == nil {
		err = place.Switch(whole, run, true)
		told = err == nil
	}
	if err == nil && !later {
		if err = taken(ctx, true); err != nil && ctx.Err() != nil {
			err = errors.New("interrupted")
		}
	}
	if err == nil {
		return later, nil
	}
	// The option first: no desktop should read files that are about to go.
	back := place.Switch(whole, run, false)
	var files error
	if installed {
		files = p.Undo(old)
	}
	if was.has() {
		back = errors.Join(back, place.Switch(whole, run, true))
	}
	if now, err := place.Layout(whole, run); !told && err == nil && now == was {
		back = nil // the setting is back, and the desktop has not heard of either change
	}
	if back = errors.Join(back, files); back != nil {
		return false, fmt.Errorf("%w; and what was there before could not be put back: %w", err, back)
	}
	return false, fmt.Errorf("%w; everything is as it was before", err)
}
