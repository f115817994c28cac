package importer

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A randomConfig says what keys become: alone, with modifiers, and in layers that a key holds.
type randomConfig struct {
	main   map[string]string            // from a key to a key or to C-key
	combos map[string]string            // from a modifier and a key (leftctrl a) to the same
	layers map[string]map[string]string // by name
	hold   map[string]string            // the key that holds a layer
}

var (
	randomKeys    = []string{"a", "s", "d", "f", "g", "h", "j", "k", "l"}
	randomTargets = append([]string{"left", "home", "enter", "x", "C-c", "C-left"}, randomKeys...)
)

func drawConfig(t *rapid.T) *randomConfig {
	part := func(label string) map[string]string {
		m := map[string]string{}
		for _, k := range randomKeys {
			if rapid.Bool().Draw(t, label+" has "+k) {
				m[k] = rapid.SampledFrom(randomTargets).Draw(t, label+" "+k)
			}
		}
		return m
	}
	c := &randomConfig{main: part("main"), combos: map[string]string{}, layers: map[string]map[string]string{}, hold: map[string]string{"one": "capslock", "two": "tab"}}
	for _, name := range []string{"one", "two"} {
		if c.layers[name] = part("layer " + name); len(c.layers[name]) == 0 {
			c.layers[name] = map[string]string{"a": "left"}
		}
	}
	for _, m := range []string{"leftctrl", "leftalt"} {
		for _, k := range []string{"u", "i", "o"} {
			if rapid.Bool().Draw(t, "combo "+m+k) {
				c.combos[m+" "+k] = rapid.SampledFrom(randomTargets).Draw(t, "combo to "+m+k)
			}
		}
	}
	return c
}

// words returns what an application sees for a target.
func words(target string) string { return strings.Replace(target, "C-", "Ctrl-", 1) }

// pressed returns the keys to press and what must be seen, for everything that a configuration says.
func (c *randomConfig) pressed(layers bool) map[string]string {
	want := map[string]string{}
	for _, k := range randomKeys {
		own := k
		if to := c.main[k]; to != "" {
			own = to
		}
		want["+"+k+" -"+k] = words(own)
		if !layers {
			continue
		}
		for name, holder := range c.hold {
			is := own
			if to := c.layers[name][k]; to != "" {
				is = to
			}
			want[fmt.Sprintf("+%s 5ms +%s -%s -%s", holder, k, k, holder)] = words(is)
		}
	}
	if !layers {
		for in, to := range c.combos {
			m, k, _ := strings.Cut(in, " ")
			want[fmt.Sprintf("+%s +%s -%s -%s", m, k, k, m)] = words(to)
		}
	}
	return want
}

func lines(b *strings.Builder, m map[string]string, format string) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(b, format, k, m[k])
	}
}

// printers write a random configuration in the languages whose layers refer to the positions of keys.
var printers = map[string]func(c *randomConfig) string{
	"keyd": func(c *randomConfig) string {
		var b strings.Builder
		b.WriteString("[ids]\n*\n[main]\ncapslock = layer(one)\ntab = layer(two)\n")
		lines(&b, c.main, "%s = %s\n")
		for _, n := range slices.Sorted(maps.Keys(c.layers)) {
			fmt.Fprintf(&b, "[%s]\n", n)
			lines(&b, c.layers[n], "%s = %s\n")
		}
		return b.String()
	},
	"kanata": func(c *randomConfig) string {
		var b strings.Builder
		b.WriteString("(defsrc)\n(deflayermap (base) caps (layer-while-held one) tab (layer-while-held two)\n")
		lines(&b, c.main, "  %s %s\n")
		b.WriteString(")\n")
		for _, n := range slices.Sorted(maps.Keys(c.layers)) {
			fmt.Fprintf(&b, "(deflayermap (%s)\n", n)
			lines(&b, c.layers[n], "  %s %s\n")
			b.WriteString(")\n")
		}
		return b.String()
	},
	"kmonad": func(c *randomConfig) string {
		var b strings.Builder
		fmt.Fprintf(&b, "(defcfg input (device-file \"/x\") output (uinput-sink \"x\") fallthrough true)\n(defsrc caps tab %s)\n", strings.Join(randomKeys, " "))
		layer := func(name, caps, tab string, m map[string]string) {
			fmt.Fprintf(&b, "(deflayer %s %s %s", name, caps, tab)
			for _, k := range randomKeys {
				to := m[k]
				if to == "" {
					to = "_"
				}
				b.WriteString(" " + to)
			}
			b.WriteString(")\n")
		}
		layer("base", "(layer-toggle one)", "(layer-toggle two)", c.main)
		layer("one", "_", "_", c.layers["one"])
		layer("two", "_", "_", c.layers["two"])
		return b.String()
	},
}

