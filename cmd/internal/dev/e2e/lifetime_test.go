//go:build vm

package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What happens to a daemon that runs for months.

var stormFlag = flag.Int("storm", 12, "how often TestStorm plugs a keyboard in and out")

// unplug removes a soft keyboard.
func (k *softKeyboard) unplug() {
	k.t.Helper()
	must(k.t, k.ui.Close())
	_ = k.file.Close()
}

// has reads a number from /proc: descriptors, or a field of status in its own unit.
func (r *remapper) has(field string) int {
	r.t.Helper()
	proc := fmt.Sprintf("/proc/%d", r.cmd.Process.Pid)
	if field == "descriptors" {
		fds, err := os.ReadDir(filepath.Join(proc, "fd"))
		must(r.t, err)
		return len(fds)
	}
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	must(r.t, err)
	m := regexp.MustCompile(`(?m)^` + field + `:\s+(\d+)`).FindSubmatch(status)
	if m == nil {
		r.t.Fatalf("no %s in\n%s", field, status)
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n
}

func TestStorm(t *testing.T) {
	first := newSoftKeyboard(t, "e2e keyboard that stays")
	cmd := exec.Command("/bin/toshy", "run", "--log-level", "debug") // at other levels, it shows no stacks
	r := &toshy{remapper: launchCmd(t, cmd)}
	r.out = r.output(virtualKeyboard)
	softThrough(first, r.out)
	q := code(t, "q")
	var before [3]int
	measure := func() (n [3]int) {
		for i, f := range []string{"descriptors", "Threads", "RssAnon"} {
			n[i] = r.has(f)
		}
		return n
	}
	for n := range *stormFlag {
		if n == *stormFlag/4 { // everything that grows only once has grown
			before = measure()
		}
		k := newSoftKeyboard(t, "e2e keyboard that comes and goes")
		switch n % 4 {
		case 0: // gone before anything was done with it
		case 1: // grabbed, with a held key
			softThrough(k, r.out)
			k.types(keyEvent{q, pressed})
			must(t, r.out.skipTo("+q", deadline()))
		default:
			k.types(keyEvent{q, pressed}, keyEvent{q, released})
		}
		k.unplug()
	}
	softThrough(first, r.out)
	until(t, "descriptors are closed", func() bool { return r.has("descriptors") <= before[0] })
	r.out.allUp()
	after := measure()
	t.Logf("%d plugs: descriptors, threads, anonymous kB: %v after a quarter, %v at the end", *stormFlag, before, after)
	if after[1] > before[1]+4 { // the scheduler may start one more when many wait at once
		t.Errorf("%d threads, %d before", after[1], before[1])
	}
	if after[2] > before[2]+2048 {
		t.Errorf("%d kB, %d kB before", after[2], before[2])
	}
	r.signal(syscall.SIGQUIT) // Go's runtime prints all goroutines
	_ = r.ends()
	if n := strings.Count(r.log.String(), "\ngoroutine "); n < 10 || n > 60 {
		t.Errorf("%d goroutines", n)
	}
}

// softThrough waits until a soft keyboard is grabbed, and leaves out with nothing to read.
func softThrough(k *softKeyboard, out *device) {
	k.t.Helper()
	f9, f10 := code(k.t, marker), code(k.t, probe)
	until(k.t, k.path+" is taken", func() bool {
		k.types(keyEvent{f10, pressed}, keyEvent{f10, released})
		return out.skipTo("-"+probe, in(20*time.Millisecond)) == nil
	})
	k.types(keyEvent{f9, pressed}, keyEvent{f9, released})
	must(k.t, out.skipTo("-"+marker, deadline()))
}

// Two keyboards that differ only in their nodes, like one Bluetooth keyboard that is connected twice.
func TestTheSameKeyboardTwice(t *testing.T) {
	one := newSoftKeyboard(t, "e2e twin")
	r := start(t, `extends = "none"`)
	softThrough(one, r.out)
	other := newSoftKeyboard(t, "e2e twin")
	softThrough(other, r.out)
	z := code(t, "z")
	one.types(keyEvent{z, pressed})
	r.out.expect("+z")
	one.unplug()
	r.out.expect("-z")
	softThrough(other, r.out)
	again := newSoftKeyboard(t, "e2e twin")
	softThrough(again, r.out)
}

// TestUnpluggedWithAModifier: the kernel releases the keys of a keyboard that is unplugged before it reports that it is gone. Nobody
// has tapped Super, so the desktop must not see a tap, which would open its launcher.
func TestUnpluggedWithAModifier(t *testing.T) {
	r := start(t, `extends = "none"`)
	meta := code(t, "leftmeta")
	for range 6 {
		k := newSoftKeyboard(t, "e2e keyboard that goes")
		softThrough(k, r.out)
		k.types(keyEvent{meta, pressed})
		r.out.expect("+leftmeta")
		k.unplug()
		r.out.expect("+leftctrl -leftctrl -leftmeta")
	}
}

func TestRenamedDevice(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, "", k)
	k.types("+w")
	r.out.expect("+w")
	other := "/dev/input/event99"
	must(t, os.Rename(k.path, other))
	t.Cleanup(func() { must(t, os.Rename(other, k.path)) })
	r.out.expect("-w")
	k.types("-w")
	k.through(r.out)
	k.becomes(r.out, "+leftalt +c -c -leftalt", "+rightctrl +c -c -rightctrl")
	r.logs(other, 1)
}

