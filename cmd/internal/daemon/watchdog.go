package daemon

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"toshy/evdev"
)

// ErrHung says that the watchdog gave the keyboards back because the engine no longer handled them.
var ErrHung = errors.New("toshy hangs; the keyboards are given back")

// How long one holder may have the lock: at most watchFirst until the watchdog looks, and watchLimit from then on. Giving
// back takes the kernel up to 50 ms more. A turn takes 20 µs, and a reload some milliseconds.
const (
	watchFirst = 200 * time.Millisecond
	watchStep  = 40 * time.Millisecond
	watchLimit = 4 * watchStep
	// giveBackLimit is how long the kernel may take before the process exits, which gives back the rest.
	giveBackLimit = 100 * time.Millisecond
)

// A watchdog gives the keyboards back if the holder of the daemon's lock does not release it. It sleeps on a timer that the
// first key after a pause arms, and does not arm it again while nothing happens. So keys cost at most one system call per
// watchFirst, and there are no wake-ups while idle. It takes no lock.
//
// It measures only the time in which the process could run. A process does not hang if it is stopped, frozen or suspended,
// if a debugger holds it, or if it waits for a busy processor or for its memory.
type watchdog struct {
	timer *evdev.Timer
	turn  atomic.Uint64 // odd while someone has the lock
	armed atomic.Bool   // the timer runs or the watchdog is awake
	fresh bool          // begin has set the timer; belongs to the holder of the lock
	setAt time.Duration // when the timer was last set, in the time of events; belongs to the holder of the lock
	ended atomic.Bool
	done  chan struct{} // closed when run has ended
}

func newWatchdog() (*watchdog, error) {
	timer, err := evdev.NewTimer()
	if err != nil {
		return nil, err
	}
	return &watchdog{timer: timer, done: make(chan struct{})}, nil
}

// begin is called by whoever has just acquired the lock.
func (w *watchdog) begin() {
	w.turn.Add(1)
	if !w.armed.Load() {
		w.armed.Store(true)
		w.timer.Set(watchFirst)
		w.fresh = true
	}
}

// put postpones the next look, after a key that came at that time has gone out. So the watchdog does not wake while someone
// types, and no key waits for the system call.
func (w *watchdog) put(at time.Duration) {
	switch {
	case w.fresh:
		w.fresh, w.setAt = false, at
	case at-w.setAt >= watchFirst/2 && w.armed.Load():
		w.timer.Set(watchFirst)
		w.setAt = at
	}
}

// end is called before the lock is released.
func (w *watchdog) end() { w.turn.Add(1) }

// run watches until close, or until the holder of the lock hangs. Then it calls hung, once.
func (w *watchdog) run(hung func()) {
	defer close(w.done)
	var suspect uint64 // the turn at the last look, 0: none
	var last usage     // at that time
	var could time.Duration
	for {
		if w.timer.Wait() != nil || w.ended.Load() {
			return
		}
		switch turn := w.turn.Load(); {
		case turn%2 == 0:
			if suspect != 0 {
				suspect = 0
				runtime.UnlockOSThread()
			}
			w.armed.Store(false)
			if w.turn.Load()%2 == 1 && w.armed.CompareAndSwap(false, true) { // it saw a running timer
				w.timer.Set(watchFirst)
			}
		case turn != suspect:
			if suspect == 0 {
				runtime.LockOSThread() // see use; not earlier, since it costs two thread switches per look
			}
			w.timer.Set(watchStep)
			suspect, could, last = turn, 0, use()
		default:
			now := use()
			could += now.since(&last)
			last = now
			if could >= watchLimit {
				hung()
				return
			}
			w.timer.Set(watchStep)
		}
	}
}

// close ends run.
func (w *watchdog) close() {
	w.ended.Store(true)
	_ = w.timer.Close()
	<-w.done
}

// usage is what the process has used of the machine so far.
type usage struct {
	at     time.Duration            // see evdev.Now
	cpu    time.Duration            // without the watchdog's own thread
	faults int64                    // page faults that had to wait for a disk
	queued map[string]time.Duration // by thread: how long it wanted a processor and had none
	traced bool                     // a debugger traces the process
}

