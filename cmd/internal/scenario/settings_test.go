package scenario

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"toshy/remap"
	"toshy/remap/key"
)

// Whatever keys are held with the built-in configuration: changing a setting sends no key, and when all keys are up, nothing is down
// on the output.
func TestSettingsReleaseNothing(t *testing.T) {
	p := builtin(t, [2]string{})
	var vars []int
	for i := range p.Settings {
		vars = append(vars, p.Settings[i].Var)
	}
	codes := map[string]key.Code{}
	var names []string
	for _, name := range []string{
		"leftctrl", "rightctrl", "leftshift", "leftalt", "rightalt", "leftmeta", "rightmeta", "capslock", "enter", "space", "tab", "esc",
		"a", "c", "e", "u", "w", "1", "left", "home", "pageup", "kp1", "numlock", "f1", "f5", "compose",
	} {
		c, ok := key.Parse(name)
		if !ok {
			t.Fatal(name)
		}
		codes[name] = c
		names = append(names, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		e, out := remap.New(p.Compiled), remap.NewOutput()
		now, wake := time.Second, remap.Never
		down := map[key.Code]bool{}
		take := func(at time.Duration) {
			wake = at
			for _, x := range out.Events {
				if x.Type == remap.TypeKey {
					if x.Value == remap.Press && down[x.Code] || x.Value == remap.Release && !down[x.Code] {
						t.Fatalf("%v: %d, although it has this value already", x.Code, x.Value)
					}
					if x.Value != remap.Repeat {
						down[x.Code] = x.Value == remap.Press
					}
				}
			}
			out.Reset()
		}
		pass := func(until time.Duration) {
			for wake <= until {
				now = max(now, wake)
				take(e.Tick(now, out))
			}
			now = until
		}
		take(e.SetDevice(0, remap.Device{Name: "k", Keyboard: rapid.SampledFrom([]string{"apple", "windows", "ibm", "chromebook"}).Draw(t, "type")}, now, out))
		take(e.SetWindow(remap.Window{App: rapid.SampledFrom([]string{"", "firefox", "kitty", "code", "nautilus"}).Draw(t, "app")}, now, out))
		held := map[string]bool{}
		strike := func(name string) {
			value := int32(remap.Press)
			if held[name] {
				value = remap.Release
			}
			held[name] = !held[name]
			take(e.Handle(remap.Event{At: now, Type: remap.TypeKey, Code: codes[name], Value: value}, out))
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			pass(now + time.Duration(rapid.SampledFrom([]int{0, 1, 30, 300, 1200}).Draw(t, "ms"))*time.Millisecond)
			if rapid.IntRange(0, 2).Draw(t, "what") > 0 {
				strike(rapid.SampledFrom(names).Draw(t, "key"))
				continue
			}
			i := rapid.SampledFrom(vars).Draw(t, "setting")
			value := rapid.IntRange(0, len(p.Program.Vars[i].Values)-1).Draw(t, "value")
			was := len(out.Events)
			at := e.SetVar(i, int32(value), now, out)
			if len(out.Events) != was {
				t.Fatalf("%s = %d sends %+v", p.Program.Vars[i].Name, value, out.Events)
			}
			take(at)
		}
		for _, name := range names {
			if held[name] {
				strike(name)
			}
		}
		pass(now + time.Minute)
		for c, is := range down {
			if is {
				t.Fatalf("%v is stuck", c)
			}
		}
	})
}
