package evdev

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pipeDevice is a device that reads its records from a pipe. The test sets its true key state.
type pipeDevice struct {
	*Device
	t    *testing.T
	w    int
	keys KeySet // the answer to EVIOCGKEY
}

func newPipeDevice(t testing.TB) *pipeDevice {
	t.Helper()
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	d := &pipeDevice{Device: newDevice(p[0], "pipe", false), w: p[1]}
	d.t, _ = t.(*testing.T)
	d.readKeys = func(s *KeySet) error { *s = d.keys; return nil }
	t.Cleanup(func() {
		_ = d.Close()
		if d.w >= 0 {
			_ = unix.Close(d.w)
		}
	})
	return d
}

func (d *pipeDevice) send(b ...[]byte) {
	d.t.Helper()
	if _, err := unix.Write(d.w, slices.Concat(b...)); err != nil {
		d.t.Fatal(err)
	}
}

func (d *pipeDevice) read() []Event {
	d.t.Helper()
	events, err := d.Read()
	if err != nil {
		d.t.Fatal(err)
	}
	return slices.Clone(events)
}

func (d *pipeDevice) want(want ...Event) {
	d.t.Helper()
	if got := d.read(); !slices.Equal(got, want) {
		d.t.Errorf("got  %v\nwant %v", got, want)
	}
}

func bkey(ms int, code uint16, value int32) []byte {
	return record(time.Duration(ms)*time.Millisecond, EvKey, code, value)
}
func bsyn(ms int) []byte { return record(time.Duration(ms)*time.Millisecond, EvSyn, SynReport, 0) }
func bdropped(ms int) []byte {
	return record(time.Duration(ms)*time.Millisecond, EvSyn, SynDropped, 0)
}

func ekey(ms int, code uint16, value int32) Event {
	return Event{Time: time.Duration(ms) * time.Millisecond, Type: EvKey, Code: code, Value: value}
}
func esyn(ms int) Event { return Event{Time: time.Duration(ms) * time.Millisecond} }

const (
	kA, kB, kC, kShift = 30, 48, 46, 42
)

func TestReadNothing(t *testing.T) {
	d := newPipeDevice(t)
	d.want()
}

func TestReadBatch(t *testing.T) {
	d := newPipeDevice(t)
	d.send(record(0, EvMsc, MscScan, 458756), bkey(1, kA, 1), bsyn(1), bkey(2, kA, 2), bsyn(2), bkey(3, kA, 0), bsyn(3))
	d.want(Event{Type: EvMsc, Code: MscScan, Value: 458756}, ekey(1, kA, 1), esyn(1), ekey(2, kA, 2), esyn(2), ekey(3, kA, 0), esyn(3))
	d.want()
}

func TestReadTakesOneBatch(t *testing.T) {
	d := newPipeDevice(t)
	for i := range batch + 2 {
		d.send(record(0, EvRel, RelX, int32(i)))
	}
	if got := d.read(); len(got) != batch || got[batch-1].Value != batch-1 {
		t.Fatalf("the first read gives %d events", len(got))
	}
	d.want(Event{Type: EvRel, Value: batch}, Event{Type: EvRel, Value: batch + 1})
}

func TestReadSplitRecord(t *testing.T) {
	b := slices.Concat(bkey(1, kA, 1), bsyn(1))
	for cut := 1; cut < len(b); cut++ {
		d := newPipeDevice(t)
		d.send(b[:cut])
		got := d.read()
		d.send(b[cut:])
		got = append(got, d.read()...)
		if want := []Event{ekey(1, kA, 1), esyn(1)}; !slices.Equal(got, want) {
			t.Fatalf("cut at %d: got %v", cut, got)
		}
	}
}

func TestReleaseWithoutPressIsLeftOut(t *testing.T) {
	d := newPipeDevice(t)
	d.send(bkey(1, kA, 0), bkey(1, kB, 2), bsyn(1))
	d.want(esyn(1))
}

func TestHeld(t *testing.T) {
	d := newPipeDevice(t)
	d.send(bkey(1, kC, 1), bkey(1, kA, 1), bkey(1, kB, 1), bkey(1, kB, 0), bsyn(1))
	d.read()
	if got := d.Held(); !slices.Equal(got, []uint16{kA, kC}) {
		t.Errorf("held: %v", got)
	}
}

func TestGone(t *testing.T) {
	d := newPipeDevice(t)
	d.send(bkey(1, kA, 1), bsyn(1))
	d.read()
	_ = unix.Close(d.w)
	d.w = -1
	if _, err := d.Read(); !IsGone(err) {
		t.Errorf("the other end gone gives %v, want ENODEV", err)
	}
	if got := d.Held(); !slices.Equal(got, []uint16{kA}) {
		t.Errorf("held when gone: %v, want A", got)
	}
}

