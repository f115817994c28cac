//go:build vm

package e2e

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"toshy/cmd/internal/control"
)

// Things that seldom happen, much more often than in real life.

var (
	reloadsFlag = flag.Int("reloads", 100, "how often TestManyReloads changes the configuration")
	flapsFlag   = flag.Int("flaps", 30, "how often TestAgentFlaps starts an agent and ends it")
)

func (t *toshy) grabs(env []string) (n int) {
	for _, k := range status(t.t, env).Keyboards {
		if k.Grabbed {
			n++
		}
	}
	return n
}

// toshy grabs as many keyboards as the engine can distinguish. The others stay as they are, and are grabbed when one of the first is
// unplugged.
func TestHundredKeyboards(t *testing.T) {
	const most = 64 // remap.MaxDevices
	var kbds []*softKeyboard
	for i := range 100 {
		kbds = append(kbds, newSoftKeyboard(t, fmt.Sprintf("e2e keyboard %d of 100", i)))
	}
	r, env := served(t, before)
	grabbed := func() int { return r.grabs(env) }
	until(t, "64 keyboards are taken", func() bool { return grabbed() == most })
	r.logs("too many keyboards", 1)
	f1 := code(t, "f1")
	var mapped []*softKeyboard
	for _, k := range kbds {
		k.types(keyEvent{f1, pressed}, keyEvent{f1, released})
		who := ""
		until(t, "the key comes out, mapped or not", func() bool {
			for name, d := range map[string]*device{"toshy": r.out, "itself": k.device} {
				must(t, d.readNow())
				if len(d.pending) > 0 {
					who, d.pending = who+name, nil
				}
			}
			return who != ""
		})
		if who == "toshy" {
			mapped = append(mapped, k)
		}
	}
	if len(mapped) > most || len(mapped) < most-1 { // the machine has one of its own
		t.Errorf("%d keyboards are mapped, want %d", len(mapped), most)
	}
	if n := strings.Count(r.log.String(), "too many keyboards"); n > 100-len(mapped) {
		t.Errorf("the log says %d times that there are too many", n)
	}
	for _, k := range mapped[:8] {
		k.unplug()
	}
	untilWithin(t, 4*limit, 100*time.Millisecond, "others have taken their places", func() bool { return grabbed() == most })
	r.stop()
}

// A session manager can revoke access to a keyboard. This does not mean that the keyboard is gone.
func TestRevokedKeyboard(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, before, k)
	k.types("+f2")
	r.out.expect("+leftshift")
	fd := descriptorOf(t, r.cmd.Process.Pid, k.path)
	const eviocrevoke = 0x40044591
	must(t, ioctl(fd, eviocrevoke, 0))
	r.logs("keyboard is gone", 1)
	r.out.expect("-leftshift")
	k.types("-f2")
	k.free()
	k.works()
	k.through(r.out)
	k.becomes(r.out, "+f1 -f1", "+a -a")
}

// A virtual keyboard that the kernel has destroyed (writes to it fail) ends toshy with a message, and the keyboard works.
func TestVirtualKeyboardIsDestroyed(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, before, k)
	const uiDevDestroy = 0x5502 // linux/uinput.h
	must(t, ioctl(descriptorOf(t, r.cmd.Process.Pid, "/dev/uinput"), uiDevDestroy, 0))
	k.types("+w -w")
	r.fails(4, "the virtual keyboard is lost")
	k.free()
	k.works()
}

// descriptorOf returns another process's descriptor of a file, as one in this process.
func descriptorOf(t testing.TB, pid int, path string) uintptr {
	t.Helper()
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	must(t, err)
	for _, name := range fds {
		if to, err := os.Readlink(name); err != nil || to != path {
			continue
		}
		n, err := strconv.Atoi(filepath.Base(name))
		must(t, err)
		process, err := unix.PidfdOpen(pid, 0)
		must(t, err)
		defer unix.Close(process)
		fd, err := unix.PidfdGetfd(process, n, 0)
		must(t, err)
		t.Cleanup(func() { _ = unix.Close(fd) })
		return uintptr(fd)
	}
	t.Fatalf("process %d does not have %s open", pid, path)
	return 0
}

