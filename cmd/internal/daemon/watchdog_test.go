package daemon

import (
	"testing"
	"time"
)

func TestTimeThatTheProcessCouldUse(t *testing.T) {
	const step = watchStep
	last := usage{at: time.Second, cpu: time.Second, faults: 3, queued: map[string]time.Duration{"a": 5 * step, "b": 0}}
	for name, c := range map[string]struct {
		change func(*usage)
		want   time.Duration
	}{
		"it waits for something":           {func(*usage) {}, step},
		"it spins":                         {func(u *usage) { u.cpu += step }, step},
		"a little late":                    {func(u *usage) { u.at += step / 2 }, step},
		"it was stopped":                   {func(u *usage) { u.at += time.Hour }, 0},
		"stopped, and then did much":       {func(u *usage) { u.at += time.Hour; u.cpu += time.Minute }, step / 8},
		"stood still, and was charged":     {func(u *usage) { u.at += 2 * step; u.cpu += 2 * step }, step / 8},
		"the processor was busy":           {func(u *usage) { u.queued["b"] += step }, 0},
		"busy, but it got a part":          {func(u *usage) { u.queued["b"] += step; u.cpu += step / 4 }, step / 4},
		"a new thread queues":              {func(u *usage) { u.queued["c"] = step }, 0},
		"its memory came from a disk":      {func(u *usage) { u.faults++ }, 0},
		"a debugger":                       {func(u *usage) { u.traced = true; u.cpu += step }, 0},
		"the processor was busy long ago":  {func(u *usage) { u.queued["a"] += step / 4 }, step},
		"the accounting of threads is off": {func(u *usage) { u.queued = nil }, step},
	} {
		now := usage{at: last.at + step, cpu: last.cpu, faults: last.faults, queued: map[string]time.Duration{"a": 5 * step, "b": 0}}
		c.change(&now)
		if got := now.since(&last); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func watching(t *testing.T) (w *watchdog, hung chan struct{}) {
	t.Helper()
	w, err := newWatchdog()
	if err != nil {
		t.Fatal(err)
	}
	hung = make(chan struct{}, 1)
	go w.run(func() { hung <- struct{}{} })
	t.Cleanup(w.close)
	return w, hung
}

// testLimit is how long a test waits before it fails, even in an emulated machine on a busy computer.
const testLimit = 5 * time.Minute

func TestWatchdogSeesAHolderThatHangs(t *testing.T) {
	for name, before := range map[string]func(*watchdog){
		"the first turn": func(*watchdog) {},
		"a later one": func(w *watchdog) {
			for range 1000 {
				w.begin()
				w.end()
			}
		},
		"while somebody types": func(w *watchdog) {
			for at := range 10 {
				w.begin()
				w.put(time.Duration(at) * watchFirst)
				w.end()
			}
		},
		"after a rest": func(w *watchdog) {
			w.begin()
			w.end()
			for w.armed.Load() {
				time.Sleep(time.Millisecond)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, hung := watching(t)
			before(w)
			w.begin()
			select {
			case <-hung:
			case <-time.After(testLimit):
				t.Fatal("the hang was not noticed")
			}
		})
	}
}

func TestWatchdogRestsWhenNothingGoesOn(t *testing.T) {
	w, hung := watching(t)
	for end := time.Now().Add(4 * (watchFirst + watchLimit)); time.Now().Before(end); { // busy for a long time, but each turn ends
		w.begin()
		w.end()
	}
	for end := time.Now().Add(testLimit); w.armed.Load(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the timer is still armed")
		}
	}
	select {
	case <-hung:
		t.Error("turns that end were mistaken for a hang")
	default:
	}
}

func TestWatchdogCostsNoMemory(t *testing.T) {
	w, _ := watching(t)
	if n := testing.AllocsPerRun(1000, func() { w.begin(); w.end() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkWatchdog(b *testing.B) {
	w, err := newWatchdog()
	if err != nil {
		b.Fatal(err)
	}
	go w.run(func() {})
	defer w.close()
	b.Run("busy", func(b *testing.B) {
		for b.Loop() {
			w.begin()
			w.end()
		}
	})
	b.Run("arming", func(b *testing.B) {
		for b.Loop() {
			w.armed.Store(false)
			w.begin()
			w.end()
		}
	})
}
