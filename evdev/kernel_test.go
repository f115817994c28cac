//go:build vm

// These tests need a kernel with uinput and evdev, and root. They run in the virtual machine.

package evdev

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"toshy/evdev/evdevtest"
)

func open(t *testing.T, path string) *Device {
	t.Helper()
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// keys reads until n key events have come, and returns them without times. With n = 0, it returns those that are there.
func keys(t *testing.T, d *Device, n int) (got []Event) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		events, err := d.Read()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Type == EvKey {
				e.Time = 0
				got = append(got, e)
			}
		}
		if len(got) >= n {
			return got
		}
		if time.Now().After(end) {
			t.Fatalf("only %v came, want %d", got, n)
		}
		_, _ = unix.Poll([]unix.PollFd{{Fd: int32(d.FD()), Events: unix.POLLIN}}, 100)
	}
}

func wantKeys(t *testing.T, d *Device, want ...Event) {
	t.Helper()
	if got := keys(t, d, len(want)); !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func down(c uint16) Event { return Event{Type: EvKey, Code: c, Value: 1} }
func up(c uint16) Event   { return Event{Type: EvKey, Code: c, Value: 0} }

// Scan codes do not come: each would cost time.
func TestKernelScanCodes(t *testing.T) {
	k, err := NewKeyboard()
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	d := open(t, k.Node())
	if err := errors.Join(k.WriteFrame([]Event{{Type: EvMsc, Code: MscScan, Value: 458756}, down(kA)}), k.WriteFrame([]Event{up(kA)}), k.Flush()); err != nil {
		t.Fatal(err)
	}
	events, err := d.Read()
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		events[i].Time = 0
	}
	if want := []Event{down(kA), SyncEvent, up(kA), SyncEvent}; !slices.Equal(events, want) {
		t.Fatalf("got %v, want %v", events, want)
	}
}

func TestKernelGrab(t *testing.T) {
	k := evdevtest.NewKeyboard(t, "test keyboard")
	a, b := open(t, k.Node), open(t, k.Node)
	k.Tap(kA)
	wantKeys(t, a, down(kA), up(kA))
	wantKeys(t, b, down(kA), up(kA))
	if err := a.Grab(); err != nil {
		t.Fatal(err)
	}
	k.Tap(kB)
	wantKeys(t, a, down(kB), up(kB))
	if got := keys(t, b, 0); len(got) != 0 {
		t.Fatalf("another reader saw %v in spite of the grab", got)
	}
	err := b.Grab()
	var busy *BusyError
	if !errors.As(err, &busy) || !errors.Is(err, unix.EBUSY) {
		t.Fatalf("the second grab gives %v", err)
	}
	busy.FindHolders()
	if len(busy.Holders) != 1 || busy.Holders[0].PID != os.Getpid() || !strings.Contains(err.Error(), "evdev.test, pid ") {
		t.Errorf("the holder is %v: %v", busy.Holders, err)
	}
	if err := a.Ungrab(); err != nil {
		t.Fatal(err)
	}
	k.Tap(kC)
	wantKeys(t, b, down(kC), up(kC))
}

func TestKernelTimesAreMonotonic(t *testing.T) {
	k := evdevtest.NewKeyboard(t, "test keyboard")
	d := open(t, k.Node)
	before := Now()
	k.Down(kA)
	events, err := d.Read()
	if err != nil || len(events) == 0 {
		t.Fatal(events, err)
	}
	const micro = 10 * time.Millisecond // event times are rounded to microseconds, and see TestNowIsMonotonicClock
	if at := events[0].Time; at < before-micro || at > Now()+micro {
		t.Errorf("event at %v, clock between %v and %v", at, before, Now())
	}
}

