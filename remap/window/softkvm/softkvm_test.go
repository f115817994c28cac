package softkvm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// server is what a Deskflow server wrote, and client what a Synergy client wrote, as public reports show it (deskflow/deskflow issues
// 5222 and 5503, RedBearAK/Toshy issue 552).
const (
	server = `[2025-02-24T18:13:23] INFO: using legacy x windows screen
[2025-02-24T18:13:23] NOTE: started server, waiting for clients
[2025-02-24T18:13:26] NOTE: accepted client connection
[2025-02-24T18:13:26] NOTE: client "as.int.example.com" has connected
[2025-02-24T18:13:43] INFO: switch from "Rene-PC" to "Admin-PC" at 1166,171
[2025-02-24T18:13:43] INFO: leaving screen
`
	back = `[2025-02-24T18:13:44] INFO: switch from "Admin-PC" to "Rene-PC" at 0,348
[2025-02-24T18:13:44] INFO: entering screen
`
	client = `[2016-07-27T16:26:01] NOTE: started client
[2016-07-27T16:26:02] NOTE: connecting to '192.168.1.148': 192.168.1.148:24800
[2016-07-27T16:26:03] NOTE: connected to server
[2016-07-27T16:26:04] INFO: entering screen
[2016-07-27T16:26:06] INFO: leaving screen
`
)

func TestLines(t *testing.T) {
	for _, tt := range []struct {
		name, log string
		away      bool
	}{
		{"server", server, true},
		{"back", server + back, false},
		{"client", client, false},
		{"server after client", client + server, true},
		{"client after server", server + client, false},
		{"stopped", server + "[2025-02-24T18:20:00] NOTE: stopped server\n", false},
		{"started again", server + "[2025-02-24T18:20:00] NOTE: started server, waiting for clients\n", false},
		{"with the source's place", server + "[2016-10-21T11:55:00] INFO: entering screen\n\t/home/abuild/Screen.cpp,113\n", false},
		{"Windows line ends", strings.ReplaceAll(server, "\n", "\r\n"), true},
		{"without a time", "INFO: switch from \"a\" to \"b\" at 1,1\nINFO: leaving screen\n", true},
		{"a name that lies", server + "[2025-02-24T18:14:00] NOTE: client \"x: entering screen\" has connected\n", true},
		{"a name that lies in a line of its own", server + "INFO entering screen\nentering screen\n", true},
		{"nothing", "", false},
	} {
		var s saying
		for line := range strings.Lines(tt.log) {
			s.take(strings.TrimSuffix(line, "\n"))
		}
		if s.away != tt.away {
			t.Errorf("%s: away %v", tt.name, s.away)
		}
	}
}

// A desk has a user's folders, and a /proc in which a server can run.
type desk struct {
	t testing.TB
	Watcher
	log  string
	said chan bool
}

func newDesk(t testing.TB) *desk {
	d := &desk{t: t, Watcher: Watcher{Home: t.TempDir(), Proc: t.TempDir()}, said: make(chan bool, 64)}
	d.Config = filepath.Join(d.Home, ".config")
	d.log = filepath.Join(d.Home, "deskflow.log")
	return d
}

func (d *desk) write(path, text string) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) deskflow(settings string) {
	d.t.Helper()
	path := filepath.Join(d.Config, "Deskflow/Deskflow.conf")
	_ = os.Remove(path)
	d.write(path, settings)
}

// serve makes a process of this machine look like a server.
func (d *desk) serve(comm string, args ...string) *exec.Cmd {
	d.t.Helper()
	c := exec.Command("sleep", "1000")
	if err := c.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	dir := filepath.Join(d.Proc, strconv.Itoa(c.Process.Pid))
	d.write(filepath.Join(dir, "comm"), comm+"\n")
	d.write(filepath.Join(dir, "cmdline"), strings.Join(append([]string{comm}, args...), "\x00")+"\x00")
	return c
}

func (d *desk) follow() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx, func(away bool) { d.said <- away }) }()
	d.t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			d.t.Errorf("Run returned %v", err)
		}
	})
}

func (d *desk) expect(away bool) {
	d.t.Helper()
	select {
	case got := <-d.said:
		if got != away {
			d.t.Fatalf("away %v, want %v", got, away)
		}
	case <-time.After(time.Minute):
		d.t.Fatalf("nothing was reported, want away %v", away)
	}
}

const toFile = "[core]\ncoreMode=2\n\n[log]\ntoFile=true\n"