// The kernel creates a node for root. Some time later, udev says who else may use it.
func TestLatePermission(t *testing.T) {
	first := pcKeyboard(t)
	for _, path := range []string{"/dev/uinput", first.path} {
		must(t, os.Chmod(path, 0o666))
		t.Cleanup(func() { _ = os.Chmod(path, 0o600) })
	}
	known := nodes()
	cmd, _ := command(t, "")
	cmd.SysProcAttr = nobody
	r := launchCmd(t, cmd)
	must(t, os.Chmod(appear(t, "the virtual keyboard", known, func(n node) bool { return n.phys == virtualKeyboard }).path, 0o666))
	out := r.output(virtualKeyboard)
	first.through(out)
	k := plugUSB(t)
	must(t, os.Chmod(k.path, 0o600))
	first.becomes(out, "+b -b", "+b -b")
	k.works()
	must(t, os.Chmod(k.path, 0o666))
	k.through(out)
	k.becomes(out, "+leftalt +c -c -leftalt", "+rightctrl +c -c -rightctrl")
}

func TestPanicChordOnTwoKeyboards(t *testing.T) {
	one, other := pcKeyboard(t), plugUSB(t)
	r := startOn(t, "extends = \"none\"\n[modmap.m]\nkeys.Esc = \"A\"\nkeys.F1 = \"B\"\n[options]\npanic_chords = [\"F1+F2+Esc\"]\n", one, other)
	r.logs("f1+f2+esc", 1)
	one.types("+f1")
	r.out.expect("+b") // keyboards do not wait for each other
	other.types("+f2")
	r.out.expect("+f2")
	one.types("+esc")
	r.logs("press the panic chord again to resume", 1)
	r.out.allUp()
	one.types("-esc -f1 +p -p")
	must(t, one.skipTo("-p", deadline()))
	other.types("-f2 +o -o")
	must(t, other.skipTo("-o", deadline()))
	other.types("+esc +f1")
	one.types("+f2")
	r.logs("taking the keyboards again", 1)
	one.types("-f2")
	other.types("-f1 -esc")
	for _, k := range []*keyboard{one, other} {
		k.through(r.out)
		k.becomes(r.out, "+esc -esc", "+a -a")
		k.becomes(r.out, "+backspace +esc +enter -enter -esc -backspace", "+backspace +a +enter -enter -a -backspace")
	}
}

// Setting the clock has no effect: all times come from one that cannot be set (CLOCK_MONOTONIC).
func TestClockJumps(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, tapHold, k)
	set := func(by time.Duration) {
		var now unix.Timeval
		must(t, unix.Gettimeofday(&now))
		to := unix.NsecToTimeval(now.Nano() + int64(by))
		must(t, unix.Settimeofday(&to))
	}
	const year = 365 * 24 * time.Hour
	for _, by := range []time.Duration{year, -2 * year, year} {
		k.types("+capslock") // undecided for up to a minute
		set(by)
		k.types("-capslock")
		r.out.expect("+esc -esc")
		k.types("+tab") // after 30 ms by time alone
		set(-by)
		r.out.expect("+rightshift")
		k.types("-tab")
		r.out.expect("-rightshift")
		set(by)
		k.becomes(r.out, "+b -b", "+b -b")
		ask(t, r, "status")
	}
}

