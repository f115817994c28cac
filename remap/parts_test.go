package remap

import (
	"testing"
	"time"

	"toshy/remap/key"
)

// partsRig is an engine. The test drives its parts by hand.
func partsRig(t *testing.T, p *Program) (*Engine, *Output) {
	t.Helper()
	c, err := Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	e, out := New(c), NewOutput()
	e.begin(0, out)
	return e, out
}

// sent returns the output since the last call: "+a -a".
func sent(out *Output) (s string) {
	for _, ev := range out.Events {
		if ev.Type != TypeKey {
			continue
		}
		if s != "" {
			s += " "
		}
		s += map[int32]string{Press: "+", Release: "-", Repeat: "~"}[ev.Value] + ev.Code.String()
	}
	out.Reset()
	return s
}

// A key goes up with the last claim to it, and a claim ends only once.
func TestLedgerClaims(t *testing.T) {
	e, out := partsRig(t, &Program{})
	l := &e.ledger
	first, second := l.take(key.Esc, false), l.take(key.Esc, false)
	l.drop(&first, false)
	l.drop(&first, false)
	if got := sent(out); got != "+esc" || !l.isDown(key.Esc) {
		t.Errorf("after one claim of two has ended twice: %s", got)
	}
	l.drop(&second, false)
	if got := sent(out); got != "-esc" || l.isDown(key.Esc) {
		t.Errorf("after the last claim: %s", got)
	}
	var none claim
	l.drop(&none, false)
	if got := sent(out); got != "" || !none.none() {
		t.Errorf("a claim to nothing: %s", got)
	}
}

// What a combo puts aside comes back if something still claims it.
func TestLedgerPutsAside(t *testing.T) {
	e, out := partsRig(t, &Program{})
	l := &e.ledger
	alt, ctrl := l.take(key.LeftAlt, false), l.take(key.LeftCtrl, false)
	l.holdCombo([]key.Mod{key.Shift}, key.Esc, physicalKey{})
	l.drop(&ctrl, false)
	l.endCombo(releasing{})
	if got, want := sent(out), "+leftalt +leftctrl -leftctrl -leftalt +leftshift +esc -esc -leftshift +leftalt"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	l.tapCombo(key.Combo{Key: key.Esc})
	l.restoreLifted()
	l.drop(&alt, false)
	if got, want := sent(out), "-leftalt +esc -esc +leftalt -leftalt"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if n := len(l.downMods); n != 0 {
		t.Errorf("%d modifiers are down", n)
	}
}

// Output after something that waits has to wait, too.
func TestPacerKeepsOrder(t *testing.T) {
	e, out := partsRig(t, &Program{Pacings: []Pacing{{Pre: 10 * time.Millisecond}}})
	p := &e.pacer
	p.key(key.Esc, Press, false)
	p.key(key.Esc, Release, true)
	p.pointer(relWheel, 1)
	if got := sent(out); got != "" || p.due() != 10*time.Millisecond {
		t.Fatalf("at once: %s, due %v", got, p.due())
	}
	e.begin(10*time.Millisecond, out)
	p.flush()
	if got := sent(out); got != "+esc -esc" || !p.idle() {
		t.Errorf("when due: %s", got)
	}
}

// If you press a key while another one is undecided, this decides the other one. The queue is not involved.
func TestHandDecides(t *testing.T) {
	both := &TapHold{Tap: key.Esc, Hold: key.LeftCtrl}
	e, out := partsRig(t, &Program{})
	press := func(c key.Code, t *TapHold) int {
		return e.hand.press(&Event{Type: TypeKey, Code: c, Value: Press}, c, t)
	}
	if i := press(key.CapsLock, both); i >= 0 || e.hand.undecidedDue() == Never {
		t.Fatalf("a key with two meanings is looked up at once: %d", i)
	}
	if i := press(key.Enter, nil); i != 1 || e.hand.mods(1) == 0 {
		t.Errorf("a plain key: number %d, modifiers %v", i, e.hand.mods(1))
	}
	if got := sent(out); got != "+leftctrl" {
		t.Errorf("decided: %s", got)
	}
	if e.hand.release(0) {
		t.Error("a key that was held counts as a tap")
	}
	if got := sent(out); got != "-leftctrl" {
		t.Errorf("released: %s", got)
	}
}

