package remap_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

func mustCombo(s string) key.Combo {
	c, err := key.ParseCombo(s, nil)
	if err != nil {
		panic(err)
	}
	return c
}

func mustKey(s string) key.Code {
	c, ok := key.Parse(s)
	if !ok {
		panic(s)
	}
	return c
}

// rig drives an engine with a compact script: "+a" press, "-a" release, "~a" repeat, "50" waits 50 ms.
type rig struct {
	e   *remap.Engine
	now time.Duration
	out *remap.Output
	log strings.Builder
	at  time.Duration

	down  map[key.Code]bool // on the output
	asked *remap.Typing     // by the engine, to be typed by the session
}

func newRig(t testing.TB, p *remap.Program) *rig {
	t.Helper()
	c, err := remap.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{e: remap.New(c), out: remap.NewOutput(), down: map[key.Code]bool{}}
	r.e.SetDevice(0, remap.Device{Name: "kbd"}, 0, r.out)
	return r
}

// answers has the session answer, so that the engine asks it for more than one character.
func (r *rig) answers() { r.e.Typed(0, remap.TypingDone, r.now, r.out) }

func (r *rig) flush() {
	for _, ev := range r.out.Events {
		if ev.Type == remap.TypeRel && ev.Code == 8 {
			fmt.Fprintf(&r.log, " wheel%d", ev.Value)
		}
		if ev.Type != remap.TypeKey {
			continue
		}
		if ev.Value == remap.Release {
			delete(r.down, ev.Code)
		} else {
			r.down[ev.Code] = true
		}
		if r.now != r.at {
			fmt.Fprintf(&r.log, " @%d", r.now.Milliseconds())
			r.at = r.now
		}
		fmt.Fprintf(&r.log, " %c%s", "-+~"[ev.Value], ev.Code)
	}
	for _, x := range r.out.Effects {
		if x.Kind == remap.EffectRefused {
			fmt.Fprintf(&r.log, " refused@%d", r.now.Milliseconds())
		}
	}
	if q := r.out.Typing; q != nil {
		fmt.Fprintf(&r.log, " types@%d:%s", r.now.Milliseconds(), q.Text)
		r.asked = q
	}
	r.out.Reset()
}

func (r *rig) run(script string) string { return r.play(script, nil) }

// play runs a script. Each "!" in it calls the next function of do.
func (r *rig) play(script string, do []func(r *rig)) string {
	wake := remap.Never
	for _, w := range strings.Fields(script) {
		if w == "!" {
			do[0](r)
			do = do[1:]
			wake = r.e.Tick(r.now-1, r.out)
			r.flush()
			continue
		}
		switch v := int32(strings.IndexByte("-+~", w[0])); v {
		case -1:
			var ms int
			fmt.Sscan(w, &ms)
			end := r.now + time.Duration(ms)*time.Millisecond
			for wake <= end {
				r.now = max(r.now, wake)
				wake = r.e.Tick(r.now, r.out)
				r.flush()
			}
			r.now = end
		default:
			wake = r.e.Handle(remap.Event{At: r.now, Type: remap.TypeKey, Code: mustKey(w[1:]), Value: v}, r.out)
			r.flush()
		}
	}
	s := strings.TrimSpace(r.log.String())
	r.log.Reset()
	return s
}

func send(s string) *remap.Action { return remap.Send(mustCombo(s)) }

func TestEngineBasics(t *testing.T) {
	p := &remap.Program{
		Options: remap.Options{Masking: true},
		Modmaps: []remap.Modmap{{Name: "m", Keys: map[key.Code]key.Code{mustKey("f1"): mustKey("f2")}}},
		TapHolds: []remap.TapHoldMap{{Name: "t", Keys: map[key.Code]remap.TapHold{
			key.CapsLock: {Tap: key.Esc, Hold: key.LeftCtrl},
		}}},
		Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{
			{Combo: mustCombo("Super-C"), Action: send("Ctrl-C")},
			{Combo: mustCombo("Super-A"), Action: send("Home")},
			{Combo: mustCombo("Super-Tab"), Action: remap.Hold(mustCombo("Alt-Tab"))},
			{Combo: mustCombo("Alt-X"), Action: &remap.Action{Kind: remap.DoIgnore}},
		}}},
	}
	for _, c := range []struct{ in, want string }{
		{"+a 10 -a", "+a @10 -a"},
		{"+f1 -f1", "+f2 -f2"},
		{"+leftmeta 10 +c 10 -c 10 -leftmeta", "+leftmeta @10 +leftctrl -leftmeta +c @20 -c -leftctrl +leftmeta @30 +leftctrl -leftctrl -leftmeta"},
		{"+leftmeta 10 +a 10 -a 10 -leftmeta", "+leftmeta @10 +leftctrl -leftctrl -leftmeta +home @20 -home +leftmeta @30 +leftctrl -leftctrl -leftmeta"},
		{"+leftmeta 10 -leftmeta", "+leftmeta @10 -leftmeta"},
		{"+leftmeta +tab -tab 5 +tab -tab 5 -leftmeta", "+leftmeta +leftalt -leftmeta +tab -tab @5 +tab -tab @10 -leftalt"},
		{"+leftalt +x -x -leftalt", "+leftalt +leftctrl -leftctrl -leftalt"},
		{"+capslock 50 -capslock", "@50 +esc -esc"},
		{"+capslock 50 +a 5 -a -capslock", "@50 +leftctrl +a @55 -a -leftctrl"},
		{"+capslock 1200 -capslock", "@1000 +leftctrl @1200 -leftctrl"},
	} {
		if got := newRig(t, p).run(c.in); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}