// ask runs a command that connects to the daemon.
func ask(t testing.TB, r *toshy, args ...string) string {
	t.Helper()
	cmd := exec.Command("/bin/toshy", args...)
	cmd.Env = r.cmd.Env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("toshy %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// A suspend that is cancelled once all programs are frozen, before the kernel releases the keys; see TestSuspend.
func TestFreeze(t *testing.T) {
	must(t, os.WriteFile("/sys/module/suspend/parameters/pm_test_delay", []byte("1"), 0))
	must(t, os.WriteFile("/sys/power/pm_test", []byte("freezer"), 0)) // the kernel's own test for suspending
	t.Cleanup(func() { must(t, os.WriteFile("/sys/power/pm_test", []byte("none"), 0)) })
	k := newSoftKeyboard(t, "e2e keyboard that is frozen")
	r := start(t, "")
	softThrough(k, r.out)
	w := code(t, "w")
	k.types(keyEvent{w, pressed})
	r.out.expect("+w")
	must(t, os.WriteFile("/sys/power/state", []byte("freeze"), 0))
	k.types(keyEvent{w, released})
	r.out.expect("-w")
	k.types(keyEvent{w, pressed}, keyEvent{w, released})
	r.out.expect("+w -w")
	r.out.allUp()
	if log := r.log.String(); strings.Contains(log, "hangs") || strings.Contains(log, "keyboard is") {
		t.Error("it noticed")
	}
}

func TestVirtualTerminalIsSwitched(t *testing.T) {
	tty, err := os.OpenFile("/dev/tty0", os.O_RDWR, 0)
	must(t, err)
	t.Cleanup(func() { tty.Close() })
	const vtActivate, vtWaitActive = 0x5606, 0x5607 // linux/vt.h
	to := func(n uintptr) {
		must(t, ioctl(tty.Fd(), vtActivate, n))
		must(t, ioctl(tty.Fd(), vtWaitActive, n))
	}
	k := plugUSB(t)
	r := startOn(t, "", k)
	k.types("+leftalt +left")
	r.out.expect("+rightctrl +unknown -unknown -rightctrl +home")
	to(2)
	t.Cleanup(func() { to(1) })
	k.types("-left -leftalt")
	r.out.expect("-home +rightctrl +unknown -unknown -rightctrl")
	k.becomes(r.out, "+leftalt +c -c -leftalt", "+rightctrl +c -c -rightctrl")
	to(1)
	k.becomes(r.out, "+leftalt +c -c -leftalt", "+rightctrl +c -c -rightctrl")
}

// The kernel kills a process that needs more memory than it may have.
func TestMemoryLimit(t *testing.T) {
	root := t.TempDir()
	must(t, unix.Mount("none", root, "cgroup2", 0, ""))
	t.Cleanup(func() { _ = unix.Unmount(root, unix.MNT_DETACH) })
	must(t, os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte("+memory"), 0))
	group := filepath.Join(root, "toshy")
	must(t, os.Mkdir(group, 0o755))
	t.Cleanup(func() { _ = os.Remove(group) })
	k := plugUSB(t)
	r := startOn(t, "", k)
	must(t, os.WriteFile(filepath.Join(group, "cgroup.procs"), []byte(strconv.Itoa(r.cmd.Process.Pid)), 0))
	must(t, os.WriteFile(filepath.Join(group, "memory.max"), []byte("32M"), 0))
	for range 5 { // it can live with that
		ask(t, r, "reload", "--wait")
	}
	k.types("+w")
	r.out.expect("+w")
	_ = os.WriteFile(filepath.Join(group, "memory.swap.max"), []byte("0"), 0)
	must(t, os.WriteFile(filepath.Join(group, "memory.max"), []byte("64K"), 0))
	k.types("-w +x -x +y -y")
	if status := r.ends(); status != -1 {
		t.Errorf("exit status %d, want it killed", status)
	}
	r.out.gone()
	k.free()
	k.works()
}

// toshy needs no file that it can write.
func TestReadOnlyAndFullFileSystems(t *testing.T) {
	for name, flags := range map[string]uintptr{"read-only": unix.MS_RDONLY, "full": 0} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			must(t, unix.Mount("none", dir, "tmpfs", 0, "size=4k,nr_inodes=3"))
			t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
			must(t, os.WriteFile(filepath.Join(dir, "config.toml"), []byte(before), 0o644))
			must(t, os.WriteFile(filepath.Join(dir, "more"), nil, 0o644)) // the last inode
			if flags != 0 {
				must(t, unix.Mount("none", dir, "tmpfs", unix.MS_REMOUNT|flags, ""))
			}
			for _, v := range []string{"XDG_RUNTIME_DIR", "TMPDIR", "HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"} {
				t.Setenv(v, dir)
			}
			k := plugUSB(t)
			known := nodes()
			r := launchCmd(t, exec.Command("/bin/toshy", "run", "--config", filepath.Join(dir, "config.toml")))
			out := open(t, appear(t, "toshy's virtual keyboard", known, func(n node) bool { return n.phys == virtualKeyboard }))
			k.through(out)
			k.becomes(out, "+f1 -f1", "+a -a")
			r.logs("toshy status and the like will not reach this daemon", 1)
			r.stop()
		})
	}
}
