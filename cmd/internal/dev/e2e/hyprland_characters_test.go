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

	"toshy/cmd/internal/dev/charactertest"
	"toshy/cmd/internal/dev/desktoptest"
	"toshy/cmd/internal/program"
	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/window/windowtest"
)

// hyprlandCharacters: toshy characters install, while toshy runs. Then programs get what Option types on a Mac, from the machine's
// keyboard through toshy, and the texts without a key that the desktop types. The removal leaves the user's files as they were.
func hyprlandCharacters(t *testing.T, h *windowtest.Hyprland) {
	w := newSession(t, h)
	for _, kv := range h.Env() { // for what runs in this process
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
	k := plugUSB(t).withoutRepeats()
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

	// In a terminal, the configuration leaves Option to the programs. This one has the name of another application.
	foot, field := windowtest.TerminalIn(t, w, "gedit"), windowtest.FieldIn(t, w, "3.0")
	h.SwitchLayout(t, 1)
	w.layoutIs("German")
	w.optionLayer(k, out, foot, desktoptest.Layout(t, "German"))
	h.SwitchLayout(t, 0)
	w.layoutIs("English (US)")
	us := desktoptest.Layout(t, "English (US)") // the keyboard that types texts later has none
	typist := desktoptest.StartTypist(t)
	w.optionLayer(k, out, foot, us)
	w.texts(k, foot, typist, 4)
	w.optionLayer(k, out, field, us)
	w.texts(k, field, typist, 2)

	does(t, w.env, "characters", "remove")
	after, err := os.ReadFile(file)
	must(t, err)
	if string(after) != string(before) {
		t.Errorf("hyprland.lua was\n%s\nand is after the removal\n%s", before, after)
	}
	if _, err := os.Lstat(filepath.Join(h.Dir, "xkb")); !os.IsNotExist(err) {
		t.Errorf("~/.config/xkb is left behind: %v", err)
	}
	k.types("+a -a") // Hyprland tells the keymap of the keyboard that was used last
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

// optionLayer presses what Option types on a Mac, and compares what the program gets. A key types each, also where the desktop could do
// it.
func (w session) optionLayer(k *keyboard, out *device, c *windowtest.Client, l *remap.Layout) {
	w.t.Helper()
	w.front(c)
	p, err := program.Parse("own.toml", []byte(charactertest.WithOptionLayer("us")), nil)
	must(w.t, err)
	spare := 0
	watch := windowtest.NewWatch(w.t, c.ID(), c.Text)
	for _, s := range charactertest.Strokes(p.Program, "us") {
		must(w.t, out.readNow())
		out.pending = nil
		for _, combo := range s.Combos {
			k.types(chord(charactertest.Keys(combo, l)))
		}
		watch.Typed(s.Text)
		watch.All()
		must(w.t, out.readNow())
		typed := typingKeys(out.pending)
		if len(typed) == 0 {
			w.t.Errorf("%s: no key types %q", c.ID(), s.Text)
		}
		if len(typed) == 1 && key.IsSpare(typed[0]) {
			spare++
		}
	}
	w.t.Logf("%s: %d combos, %d by a spare code", c.ID(), watch.N, spare)
	if watch.N < charactertest.OptionLayers["us"] {
		w.t.Errorf("%s: only %d combos", c.ID(), watch.N)
	}
}

// chord presses keys and releases them.
func chord(keys []key.Code) (all string) {
	for _, c := range keys {
		all += " +" + keyName(c)
	}
	for _, c := range slices.Backward(keys) {
		all += " -" + keyName(c)
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

// texts has the desktop type what no key types, between keys.
func (w session) texts(k *keyboard, c *windowtest.Client, typist *desktoptest.Typist, times int) {
	w.t.Helper()
	watch := windowtest.NewWatch(w.t, c.ID(), c.Text)
	for range times {
		for _, text := range charactertest.NoKey {
			k.types("+a -a")
			watch.Typed("a")
			watch.All()
			typist.Types(w.t, text)
			watch.Typed(text)
			watch.All()
		}
	}
}