// flatPrinters write keys and combos only.
var flatPrinters = map[string]func(c *randomConfig) string{
	"keymapper": func(c *randomConfig) string {
		name := func(s string) string {
			s = strings.NewReplacer("left", "ArrowLeft", "home", "Home", "enter", "Enter").Replace(s)
			if k, ok := strings.CutPrefix(s, "C-"); ok {
				return "Control{" + strings.ToUpper(k[:1]) + k[1:] + "}"
			}
			return strings.ToUpper(s[:1]) + s[1:]
		}
		var b strings.Builder
		for _, in := range slices.Sorted(maps.Keys(c.combos)) {
			m, k, _ := strings.Cut(in, " ")
			fmt.Fprintf(&b, "%s{%s} >> %s\n", map[string]string{"leftctrl": "ControlLeft", "leftalt": "AltLeft"}[m], strings.ToUpper(k), name(c.combos[in]))
		}
		for _, k := range slices.Sorted(maps.Keys(c.main)) {
			fmt.Fprintf(&b, "%s >> %s\n", strings.ToUpper(k), name(c.main[k]))
		}
		b.WriteString("F13 >> F14\n")
		return b.String()
	},
	"evremap": func(c *randomConfig) string {
		var b strings.Builder
		key := func(s string) string { return `"KEY_` + strings.ToUpper(s) + `"` }
		keys := func(s string) string {
			if k, ok := strings.CutPrefix(s, "C-"); ok {
				return key("leftctrl") + ", " + key(k)
			}
			return key(s)
		}
		put := func(in, out string) { fmt.Fprintf(&b, "[[remap]]\ninput = [%s]\noutput = [%s]\n", in, out) }
		put(key("f13"), key("f14"))
		for _, k := range slices.Sorted(maps.Keys(c.main)) {
			put(key(k), keys(c.main[k]))
		}
		for _, in := range slices.Sorted(maps.Keys(c.combos)) {
			m, k, _ := strings.Cut(in, " ")
			put(key(m)+", "+key(k), keys(c.combos[in]))
		}
		return b.String()
	},
	"xremap": func(c *randomConfig) string { // its keymaps do not see what they have produced
		var b strings.Builder
		b.WriteString("keymap:\n- exact_match: true\n  remap:\n    F13: F14\n")
		lines(&b, c.main, "    %s: %s\n")
		for _, in := range slices.Sorted(maps.Keys(c.combos)) {
			m, k, _ := strings.Cut(in, " ")
			fmt.Fprintf(&b, "    %s-%s: %s\n", map[string]string{"leftctrl": "Ctrl_L", "leftalt": "Alt_L"}[m], k, c.combos[in])
		}
		return b.String()
	},
	"xwaykeyz": func(c *randomConfig) string {
		var b strings.Builder
		b.WriteString("keymap('x', {\n    C('F13'): C('F14'),\n")
		lines(&b, c.main, "    C('%s'): C('%s'),\n")
		for _, in := range slices.Sorted(maps.Keys(c.combos)) {
			m, k, _ := strings.Cut(in, " ")
			fmt.Fprintf(&b, "    C('%s-%s'): C('%s'),\n", map[string]string{"leftctrl": "LC", "leftalt": "LAlt"}[m], k, c.combos[in])
		}
		b.WriteString("})\n")
		return b.String()
	},
}

// kinds returns the names of the printers in order.
func kinds(printers map[string]func(c *randomConfig) string) []string {
	return slices.Sorted(maps.Keys(printers))
}

// Whatever a configuration says, each entry does what it says, or the importer names its line.
func TestProperty(t *testing.T) {
	t.Run("layers", func(t *testing.T) { rapid.Check(t, func(rt *rapid.T) { property(t, rt, printers, true) }) })
	t.Run("flat", func(t *testing.T) { rapid.Check(t, func(rt *rapid.T) { property(t, rt, flatPrinters, false) }) })
}

func property(t *testing.T, rt *rapid.T, printers map[string]func(c *randomConfig) string, layers bool) {
	name := rapid.SampledFrom(kinds(printers)).Draw(rt, "kind")
	c := drawConfig(rt)
	source := printers[name](c)
	r, err := KindNamed(name).Read(name+".x", []byte(source), nil)
	if err != nil {
		rt.Fatalf("%v\n%s", err, source)
	}
	for _, n := range r.Notes {
		if n.Lost {
			rt.Fatalf("%d: %s\n%s", n.Line, n.Reason, source)
		}
	}
	want := c.pressed(layers)
	play := player(t, r)
	for _, in := range slices.Sorted(maps.Keys(want)) {
		if got := seen(play(in)); got != want[in] {
			rt.Fatalf("%s\n got %s\nwant %s\n%s\n%s", in, got, want[in], source, r.TOML)
		}
	}
}
