//go:build vm && desktop

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"toshy/cmd/internal/dev/charactertest"
	"toshy/cmd/internal/dev/desktoptest"
	"toshy/cmd/internal/program"
	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/window/windowtest"
)

// hyprlandLayouts are the layouts us, de, fr and ru, by the names that keymaps give them.
var hyprlandLayouts = []string{"English (US)", "German", "French", "Russian"}

// hyprlandCharacters: toshy characters install, while toshy runs. Then programs get what Option types on a Mac, from a
// keyboard through toshy, and the texts without a key that the desktop types. The removal leaves the user's files as they were.
func hyprlandCharacters(t *testing.T, h *windowtest.Hyprland) {
	w := newSession(t, h)
	for _, kv := range h.Env() { // for what runs in this process
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
	k := newSoftKeyboard(t, "e2e characters") // a hypervisor's needs much longer for some thousand keys
	r, out := w.toshy(charactertest.WithOptionLayer("us"))
	k.through(out)
	w.layoutIs("English (US)")

	file := filepath.Join(h.Dir, "hypr", "hyprland.lua")
	before, err := os.ReadFile(file)
	must(t, err)
	patient(t, "toshy characters install", func() bool {
		code, said := client(t, w.env, "characters", "install")
		if code != 0 && !strings.Contains(said, "signal: killed") { // on a very busy computer, xkbcli takes longer than toshy waits
			t.Fatal(said)
		}
		return strings.Contains(said, "the keymap of your session has the characters")
	})
	patient(t, "toshy characters status has them", func() bool {
		said := does(t, w.env, "characters", "status")
		return strings.Contains(said, "characters are installed, ") && !strings.Contains(said, "has not reported")
	})
	patient(t, "the toshy that runs has them", func() bool { return charactersOf(r) > 500 })

	// In a terminal, the configuration leaves Option to the programs. These have the names of other applications.
	foot := func() *windowtest.Client { return windowtest.TerminalIn(t, w, "gedit") }
	xterm := func() *windowtest.Client { return windowtest.XtermIn(t, w, "xedit") }
	field := func(toolkit string) func() *windowtest.Client {
		return func() *windowtest.Client { return windowtest.FieldIn(t, w, toolkit) }
	}
	c := foot()
	for group, name := range slices.Backward(hyprlandLayouts) { // us is the last one
		h.SwitchLayout(t, group)
		w.layoutIs(name)
		if group > 0 {
			w.optionLayer(k, out, c, optionTyping{layer: "us", layout: desktoptest.Layout(t, name)})
		}
	}
	c.Close()
	us := desktoptest.Layout(t, hyprlandLayouts[0]) // the keyboard that types texts later has none
	typist := desktoptest.StartTypist(t)
	for _, p := range []struct {
		open   func() *windowtest.Client
		layers []string
		x11    bool
	}{
		{foot, []string{"us", "abc"}, false},
		{field("3.0"), []string{"us", "abc"}, false},
		{field("4.0"), []string{"us"}, false},
		{field("qt"), []string{"us"}, false},
		{xterm, []string{"us", "abc"}, true},
	} {
		c := p.open()
		for _, layer := range p.layers {
			does(t, w.env, "set", "option_special_characters", layer)
			w.optionLayer(k, out, c, optionTyping{layer, us, p.x11})
		}
		texts := charactertest.NoKey
		if p.x11 { // longer ones come in parts, because few codes are left, and these may change before xterm reads them: it is 0.5 s late at times
			texts = slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return utf8.RuneCountInString(s) > 4 })
		}
		w.texts(k, c, typist, texts)
		c.Close()
	}

	does(t, w.env, "characters", "remove")
	after, err := os.ReadFile(file)
	must(t, err)
	if string(after) != string(before) {
		t.Errorf("hyprland.lua was\n%s\nand is after the removal\n%s", before, after)
	}
	if _, err := os.Lstat(filepath.Join(h.Dir, "xkb")); !os.IsNotExist(err) {
		t.Errorf("~/.config/xkb is left behind: %v", err)
	}
	k.types(chord(code(t, "a"))...) // Hyprland tells the keymap of the keyboard that was used last
	patient(t, "the toshy that runs is without them", func() bool { return charactersOf(r) < 200 })
}

var layoutLine = regexp.MustCompile(`"characters": (\d+)`)

