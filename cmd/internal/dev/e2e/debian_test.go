//go:build vm && systemd

package e2e

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// These tests run in a booted Debian with its own systemd, udev, logind and D-Bus. The machine has no hardware virtualisation, so
// starting a session takes seconds, or minutes if the computer is busy.
const patience = 5 * time.Minute

// deb is the package from make dist.
const deb = "/root/toshy.deb"

// eventually polls a condition that needs complete programs to become true.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	untilWithin(t, patience, 50*time.Millisecond, what, ok)
}

// sh runs a command as root and returns its output.
func sh(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// installed installs the package's files and services, whatever earlier tests did.
func installed(t testing.TB) {
	t.Helper()
	if exec.Command("dpkg-query", "-W", "-f", "${db:Status-Status}", "toshy").Run() != nil || !exists("/usr/bin/toshy") {
		sh(t, "dpkg", "-i", deb)
	}
	t.Cleanup(func() {
		if t.Failed() {
			out, _ := exec.Command("journalctl", "--no-pager", "-n", "60").CombinedOutput()
			t.Logf("the journal:\n%s", out)
		}
	})
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// person is a user with a session on a separate virtual terminal that logind knows.
type person struct {
	t       testing.TB
	name    string
	uid     uint32
	gid     uint32
	vt      int
	session string
}

// sitsDown logs a user in on a terminal, with agetty and PAM, and waits for the session.
func sitsDown(t testing.TB, name string, vt int) *person {
	t.Helper()
	u, err := user.Lookup(name)
	must(t, err)
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	must(t, err)
	p := &person{t: t, name: name, uid: uint32(uid), gid: uint32(uid), vt: vt}
	getty := fmt.Sprintf("getty@tty%d.service", vt)
	dropIn := filepath.Join("/run/systemd/system", getty+".d", "login.conf")
	write(t, dropIn, "[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin "+name+" --noclear %I linux\n")
	sh(t, "systemctl", "daemon-reload")
	sh(t, "systemctl", "restart", getty)
	t.Cleanup(func() {
		p.leaves()
		_ = exec.Command("systemctl", "stop", getty).Run()
		must(t, os.RemoveAll(filepath.Dir(dropIn)))
	})
	eventually(t, name+" has a session", func() bool {
		out, _ := exec.Command("loginctl", "list-sessions", "--no-legend").Output()
		for line := range strings.Lines(string(out)) {
			if w := strings.Fields(line); len(w) > 2 && w[2] == name && strings.Contains(line, fmt.Sprintf("tty%d", vt)) {
				p.session = w[0]
				return true
			}
		}
		return false
	})
	eventually(t, name+"'s manager is up", func() bool { return exec.Command("systemctl", "--quiet", "is-active", "user@"+u.Uid).Run() == nil })
	return p
}

// leaves ends the session and everything that runs in it.
func (p *person) leaves() {
	_ = exec.Command("systemctl", "stop", fmt.Sprintf("user@%d.service", p.uid)).Run()
	_ = exec.Command("loginctl", "terminate-session", p.session).Run()
}

// comes makes the session the active one of the seat, like Ctrl-Alt-F2.
func (p *person) comes() {
	p.t.Helper()
	sh(p.t, "loginctl", "activate", p.session)
	eventually(p.t, p.name+"'s session is active", func() bool {
		out, _ := exec.Command("loginctl", "show-session", p.session, "-p", "Active", "--value").Output()
		return strings.TrimSpace(string(out)) == "yes"
	})
}

// locks tells logind what a screen locker tells it.
func (p *person) locks(on bool) {
	p.t.Helper()
	const bus = "org.freedesktop.login1"
	object := strings.Trim(strings.TrimPrefix(sh(p.t, "busctl", "call", bus, "/org/freedesktop/login1", bus+".Manager", "GetSession", "s", p.session), "o "), `"`)
	sh(p.t, "busctl", "call", bus, object, bus+".Session", "SetLockedHint", "b", strconv.FormatBool(on))
}

// command returns a command that runs as this person, in their session.
func (p *person) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	run := fmt.Sprintf("/run/user/%d", p.uid)
	c.Env = []string{
		"PATH=/usr/bin:/bin", "HOME=/home/" + p.name, "USER=" + p.name, "XDG_RUNTIME_DIR=" + run, "DBUS_SESSION_BUS_ADDRESS=unix:path=" + run + "/bus",
	}
	c.Dir = "/"
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: p.uid, Gid: p.gid}}
	return c
}