func use() usage {
	u := usage{at: evdev.Now(), queued: map[string]time.Duration{}}
	var r unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &r) == nil {
		u.cpu, u.faults = time.Duration(r.Utime.Nano()+r.Stime.Nano()), r.Majflt
	}
	if unix.Getrusage(unix.RUSAGE_THREAD, &r) == nil { // on an overloaded machine, this look uses most of it
		u.cpu -= time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	// The second number of schedstat (Documentation/scheduler/sched-stats.rst); zero in kernels without it.
	stats, _ := filepath.Glob("/proc/self/task/*/schedstat")
	for _, path := range stats {
		if f := strings.Fields(readSmall(path)); len(f) == 3 {
			ns, _ := strconv.ParseInt(f[1], 10, 64)
			u.queued[path] = time.Duration(ns)
		}
	}
	if _, after, ok := strings.Cut(readSmall("/proc/self/status"), "TracerPid:"); ok {
		first, _, _ := strings.Cut(after, "\n")
		u.traced = strings.TrimSpace(first) != "0"
	}
	return u
}

func readSmall(path string) string {
	b, _ := os.ReadFile(path)
	return string(b)
}

// since is how much of the time from last to u the process could use, at most watchStep. If the machine made it wait, that
// is the processor time that it got; and little of that if the watchdog itself came late: a virtual machine that stood
// still charges the time to whoever was about to run.
func (u *usage) since(last *usage) time.Duration {
	step := min(u.at-last.at, watchStep)
	waited := u.faults > last.faults
	for thread, ns := range u.queued {
		waited = waited || ns-last.queued[thread] > step/2
	}
	used := min(max(u.cpu-last.cpu, 0), step)
	switch {
	case u.traced || last.traced:
		return 0
	case u.at-last.at >= 2*watchStep:
		return used / 8
	case waited:
		return used
	}
	return step
}

// lock acquires the daemon's lock, under the watchdog's supervision.
func (d *daemon) lock() {
	d.mu.Lock()
	if d.watchdog != nil {
		d.watchdog.begin()
	}
}

func (d *daemon) unlock() {
	if d.watchdog != nil {
		d.watchdog.end()
	}
	d.mu.Unlock()
}

// hung gives the keyboards back without the lock, and makes the process exit.
func (d *daemon) hung() {
	evdev.GiveBackAll(giveBackLimit)
	err := ErrHung
	where := make(chan string, 1)
	go func() { where <- holder() }() // this stops all goroutines, which may be what is impossible
	select {
	case at := <-where:
		err = fmt.Errorf("%w; please report it (it was in %s)", err, at)
	case <-time.After(time.Second): // nobody waits: the keyboards have been given back
	}
	if d.options.Hung != nil {
		d.options.Hung(err)
		return
	}
	os.Exit(ExitHung)
}

// ExitHung is the exit status of a process that the watchdog ended, unless Options.Hung decides.
const ExitHung = 6

// holder says where the goroutine with the lock is: functions and lines, no values.
func holder() string {
	records := make([]runtime.StackRecord, runtime.NumGoroutine()+16)
	n, _ := runtime.GoroutineProfile(records)
	for _, r := range records[:n] {
		var at []string
		has := false
		frames := runtime.CallersFrames(r.Stack())
		for {
			f, more := frames.Next()
			name := f.Function[strings.LastIndexByte(f.Function, '/')+1:]
			if name == "daemon.(*daemon).lock" {
				has = false
				break
			}
			if len(at) < 8 && !strings.HasPrefix(name, "runtime.") {
				at = append(at, fmt.Sprintf("%s:%d", name, f.Line))
			}
			has = has || name == "daemon.(*daemon).take" || name == "daemon.(*daemon).turn"
			if !more {
				break
			}
		}
		if has {
			return strings.Join(at, " < ")
		}
	}
	return "no known place"
}
