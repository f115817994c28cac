package evdev

import (
	"errors"
	"io/fs"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func newPoller(t testing.TB) *Poller {
	t.Helper()
	p, err := NewPoller()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func TestPollerReady(t *testing.T) {
	p := newPoller(t)
	a, b := newPipeDevice(t), newPipeDevice(t)
	if err := errors.Join(p.Add(a.FD(), 5), p.Add(b.FD(), 0)); err != nil {
		t.Fatal(err)
	}
	b.send(bsyn(1))
	ready, woken, err := p.Wait(Forever)
	if err != nil || woken || !slices.Equal(ready, []int32{0}) {
		t.Fatalf("ready %v, woken %v, %v", ready, woken, err)
	}
	b.read()
	a.send(bsyn(1))
	if ready, _, _ = p.Wait(Forever); !slices.Equal(ready, []int32{5}) {
		t.Fatalf("ready %v", ready)
	}
	if err := p.Remove(a.FD()); err != nil {
		t.Fatal(err)
	}
	if ready, _, err = p.Wait(Now()); err != nil || len(ready) != 0 {
		t.Errorf("after Remove: ready %v, %v", ready, err)
	}
	_ = unix.Close(b.w)
	b.w = -1
	if ready, _, _ = p.Wait(Forever); !slices.Equal(ready, []int32{0}) {
		t.Errorf("hang-up: ready %v", ready)
	}
	if err := p.Add(a.FD(), wakeID); err == nil {
		t.Error("a negative id gives no error")
	}
}

func TestPollerDeadline(t *testing.T) {
	p := newPoller(t)
	for _, d := range []time.Duration{-time.Second, 0, 100 * time.Microsecond, 2500 * time.Microsecond, -Now() - time.Second} {
		deadline := Now() + d
		ready, woken, err := p.Wait(deadline)
		if err != nil || woken || len(ready) != 0 {
			t.Fatalf("%v: ready %v, woken %v, %v", d, ready, woken, err)
		}
		if early := deadline - Now(); early > 0 {
			t.Errorf("%v: %v too early", d, early)
		}
	}
}

func TestPollerWake(t *testing.T) {
	p := newPoller(t)
	p.Wake()
	p.Wake()
	if _, woken, err := p.Wait(Forever); !woken || err != nil {
		t.Fatalf("woken %v, %v", woken, err)
	}
	if _, woken, _ := p.Wait(Now()); woken {
		t.Error("two calls woke twice")
	}
	// No wake-up is lost, however the calls overlap: each round waits until its wake-up has come.
	var wg sync.WaitGroup
	next := make(chan bool)
	wg.Go(func() {
		for range next {
			p.Wake()
		}
	})
	for range 2000 {
		next <- true
		if _, woken, err := p.Wait(Now() + time.Minute); !woken || err != nil {
			t.Fatalf("woken %v, %v", woken, err)
		}
	}
	close(next)
	wg.Wait()
}

func TestPollerClosed(t *testing.T) {
	p := newPoller(t)
	if err := errors.Join(p.Close(), p.Close()); err != nil {
		t.Fatal(err)
	}
	p.Wake()
	if _, _, err := p.Wait(Now()); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Wait after Close: %v", err)
	}
}

func TestPollerDoesNotAllocate(t *testing.T) {
	p := newPoller(t)
	d := newPipeDevice(t)
	if err := p.Add(d.FD(), 1); err != nil {
		t.Fatal(err)
	}
	frame := slices.Concat(bkey(1, kA, 1), bsyn(1))
	if n := testing.AllocsPerRun(200, func() {
		_, _ = unix.Write(d.w, frame)
		_, _, _ = p.Wait(Now() + time.Second)
		_, _ = d.Read()
		p.Wake()
		_, _, _ = p.Wait(Forever)
	}); n != 0 {
		t.Errorf("%v allocations per round", n)
	}
}

// BenchmarkLoop is the path of one frame through the loop without an engine: wait, read, encode, write.
func BenchmarkLoop(b *testing.B) {
	p := newPoller(b)
	d := newPipeDevice(b)
	null, err := unix.Open("/dev/null", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		b.Fatal(err)
	}
	w := &Writer{fd: null}
	defer w.Close()
	if err := p.Add(d.FD(), 1); err != nil {
		b.Fatal(err)
	}
	frame := slices.Concat(record(0, EvMsc, MscScan, 1), bkey(1, kA, 1), bsyn(1))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = unix.Write(d.w, frame) // the keyboard
		if _, _, err := p.Wait(Forever); err != nil {
			b.Fatal(err)
		}
		events, err := d.Read()
		if err == nil {
			err = errors.Join(w.WriteFrame(events), w.Flush())
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
