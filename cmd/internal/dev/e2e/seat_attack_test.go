//go:build vm && desktop

package e2e

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"

	"toshy/cmd/internal/control"
	"toshy/remap/window/windowtest"
)

// What another local user can do on the system bus to a daemon that follows logind there.

const evilUID = 1002

var switches = flag.Int("switches", 60, "how often the seat's session changes while the daemon is attacked")

// An attacker sends to every name that the bus has given or will give next, as any user may: signals with file descriptors, and large
// signals.
type attacker struct {
	t    testing.TB
	bus  *windowtest.Bus
	stop chan struct{}
	once sync.Once
	sent atomic.Int64
	done sync.WaitGroup
}

func attack(t testing.TB, bus *windowtest.Bus) *attacker {
	t.Helper()
	a := &attacker{t: t, bus: bus, stop: make(chan struct{})}
	for send, pause := range map[*func(*dbus.Conn, string) error]time.Duration{&withDescriptors: time.Millisecond, &large: 100 * time.Millisecond} {
		c := a.connect()
		a.done.Go(func() { a.run(c, *send, pause) })
	}
	t.Cleanup(func() { a.ends() }) // before the bus ends
	return a
}

// ends stops the attack, and returns how many signals it has sent.
func (a *attacker) ends() int64 {
	a.once.Do(func() { close(a.stop) })
	a.done.Wait()
	return a.sent.Load()
}

// connect connects as evil. The bus judges the thread that connects.
func (a *attacker) connect() *dbus.Conn {
	connected := make(chan *dbus.Conn)
	go func() {
		defer close(connected)
		runtime.LockOSThread() // it ends with the goroutine
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, evilUID, evilUID, evilUID); errno != 0 {
			a.t.Error(errno)
			return
		}
		c, err := dbus.Dial(a.bus.Address)
		if err == nil {
			err = errors.Join(c.Auth([]dbus.Auth{dbus.AuthExternal(strconv.Itoa(evilUID))}), c.Hello())
		}
		if err != nil {
			a.t.Errorf("the attacker's connection: %v", err)
			return
		}
		connected <- c
	}()
	c := <-connected
	if c == nil {
		a.t.FailNow()
	}
	return c
}

// run sends to the daemon's connection, and to the next names that the bus will give, until the attack ends.
func (a *attacker) run(c *dbus.Conn, send func(*dbus.Conn, string) error, pause time.Duration) {
	defer c.Close()
	ask := func(method string, into any, args ...any) error {
		return c.BusObject().Call("org.freedesktop.DBus."+method, 0, args...).Store(into)
	}
	for {
		var names, to []string
		if err := ask("ListNames", &names); err != nil {
			a.t.Errorf("the attacker: %v", err)
			return
		}
		last := 0
		for _, n := range names {
			var uid uint32
			if i, err := strconv.Atoi(strings.TrimPrefix(n, ":1.")); err == nil {
				last = max(last, i)
				if ask("GetConnectionUnixUser", &uid, n) == nil && uid == daemonUID {
					to = append(to, n)
				}
			}
		}
		for i := range 8 {
			to = append(to, ":1."+strconv.Itoa(last+1+i))
		}
		for _, name := range to {
			select {
			case <-a.stop:
				return
			case <-time.After(pause):
			}
			if err := send(c, name); err != nil {
				a.t.Errorf("the attacker: %v", err)
				return
			}
			a.sent.Add(1)
		}
	}
}

func signalTo(name string, body ...any) *dbus.Message {
	return &dbus.Message{Type: dbus.TypeSignal, Flags: dbus.FlagNoReplyExpected, Body: body, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldDestination: dbus.MakeVariant(name), dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath("/a")),
		dbus.FieldInterface: dbus.MakeVariant("a.b"), dbus.FieldMember: dbus.MakeVariant("C"),
		dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(body...)),
	}}
}

// withDescriptors sends sixteen file descriptors, as many as a bus forwards in one message.
var withDescriptors = func(c *dbus.Conn, to string) error {
	return c.Send(signalTo(to, slices.Repeat([]any{dbus.UnixFD(os.Stdin.Fd())}, 16)...), nil).Err
}

// large sends megabytes that become ten times as many when they are decoded: empty arrays of bytes, each in a variant.
var large = func(c *dbus.Conn, to string) error {
	const variants = 1 << 19
	var b bytes.Buffer
	if err := signalTo(to, []dbus.Variant{dbus.MakeVariant([]byte{})}).EncodeTo(&b, binary.LittleEndian); err != nil {
		return err
	}
	m := b.Bytes()
	one := m[len(m)-8:]
	array := m[len(m)-12:]
	binary.LittleEndian.PutUint32(array, variants*8)
	binary.LittleEndian.PutUint32(m[4:], 4+variants*8) // the body
	binary.LittleEndian.PutUint32(m[8:], 1)            // an unknown serial number
	_, err := c.Write(append(m, bytes.Repeat(one, variants-1)...))
	return err
}

