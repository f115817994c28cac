//go:build desktop

package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/dev/charactertest"
	"toshy/cmd/internal/program"
	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/window/windowtest"
)

// TestOptionLayer: programs get what Option types on a Mac, in the layers us and abc and with their dead keys, on four layouts. The
// built-in configuration chooses the keys, from the keymap that the compositor reports.
func TestOptionLayer(t *testing.T) {
	home := t.TempDir()
	install := toshyIn(t, []string{"XDG_CURRENT_DESKTOP=other", "XDG_SESSION_TYPE=wayland", "XDG_RUNTIME_DIR=" + home, "XDG_CONFIG_HOME=" + home, "XDG_STATE_HOME=" + home + "/state"},
		"characters", "install", "--layout", "us,de,fr,ru")
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w := (&windowtest.Wlroots{Compositor: "labwc"}).Reserve(t)
	w.Start(t)
	env := []string{"XDG_RUNTIME_DIR=" + w.Dir, "WAYLAND_DISPLAY=" + w.Display()}
	t.Setenv("XDG_RUNTIME_DIR", w.Dir)
	t.Setenv("WAYLAND_DISPLAY", w.Display())
	t.Setenv("XDG_CURRENT_DESKTOP", "labwc")
	for _, name := range []string{"us", "de", "fr", "ru"} {
		t.Run(name, func(t *testing.T) {
			compile := exec.Command("xkbcli", "compile-keymap", "--layout", name, "--options", "toshy:characters")
			compile.Env = append(os.Environ(), "XDG_CONFIG_HOME="+home)
			keymap, err := compile.Output()
			if err != nil {
				t.Fatal(err)
			}
			keyboard := windowtest.PlugKeyboard(t, w.Display(), string(keymap))
			defer keyboard.Unplug()
			press := func(t testing.TB, code uint16, press bool) { keyboard.Key(t, code, press) }
			o := optionLayer{press: press, layout: reportedLayout(t)}
			terminal := windowtest.OpenTerminal(t, "foot", press, env...)
			o.types(t, "foot", terminal.Text)
			terminal.Close()
			toolkits := []string{"3.0"}
			if name == "us" {
				toolkits = append(toolkits, "4.0", "qt5", "qt", "firefox")
			}
			for _, toolkit := range toolkits {
				e := windowtest.OpenWaylandEntry(t, toolkit, env...)
				o.types(t, toolkit, func() string { return strings.TrimPrefix(e.Text(), "ready") })
				e.Close()
			}
		})
	}
}

// reportedLayout is the layout of the desktop, as the daemon gets it.
func reportedLayout(t *testing.T) (layout *remap.Layout) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), windowtest.Limit)
	defer cancel()
	_ = desktop.Layout{Log: zap.NewNop(), Follower: desktop.NewLayouts()}.Run(ctx, func(_ string, l *remap.Layout) { layout = l; cancel() }) // ended by ctx
	if layout == nil {
		t.Fatal("the desktop reports no layout with characters")
	}
	return layout
}

// An optionLayer presses the keys that an engine sends on a keyboard of a desktop.
type optionLayer struct {
	press  func(t testing.TB, code uint16, press bool)
	layout *remap.Layout
}

// has says whether the layout has a text. A Russian one has no ` and ^, and toshy installs no ASCII characters.
func (o optionLayer) has(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return o.layout.Symbols[string(r)] == nil })
}

// types types both layers into a program.
func (o optionLayer) types(t *testing.T, where string, text func() string) {
	t.Helper()
	for layer, least := range charactertest.OptionLayers {
		p, err := program.Parse("own.toml", []byte(charactertest.WithOptionLayer(layer)), nil)
		if err != nil {
			t.Fatal(err)
		}
		h := &handOnEngine{o: o, t: t, engine: remap.New(p.Compiled), out: remap.NewOutput()}
		h.engine.SetDevice(0, remap.Device{Name: "kbd", Keyboard: "windows"}, 0, h.out)
		h.engine.SetWindow(remap.Window{App: "gedit"}, 0, h.out)
		h.engine.SetLayout(o.layout)
		before, want, n := text(), "", 0
		arrives := func(all bool) {
			t.Helper()
			if n++; n%burst != 0 && !all {
				return
			}
			got := func() string { return strings.TrimPrefix(text(), before) }
			for end := time.Now().Add(windowtest.Limit); got() != want; time.Sleep(2 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("%s, layer %s: want %q, got %q", where, layer, want, got())
				}
			}
		}
		for _, stroke := range charactertest.Strokes(p.Program, layer) {
			if !o.has(stroke.Text) {
				continue
			}
			for _, c := range stroke.Combos {
				h.combo(c)
			}
			want += stroke.Text
			arrives(false)
		}
		arrives(true)
		if n < least {
			t.Errorf("%s, layer %s: only %d strokes", where, layer, n)
		}
		t.Logf("%s, layer %s: %d strokes", where, layer, n)
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

// combo presses the keys of a combo as they are on the keyboard: Option is the left Windows key.
func (h *handOnEngine) combo(c key.Combo) {
	h.t.Helper()
	var keys []key.Code
	for _, m := range c.Mods {
		switch code := m.Left().Code(); code {
		case key.LeftAlt:
			keys = append(keys, key.LeftMeta)
		case key.LeftShift:
			keys = append(keys, code)
		default:
			h.t.Fatalf("a combo with %s", m)
		}
	}
	keys = append(keys, h.position(c.Key))
	for _, k := range keys {
		h.event(k, remap.Press)
	}
	for i := len(keys) - 1; i >= 0; i-- {
		h.event(keys[i], remap.Release)
	}
}

// position is where the layout has what a US keyboard has on a key.
func (h *handOnEngine) position(c key.Code) key.Code {
	for from, to := range h.o.layout.Map {
		if to == c {
			return from
		}
	}
	return c
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
		if wake == remap.Never || wake > h.now+20*time.Millisecond {
			return
		}
		h.now = max(h.now, wake)
		h.out.Reset()
		wake = h.engine.Tick(h.now, h.out)
	}
}
