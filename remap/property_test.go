package remap

import (
	"encoding/binary"
	"testing"
	"time"

	"pgregory.net/rapid"

	"toshy/remap/key"
)

// drawn takes random numbers from rapid, which then finds the smallest failing case.
type drawn struct{ t *rapid.T }

func (d drawn) n(limit int) int { return rapid.IntRange(0, limit-1).Draw(d.t, "n") }

// bytesSource takes numbers from a fuzzer's bytes. After their end, all numbers are 0.
type bytesSource struct{ data *[]byte }

func (b bytesSource) n(limit int) int {
	width := 1
	if limit > 256 {
		width = 4
	}
	if len(*b.data) < width {
		*b.data = nil
		return 0
	}
	var word [4]byte
	copy(word[:], *b.data)
	*b.data = (*b.data)[width:]
	return int(binary.LittleEndian.Uint32(word[:]) % uint32(limit))
}

// play lets a world run through some series of events, with a rest after each.
func (w *world) play(pieces, steps int) {
	for range pieces {
		for range steps {
			if w.step(); w.failed != "" {
				return
			}
		}
		if w.rest(); w.failed != "" {
			return
		}
	}
}

func TestNothingSticksEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, err := newWorld(drawn{t}, 2)
		if err != nil {
			t.Fatal(err)
		}
		if w.play(2, 40); w.failed != "" {
			t.Fatal(w.failed)
		}
	})
}

// FuzzEngine plays programs and events from a fuzzer's bytes.
func FuzzEngine(f *testing.F) {
	for seed := range uint64(24) {
		s := newSeeded(seed)
		data := make([]byte, 1500)
		for i := range data {
			data[i] = byte(s.n(256))
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<14 {
			return
		}
		w, err := newWorld(bytesSource{&data}, 2)
		if err != nil {
			t.Fatal(err)
		}
		for len(*w.s.(bytesSource).data) > 0 && w.failed == "" {
			w.play(1, 40)
		}
		if w.failed != "" {
			t.Fatal(w.failed)
		}
	})
}

// FuzzEvents gives events of any kind, code, value, device and time to one program with a bit of everything. Whatever they are, no key
// is stuck.
func FuzzEvents(f *testing.F) {
	c := chaos{s: newSeeded(7)}
	program, err := Compile(c.program())
	if err != nil {
		f.Fatal(err)
	}
	for seed := range uint64(8) {
		s := newSeeded(seed)
		data := make([]byte, 16*20)
		for i := range data {
			data[i] = byte(s.n(256))
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &world{s: newSeeded(1), e: New(program), out: NewOutput(), wake: Never, loses: true, repeats: true}
		for ; len(data) >= 16 && w.failed == ""; data = data[16:] {
			ev := Event{
				At:     time.Duration(binary.LittleEndian.Uint64(data)),
				Type:   uint16(data[8]) % 6,
				Code:   chaosKeys[int(data[9])%len(chaosKeys)],
				Value:  int32(data[10]) % 5,
				Device: data[11],
			}
			if data[12]%4 == 0 {
				ev.Type, ev.Code, ev.Value = binary.LittleEndian.Uint16(data[8:]), key.Code(binary.LittleEndian.Uint16(data[12:])), int32(binary.LittleEndian.Uint32(data[10:]))
			}
			if data[13]%2 == 0 { // close to the last one
				ev.At = w.e.clock.now() + time.Duration(data[0])*time.Millisecond
			}
			w.after(w.e.Handle(ev, w.out))
		}
		for id := range uint8(MaxDevices) {
			w.after(w.e.RemoveDevice(id, 0, w.out))
		}
		w.now = w.e.clock.now()
		w.rest()
		if w.failed != "" {
			t.Fatal(w.failed)
		}
	})
}

// The same input gives the same output, no matter how late timers are checked.
func TestSameInputSameOutput(t *testing.T) {
	for seed := range uint64(150) {
		var sums [2]uint64
		for i := range sums {
			w, err := soakRun(seed, 600, func(w *world) { w.hashed = true })
			if err != nil {
				t.Fatal(err)
			}
			sums[i] = w.hash.Sum64()
		}
		if sums[0] != sums[1] {
			t.Errorf("seed %d: two runs differ", seed)
		}
	}
	for seed := range uint64(150) {
		early, late := timerRun(t, seed, true), timerRun(t, seed, false)
		if early != late {
			t.Errorf("seed %d: the output depends on when timers are checked", seed)
		}
	}
}

// timerRun types on a random program. If ticking is true, timers run on time; otherwise only before the next event.
func timerRun(t *testing.T, seed uint64, ticking bool) uint64 {
	w, err := newWorld(newSeeded(seed), 1)
	if err != nil {
		t.Fatal(err)
	}
	w.hashed = true
	for range 400 {
		next := w.now + time.Duration(w.s.n(300))*time.Millisecond + 1
		// Waiting output is always checked on time: if it leaves late, what follows it is meant to be later.
		for w.wake < next && (ticking || w.e.pacer.due() <= w.wake) {
			w.now = max(w.now, w.wake)
			w.tick(w.now)
		}
		w.now = next
		if len(w.held) > 0 && chance(w.s, 50) {
			w.key(pick(w.s, w.held), Release)
		} else {
			w.key(w.newKey(), Press)
		}
	}
	w.rest()
	if w.failed != "" {
		t.Fatalf("seed %d: %s", seed, w.failed)
	}
	return w.hash.Sum64()
}

// No common event allocates memory, whatever the program. After a series of events has been played a few times, everything it needs
// exists.
func TestRandomEventsAllocateNothing(t *testing.T) {
	for seed := range uint64(40) {
		c := chaos{s: newSeeded(seed)}
		program, err := Compile(c.program())
		if err != nil {
			t.Fatal(err)
		}
		w := &world{s: newSeeded(seed)}
		var events []Event
		for range 400 {
			w.now += time.Duration(w.s.n(200)) * time.Millisecond
			p, value := w.newKey(), Press
			if len(w.held) > 4 || len(w.held) > 0 && chance(w.s, 45) {
				i := w.s.n(len(w.held))
				p, value = w.held[i], int32(2*w.s.n(2))
				if value == Release {
					w.held = append(w.held[:i], w.held[i+1:]...)
				}
			} else {
				w.held = append(w.held, p)
			}
			events = append(events, Event{At: w.now, Type: TypeKey, Code: p.code, Value: value, Device: p.dev})
		}
		e, out, began := New(program), NewOutput(), time.Duration(0)
		for id := range uint8(chaosDevices) {
			e.SetDevice(id, Device{Name: "x"}, 0, out)
		}
		once := func() {
			for _, ev := range events {
				ev.At += began
				e.Handle(ev, out)
				out.Reset()
			}
			began += w.now + time.Minute
			e.Tick(began, out)
			out.Reset()
		}
		for range 6 {
			once()
		}
		if n := testing.AllocsPerRun(4, once); n != 0 {
			t.Errorf("seed %d: %v allocations for %d events, want none", seed, n, len(events))
		}
	}
}