// A spy is a user's monitor. It restarts as soon as it ends.
type spy struct {
	mu   sync.Mutex
	keys map[string]int // keys that went down, by name
}

func watch(t testing.TB, s *service, uid uint32, stop <-chan struct{}) *spy {
	t.Helper()
	w := &spy{keys: map[string]int{}}
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
			c, err := dialAs(uid, s.socket)
			if err != nil {
				continue
			}
			fmt.Fprintln(c, `{"command":"monitor","keys":true}`)
			for in := json.NewDecoder(c); ; {
				var e control.Event
				if in.Decode(&e) != nil {
					break
				}
				if e.Kind == "in" && e.Value == "down" {
					w.mu.Lock()
					w.keys[e.Key]++
					w.mu.Unlock()
				}
			}
			c.Close()
		}
	}()
	return w
}

func (w *spy) saw(key string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.keys[key]
}

// usage is a process's number of file descriptors and its memory in KiB.
func usage(t testing.TB, pid int) (descriptors int, rss, peak string) {
	t.Helper()
	fds, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "fd"))
	must(t, err)
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	must(t, err)
	for l := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(l, ":")
		switch name {
		case "VmRSS":
			rss = strings.TrimSpace(value)
		case "VmHWM":
			peak = strings.TrimSpace(value)
		}
	}
	return len(fds), rss, peak
}

// newSeat returns a bus with a logind on it, and the file that logind writes.
func newSeat(t testing.TB, files bool) (*windowtest.Bus, *windowtest.Logind) {
	t.Helper()
	known := "" // a bus admits only users whom the machine knows
	for name, uid := range map[string]int{"root": 0, "toshy-daemon": daemonUID, "ann": annUID, "bob": bobUID, "evil": evilUID} {
		known += fmt.Sprintf("%s:x:%d:%[2]d::/:/bin/sh\n", name, uid)
	}
	must(t, os.WriteFile("/etc/passwd", []byte(known), 0o644))
	bus := windowtest.NewSystemBus(t)
	if files {
		must(t, os.MkdirAll(seats, 0o755))
		t.Cleanup(func() { _ = os.RemoveAll("/run/systemd") })
	}
	logind := newLogind(t, bus, files)
	logind.Activate("2")
	return bus, logind
}

const seats = "/run/systemd/seats"

// newLogind returns a logind on this bus, with ann, bob and the greeter.
func newLogind(t testing.TB, bus *windowtest.Bus, files bool) *windowtest.Logind {
	t.Helper()
	logind := windowtest.NewLogind(t, bus)
	if files {
		logind.Seats = seats
	}
	logind.Session(t, "2", "user", "wayland", "ann", annUID)
	logind.Session(t, "3", "user", "wayland", "bob", bobUID)
	logind.Session(t, "c1", "greeter", "wayland", "gdm", 120)
	return logind
}

// TestSeatUnderAttack switches between two users and the greeter while another user does to the daemon's connection everything that a
// system bus allows. Nobody sees what is typed in another user's session, or types into it.
func TestSeatUnderAttack(t *testing.T) {
	bus, logind := newSeat(t, true)
	k := newSoftKeyboard(t, "e2e keyboard of a seat")
	s := serve(t, []string{"DBUS_SYSTEM_BUS_ADDRESS=" + bus.Address}, "--log-level", "info")
	s.agent(t, annUID, `extends = "none"`)
	softThrough(k, s.out)
	stop := make(chan struct{})
	defer close(stop)
	spy := watch(t, s, annUID, stop)
	press := func(name string) {
		c := code(t, name)
		k.types(keyEvent{c, pressed}, keyEvent{c, released})
	}
	mine := code(t, "q").String()
	others := code(t, "z").String()
	until(t, "ann's monitor shows what ann types", func() bool {
		press("q")
		return spy.saw(mine) > 0
	})
	pid := s.cmd.Process.Pid
	descriptors, rss, peak := usage(t, pid)
	t.Logf("before: %d descriptors, %s, at most %s", descriptors, rss, peak)

	evil := attack(t, bus)
	began, blind, most := time.Now(), 0, 0
	for n := range *switches {
		if n > 0 && n%100 == 0 {
			t.Logf("%d switches in %v: %d keys reached the wrong monitor", n, time.Since(began), spy.saw(others))
		}
		logind.Activate([]string{"3", "c1", ""}[n%3])
		time.Sleep(300 * time.Millisecond) // nobody types sooner than that
		for range 8 {
			press("z")
		}
		now, _, _ := usage(t, pid)
		most = max(most, now)
		if text, code := s.says(t, annUID, "type", "x"); code == 0 {
			t.Fatalf("switch %d: ann types into another's session: %s", n, text)
		}
		logind.Activate("2")
		if before := spy.saw(mine); n%10 == 0 { // she sees her own keys again
			end := deadline()
			for spy.saw(mine) == before && !end.over() {
				press("q")
				time.Sleep(50 * time.Millisecond)
			}
			if spy.saw(mine) == before {
				blind++
			}
		} else {
			time.Sleep(200 * time.Millisecond)
		}
	}
	during, rssDuring, peak := usage(t, pid)
	sent := evil.ends()
	time.Sleep(2 * time.Second)
	after, rssAfter, _ := usage(t, pid)
	t.Logf("%d signals, %d switches in %v: %d keys reached the wrong monitor; %d times the daemon did not come back", sent, *switches, time.Since(began), spy.saw(others), blind)
	t.Logf("during: %d descriptors (at most %d), %s, at most %s; after: %d, %s", during, most, rssDuring, peak, after, rssAfter)
	if spy.saw(others) > 0 || blind > 0 {
		t.Error("the daemon serves the wrong user")
	}
	if most > descriptors+16 || after > descriptors {
		t.Errorf("descriptors stay open: %d before, %d at most, %d after", descriptors, most, after)
	}
}

