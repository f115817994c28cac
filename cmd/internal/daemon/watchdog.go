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
	"unsafe"

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

// A watchdog gives the keyboards back when who has the daemon's lock does not give it up. It sleeps in
// read(2) on a timer that the first key after a pause arms, and does not arm it again when nothing goes on:
// no key costs more than one system call in watchFirst, and idle there is no wake-up. It takes no lock.
//
// What it measures is time in which the process could run: a stopped, frozen or suspended process, one that
// a debugger holds, or one that waits for a busy processor or for its memory does not hang.
type watchdog struct {
	count [8]byte       // for read
	timer int           // timerfd on CLOCK_MONOTONIC, which stands still while the machine is suspended
	turn  atomic.Uint64 // odd while someone has the lock
	armed atomic.Bool   // the timer runs or the watchdog is awake
	ended atomic.Bool
	done  chan struct{} // closed when run has ended
}

func newWatchdog() (*watchdog, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	return &watchdog{timer: fd, done: make(chan struct{})}, nil
}

// begin is called by who has just got the lock.
func (w *watchdog) begin() {
	w.turn.Add(1)
	if !w.armed.Load() {
		w.armed.Store(true)
		w.arm(watchFirst, 0)
	}
}

// end is called by who is about to give the lock up.
func (w *watchdog) end() { w.turn.Add(1) }

// arm sets the timer: in so long, and then at each step. 0: never.
func (w *watchdog) arm(in, step time.Duration) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(in)), Interval: unix.NsecToTimespec(int64(step))}
	// Raw: it never waits, and the scheduler need not hear of it.
	_, _, _ = unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, uintptr(w.timer), 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
}

// wait waits for the timer.
func (w *watchdog) wait() {
	for {
		if _, err := evdev.ReadRare(w.timer, &w.count); err != unix.EINTR {
			return
		}
	}
}

// run watches until close, or until the holder of the lock hangs: then it calls hung, once.
func (w *watchdog) run(hung func()) {
	defer close(w.done)
	runtime.LockOSThread() // see use
	defer runtime.UnlockOSThread()
	var suspect uint64 // the turn that was seen at the last look, 0: none
	var last usage     // as of then
	var could time.Duration
	for {
		w.wait()
		if w.ended.Load() {
			return
		}
		switch turn := w.turn.Load(); {
		case turn%2 == 0:
			if suspect != 0 {
				suspect = 0
				w.arm(0, 0)
			}
			w.armed.Store(false)
			if w.turn.Load()%2 == 1 && w.armed.CompareAndSwap(false, true) { // it saw a timer that ran
				w.arm(watchFirst, 0)
			}
		case turn != suspect:
			if suspect == 0 {
				w.arm(watchStep, watchStep)
			}
			suspect, could, last = turn, 0, use()
		default:
			now := use()
			could += now.since(&last)
			last = now
			if could >= watchLimit {
				hung()
				return
			}
		}
	}
}

// close ends run.
func (w *watchdog) close() {
	w.ended.Store(true)
	w.arm(1, 0)
	<-w.done
	_ = unix.Close(w.timer)
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
