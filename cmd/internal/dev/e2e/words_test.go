//go:build vm

package e2e

import (
	"strings"
	"testing"
)

// Words of the language whose result depends on time, on several keys or on another device, with real keys.

func TestOppositeHand(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, `extends = "none"
[modmap.home.keys]
s = { tap = "s", hold = "LeftAlt", preset = "permissive", opposite_hand = true, timeout = "1m" }
`, k)
	k.becomes(r.out, "+s +e -e -s", "+s +e -e -s")
	k.becomes(r.out, "+s +j -j -s", "+leftalt +j -j -leftalt")
	k.becomes(r.out, "+s +space -space -s", "+leftalt +space -space -leftalt")
}

func TestPressAndRelease(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, `extends = "none"
[keymap.talk.keys]
F1 = { press = "A", release = "B" }
`, k)
	k.types("+f1")
	r.out.expect("+a -a")
	k.types("+c -c")
	r.out.expect("+c -c")
	k.types("-f1")
	r.out.expect("+b -b")
	k.types("+f1")
	r.out.expect("+a -a")
	k.pull() // everything that has begun ends
	r.out.expect("+b -b")
	r.out.allUp()
}

func TestConditionsOnKeys(t *testing.T) {
	first, second := pcKeyboard(t), plugUSB(t)
	r := startOn(t, `extends = "none"
[keymap.held]
when = 'held("A")'
keys.B = "F1"
[keymap.last]
when = 'last("Comma")'
keys.Dot = "F2"
`, first, second)
	first.types("+a")
	r.out.expect("+a")
	second.types("+b -b")
	r.out.expect("+f1 -f1")
	first.types("-a")
	r.out.expect("-a")
	second.becomes(r.out, "+b -b +comma -comma +dot -dot +dot -dot", "+b -b +comma -comma +f2 -f2 +dot -dot")
}

func TestPointerKeys(t *testing.T) {
	k := plugUSB(t)
	known := nodes()
	r := startOn(t, `extends = "none"
[keymap.k.keys]
F1 = { pointer = "right", speed = 1000, acceleration = "0s" }
F2 = { scroll = "down", speed = 100, acceleration = "0s" }
F3 = { wheel = 3 }
`, k)
	pointer := open(t, appear(t, "toshy's virtual pointer", known, func(n node) bool { return n.phys == virtualPointer }))
	moves := func(key string, axis uint16, sign int32) {
		t.Helper()
		k.types("+" + key)
		for n := int32(0); n < 20; { // it continues without another key
			for _, e := range pointer.everything(2) {
				if e != (inputEvent{}) && (e.kind != evRel || e.code != axis || e.value*sign <= 0) {
					t.Fatalf("while %s is held, the pointer sends %v", key, e)
				}
				n += e.value * sign
			}
		}
		k.types("-" + key)
		k.becomes(r.out, "+b -b", "+b -b")
		for { // what was sent before the release
			if events, err := pointer.readAll(in(beat)); err != nil || len(events) == 0 {
				break
			}
		}
	}
	moves("f1", relX, 1)
	moves("f2", relWheel, -1)
	k.types("+f3 -f3")
	if got := pointer.everything(2); got[0] != (inputEvent{evRel, relWheel, 3}) {
		t.Errorf("the wheel sends %v", got)
	}
}

// A macro is recorded, shown, played in order with keys that are typed meanwhile, and forgotten when the keyboards are given back.
func TestRecordedMacro(t *testing.T) {
	k := plugUSB(t)
	r, env := served(t, `extends = "none"
[keymap.k.keys]
F1 = { record = "a" }
F2 = { play = "a" }
`, k)
	k.types("+f1 -f1")
	until(t, "status shows the recording", func() bool { return status(t, env).Recording == "a" })
	if text := does(t, env, "status"); !strings.Contains(text, "recording      the macro a") {
		t.Errorf("toshy status says\n%s", text)
	}
	k.becomes(r.out, "+h -h +leftshift +i -i -leftshift +f1 -f1", "+h -h +leftshift +i -i -leftshift")
	until(t, "status shows its end", func() bool { return status(t, env).Recording == "" })
	k.becomes(r.out, "+f2 -f2 +x -x", "+h -h +leftshift +i -i -leftshift +x -x")
	if log := r.log.String(); strings.Contains(log, "leftshift") {
		t.Error("the log reveals what is typed")
	}

	does(t, env, "pause")
	does(t, env, "resume")
	k.through(r.out)
	k.becomes(r.out, "+f2 -f2 +y -y", "+y -y")
}