// TestLater: a program is set up while toshy already runs, in folders that do not exist yet.
func TestLater(t *testing.T) {
	d := newDesk(t)
	d.serve("deskflow-core", "server")
	d.follow()
	d.expect(false)
	d.write(d.log, server)
	d.deskflow(toFile)
	d.expect(true)
	d.write(filepath.Join(d.Home, ".local/state/Synergy/synergy.log"), server)
	d.write(d.log, back)
	d.write(filepath.Join(d.Home, ".local/state/Synergy/synergy.log"), back)
	d.expect(false)
}

// TestStartedByHand: an unknown server is started later, with a log that only its arguments name.
func TestStartedByHand(t *testing.T) {
	d := newDesk(t)
	d.Path = t.TempDir()
	program := filepath.Join(d.Path, "synergys")
	// This test itself acts as the server: a sandbox, such as that of Nix, has no other program at a known place.
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, text, 0o755); err != nil {
		t.Fatal(err)
	}
	d.follow()
	d.expect(false)
	log := filepath.Join(d.Home, "by-hand.log")
	d.write(log, server)
	d.serve("synergys", "-f", "--log", log)
	if err := exec.Command(program, "-test.list=^$").Run(); err != nil { // the kernel sees this
		t.Fatal(err)
	}
	d.expect(true)
	d.write(log, back)
	d.expect(false)
}

func TestFollow(t *testing.T) {
	d := newDesk(t)
	d.deskflow(toFile)
	d.follow()
	d.expect(false)
	d.write(d.log, server) // created only now
	d.expect(true)
	d.write(d.log, back)
	d.expect(false)
	d.write(d.log, "[2025-02-24T18:13:45] INFO: leav")
	d.write(d.log, "ing screen\n")
	d.expect(true)
	if err := os.Rename(d.log, d.log+".1"); err != nil { // a full log is rotated
		t.Fatal(err)
	}
	d.write(d.log, back)
	d.expect(false)
	d.write(d.log, strings.Repeat("[2025-02-24T18:13:45] DEBUG: open clipboard\n", 10_000)+server)
	d.expect(true)
	if err := os.Truncate(d.log, 0); err != nil {
		t.Fatal(err)
	}
	d.write(d.log, back)
	d.expect(false)
}

func TestServerThatIsKilled(t *testing.T) {
	d := newDesk(t)
	d.deskflow(toFile)
	c := d.serve("deskflow-core", "server")
	d.write(d.log, server)
	d.follow()
	d.expect(true) // it was away before the start
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	d.expect(false)
}

func TestOldLog(t *testing.T) {
	d := newDesk(t)
	d.deskflow(toFile)
	d.write(d.log, server)
	d.follow()
	d.expect(false)
}

func TestSettingsChange(t *testing.T) {
	d := newDesk(t)
	d.serve("deskflow-core", "server")
	d.deskflow("[log]\ntoFile=false\n")
	d.write(d.log, server)
	d.follow()
	d.expect(false)
	d.deskflow(toFile)
	d.expect(true)
	d.log = filepath.Join(d.Home, "elsewhere.log")
	d.write(d.log, back)
	d.deskflow(toFile + "file=" + d.log + "\n")
	d.expect(false)
}

func TestFind(t *testing.T) {
	d := newDesk(t)
	d.deskflow("[log]\nfile=/var/tmp/d.log\n")
	d.write(filepath.Join(d.Config, "Debauchee/Barrier.conf"), "[General]\nlogToFile=true\nlogFilename=/var/log/barrier.log\n")
	d.write(filepath.Join(d.Config, "InputLeap/InputLeap.conf"), "[General]\nlogFilename=relative\n")
	d.write(filepath.Join(d.Home, ".local/state/Synergy/synergy.log"), "")
	d.serve("synergys", "-f", "--log", "/tmp/s.log")
	d.serve("bash", "--log", "/tmp/no.log")
	var got []string
	for _, p := range d.Find() {
		got = append(got, fmt.Sprint(p.Name, " ", strings.TrimPrefix(p.Log, d.Home), " ", p.ToFile))
	}
	want := []string{
		"Deskflow /var/tmp/d.log false", "Input Leap /input-leap.log false", "Barrier /var/log/barrier.log true",
		"Synergy /.local/state/Synergy/synergy.log true", "Synergy /tmp/s.log true",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestFIFO has a log to which nobody writes. It must not make toshy wait.
func TestFIFO(t *testing.T) {
	d := newDesk(t)
	d.deskflow(toFile + "file=/dev/zero\n")
	d.follow()
	d.expect(false)
}
