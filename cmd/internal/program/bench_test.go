package program_test

import (
	"testing"
	"time"

	"toshy/cmd/internal/program"
	"toshy/remap"
	"toshy/remap/key"
)

// BenchmarkBuiltin measures a key with the complete built-in configuration.
func BenchmarkBuiltin(b *testing.B) {
	p, err := program.Load("")
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		keys []key.Code // pressed in order, released in reverse
	}{
		{"plain", []key.Code{key.A}},
		{"remapped", []key.Code{key.LeftMeta}},
		{"combo", []key.Code{key.LeftAlt, 105}}, // Cmd-Left
	} {
		b.Run(c.name, func(b *testing.B) {
			e, out := remap.New(p.Compiled), remap.NewOutput()
			e.SetDevice(0, remap.Device{Name: "bench", Keyboard: "windows"}, 0, out)
			var events []remap.Event
			for _, k := range c.keys {
				events = append(events, remap.Event{Type: remap.TypeKey, Code: k, Value: remap.Press})
			}
			for i := len(c.keys) - 1; i >= 0; i-- {
				events = append(events, remap.Event{Type: remap.TypeKey, Code: c.keys[i], Value: remap.Release})
			}
			b.ReportAllocs()
			n := 0
			for b.Loop() { // one event each time
				ev := events[n%len(events)]
				n++
				ev.At = time.Duration(n) * 20 * time.Millisecond
				e.Handle(ev, out)
				out.Reset()
			}
		})
	}
}