// charactersOf is how many characters the layout has that toshy knows, according to its log.
func charactersOf(r *remapper) int {
	all := layoutLine.FindAllStringSubmatch(r.log.String(), -1)
	if len(all) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(all[len(all)-1][1]) // digits
	return n
}

// optionTyping is a layer of Option that is typed on a layout.
type optionTyping struct {
	layer  string
	layout *remap.Layout
	x11    bool // into a program that gets no codes from key.FirstWaylandOnly on
}

// arrives is the part of a text that the program gets.
func (y optionTyping) arrives(text string) string {
	return strings.Map(func(r rune) rune {
		if steps := y.layout.Symbols[string(r)]; y.x11 && len(steps) > 0 && steps[0].Key >= key.FirstWaylandOnly {
			return -1
		}
		return r
	}, text)
}

// lacks returns the characters of a text that no key types. A Russian layout has no Latin letters, and toshy installs no ASCII
// characters. The desktop types these, and may take too long on a busy computer.
func (y optionTyping) lacks(text string) string {
	return strings.Map(func(r rune) rune {
		if y.layout.Symbols[string(r)] != nil {
			return -1
		}
		return r
	}, text)
}

// optionLayer presses what Option types on a Mac, and compares what the program gets. A key types each, also where the desktop could do
// it; a text with an ASCII character that the layout lacks is left out. A letter ends each text of which the program does not get
// everything.
func (w session) optionLayer(k *softKeyboard, out *device, c *windowtest.Client, y optionTyping) {
	w.t.Helper()
	began := time.Now()
	w.front(c)
	p, err := program.Parse("own.toml", []byte(charactertest.WithOptionLayer(y.layer)), nil)
	must(w.t, err)
	spare, left, lost := 0, 0, 0
	watch := windowtest.NewWatch(w.t, c.ID(), c.Text)
	for _, s := range charactertest.Strokes(p.Program, y.layer) {
		if lacks := y.lacks(s.Text); lacks != "" {
			left++
			if strings.ContainsFunc(lacks, func(r rune) bool { return r > unicode.MaxASCII }) {
				w.t.Errorf("%s: no key types %q", c.ID(), lacks)
			}
			continue
		}
		must(w.t, out.readNow())
		out.pending = nil
		for _, combo := range s.Combos {
			k.types(chord(charactertest.Keys(combo, y.layout)...)...)
		}
		text := y.arrives(s.Text)
		if text != s.Text {
			lost++
			k.types(chord(code(w.t, "x"))...)
			text += "x"
		}
		watch.Typed(text)
		watch.All()
		must(w.t, out.readNow())
		typed := typingKeys(out.pending)
		switch {
		case len(typed) == 0:
			w.t.Errorf("%s: no key types %q", c.ID(), s.Text)
		case len(typed) == 1 && key.IsSpare(typed[0]):
			spare++
		}
	}
	w.t.Logf("%s, layer %s: %d combos in %v: %d by a spare code, %d left out, %d without a character that X11 programs do not get", c.ID(), y.layer, watch.N,
		time.Since(began).Round(time.Second), spare, left, lost)
	if watch.N+left < charactertest.OptionLayers[y.layer] {
		w.t.Errorf("%s: only %d combos", c.ID(), watch.N)
	}
}

// chord presses keys and releases them.
func chord(keys ...key.Code) (all []keyEvent) {
	for _, c := range keys {
		all = append(all, keyEvent{c, pressed})
	}
	for _, c := range slices.Backward(keys) {
		all = append(all, keyEvent{c, released})
	}
	return all
}

// typingKeys are the keys that were pressed, without modifiers and what hides them.
func typingKeys(events []keyEvent) (codes []key.Code) {
	for _, e := range events {
		_, mod := key.ModOf(e.code)
		if e.value == pressed && !mod && !slices.Contains([]key.Code{key.SpareLevel3, key.SpareLevel5, key.Unknown}, e.code) {
			codes = append(codes, e.code)
		}
	}
	return codes
}

// texts has the desktop type what no key types, between keys, twice.
func (w session) texts(k *softKeyboard, c *windowtest.Client, typist *desktoptest.Typist, texts []string) {
	w.t.Helper()
	watch := windowtest.NewWatch(w.t, c.ID(), c.Text)
	for range 2 {
		for _, text := range texts {
			k.types(chord(code(w.t, "a"))...)
			watch.Typed("a")
			watch.All()
			typist.Types(w.t, text)
			watch.Typed(text)
			watch.All()
		}
	}
}
