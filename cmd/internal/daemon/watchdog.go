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

// ErrHung says that the watchdog gave the keyboards back because the engine did not come back to them.
var ErrHung = errors.New("toshy hangs; the keyboards are given back")

// How long one holder may have the lock: at most watchFirst until the watchdog looks, and watchLimit from
// there. Giving back takes the kernel up to 50 ms more. A turn takes 20 µs, and a reload some milliseconds.
const (
	watchFirst = 200 * time.Millisecond
	watchStep  = 40 * time.Millisecond
	watchLimit = 4 * watchStep
	// giveBackLimit is how long the kernel may take before the process ends, which gives back the rest.
	giveBackLimit = 100 * time.Millisecond
)

// A watchdog gives the keyboards back if the holder of the daemon's lock does not release it. It sleeps on
// a timer that the first key after a pause arms, and does not arm it again when nothing goes on: no key
// costs more than one system call in watchFirst, and idle there is no wake-up. It takes no lock.
//
// What it measures is time in which the process could run: a stopped, frozen or suspended process, one that
// a debugger holds, or one that waits for a busy processor or for its memory does not hang.
type watchdog struct {
	timer *evdev.Timer
	turn  atomic.Uint64 // odd while someone has the lock
	armed atomic.Bool   // the timer runs or the watchdog is awake
	fresh bool          // begin has set the timer; belongs to the holder of the lock
	setAt time.Duration // when the timer was set last, by the time of events; belongs to the holder of the lock
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

// begin is called by whoever has just got the lock.
func (w *watchdog) begin() {
	w.turn.Add(1)
	if !w.armed.Load() {
		w.armed.Store(true)
		w.timer.Set(watchFirst)
		w.fresh = true
	}
}

// put puts the next look off, when a key that came at that time has gone out. So the watchdog does not wake while somebody types,
// and the system call is not on the way of the key.
func (w *watchdog) put(at time.Duration) {
	switch {
	case w.fresh:
		w.fresh, w.setAt = false, at
	case at-w.setAt >= watchFirst/2 && w.armed.Load():
		w.timer.Set(watchFirst)
		w.setAt = at
	}
}

// end is called by who is about to give the lock up.
func (w *watchdog) end() { w.turn.Add(1) }

// run watches until close, or until the holder of the lock hangs: then it calls hung, once.
func (w *watchdog) run(hung func()) {
	defer close(w.done)
	var suspect uint64 // the turn that was seen at the last look, 0: none
	var last usage     // as of then
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
			if w.turn.Load()%2 == 1 && w.armed.CompareAndSwap(false, true) { // it saw a timer that ran
				w.timer.Set(watchFirst)
			}
		case turn != suspect:
			if suspect == 0 {
				runtime.LockOSThread() // see use; not before, since it costs each look two switches of threads
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

// usage is what the process has got of the machine up to now.
type usage struct {
	at     time.Duration            // see evdev.Now
	cpu    time.Duration            // without that of the watchdog's own thread
	faults int64                    // that had to wait for a disk
	queued map[string]time.Duration // by thread: how long it wanted a processor and had none
	traced bool                     // a debugger has the process
}

func use() usage {
	u := usage{at: evdev.Now(), queued: map[string]time.Duration{}}
	var r unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &r) == nil {
		u.cpu, u.faults = time.Duration(r.Utime.Nano()+r.Stime.Nano()), r.Majflt
	}
	if unix.Getrusage(unix.RUSAGE_THREAD, &r) == nil { // on a starved machine most of it goes into this look
		u.cpu -= time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	// The second number of schedstat (Documentation/scheduler/sched-stats.rst); a kernel without it counts nothing.
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

// since is how much of a step from last to u the process could use, at most watchStep. When the machine let
// it wait, that is the processor time that it got; and little of that when the watchdog came late itself: a virtual
// machine that stood still charges it to whoever was about to run.
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

// lock takes the daemon's lock, under the watchdog's eyes.
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

// hung gives the keyboards back without the lock, and has the process end.
func (d *daemon) hung() {
	evdev.GiveBackAll(giveBackLimit)
	err := ErrHung
	where := make(chan string, 1)
	go func() { where <- holder() }() // stops all goroutines, which may be what cannot be done
	select {
	case at := <-where:
		err = fmt.Errorf("%w; please report it (it was in %s)", err, at)
	case <-time.After(time.Second): // nobody waits: the keyboards are back
	}
	if d.options.Hung != nil {
		d.options.Hung(err)
		return
	}
	os.Exit(ExitHung)
}

// ExitHung is the exit status of a process that the watchdog ended, where Options.Hung does not say.
const ExitHung = 6

// holder says where the goroutine is that has the lock: functions and lines, no values.
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
