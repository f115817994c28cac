package seat

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/program"
)

// How many places, and how much of the daemon's time, one user can take, or one who has many uids.

// connected is a connection of a user who has sent nothing special.
func (b *bench) connected(uid uint32) net.Conn {
	b.t.Helper()
	b.dialing.Lock()
	defer b.dialing.Unlock()
	b.uid.Store(uid)
	c, err := net.Dial("unix", b.path)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { c.Close() })
	fmt.Fprintln(c, "x") // the answer shows that the daemon knows whose connection it is
	if _, err := bufio.NewReaderSize(c, 16).ReadString('\n'); err != nil {
		b.t.Fatal(err)
	}
	return c
}

// In TestAgentsAtOnce, many users attach at the same moment, and the machine takes its time to look up each of them.
func TestAgentsAtOnce(t *testing.T) {
	b, _ := working(t)
	gate := make(chan struct{})
	open := sync.OnceFunc(func() { close(gate) })
	t.Cleanup(open)
	b.seat.options.userName = func(uid uint32) string {
		<-gate
		return owner(uid)
	}
	const users = 40
	var all []net.Conn
	for i := range uint32(users) {
		all = append(all, b.connected(2000+i))
	}
	var attached, refused atomic.Int32
	var asked sync.WaitGroup
	for _, c := range all {
		asked.Go(func() {
			fmt.Fprintln(c, `{"command":"attach"}`)
			_ = c.SetReadDeadline(time.Now().Add(limit))
			line, _ := bufio.NewReader(c).ReadString('\n')
			if strings.Contains(line, `"ok":true`) {
				attached.Add(1)
			} else if refused.Add(1); !strings.Contains(line, "attached already") {
				t.Errorf("refused with %q", line)
			}
		})
	}
	b.until("those who have no place are told", func() bool { return refused.Load() == users-maxAgents+1 }) // all except ann's agent
	open()
	asked.Wait()
	if n := attached.Load(); n != maxAgents-1 {
		t.Errorf("%d agents are attached beside ann's", n)
	}
}

// TestAttachAgainAndAgain: attaching again does not reset the limit of what a user may send at once.
func TestAttachAgainAndAgain(t *testing.T) {
	b, _ := working(t)
	line := `{"kind":"config","config":{"main":"` + strings.Repeat("x", control.MaxConfig/2) + `"}}` + "\n"
	began, sent := time.Now(), 0
	for range 6 {
		c := b.connected(bob)
		fmt.Fprintln(c, `{"command":"attach"}`)
		in := bufio.NewReader(c)
		for { // the replaced agent may take a moment to go
			l, err := in.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(l, `"ok":true`) {
				break
			}
			fmt.Fprintln(c, `{"command":"attach"}`)
		}
		_ = c.SetWriteDeadline(time.Now().Add(limit))
		n, err := io.WriteString(c, line)
		if err != nil {
			t.Fatal(err)
		}
		b.untilSeat("it has been taken", func() bool {
			u := b.seat.users[bob]
			return u != nil && u.sent != nil
		})
		b.seat.mu.Lock()
		b.seat.users[bob].sent = nil
		b.seat.mu.Unlock()
		sent += n
	}
	// Four megabytes may come at once, then one in each second.
	if least := time.Duration(sent-control.MaxConfig-(1<<20)) * time.Second >> 20; time.Since(began) < least {
		t.Errorf("%d bytes in %v: at least %v was expected", sent, time.Since(began), least)
	}
}

// TestAdministratorsSwitch: only root may use what the administrator has switched off.
func TestAdministratorsSwitch(t *testing.T) {
	b, _ := working(t)
	refused := func(uid uint32, r control.Request) bool {
		t.Helper()
		c, err := b.as(uid)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Do(r)
		if err != nil && !strings.Contains(err.Error(), "administrator") {
			t.Error(err)
		}
		return err != nil
	}
	asked := []control.Request{{Command: "monitor", Keys: true}, {Command: "status", Keys: true}, {Command: "type", Text: "x"}, {Command: "press", Combos: []string{"a"}}}
	for _, r := range asked {
		if refused(ann, r) {
			t.Errorf("%s is refused without the switch", r.Command)
		}
	}
	system, err := program.Parse("system.toml", []byte("extends = \"none\"\n[daemon]\nmonitor = \"no-keys\"\ntype = false\npress = false\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	b.seat.settle(func() { b.seat.system = system })
	for _, r := range asked {
		if !refused(ann, r) {
			text, _ := json.Marshal(r)
			t.Errorf("%s is accepted", text)
		}
		if refused(0, r) {
			t.Errorf("root's %s is refused", r.Command)
		}
	}
	for _, r := range []control.Request{{Command: "monitor"}, {Command: "status"}, {Command: "pause"}} {
		if refused(ann, r) {
			t.Errorf("%s is refused", r.Command)
		}
	}
}