// Hardware that sends what no keyboard sends: events of all types with values of all sizes. And on the virtual keyboard, what a
// desktop may send to its lights and its bell.
func TestValuesOutOfRange(t *testing.T) {
	values := []int32{math.MinInt32, -1, 0, 1, 2, 3, 255, 1 << 16, math.MaxInt32}
	codes := []uint16{0, 1, 2, 8, 11, 30, 63, 255, 0x110, 0x2fe, 0x2ff, 0x300, math.MaxUint16}
	odd := newSoftKeyboard(t, "e2e keyboard from hell", func(t testing.TB, ui *os.File) {
		const uiSetAbsBit, uiSetMscBit, uiSetSndBit, uiSetSwBit = 0x40045567, 0x40045568, 0x4004556a, 0x4004556d
		for _, kind := range []uintptr{evRel, 3, 4, 5, 0x12, 0x14} { // ABS, MSC, SW, SND, REP
			must(t, ioctl(ui.Fd(), uiSetEvBit, kind))
		}
		for bit, most := range map[uintptr]uintptr{uiSetRelBit: 0xf, uiSetAbsBit: 0x3f, uiSetMscBit: 7, uiSetSndBit: 7, uiSetSwBit: 0xf, uiSetKeyBit: 0x2ff} {
			for c := range most + 1 {
				_ = ioctl(ui.Fd(), bit, c) // the kernel knows fewer
			}
		}
	})
	k := newSoftKeyboard(t, "e2e keyboard beside it")
	r := start(t, before, "--device", odd.name, "--device", k.name)
	softThrough(k, r.out)
	softThrough(odd, r.out)
	for kind := range uint16(0x20) {
		for _, c := range codes {
			for _, v := range values {
				odd.send(inputEvent{kind, c, v}, inputEvent{})
			}
			if kind == evKey {
				odd.send(inputEvent{kind, c, 0}, inputEvent{})
			}
		}
		k.types(keyEvent{code(t, "f13"), pressed}, keyEvent{code(t, "f13"), released})
		must(t, r.out.skipTo("-f13", deadline()))
	}
	for _, kind := range []uint16{evLED, 0x12, 0x14, 0x15, 0x17} { // SND, REP, FF, FF_STATUS
		for _, c := range codes {
			for _, v := range values {
				_, err := r.out.file.Write(append(event(kind, c, v), event(0, 0, 0)...))
				must(t, err)
			}
		}
	}
	for _, k := range []*softKeyboard{odd, k} {
		softThrough(k, r.out)
		k.tap("f1")
		r.out.expect("+a -a")
	}
	r.out.allUp()
	r.stop()
}

// A configuration that changes again and again leaves nothing behind, and no key is lost.
func TestManyReloads(t *testing.T) {
	k := newSoftKeyboard(t, "e2e keyboard beside reloads")
	r, env := served(t, before)
	softThrough(k, r.out)
	var path string
	for _, e := range env {
		if dir, ok := strings.CutPrefix(e, "XDG_RUNTIME_DIR="); ok {
			path = filepath.Join(dir, "toshy.sock")
		}
	}
	measured := func() (n [3]int) {
		for i, f := range []string{"descriptors", "Threads", "RssAnon"} {
			n[i] = r.has(f)
		}
		return n
	}
	var first [3]int
	for n := range *reloadsFlag {
		if n%max(1, *reloadsFlag/20) == 0 {
			t.Logf("%d reloads: descriptors, threads, anonymous kB: %v", n, measured())
		}
		if n == *reloadsFlag/4 {
			first = measured()
		}
		want := []string{"a", "b"}[n%2]
		must(t, os.WriteFile(r.config+"~", []byte([]string{before, after}[n%2]), 0o644))
		must(t, os.Rename(r.config+"~", r.config))
		until(t, "the configuration is in force", func() bool { // on a slow machine, the command may say that it is not in use yet
			client, err := control.Dial(path)
			must(t, err)
			defer client.Close()
			a, err := client.Do(control.Request{Command: "reload", Wait: true})
			return err == nil && !a.Pending
		})
		k.tap("f1")
		r.out.expect("+" + want + " -" + want)
	}
	until(t, "descriptors are closed", func() bool { return r.has("descriptors") <= first[0] })
	last := measured()
	t.Logf("%d reloads: descriptors, threads, anonymous kB: %v after a quarter, %v at the end", *reloadsFlag, first, last)
	if last[1] > first[1]+4 || last[2] > first[2]+4096 {
		t.Errorf("it grows: %v, %v at the end", first, last)
	}
	r.stop()
}

