package daemon

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/zap"

	"toshy/cmd/internal/control"
	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/key"
)

// swallowing is a daemon that swallows F1: all of a key's way but the system calls, which cost the same whoever
// speaks to the socket.
func swallowing(b *testing.B) (*daemon, *device) {
	b.Helper()
	f1, err := key.ParseCombo("F1", nil)
	if err != nil {
		b.Fatal(err)
	}
	compiled, err := remap.Compile(&remap.Program{
		Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{{Combo: f1, Action: &remap.Action{Kind: remap.DoIgnore}}}}},
	})
	if err != nil {
		b.Fatal(err)
	}
	poller, err := evdev.NewPoller()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = poller.Close() })
	d := &daemon{
		log: zap.NewNop(), engine: remap.New(compiled), out: remap.NewOutput(), poller: poller,
		events: make([]remap.Event, 0, 256), wake: remap.Never, jobDue: remap.Never, aliveAt: remap.Never,
		setup: &Setup{Program: compiled, Judge: func(*evdev.Info) evdev.Verdict { return evdev.Verdict{} }},
	}
	k := &device{info: &evdev.Info{}, grabbed: true, following: true, due: remap.Never}
	d.devices[0] = k
	return d, k
}

// BenchmarkKeyBesideClients is a key's way on a daemon with whose socket nobody or ten clients speak, as fast as
// they are let.
func BenchmarkKeyBesideClients(b *testing.B) {
	for name, clients := range map[string]int{"none": 0, "ten": 10} {
		b.Run(name, func(b *testing.B) {
			d, k := swallowing(b)
			server := &control.Server{Path: filepath.Join(b.TempDir(), "s")}
			if err := server.Listen(d); err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(b.Context())
			var running sync.WaitGroup
			running.Go(func() { server.Serve(ctx) })
			running.Go(func() { _ = d.loop() })
			var asked [10]int
			for i := range clients {
				c, err := control.Dial(server.Path)
				if err != nil {
					b.Fatal(err)
				}
				running.Go(func() {
					defer c.Close()
					for ctx.Err() == nil {
						if _, err := c.Do(control.Request{Command: "status"}); err != nil {
							return
						}
						asked[i]++
					}
				})
			}
			const f1 = 59 // KEY_F1
			down := []evdev.Event{{Type: evdev.EvKey, Code: f1, Value: 1}, {Type: evdev.EvSyn}}
			up := []evdev.Event{{Type: evdev.EvKey, Code: f1}, {Type: evdev.EvSyn}}
			b.ReportAllocs()
			for b.Loop() {
				d.take(k, down, nil)
				d.take(k, up, nil)
			}
			cancel()
			d.post(func() { d.finished = true })
			running.Wait()
			total := 0
			for _, n := range asked {
				total += n
			}
			b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}