// The queue reports once for each event that it waits. Events that were put back come first.
func TestQueue(t *testing.T) {
	q := newQueue()
	at := func(c key.Code) Event { return Event{Type: TypeKey, Code: c, Value: Press} }
	q.add(at(key.Esc))
	q.add(at(key.Enter))
	if a, b, c := q.unseen(), q.unseen(), q.unseen(); a != 0 || b != 1 || c != -1 {
		t.Errorf("unseen: %d %d %d", a, b, c)
	}
	q.putBack(at(key.Tab))
	if n := q.unseen(); n != 1 {
		t.Errorf("after one was put back: %d", n)
	}
	q.add(Event{Type: TypeKey, Code: key.Tab})
	if !q.pressedBefore(3) || q.pressedBefore(0) || !q.hasKey(physicalKey{0, key.Esc}) {
		t.Error("the queue does not know its keys")
	}
	if ev := q.take(); ev.Code != key.Tab || q.len() != 3 {
		t.Errorf("first is %v of %d", ev.Code, q.len()+1)
	}
}

// One-shot modifiers are down until the key after the one that requested them.
func TestNextOneShot(t *testing.T) {
	e, out := partsRig(t, &Program{Layers: []string{"nav"}})
	n := &e.next
	n.beginOneShot(&Action{Kind: DoOneShot, Combo: key.Combo{Mods: []key.Mod{key.Shift}}, Time: time.Second}, true)
	n.beginOnce(&Action{})
	n.used(0, physicalKey{}, true)
	if n.held() == 0 || n.oneShotDue() != time.Second || !e.scene.layerIs(0) {
		t.Errorf("after the key that asked: %v, due %v", n.held(), n.oneShotDue())
	}
	n.used(n.once(), physicalKey{}, true)
	if got := sent(out); got != "+leftshift -leftshift" || n.held() != 0 || e.scene.layerIs(0) {
		t.Errorf("after the next key: %s", got)
	}
}

// A chord needs all of its keys. If a longer chord is possible, the engine waits for it.
func TestChordState(t *testing.T) {
	a, b := &Action{}, &Action{}
	e, _ := partsRig(t, &Program{Chords: []ChordMap{{Chords: []Chord{
		{Keys: []key.Code{key.Esc, key.Tab}, Action: a}, {Keys: []key.Code{key.Esc, key.Tab, key.Enter}, Action: b},
	}}}})
	at := func(c key.Code) *Event { return &Event{Type: TypeKey, Code: c, Value: Press} }
	c := &e.chord
	if !c.begin(at(key.Esc), key.Esc) || c.due() != defaultChordWindow || c.complete() != nil {
		t.Error("one key does not begin a chord")
	}
	if got, longer := c.extend(at(key.Tab)); got != a || !longer {
		t.Errorf("two keys: %p, longer %v", got, longer)
	}
	if got, longer := c.extend(at(key.Space)); got != nil || longer || c.complete() != a {
		t.Errorf("a key of no chord: %p, longer %v", got, longer)
	}
	if got, longer := c.extend(at(key.Enter)); got != b || longer {
		t.Errorf("three keys: %p, longer %v", got, longer)
	}
	c.giveUp()
	if c.begin(at(key.Esc), key.Esc) {
		t.Error("a press that was already tried starts a chord again")
	}
}

// A macro that waits continues at its time. Cancelling it restores the keys that it has lifted.
func TestRunnerWaits(t *testing.T) {
	e, out := partsRig(t, &Program{})
	alt := e.ledger.take(key.LeftAlt, false)
	sent(out)
	e.runner.run(List(Send(key.Combo{Key: key.Esc}), &Action{Kind: DoWait, Time: time.Second}, Send(key.Combo{Key: key.Tab})), -1, outside, 0)
	if got := sent(out); got != "-leftalt +esc -esc" || e.runner.due() != time.Second {
		t.Errorf("before the wait: %s, due %v", got, e.runner.due())
	}
	e.runner.cancel()
	if got := sent(out); got != "+leftalt" || e.runner.waits() {
		t.Errorf("cancelled: %s", got)
	}
	e.ledger.drop(&alt, false)
}

// A keyboard gets its view of the active maps, and keeps it until something changes that the view depends on.
func TestSceneViews(t *testing.T) {
	e, _ := partsRig(t, &Program{
		Layers:  []string{"nav"},
		Modmaps: []Modmap{{When: &Cond{Op: CondLayer}, Keys: map[key.Code]key.Code{key.Esc: key.Tab}}},
	})
	s := &e.scene
	s.meet(1)
	before := s.viewOf(1)
	s.setLayer(0, true)
	if s.viewOf(1) == before || s.viewOf(1).modmap[key.Esc] != key.Tab || s.changed() != 1 {
		t.Error("a layer changes nothing")
	}
	s.setLayer(0, false)
	if s.viewOf(1) != before {
		t.Error("the view from before is not found again")
	}
}
