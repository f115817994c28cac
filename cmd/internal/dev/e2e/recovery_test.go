//go:build vm

package e2e

import (
	"fmt"
	"testing"
	"time"

	"toshy/remap/key"
)

// How long it takes until every program gets the keyboards again, and until a changed configuration takes effect. The test logs what
// it measures and sets no limit. Figures that repeat are those of virtual time.

// everyones types on each keyboard until the keys come out of the keyboard itself, and returns how long that took.
func everyones(t *testing.T, began time.Time, kbds ...*softKeyboard) time.Duration {
	t.Helper()
	f, end := code(t, marker), deadline()
	for _, k := range kbds {
		for free := false; !free; {
			k.types(keyEvent{f, pressed}, keyEvent{f, released})
			free = k.skipTo("-"+marker, in(time.Millisecond)) == nil
			if !free && end.over() {
				t.Fatalf("%s is not given back", k.name)
			}
		}
	}
	return time.Since(began)
}

// taken starts toshy, waits until it has grabbed the keyboards, and holds a key on the last of them.
func taken(t *testing.T, held key.Code, kbds ...*softKeyboard) *toshy {
	t.Helper()
	r := start(t, "")
	for _, k := range kbds {
		softThrough(k, r.out)
		must(t, k.readNow())
		k.pending = nil
	}
	kbds[len(kbds)-1].types(keyEvent{held, pressed})
	must(t, r.out.skipTo("+"+keyName(held), deadline()))
	return r
}

func TestRecovery(t *testing.T) {
	a := code(t, "a")
	for _, n := range []int{1, 8} {
		var kbds []*softKeyboard
		for i := range n {
			kbds = append(kbds, newSoftKeyboard(t, fmt.Sprintf("e2e keyboard %d of %d", i, n)))
		}
		first, last := kbds[0], kbds[n-1]
		for range 3 {
			r := taken(t, a, kbds...)
			began := time.Now()
			must(t, r.cmd.Process.Kill())
			t.Logf("%d keyboards: everyone's %v after kill -9", n, everyones(t, began, kbds...))
			r.kill()
			vanish(t, r.out.node)
			last.types(keyEvent{a, released})

			r = taken(t, a, kbds...)
			var press, release []keyEvent
			for _, name := range []string{"backspace", "esc", "enter"} {
				press = append(press, keyEvent{code(t, name), pressed})
				release = append(release, keyEvent{code(t, name), released})
			}
			began = time.Now()
			first.types(press...)
			t.Logf("%d keyboards: everyone's %v after the panic chord", n, everyones(t, began, kbds...))
			first.types(release...)
			r.out.allUp()
			r.stop()
			last.types(keyEvent{a, released})
			for _, k := range kbds {
				must(t, k.readNow())
				k.pending = nil
			}
		}
	}
}

func TestReloadTime(t *testing.T) {
	for name, config := range map[string]string{"built-in": "", "small": before} {
		k := pcKeyboard(t)
		r, env := served(t, config, k)
		for range 3 {
			began := time.Now()
			if code, text := client(t, env, "reload", "--wait"); code != 0 {
				t.Fatalf("exit code %d: %s", code, text)
			}
			t.Logf("reload --wait with the %s configuration: %v", name, time.Since(began))
		}
		r.stop()
	}
}