// TestSeatIsLost: if toshy no longer learns who is at the seat, it serves nobody, within seconds.
func TestSeatIsLost(t *testing.T) {
	for _, files := range []bool{false, true} {
		t.Run(fmt.Sprintf("file %v", files), func(t *testing.T) {
			bus, _ := newSeat(t, files)
			k := newSoftKeyboard(t, "e2e keyboard of a seat")
			s := serve(t, []string{"DBUS_SYSTEM_BUS_ADDRESS=" + bus.Address})
			s.agent(t, annUID, `extends = "none"`)
			softThrough(k, s.out)
			monitor, err := dialAs(annUID, s.socket)
			must(t, err)
			defer monitor.Close()
			fmt.Fprintln(monitor, `{"command":"monitor","keys":true}`)
			bus.Kill()
			must(t, monitor.SetReadDeadline(atLast()))
			if _, err := io.Copy(io.Discard, monitor); err != nil {
				t.Errorf("the monitor did not end: %v", err)
			}
			until(t, "toshy reads the keyboard no more", func() bool { return !opens(t, s.cmd.Process.Pid, k.path) })
			if st := s.status(t); !strings.Contains(st.Reason, "logind does not answer") {
				t.Errorf("the reason is %q", st.Reason)
			}
			if text, code := s.says(t, annUID, "type", "x"); code != 3 || !strings.Contains(text, "logind does not answer") {
				t.Errorf("ann types: exit status %d: %s", code, text)
			}
		})
	}
}

// TestSeatChangesUnheard: the file says that another session is active, but logind's message does not arrive.
func TestSeatChangesUnheard(t *testing.T) {
	bus, logind := newSeat(t, true)
	k := newSoftKeyboard(t, "e2e keyboard of a seat")
	s := serve(t, []string{"DBUS_SYSTEM_BUS_ADDRESS=" + bus.Address})
	s.agent(t, annUID, `extends = "none"`)
	softThrough(k, s.out)
	logind.Write("3")
	until(t, "toshy reads the keyboard no more", func() bool { return !opens(t, s.cmd.Process.Pid, k.path) })
	if _, code := s.says(t, annUID, "type", "x"); code != 3 {
		t.Errorf("ann types: exit status %d", code)
	}
	logind.Write("2")
	softThrough(k, s.out)
}

// TestSeatIsBack: logind and the bus are restarted, as by an upgrade, with the same session or with another.
func TestSeatIsBack(t *testing.T) {
	bus, logind := newSeat(t, true)
	k := newSoftKeyboard(t, "e2e keyboard of a seat")
	s := serve(t, []string{"DBUS_SYSTEM_BUS_ADDRESS=" + bus.Address})
	s.agent(t, annUID, before)
	softThrough(k, s.out)
	restart := map[string]func(){"logind": func() { must(t, logind.Conn.Close()) }, "bus": func() { bus.Restart(t) }}
	for _, what := range []string{"logind", "bus", "logind", "bus"} {
		k.types(keyEvent{code(t, "f2"), pressed})
		s.out.expect("+leftshift")
		restart[what]()
		logind = newLogind(t, bus, true)
		logind.Activate("2")
		k.types(keyEvent{code(t, "f2"), released})
		must(t, s.out.skipTo("-leftshift", deadline()))
		softThrough(k, s.out)
		k.tap("f1")
		s.out.expect("+a -a")

		restart[what]() // meanwhile, the session changes
		logind = newLogind(t, bus, true)
		logind.Activate("3")
		until(t, "toshy reads the keyboard no more", func() bool { return !opens(t, s.cmd.Process.Pid, k.path) })
		until(t, "ann is refused", func() bool {
			text, code := s.says(t, annUID, "type", "x")
			if code == 0 {
				t.Fatalf("ann types into bob's session: %s", text)
			}
			return code == 3 // or she was let go at this moment, without an answer
		})
		logind.Activate("2")
		softThrough(k, s.out)
	}
}
