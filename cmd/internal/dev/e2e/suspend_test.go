//go:build vm

package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"toshy/cmd/internal/dev/vm"
)

// Suspend to RAM (ACPI S3): the machine's devices are reset. Before that, the kernel releases the keys of all keyboards, including
// toshy's (input_dev_suspend, drivers/input/input.c).

const sleeper = `extends = "none"
[modmap.m]
keys.LeftAlt = "RightCtrl"
keys.Tab = { tap = "Tab", hold = "RightShift", timeout = "30ms" }
keys.F1 = "B"
[modmap.caps]
when = "capslock"
keys.F2 = "C"
`

// suspend makes the machine sleep until it is woken as requested with host.Asleep, and returns the time when it was back.
func suspend(t testing.TB) time.Time {
	t.Helper()
	must(t, os.WriteFile("/sys/power/state", []byte("mem"), 0))
	return time.Now()
}

// asleep returns how long the machine has slept since it booted.
func asleep() time.Duration {
	var all, awake unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &all)
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &awake)
	return time.Duration(all.Nano() - awake.Nano())
}

func (k *softKeyboard) tap(name string) {
	k.t.Helper()
	k.types(keyEvent{code(k.t, name), pressed}, keyEvent{code(k.t, name), released})
}

// goesOn checks that toshy has the keyboards as if nothing had happened.
func (r *toshy) goesOn(env []string, keyboards ...*device) {
	r.t.Helper()
	r.out.allUp()
	s := status(r.t, env)
	if len(s.Held) > 0 || len(s.Down) > 0 {
		r.t.Errorf("%d keys held, %d down", len(s.Held), len(s.Down))
	}
	for _, k := range keyboards {
		grabbed := false
		for _, have := range s.Keyboards {
			grabbed = grabbed || have.Path == k.path && have.Grabbed
		}
		if !grabbed {
			r.t.Errorf("%s (%s) is not grabbed: %+v", k.name, k.path, s.Keyboards)
		}
	}
	if strings.Contains(r.log.String(), "hangs") {
		r.t.Error("the watchdog mistakes the sleep for a hang")
	}
}

// onlyLifts reads up to an event. Only these events may come before it.
func (d *device) onlyLifts(lifts []keyEvent, want string) {
	d.t.Helper()
	for end := deadline(); ; {
		e, err := d.next(end)
		switch {
		case err != nil:
			d.t.Fatalf("%s: no %s: %v", d.name, want, err)
		case e.String() == want:
			return
		case e.value == repeated:
		case !slices.Contains(lifts, e):
			d.settle()
			d.t.Fatalf("%s: want %s, got first %s", d.name, want, format(append([]keyEvent{e}, d.pending...)))
		}
	}
}

// Ten times in a row, with a held key on each kind of keyboard, which is released while the machine sleeps or afterwards.
func TestSuspend(t *testing.T) {
	pc, usb, virtio, soft := pcKeyboard(t), plugUSB(t), plugVirtio(t), newSoftKeyboard(t, "e2e keyboard that sleeps")
	machines := []*keyboard{pc, usb, virtio}
	r, env := served(t, sleeper, machines...)
	softThrough(soft, r.out)
	consoleLock(t, kdCaps) // suspending switches to a console without it, and back
	t.Cleanup(func() { consoleLock(t, 0) })
	lifted := parse(t, "-rightctrl -rightshift -w -q")
	var first, all []time.Duration
	before := asleep()
	for n := range 10 {
		pc.types("+leftalt")
		r.out.expect("+rightctrl")
		usb.types("+tab")
		r.out.expect("+rightshift")
		virtio.types("+w")
		r.out.expect("+w")
		soft.types(keyEvent{code(t, "q"), pressed})
		r.out.expect("+q")
		if n%2 == 0 {
			must(t, usb.Asleep().Up("tab"))
			must(t, virtio.Asleep().Up("w"))
			must(t, pc.Asleep().Up("leftalt")) // this wakes it
		} else {
			must(t, host.Asleep().Wake(time.Duration(n)*400*time.Millisecond))
		}
		woke := suspend(t)
		soft.tap("f1")
		r.out.onlyLifts(lifted, "+b")
		first = append(first, time.Since(woke))
		r.out.expect("-b")
		for _, k := range machines {
			k.types("+f1 -f1")
			r.out.expect("+b -b")
		}
		all = append(all, time.Since(woke))
		pc.types("-leftalt")
		usb.types("-tab")
		virtio.types("-w")
		soft.types(keyEvent{code(t, "q"), released})
		r.goesOn(env, pc.device, usb.device, virtio.device, soft.device)
		if log := r.log.String(); strings.Contains(log, "keyboard is") {
			t.Error("it noticed")
		}
		for _, k := range machines {
			until(t, "caps lock's lights are on", func() bool { return k.led(ledCaps) && soft.led(ledCaps) })
			k.becomes(r.out, "+leftalt +f2 -f2 -leftalt", "+rightctrl +c -c -rightctrl")
		}
		soft.tap("f2")
		r.out.expect("+c -c")
	}
	if slept := asleep() - before; slept < 4*time.Second { // it should be 10 s; the kernel asks a clock that only knows whole seconds
		t.Errorf("the machine slept for %v", slept)
	}
	slices.Sort(first)
	slices.Sort(all)
	t.Logf("first key out %v to %v after waking up, half of them before %v; a key of each keyboard %v to %v",
		first[0], first[len(first)-1], first[len(first)/2], all[0], all[len(all)-1])
}

