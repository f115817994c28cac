package desktop

import (
	"context"
	"slices"
	"testing"
	"time"

	"go.uber.org/zap"

	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/window/layout"
	"toshy/remap/window/windowtest"
)

// tables are those of a recorded keyboard, read as the daemon reads them.
func tables(t *testing.T, k *windowtest.Keyboard) *remap.Layout {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var l *remap.Layout
	err := layout.From(k).Run(ctx, func(found layout.Layout) {
		l = engineLayout(found)
		cancel()
	})
	if ctx.Err() == nil {
		t.Fatal(err)
	}
	return l
}

// A bench is an engine in front of a recorded keyboard.
type bench struct {
	e   *remap.Engine
	out *remap.Output
	now time.Duration
	k   *windowtest.Keyboard
}

func code(t *testing.T, name string) key.Code {
	t.Helper()
	c, ok := key.Parse(name)
	if !ok {
		t.Fatalf("no key %q", name)
	}
	return c
}

// press taps a key while it holds others.
func (b *bench) press(t *testing.T, k string, held ...string) {
	t.Helper()
	keys := append(slices.Clone(held), k)
	for _, name := range keys {
		b.event(code(t, name), remap.Press)
	}
	slices.Reverse(keys)
	for _, name := range keys {
		b.event(code(t, name), remap.Release)
	}
}

func (b *bench) event(c key.Code, value int32) {
	b.now += 20 * time.Millisecond
	b.out.Reset()
	wake := b.e.Handle(remap.Event{At: b.now, Type: remap.TypeKey, Code: c, Value: value}, b.out)
	for {
		for _, ev := range b.out.Events {
			if ev.Type == remap.TypeKey && ev.Value != remap.Repeat {
				b.k.Key(uint16(ev.Code), ev.Value == remap.Press)
			}
		}
		if wake == remap.Never {
			return
		}
		b.now = max(b.now, wake)
		b.out.Reset()
		wake = b.e.Tick(b.now, b.out)
	}
}