func TestReadAfterClose(t *testing.T) {
	d := newPipeDevice(t)
	if err := errors.Join(d.Close(), d.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Read(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("read after close gives %v", err)
	}
	if d.FD() != -1 {
		t.Errorf("FD = %d", d.FD())
	}
}

func TestDroppedReleaseIsMadeUp(t *testing.T) {
	d := newPipeDevice(t)
	d.send(bkey(1, kShift, 1), bsyn(1))
	d.read()
	// The lost part contained the release of Shift and a press of A. A is still down.
	d.keys.Add(kA)
	d.send(bdropped(2), bkey(2, kB, 0), bsyn(2))
	d.want(ekey(2, kShift, 0), ekey(2, kA, 1), esyn(2))
	if got := d.Held(); !slices.Equal(got, []uint16{kA}) {
		t.Errorf("held: %v", got)
	}
}

func TestDroppedFrameEndsInLaterRead(t *testing.T) {
	d := newPipeDevice(t)
	d.send(bkey(1, kA, 1), bsyn(1))
	d.read()
	d.send(bdropped(2), bkey(2, kB, 1))
	d.want()
	d.send(bkey(3, kC, 1))
	d.want()
	d.send(bsyn(4))
	d.want(ekey(4, kA, 0), esyn(4))
}

func TestKeystrokesBehindTheGapAreKept(t *testing.T) {
	d := newPipeDevice(t)
	d.send(bkey(1, kShift, 1), bsyn(1))
	d.read()
	// Lost: Shift up, A down. Complete after the gap: A up, a tap of B, C down. Then, after the read: C up.
	d.send(bdropped(2), bsyn(2), bkey(3, kA, 0), bsyn(3), bkey(4, kB, 1), bsyn(4), bkey(5, kB, 0), bsyn(5), bkey(6, kC, 1), bsyn(6))
	d.want(
		ekey(2, kShift, 0), ekey(2, kA, 1), esyn(2),
		ekey(3, kA, 0), esyn(3), ekey(4, kB, 1), esyn(4), ekey(5, kB, 0), esyn(5), ekey(6, kC, 1), esyn(6),
		ekey(6, kC, 0), esyn(6))
	if held := d.Held(); len(held) != 0 {
		t.Errorf("held: %v", held)
	}
}

func TestSecondDropInOneRead(t *testing.T) {
	d := newPipeDevice(t)
	d.keys.Add(kC)
	d.send(bdropped(1), bsyn(1), bkey(2, kA, 1), bsyn(2), bdropped(3), bkey(3, kB, 1), bsyn(3))
	got := d.read()
	if held := d.Held(); !slices.Equal(held, []uint16{kC}) {
		t.Errorf("held: %v after %v", held, got)
	}
	checkStream(t, got)
}

// checkStream fails if a key goes down or up twice, or if SYN_DROPPED comes out.
func checkStream(t *testing.T, events []Event) (down KeySet) {
	t.Helper()
	for _, e := range events {
		switch {
		case e.Type == EvSyn && e.Code == SynDropped:
			t.Fatal("SYN_DROPPED came out")
		case e.Type != EvKey || e.Code > KeyMax:
		case e.Value == 1:
			down.Add(e.Code)
		case !down.Has(e.Code):
			t.Fatalf("key %d value %d although it is not down", e.Code, e.Value)
		case e.Value == 0:
			down.Remove(e.Code)
		}
	}
	return down
}

// FuzzRead: whatever the bytes and however they are cut, the stream is consistent, nothing panics, and Held matches what the stream
// left down.
func FuzzRead(f *testing.F) {
	f.Add(slices.Concat(bkey(1, kA, 1), bsyn(1), bdropped(2), bkey(2, kA, 0), bsyn(2)), uint8(100), []byte{1})
	f.Add(slices.Concat(bdropped(1), bsyn(1), bkey(2, kB, 1), bdropped(3), bsyn(3)), uint8(7), []byte{0, 0, 0, 0, 255})
	f.Add(slices.Concat(record(0, EvSyn, SynDropped, 48), bsyn(1)), uint8(100), []byte{0, 0, 0, 0, 255})
	f.Fuzz(func(t *testing.T, b []byte, chunk uint8, keys []byte) {
		d := newPipeDevice(t)
		var state [keyBytes]byte
		copy(state[:], keys)
		d.keys.fromBitmap(&state)
		if len(b) > 32<<10 {
			b = b[:32<<10]
		}
		var all []Event
		for part := range slices.Chunk(b, int(chunk)+1) {
			d.send(part)
			all = append(all, d.read()...)
		}
		for range len(b)/(batch*EventSize) + 1 {
			all = append(all, d.read()...)
		}
		down := checkStream(t, all)
		if !slices.Equal(down.Append(nil), d.Held()) {
			t.Errorf("the stream leaves %v down, Held says %v", down.Append(nil), d.Held())
		}
		lost := false // with any value, but only in the place of a record
		for i := 0; i+EventSize <= len(b); i += EventSize {
			e := decode(b[i:])
			lost = lost || e.Type == EvSyn && e.Code == SynDropped
		}
		if !lost && len(all) > len(b)/EventSize {
			t.Errorf("%d events from %d bytes", len(all), len(b))
		}
	})
}

func TestReadDoesNotAllocate(t *testing.T) {
	d := newPipeDevice(t)
	frame := slices.Concat(record(0, EvMsc, MscScan, 1), bkey(1, kA, 1), bsyn(1), bkey(1, kA, 0), bsyn(1))
	gap := slices.Concat(bdropped(1), bsyn(1))
	d.keys.Add(kB)
	if n := testing.AllocsPerRun(200, func() {
		_, _ = unix.Write(d.w, frame)
		_, _ = d.Read()
		_, _ = unix.Write(d.w, gap)
		_, _ = d.Read()
	}); n != 0 {
		t.Errorf("%v allocations per read", n)
	}
}

func BenchmarkRead(b *testing.B) {
	d := newPipeDevice(b)
	frame := slices.Concat(record(0, EvMsc, MscScan, 1), bkey(1, kA, 1), bsyn(1))
	b.Run("frame", func(b *testing.B) { // includes one write(2) to the pipe
		b.ReportAllocs()
		for b.Loop() {
			_, _ = unix.Write(d.w, frame)
			if _, err := d.Read(); err != nil {
				b.Fatal(err)
			}
		}
	})
	full := bytes.Repeat(frame, 21)
	b.Run("21frames", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = unix.Write(d.w, full)
			if _, err := d.Read(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := d.take(frame); err != nil {
				b.Fatal(err)
			}
		}
	})
}
