//go:build desktop

package desktop

import (
	"context"
	"testing"
	"time"

	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/window/layout"
	"toshy/remap/window/windowtest"
	"toshy/remap/window/x11"
)

// TestUnicodeEntry: real toolkits turn what the engine sends for missing characters into these characters, on layouts whose digits
// need Shift or do not. The keys after it are typed, too.
func TestUnicodeEntry(t *testing.T) {
	const text = "a\u262fb\u232b1c" // a Yin Yang and an erase sign, which no layout has, between hex digits from a to f
	x := &windowtest.X11{Manager: "i3"}
	x.Start(t)
	for _, name := range []string{"us", "de", "fr", "gb"} {
		x.Setxkbmap(t, "-layout", name)
		ctx, cancel := context.WithCancel(t.Context())
		var table *remap.Layout
		_ = layout.From(x11.New(x11.Options{Display: x.Display})).Run(ctx, func(l layout.Layout) {
			table = engineLayout(l)
			cancel()
		})
		cancel()
		if (table == nil) != (name == "us") {
			t.Fatalf("%s: no layout", name)
		}
		for _, version := range []string{"3.0", "4.0"} {
			e := x.OpenEntry(t, version)
			typeText(t, e, table, text)
			windowtest.Until(t, "GTK "+version+" on "+name+" has "+text+", and not something else", func() bool { return e.Text() == text })
			e.Close()
		}
	}
}

// typeText makes an engine type a text into a field.
func typeText(t *testing.T, e *windowtest.Entry, table *remap.Layout, text string) {
	t.Helper()
	f1, err := key.ParseCombo("f1", nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := remap.Compile(&remap.Program{Options: remap.Options{Masking: true}, Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{
		{Combo: f1, Action: &remap.Action{Kind: remap.DoText, Text: text}},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	engine, out, now := remap.New(c), remap.NewOutput(), time.Duration(0)
	engine.SetDevice(0, remap.Device{Name: "kbd"}, 0, out)
	engine.SetLayout(table)
	for _, value := range []int32{remap.Press, remap.Release} {
		now += 20 * time.Millisecond
		out.Reset()
		wake := engine.Handle(remap.Event{At: now, Type: remap.TypeKey, Code: code(t, "f1"), Value: value}, out)
		for {
			for _, ev := range out.Events {
				if ev.Type == remap.TypeKey && ev.Value != remap.Repeat {
					e.Key(t, uint16(ev.Code), ev.Value == remap.Press)
				}
			}
			if wake == remap.Never {
				break
			}
			now = max(now, wake)
			out.Reset()
			wake = engine.Tick(now, out)
		}
	}
}