func newBench(t *testing.T, text, name string, group int, o remap.Options) *bench {
	t.Helper()
	combo := func(s string) key.Combo {
		c, err := key.ParseCombo(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	o.Masking = true
	c, err := remap.Compile(&remap.Program{Options: o, Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{
		{Combo: combo("f1"), Action: &remap.Action{Kind: remap.DoText, Text: text}},
		{Combo: combo("super-a"), Action: &remap.Action{Kind: remap.DoCombo, Combo: combo("ctrl-a")}},
		{Combo: combo("super-z"), Action: &remap.Action{Kind: remap.DoCombo, Combo: combo("ctrl-z")}},
		{Combo: combo("super-1"), Action: &remap.Action{Kind: remap.DoCombo, Combo: combo("ctrl-x")}},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{e: remap.New(c), out: remap.NewOutput(), k: windowtest.NewKeyboard(t, name)}
	b.k.Group = group
	b.e.SetDevice(0, remap.Device{Name: "kbd"}, 0, b.out)
	b.e.SetLayout(tables(t, b.k))
	return b
}

// TestText: a text action types the same text on every layout: with keys, AltGr, dead keys, and Unicode entry for the rest.
func TestText(t *testing.T) {
	const text = "Hi, ∞@é\n"
	for _, l := range windowtest.Layouts {
		b := newBench(t, text, l, 0, remap.Options{})
		b.press(t, "f1")
		want := text
		if l == "ru" {
			want = "" // neither Latin letters nor the Unicode entry can be typed: type nothing rather than half of it
		}
		if b.k.Text != want {
			t.Errorf("%s: %q came out as %q", l, text, b.k.Text)
		}
	}
	b := newBench(t, "Привет, ёж!", "ru", 0, remap.Options{})
	if b.press(t, "f1"); b.k.Text != "Привет, ёж!" {
		t.Errorf("ru: %q", b.k.Text)
	}
}

// TestCombos: a combo means the key that types its symbol, and is sent with that key.
func TestCombos(t *testing.T) {
	for _, tt := range []struct {
		layout string
		group  int
		o      remap.Options
		keys   []string // pressed with Super; names of keys on a US keyboard
		want   []string
	}{
		{"us", 0, remap.Options{}, []string{"a", "z", "1"}, []string{"ctrl-a", "ctrl-z", "ctrl-x"}},
		{"fr", 0, remap.Options{}, []string{"q", "w", "1"}, []string{"ctrl-a", "ctrl-z", "ctrl-x"}},
		{"fr", 0, remap.Options{}, []string{"a"}, nil}, // the key that types q
		{"de", 0, remap.Options{}, []string{"a", "y", "1"}, []string{"ctrl-a", "ctrl-z", "ctrl-x"}},
		{"gb", 0, remap.Options{}, []string{"a", "z", "1"}, []string{"ctrl-a", "ctrl-z", "ctrl-x"}},
		{"dvorak", 0, remap.Options{}, []string{"a", "slash", "1"}, []string{"ctrl-a", "ctrl-z", "ctrl-x"}},
		{"bepo", 0, remap.Options{}, []string{"a", "leftbrace", "1"}, []string{"ctrl-a", "ctrl-z", "ctrl-x"}},
		// Cyrillic: the keys of a US keyboard, where programs look, too.
		{"ru", 0, remap.Options{}, []string{"a", "z"}, []string{"ctrl-ф", "ctrl-я"}},
		// With AZERTY as a second layout: the keys of AZERTY.
		{"fr,ru", 0, remap.Options{}, []string{"q"}, []string{"ctrl-a"}},
		{"fr,ru", 1, remap.Options{}, []string{"q", "w"}, []string{"ctrl-й", "ctrl-ц"}},
		// Shortcuts on the keys of QWERTY.
		{"dvorak", 0, remap.Options{USCombos: true}, []string{"a", "z"}, []string{"ctrl-a", "ctrl-;"}},
		{"fr", 0, remap.Options{USLayout: true}, []string{"a"}, []string{"ctrl-q"}},
	} {
		b := newBench(t, "x", tt.layout, tt.group, tt.o)
		for _, k := range tt.keys {
			b.press(t, k, "leftmeta")
		}
		if !slices.Equal(b.k.Shortcuts, tt.want) {
			t.Errorf("%s, group %d, %+v: Super-%v came out as %q, want %q", tt.layout, tt.group, tt.o, tt.keys, b.k.Shortcuts, tt.want)
		}
	}
}

// TestSwitch: the layout changes while keys are held.
func TestSwitch(t *testing.T) {
	b := newBench(t, "x", "fr", 0, remap.Options{})
	b.event(code(t, "leftmeta"), remap.Press)
	b.event(code(t, "q"), remap.Press)
	b.e.SetLayout(nil)
	b.event(code(t, "q"), remap.Release)
	b.event(code(t, "leftmeta"), remap.Release)
	if b.press(t, "q"); b.k.Text != "a" || !slices.Equal(b.k.Shortcuts, []string{"ctrl-a"}) {
		t.Errorf("%q and then %q: a key is stuck", b.k.Shortcuts, b.k.Text)
	}
}

func TestUS(t *testing.T) {
	if l := tables(t, windowtest.NewKeyboard(t, "us")); l != nil {
		t.Errorf("the US layout is %d symbols, %d moved keys", len(l.Symbols), len(l.Map))
	}
	for _, name := range []string{"gb", "dvorak", "ru"} {
		if tables(t, windowtest.NewKeyboard(t, name)) == nil {
			t.Errorf("%s is taken for US", name)
		}
	}
}

// TestLayoutSeen: who follows the layout beside the engine gets each before the engine does.
func TestLayoutSeen(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var order []string
	l := Layout{
		Log: zap.NewNop(), Follower: layout.NewFollower(layout.From(windowtest.NewKeyboard(t, "de"))),
		Seen: func(l layout.Layout) { order = append(order, "seen "+l.Name) },
	}
	_ = l.Run(ctx, func(name string, _ *remap.Layout) { // ended by ctx
		order = append(order, "engine "+name)
		cancel()
	})
	if want := []string{"seen German", "engine German"}; !slices.Equal(order, want) {
		t.Errorf("%q, want %q", order, want)
	}
}
