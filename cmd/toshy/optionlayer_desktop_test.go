//go:build desktop

package main

import (
	"maps"
	"strings"
	"testing"
	"time"

	"toshy/cmd/internal/dev/charactertest"
	"toshy/cmd/internal/dev/desktoptest"
	"toshy/cmd/internal/program"
	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/window/windowtest"
)

// TestOptionLayerOnX11: what Option types on a Mac, in an X11 session. The X server types what the layout does not have, some 50 different
// characters each 0.3 seconds, so the layer abc takes some seconds: two programs get it.
func TestOptionLayerOnX11(t *testing.T) {
	x := &windowtest.X11{Manager: "i3"}
	x.Start(t)
	env := []string{"XDG_SESSION_TYPE=x11", "XDG_CURRENT_DESKTOP=i3", "XDG_RUNTIME_DIR=" + windowtest.Dir(t), "WAYLAND_DISPLAY=", "SWAYSOCK=", "DISPLAY=" + x.Display}
	c := characterTest{key: x.Key, env: env}
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
	typist := desktoptest.StartTypist(t)
	for _, l := range fourLayouts {
		x.Setxkbmap(t, l.id)
		o := optionLayer{press: c.key, layout: desktoptest.Layout(t, l.name), typist: typist}
		programs := map[bool][]string{true: {"xterm", "3.0", "4.0", "qt5", "qt", "firefox"}, false: {"xterm", "3.0"}}[l.id == "us"]
		for _, p := range programs {
			layers := []string{"us"}
			if l.id == "us" && (p == "xterm" || p == "3.0") {
				layers = append(layers, "abc")
			}
			c.open(t, p, "X11, layout "+l.id, env, func(types typesInto) { o.types(t, types, layers...) })
		}
	}
}

// An optionLayer presses the keys that an engine sends on a keyboard of a desktop, for what Option types on a Mac, with its dead keys. The
// built-in configuration chooses the keys, from the keymap that the desktop reports.
type optionLayer struct {
	press  func(t testing.TB, code uint16, press bool)
	layout *remap.Layout
	typist *desktoptest.Typist // of a desktop that types what the layout does not have; may be nil
}

// forX11 is the layer without the characters that X11 programs do not get.
func (o optionLayer) forX11() optionLayer {
	return o.without(func(steps []remap.Step) bool { return steps[0].Key >= key.FirstWaylandOnly })
}

// withoutDeadKeys is the layer without the characters that the layout types with a dead key. IBus turns these into text of an input
// method, and programs take that by another way than keys: if both come faster than a screen is drawn, foot loses the text (it ignores
// what has the number of an older state), and GTK 3 shows it before the keys.
func (o optionLayer) withoutDeadKeys() optionLayer {
	return o.without(func(steps []remap.Step) bool { return len(steps) > 1 })
}

func (o optionLayer) without(which func(steps []remap.Step) bool) optionLayer {
	l := *o.layout
	l.Symbols = maps.Clone(l.Symbols)
	maps.DeleteFunc(l.Symbols, func(_ string, steps []remap.Step) bool { return which(steps) })
	o.layout = &l
	return o
}

// has says whether the desktop types a text. A Russian layout has no ` and ^, and toshy installs no ASCII characters.
func (o optionLayer) has(text string) bool {
	return o.typist != nil || !strings.ContainsFunc(text, func(r rune) bool { return o.layout.Symbols[string(r)] == nil })
}

// types types layers into a program: us, or abc.
func (o optionLayer) types(t *testing.T, into typesInto, layers ...string) {
	t.Helper()
	for _, layer := range layers {
		p, err := program.Parse("own.toml", []byte(charactertest.WithOptionLayer(layer)), nil)
		if err != nil {
			t.Fatal(err)
		}
		h := &handOnEngine{o: o, t: t, engine: remap.New(p.Compiled), out: remap.NewOutput()}
		h.engine.SetDevice(0, remap.Device{Name: "kbd", Keyboard: "windows"}, 0, h.out)
		h.engine.SetWindow(remap.Window{App: "gedit"}, 0, h.out)
		h.engine.SetLayout(o.layout)
		h.engine.SetTypes(o.typist != nil, 0, h.out)
		w := into.watch(t)
		left := map[string]int{} // texts that the desktop does not type, and how many combos type each
		for _, stroke := range charactertest.Strokes(p.Program, layer) {
			if !o.has(stroke.Text) {
				left[stroke.Text]++
				continue
			}
			for _, c := range stroke.Combos {
				h.combo(c)
			}
			w.Typed(stroke.Text)
		}
		w.All()
		t.Logf("%s, layer %s: %d combos; without %v", into.name, layer, w.N, left)
		if w.N < charactertest.OptionLayers[layer]/3 { // X11 programs get the fewest
			t.Errorf("%s, layer %s: only %d combos", into.name, layer, w.N)
		}
	}
}

// A handOnEngine is somebody who types on a PC keyboard; the engine's output goes to the desktop.
type handOnEngine struct {
	o      optionLayer
	t      *testing.T
	engine *remap.Engine
	out    *remap.Output
	now    time.Duration
}

// combo presses a combo.
func (h *handOnEngine) combo(c key.Combo) {
	h.t.Helper()
	keys := charactertest.Keys(c, h.o.layout)
	for _, k := range keys {
		h.event(k, remap.Press)
	}
	for i := len(keys) - 1; i >= 0; i-- {
		h.event(keys[i], remap.Release)
	}
}

func (h *handOnEngine) event(code key.Code, value int32) {
	h.t.Helper()
	h.now += 20 * time.Millisecond
	h.out.Reset()
	wake := h.engine.Handle(remap.Event{At: h.now, Type: remap.TypeKey, Code: code, Value: value}, h.out)
	for {
		for _, ev := range h.out.Events {
			if ev.Type == remap.TypeKey && ev.Value != remap.Repeat {
				h.o.press(h.t, uint16(ev.Code), ev.Value == remap.Press)
			}
		}
		for _, x := range h.out.Effects {
			if x.Kind == remap.EffectRefused {
				h.t.Fatalf("refused: %s", x.Text)
			}
		}
		if q := h.out.Typing; q != nil {
			h.out.Reset()
			wake = h.typing(*q)
			continue
		}
		if wake == remap.Never || wake > h.now+20*time.Millisecond {
			return
		}
		h.now = max(h.now, wake)
		h.out.Reset()
		wake = h.engine.Tick(h.now, h.out)
	}
}

// typing has the session type what the engine asks for, and gives the engine the answer. The engine asks again for what the session
// cannot type yet; then its time must pass.
func (h *handOnEngine) typing(q remap.Typing) (wake time.Duration) {
	h.t.Helper()
	result := h.o.typist.Try(q.Text)
	wake = h.engine.Typed(q.Serial, result, h.now, h.out)
	if result == remap.TypingLater {
		time.Sleep(wake - h.now)
		h.now = wake
		wake = h.engine.Tick(h.now, h.out)
	}
	return wake
}