func TestKernelCloseWithWaitingReader(t *testing.T) {
	for name, giveBack := range map[string]func(*Device) error{"close": (*Device).Close, "revoke": (*Device).Revoke, "ungrab": (*Device).Ungrab} {
		t.Run(name, func(t *testing.T) {
			k := evdevtest.NewKeyboard(t, "test keyboard")
			a, b := open(t, k.Node), open(t, k.Node)
			p := newPoller(t)
			if err := errors.Join(a.Grab(), p.Add(a.FD(), 1)); err != nil {
				t.Fatal(err)
			}
			done, waiting := make(chan error), make(chan bool)
			go func() {
				close(waiting)
				for {
					ready, woken, err := p.Wait(Forever)
					if err != nil || woken {
						done <- err
						return
					}
					for range ready {
						if _, err := a.Read(); err != nil {
							done <- nil
							return
						}
					}
				}
			}()
			<-waiting
			if err := giveBack(a); err != nil {
				t.Fatal(err)
			}
			if err := b.Grab(); err != nil {
				t.Errorf("after %s: %v", name, err)
			}
			k.Tap(kA)
			wantKeys(t, b, down(kA), up(kA))
			p.Wake()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestKernelUnplug(t *testing.T) {
	k := evdevtest.NewKeyboard(t, "test keyboard")
	d := open(t, k.Node)
	k.Down(kShift, kA)
	wantKeys(t, d, down(kShift), down(kA))
	k.Unplug()
	var err error
	for end := time.Now().Add(time.Minute); err == nil && time.Now().Before(end); {
		_, err = d.Read()
	}
	if !IsGone(err) {
		t.Fatalf("unplugging gives %v", err)
	}
	if held := d.Held(); !slices.Equal(held, []uint16{kA, kShift}) {
		t.Errorf("held: %v, want A and Shift", held)
	}
	if _, err := Open(k.Node); !errors.Is(err, os.ErrNotExist) && !IsGone(err) {
		t.Errorf("opening it gives %v", err)
	}
}

func TestKernelOverflow(t *testing.T) {
	k := evdevtest.NewKeyboard(t, "test keyboard")
	d := open(t, k.Node)
	k.Down(kShift)
	wantKeys(t, d, down(kShift))
	// More than the 64 records that the kernel keeps, while nobody reads. The release of Shift is among the lost ones.
	for i := range 60 {
		if i == 5 {
			k.Up(kShift)
		}
		k.Tap(kA)
	}
	k.Down(kC)
	var all []Event
	for {
		events, err := d.Read()
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			break
		}
		all = append(all, events...)
	}
	if len(all) > 120 {
		t.Fatalf("%d events: nothing was dropped, so nothing is tested", len(all))
	}
	checkStream(t, append([]Event{down(kShift)}, all...))
	if held := d.Held(); !slices.Equal(held, []uint16{kC}) {
		t.Errorf("held after the overflow: %v, want C", held)
	}
	k.Up(kC)
	wantKeys(t, d, up(kC))
}

func TestKernelGrabber(t *testing.T) {
	k := evdevtest.NewKeyboard(t, "test keyboard")
	d, desktop := open(t, k.Node), open(t, k.Node)
	k.Down(kA)
	g := NewGrabber(d, Now())
	for range 3 {
		if done, err := g.Step(Now()); done || err != nil {
			t.Fatalf("with a key down: %v, %v", done, err)
		}
	}
	k.Tap(kB)
	if done, err := g.Step(Now()); done || err != nil {
		t.Fatalf("with a key down: %v, %v", done, err)
	}
	k.Up(kA)
	if done, err := g.Step(Now()); !done || err != nil {
		t.Fatalf("with all keys up: %v, %v", done, err)
	}
	wantKeys(t, desktop, down(kA), down(kB), up(kB), up(kA))
	k.Tap(kC)
	wantKeys(t, d, down(kC), up(kC))
	if got := keys(t, desktop, 0); len(got) != 0 {
		t.Errorf("after the grab the desktop saw %v", got)
	}
}

func TestKernelGrabberLimit(t *testing.T) {
	k := evdevtest.NewKeyboard(t, "test keyboard")
	d, desktop := open(t, k.Node), open(t, k.Node)
	k.Down(kA)
	g := NewGrabber(d, Now())
	if done, err := g.Step(g.Deadline()); !done || err != nil {
		t.Fatalf("at the limit: %v, %v", done, err)
	}
	wantKeys(t, desktop, down(kA), up(kA)) // so it does not repeat for ever
	k.Up(kA)
	k.Tap(kB)
	wantKeys(t, d, down(kB), up(kB))
	if held := d.Held(); len(held) != 0 {
		t.Errorf("held: %v", held)
	}
}

// seen is what a desktop, such as libinput, makes of a keyboard's events: it ignores a press of a key that is down, and a release of
// one that is up.
func seen(events []Event) (presses int, down bool) {
	for _, e := range events {
		if e.Value == 1 && !down {
			presses++
		}
		down = e.Value == 1
	}
	return presses, down
}

// A key goes down and up at any two moments around a grab. Either the desktop sees all of it or we do, once, and the key stays down
// for neither.
func TestKernelKeyAtTheMomentOfTheGrab(t *testing.T) {
	const moments = 4 // before and after Step looks at the keys, and twice later
	for press := range moments {
		for release := press; release <= moments; release++ {
			t.Run(fmt.Sprintf("pressed at %d released at %d", press, release), func(t *testing.T) {
				k := evdevtest.NewKeyboard(t, "test keyboard")
				d, desktop := open(t, k.Node), open(t, k.Node)
				at, stepping := 0, false
				moment := func() {
					if at == press {
						k.Down(kA)
					}
					if at == release {
						k.Up(kA)
					}
					at++
				}
				d.readKeys = func(s *KeySet) error {
					if stepping {
						moment()
						defer moment()
					}
					return d.kernelKeys(s)
				}
				g := NewGrabber(d, Now())
				done, ours := false, []Event(nil)
				read := func() {
					events, err := d.Read()
					if err != nil {
						t.Fatal(err)
					}
					if !done {
						return
					}
					events, undone := d.Ours(events)
					done = !undone
					for _, e := range events {
						if e.Type == EvKey {
							ours = append(ours, e)
						}
					}
				}
				for steps := 0; !done || at <= moments; steps++ {
					if steps == 100 {
						t.Fatal("the keyboard was never grabbed")
					}
					if !done {
						var err error
						stepping = true
						done, err = g.Step(Now())
						if stepping = false; err != nil {
							t.Fatal(err)
						}
					} else {
						moment()
					}
					if at != 3 { // once, both events come in one read
						read()
					}
				}
				theirs := keys(t, desktop, 0)
				n, stuck := seen(theirs)
				m, held := seen(ours)
				if n+m != 1 || stuck || held {
					t.Errorf("the desktop saw %v, we got %v", theirs, ours)
				}
			})
		}
	}
}

// If toshy waits for the keys of a keyboard that is not grabbed, it may have read some when the grab comes. The desktop has typed
// these.
func TestKernelKeysFromBeforeTheGrab(t *testing.T) {
	k := evdevtest.NewKeyboard(t, "test keyboard")
	d := open(t, k.Node)
	k.Down(kA)
	before, err := d.Read()
	if err != nil || len(before) == 0 {
		t.Fatal(before, err)
	}
	before = slices.Clone(before)
	k.Up(kA)
	if err := d.Attach(); err != nil {
		t.Fatal(err)
	}
	if done, err := NewGrabber(d, Now()).Step(Now()); !done || err != nil {
		t.Fatalf("with all keys up: %v, %v", done, err)
	}
	if got, undone := d.Ours(before); len(got) > 0 || undone {
		t.Errorf("from before the grab we have %v, undone %v", got, undone)
	}
	k.Tap(kB)
	var got []Event
	d.Follow(func(events []Event, err error) bool {
		if err != nil {
			t.Error(err)
		}
		events, undone := d.Ours(events)
		if undone {
			t.Error("the grab was undone")
		}
		for _, e := range events {
			if e.Type == EvKey {
				e.Time = 0
				got = append(got, e)
			}
		}
		return len(got) < 2 && err == nil && !undone
	})
	if want := []Event{down(kB), up(kB)}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Without the right to write, no key can be released before the grab. So its release is passed on.
func TestKernelGrabberReadOnly(t *testing.T) {
	k := evdevtest.NewKeyboard(t, "test keyboard")
	fd, err := unix.Open(k.Node, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	d := newDevice(fd, k.Node, false)
	defer d.Close()
	k.Down(kA)
	g := NewGrabber(d, Now())
	if done, err := g.Step(g.Deadline()); !done || err != nil {
		t.Fatalf("at the limit: %v, %v", done, err)
	}
	if held := d.Held(); !slices.Equal(held, []uint16{kA}) {
		t.Errorf("held at start: %v, want A", held)
	}
	k.Up(kA)
	wantKeys(t, d, up(kA))
	if err := d.SetLED(LedCaps, true); !errors.Is(err, os.ErrPermission) {
		t.Errorf("SetLED on a device opened for reading: %v", err)
	}
}

// Signals, including the scheduler's own, interrupt calls on a device while another process holds its lock.
func TestKernelSignals(t *testing.T) {
	k := evdevtest.NewKeyboard(t, "test keyboard")
	a, b := open(t, k.Node), open(t, k.Node)
	stop, done := make(chan bool), make(chan bool, 2)
	go func() {
		defer func() { done <- true }()
		for {
			select {
			case <-stop:
				return
			default:
				_ = b.Grab() // Grab holds the lock, and giving the device back holds it for long
				_ = b.Ungrab()
			}
		}
	}()
	go func() {
		defer func() { done <- true }()
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				tasks, _ := os.ReadDir("/proc/self/task")
				for _, task := range tasks {
					tid, _ := strconv.Atoi(task.Name())
					_ = unix.Tgkill(os.Getpid(), tid, unix.SIGURG)
				}
			}
		}
	}()
	for range 100 {
		if _, err := a.Keys(); err != nil {
			t.Error(err)
			break
		}
		if err := a.SetLED(LedCaps, true); err != nil {
			t.Error(err)
			break
		}
		if info := Probe(k.Node); info.Err != nil || info.Caps.Kind() != KindKeyboard || info.Name != "test keyboard" {
			t.Errorf("probe: %+v", info)
			break
		}
	}
	close(stop)
	<-done
	<-done
}