// An agent that comes and goes, by itself, killed, stopped or in the middle of a message, delays no key and leaves nothing behind.
func TestAgentFlaps(t *testing.T) {
	k := newSoftKeyboard(t, "e2e keyboard beside a flapping agent")
	s := serve(t, nil, "--user", only(annUID))
	s.agent(t, annUID, before)
	softThrough(k, s.out)
	var first int
	for n := range *flapsFlag {
		if n == *flapsFlag/2 {
			first = s.has("descriptors")
		}
		switch n % 3 {
		case 0: // without a message
			c, err := dialAs(annUID, s.socket)
			must(t, err)
			fmt.Fprintln(c, `{"command":"attach"}`)
			c.Close()
		case 1:
			c, err := dialAs(annUID, s.socket)
			must(t, err)
			fmt.Fprint(c, "{\"command\":\"attach\"}\n{\"kind\":\"config\",\"config\":{\"main\":\"/x")
			c.Close()
		default:
			a, _ := s.agent(t, annUID, before)
			a.logs("attached to the daemon", 1)
			if n%2 == 0 {
				a.signal(syscall.SIGSTOP)
			}
			k.tap("f1")
			s.out.expect("+a -a")
			a.kill()
		}
		k.tap("f1")
		s.out.expect("+a -a")
	}
	s.agent(t, annUID, before)
	until(t, "one agent is left, and no more descriptors than before", func() bool {
		return len(s.status(t).Agents) == 1 && s.has("descriptors") <= first+2
	})
	k.tap("f1")
	s.out.expect("+a -a")
	s.stop()
}

// Two seats: toshy leaves the keyboards of another seat to the people there.
func TestKeyboardOfAnotherSeat(t *testing.T) {
	const data = "/run/udev/data"
	must(t, os.MkdirAll(data, 0o755))
	t.Cleanup(func() { _ = os.RemoveAll("/run/udev") })
	mine, theirs := newSoftKeyboard(t, "e2e keyboard of seat0"), newSoftKeyboard(t, "e2e keyboard of seat1")
	var st unix.Stat_t
	must(t, unix.Stat(theirs.path, &st))
	must(t, os.WriteFile(fmt.Sprintf("%s/c%d:%d", data, unix.Major(st.Rdev), unix.Minor(st.Rdev)), []byte("I:1\nE:ID_INPUT=1\nE:ID_SEAT=seat1\n"), 0o644))
	s := serve(t, nil, "--user", only(annUID))
	s.agent(t, annUID, before)
	softThrough(mine, s.out)
	theirs.tap("f1")
	theirs.expect("+f1 -f1")
	if opens(t, s.cmd.Process.Pid, theirs.path) {
		t.Error("the keyboard of another seat is open")
	}
	mine.tap("f1")
	s.out.expect("+a -a")
	said := false
	for _, d := range s.status(t).OtherDevices {
		said = said || d.Path == theirs.path && strings.Contains(d.Why, "seat")
	}
	if !said {
		t.Errorf("it does not say why: %+v", s.status(t).OtherDevices)
	}
}
