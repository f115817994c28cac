package characters

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Place is where a desktop keeps the options of the keyboard layout, in a way that a program may change.
type Place struct {
	Name string
	// get reads the layouts and the options, set writes the options; "" for none.
	get func(ctx context.Context, run Run) (Layout, error)
	set func(ctx context.Context, run Run, options string) error
}

// Run runs a program and returns what it prints.
type Run func(ctx context.Context, args ...string) (string, error)

// placeLimit is how long a desktop's program may take.
const placeLimit = 10 * time.Second

// Places are the desktops whose option is set by a program of theirs, by the name that conditions use.
var Places = map[string]*Place{
	"gnome":    inSettings("GNOME", "org.gnome.desktop.input-sources"),
	"budgie":   inSettings("Budgie", "org.gnome.desktop.input-sources"),
	"cinnamon": inSettings("Cinnamon", "org.cinnamon.desktop.input-sources"),
	"kde":      {"KDE Plasma", getKDE, setKDE},
}

// Where says, for a desktop that is no Place, which line sets the option.
var Where = map[string]string{
	"sway":     "in ~/.config/sway/config: input type:keyboard xkb_options " + Option + " (added to the options that are there, with a comma), then swaymsg reload",
	"hyprland": "in ~/.config/hypr/hyprland.conf, in input { }: kb_options = " + Option + " (added to the options that are there, with a comma)",
	"niri":     "in ~/.config/niri/config.kdl, in input { keyboard { xkb { } } }: options \"" + Option + "\" (added to the options that are there, with a comma)",
	"labwc":    "in ~/.config/labwc/environment: XKB_DEFAULT_OPTIONS=" + Option + " (added to the options that are there, with a comma), then labwc --reconfigure",
	"wayfire":  "in ~/.config/wayfire.ini, in [input]: xkb_options = " + Option + " (added to the options that are there, with a comma)",
	"cosmic":   "in ~/.config/cosmic/com.system76.CosmicComp/v1/xkb_config: options: Some(\"" + Option + "\") (added to the options that are there, with a comma)",
}

// inSettings is a place that gsettings reaches.
func inSettings(name, schema string) *Place {
	return &Place{
		name,
		func(ctx context.Context, run Run) (Layout, error) {
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
		func(ctx context.Context, run Run, options string) error {
			value := "[]"
			if options != "" {
				value = "['" + strings.Join(strings.Split(options, ","), "', '") + "']"
			}
			_, err := run(ctx, "gsettings", "set", schema, "xkb-options", value)
			return err
		},
	}
}

var stringValue = regexp.MustCompile(`'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"`)

// quoted are the strings of a GVariant in text form.
func quoted(text string) (all []string) {
	for _, m := range stringValue.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1]+m[2])
	}
	return all
}

func kde(program string, key string, more ...string) []string {
	return append([]string{program, "--file", "kxkbrc", "--group", "Layout", "--key", key}, more...)
}

func getKDE(ctx context.Context, run Run) (l Layout, err error) {
	for _, x := range []struct {
		to  *string
		key string
	}{{&l.Layouts, "LayoutList"}, {&l.Variants, "VariantList"}, {&l.Options, "Options"}, {&l.Model, "Model"}} {
		out, err := run(ctx, kde("kreadconfig6", x.key)...)
		if err != nil {
			return l, err
		}
		*x.to = strings.TrimSpace(out)
	}
	return l, nil
}

func setKDE(ctx context.Context, run Run, options string) error {
	args := kde("kwriteconfig6", "Options", "--notify", options)
	if options == "" {
		args = kde("kwriteconfig6", "Options", "--notify", "--delete")
	}
	_, err := run(ctx, args...)
	return err
}

// Layout is what the place has.
func (p *Place) Layout(ctx context.Context, run Run) (Layout, error) {
	ctx, cancel := context.WithTimeout(ctx, placeLimit)
	defer cancel()
	l, err := p.get(ctx, run)
	if err != nil {
		return l, fmt.Errorf("%s does not tell its keyboard layout: %w", p.Name, err)
	}
	return l, nil
}

// Switch sets our option, or takes it out, and leaves the others as they are.
func (p *Place) Switch(ctx context.Context, run Run, on bool) error {
	ctx, cancel := context.WithTimeout(ctx, placeLimit)
	defer cancel()
	l, err := p.get(ctx, run)
	if err == nil {
		if want := l.with(on).Options; want != l.Options {
			err = p.set(ctx, run, want)
		}
	}
	if err != nil {
		return fmt.Errorf("%s does not take the option: %w", p.Name, err)
	}
	return nil
}

// maxGroups is how many layouts a keymap has at most.
const maxGroups = 4

// Spread are the layouts that a desktop may make of a list: each alone, and as many of them in one keymap as fit.
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

// Apply installs a plan and switches the option on. taken waits until the desktop's own keymap has the characters; what is
// not taken is put back. old is the installation that is replaced, nil for none.
func (p *Plan) Apply(ctx context.Context, place *Place, run Run, old *Installed, taken func(context.Context) error) error {
	was, err := place.Layout(ctx, run)
	if err != nil {
		return err
	}
	// A desktop that has the option does not read the files again.
	if err := place.Switch(ctx, run, false); err != nil {
		return err
	}
	err = p.Install()
	installed := err == nil
	if err == nil {
		err = SetPlace(p.home, place.Name)
	}
	if err == nil {
		err = place.Switch(ctx, run, true)
	}
	if err == nil {
		err = taken(ctx)
	}
	if err == nil {
		return nil
	}
	// The option first: no desktop reads files that are on their way out.
	back := place.Switch(context.WithoutCancel(ctx), run, false)
	if installed {
		back = errors.Join(back, p.Undo(old))
	}
	if old != nil && was.with(true).Options == was.Options {
		back = errors.Join(back, place.Switch(context.WithoutCancel(ctx), run, true))
	}
	if back != nil {
		return fmt.Errorf("%w; and what was there before could not be put back: %w", err, back)
	}
	return fmt.Errorf("%w; everything is as it was before", err)
}