// runs runs a command as this person and returns its output.
func (p *person) runs(name string, args ...string) string {
	p.t.Helper()
	out, err := p.command(name, args...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("%s: %s %s: %v\n%s", p.name, name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// configures writes the person's configuration: one key becomes another.
func (p *person) configures(from, to string) {
	p.t.Helper()
	dir := filepath.Join("/home", p.name, ".config/toshy")
	write(p.t, filepath.Join(dir, "config.toml"), "extends = \"none\"\n[keymap.all]\nkeys."+strings.ToUpper(from)+" = \""+to+"\"\n")
	sh(p.t, "chown", "-R", p.name+":", "/home/"+p.name)
}

// starts starts what a desktop starts at its beginning, and with it the service.
func (p *person) starts(service string) {
	p.t.Helper()
	write(p.t, "/run/systemd/user/desktop.target", "[Unit]\nBindsTo=graphical-session.target\nBefore=graphical-session.target\n")
	p.runs("systemctl", "--user", "daemon-reload")
	p.runs("systemctl", "--user", "enable", service)
	p.t.Cleanup(func() { _ = p.command("systemctl", "--user", "disable", service).Run() })
	p.runs("systemctl", "--user", "start", "desktop.target")
	eventually(p.t, p.name+"'s "+service+" runs", func() bool {
		return p.command("systemctl", "--user", "--quiet", "is-active", service).Run() == nil
	})
}

func write(t testing.TB, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o644))
}

// virtual opens toshy's virtual keyboard as soon as there is one. A test that waits for a new one must first wait until the old one is
// gone, because its number is used again.
func virtual(t testing.TB) *device {
	t.Helper()
	var found node
	eventually(t, "toshy's virtual keyboard appears", func() bool {
		all := nodes()
		i := slices.IndexFunc(all, func(n node) bool { return n.phys == virtualKeyboard })
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return open(t, found)
}

// becomesSoon waits until a key comes out as another key, and then expects exactly that.
func (k *keyboard) becomesSoon(out *device, from, to string) {
	k.t.Helper()
	eventually(k.t, from+" becomes "+to, func() bool {
		k.types("+" + from + " -" + from)
		return out.skipTo("-"+to, in(200*time.Millisecond)) == nil
	})
	k.through(out)
	k.becomes(out, "+"+from+" -"+from+" +q -q", "+"+to+" -"+to+" +q -q")
}

// freeSoon waits until no process has grabbed the keyboard.
func (k *keyboard) freeSoon() {
	k.t.Helper()
	eventually(k.t, k.path+" is given back", func() bool {
		k.types("+" + probe + " -" + probe)
		return k.skipTo("-"+probe, in(200*time.Millisecond)) == nil
	})
	k.types("+" + marker + " -" + marker)
	must(k.t, k.skipTo("-"+marker, in(patience)))
}

// mode returns "root:group 0660" for a file.
func mode(t testing.TB, path string) string {
	t.Helper()
	var st unix.Stat_t
	must(t, unix.Stat(path, &st))
	owner, err := user.LookupId(strconv.Itoa(int(st.Uid)))
	must(t, err)
	group, err := user.LookupGroupId(strconv.Itoa(int(st.Gid)))
	must(t, err)
	return fmt.Sprintf("%s:%s %#o", owner.Username, group.Name, st.Mode&0o7777)
}

// everything returns what is on the disk, except in places where the system itself writes.
func everything(t testing.TB) []string {
	t.Helper()
	found := map[string]bool{}
	must(t, filepath.WalkDir("/", func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // processes come and go
		case slices.Contains([]string{"/proc", "/sys", "/dev", "/run", "/tmp", "/work", "/home", "/var/log", "/var/cache", "/var/tmp"}, path):
			return fs.SkipDir
		case strings.HasPrefix(path, "/var/lib/dpkg/") || strings.HasPrefix(path, "/var/lib/apt/") || strings.HasSuffix(path, "-"): // its journal; /etc/group- is a backup
		default:
			found[path] = true
		}
		return nil
	}))
	return slices.Sorted(maps.Keys(found))
}

// activeTerminal returns the terminal that the machine shows.
func activeTerminal(t testing.TB) int {
	t.Helper()
	f, err := os.Open("/dev/tty0")
	must(t, err)
	defer f.Close()
	var state struct{ active, signal, state uint16 } // struct vt_stat, linux/vt.h
	const vtGetState = 0x5603
	must(t, ioctl(f.Fd(), vtGetState, uintptr(unsafe.Pointer(&state))))
	return int(state.active)
}

// showTerminal switches the machine to a terminal, like Ctrl-Alt-F5.
func showTerminal(t testing.TB, vt int) {
	t.Helper()
	f, err := os.Open("/dev/tty0")
	must(t, err)
	defer f.Close()
	const vtActivate = 0x5606 // linux/vt.h
	must(t, ioctl(f.Fd(), vtActivate, uintptr(vt)))
	eventually(t, fmt.Sprintf("terminal %d is shown", vt), func() bool { return activeTerminal(t) == vt })
}

// aliceIsAway locks alice's screen and unlocks it, and lets bob take her place. Then F1, which is F3 for her, stays F1.
func aliceIsAway(t testing.TB, alice *person, k *keyboard, out *device) (bob *person) {
	t.Helper()
	alice.locks(true)
	k.becomesSoon(out, "f1", "f1")
	alice.locks(false)
	k.becomesSoon(out, "f1", "f3")

	bob = sitsDown(t, "bob", 3)
	bob.comes()
	k.freeSoon()
	k.works()
	return bob
}
