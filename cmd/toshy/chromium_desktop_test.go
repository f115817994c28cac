//go:build desktop

package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"toshy/cmd/internal/dev/charactertest"
	"toshy/cmd/internal/dev/desktoptest"
	"toshy/cmd/internal/program"
	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/window/windowtest"
)

// TestChromium: Chromium on Wayland gets the characters on the codes that it knows, among them the whole layer us of Option, and what a
// compositor types for toshy, up to U+FFFF; it gets characters above that by their number. No key does anything else: a new tab or
// a closed one would cost the characters that follow.
func TestChromium(t *testing.T) {
	s := (&windowtest.Sway{}).Reserve(t)
	s.Start(t)
	c := characterTest{home: s.Dir, env: append(s.Env(), "DISPLAY=")}
	for _, kv := range c.env {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
	install := toshyIn(t, []string{"XDG_CURRENT_DESKTOP=other", "XDG_SESSION_TYPE=wayland", "XDG_RUNTIME_DIR=" + s.Dir, "XDG_CONFIG_HOME=" + s.Dir, "XDG_STATE_HOME=" + s.Dir + "/state"},
		"characters", "install", "--layout", "us")
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	compile := exec.Command("xkbcli", "compile-keymap", "--layout", "us", "--options", "toshy:characters")
	compile.Env = append(os.Environ(), "XDG_CONFIG_HOME="+s.Dir)
	keymap, err := compile.Output()
	if err != nil {
		t.Fatal(err)
	}
	c.key = windowtest.PlugKeyboard(t, s.Display(), string(keymap)).Key
	o := optionLayer{press: c.key, layout: desktoptest.Layout(t, "English (US)")}
	typist := desktoptest.StartTypist(t)
	c.open(t, "chromium", "Wayland", c.env, func(into typesInto) {
		all, _ := c.strokes(t)
		for r, stroke := range all {
			if !key.ChromiumKnows(key.Code(stroke.Key)) {
				delete(all, r)
			}
		}
		t.Logf("%d characters", len(all))
		if len(all) < 150 {
			t.Errorf("only %d characters are on codes that Chromium knows", len(all))
		}
		into.strokes(t, all)
		o.without(func(steps []remap.Step) bool { return key.IsSpare(steps[0].Key) && !key.ChromiumKnows(steps[0].Key) }).types(t, into, "us", "abc")
		w := into.watch(t)
		for _, text := range charactertest.NoKey {
			typist.Types(t, text)
			w.Typed(strings.Map(upToFFFF, text))
			w.All()
		}
		o.entersByNumber(t, into)
	})
}

// upToFFFF drops what Chromium does not get.
func upToFFFF(r rune) rune {
	if r > 0xffff {
		return -1
	}
	return r
}

// entersByNumber enters characters by their numbers.
func (o optionLayer) entersByNumber(t *testing.T, into typesInto) {
	t.Helper()
	const text = "a😀b🍎c"
	p, err := program.Parse("own.toml", []byte("[unicode]\nmethod = \"hex\"\n[keymap.own.keys]\nF9 = { text = \""+text+"\" }\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	f9, err := key.ParseCombo("f9", nil)
	if err != nil {
		t.Fatal(err)
	}
	h := &handOnEngine{o: o, t: t, engine: remap.New(p.Compiled), out: remap.NewOutput()}
	h.engine.SetDevice(0, remap.Device{Name: "kbd", Keyboard: "windows"}, 0, h.out)
	h.engine.SetLayout(o.layout)
	w := into.watch(t)
	for range 3 {
		h.combo(f9)
		w.Typed(text)
		w.All()
	}
}