// While it sleeps, the machine gets another keyboard and loses the one with the held key. A third keyboard wakes it.
func TestSuspendAndUndock(t *testing.T) {
	pc, docked, soft := pcKeyboard(t), plugUSB(t), newSoftKeyboard(t, "e2e keyboard that stays")
	r, env := served(t, sleeper, pc, docked)
	softThrough(soft, r.out)
	docked.types("+leftalt")
	r.out.expect("+rightctrl")
	other := plug(t, func(id string) (vm.Keyboard, error) {
		hands, err := host.Asleep().PlugUSB(id)
		must(t, docked.Asleep().Unplug())
		docked.plugged = false
		must(t, pc.Asleep().Down("space"))
		suspend(t)
		soft.tap("f1")
		r.out.onlyLifts(parse(t, "+unknown -unknown -rightctrl"), "+b")
		r.out.expect("-b")
		return hands, err
	})
	vanish(t, docked.node)
	must(t, pc.Up("space"))
	other.through(r.out)
	for _, k := range []*keyboard{pc, other} {
		k.becomes(r.out, "+leftalt +f1 -f1 -leftalt", "+rightctrl +b -b -rightctrl")
	}
	r.goesOn(env, pc.device, other.device, soft.device)
}

// Suspend to idle (s2idle), as most laptops sleep: programs are frozen, devices sleep, and the processor waits for an interrupt that
// may wake it. Here, that is a key of the PC's keyboard.
func TestSuspendToIdle(t *testing.T) {
	must(t, os.WriteFile("/sys/devices/platform/i8042/serio0/power/wakeup", []byte("enabled"), 0))
	pc, usb, soft := pcKeyboard(t), plugUSB(t), newSoftKeyboard(t, "e2e keyboard that idles")
	r, env := served(t, sleeper, pc, usb)
	softThrough(soft, r.out)
	for range 3 {
		pc.types("+leftalt")
		r.out.expect("+rightctrl")
		soft.types(keyEvent{code(t, "q"), pressed})
		r.out.expect("+q")
		must(t, host.Nudge("f4"))
		must(t, os.WriteFile("/sys/power/state", []byte("freeze"), 0))
		pc.types("-leftalt +f3 -f3") // this ends the nudges
		r.out.onlyLifts(parse(t, "-rightctrl -q +f4 -f4"), "+f3")
		r.out.expect("-f3")
		woke, err := os.ReadFile("/sys/power/pm_wakeup_irq")
		must(t, err)
		if strings.TrimSpace(string(woke)) != "1" {
			t.Errorf("interrupt %s has ended the sleep", woke)
		}
		soft.tap("f1")
		r.out.expect("+b -b")
		soft.types(keyEvent{code(t, "q"), released})
		for _, k := range []*keyboard{pc, usb} {
			k.becomes(r.out, "+f1 -f1", "+b -b")
		}
		r.goesOn(env, pc.device, usb.device, soft.device)
	}
}
