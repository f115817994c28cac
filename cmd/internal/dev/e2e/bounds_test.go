//go:build vm

package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"

	"toshy/cmd/internal/control"
	toshyconfig "toshy/config"
)

// The cost of a configuration and of a window has a limit, however they are made.

// sayer is an agent that the test plays.
type sayer struct {
	net.Conn
	t       testing.TB
	typings chan control.AgentTyping // texts that the daemon asks to be typed
}

func (s *service) byHand(t testing.TB, uid uint32) *sayer {
	t.Helper()
	c, err := dialAs(uid, s.socket)
	must(t, err)
	t.Cleanup(func() { c.Close() })
	_, err = fmt.Fprintln(c, `{"command":"attach"}`)
	must(t, err)
	a := &sayer{c, t, make(chan control.AgentTyping, 1000)}
	go func() {
		for in := bufio.NewScanner(c); in.Scan(); {
			if strings.Contains(in.Text(), `"kind":"ping"`) {
				_, _ = fmt.Fprintln(c, `{"kind":"pong"}`)
			}
			var m control.DaemonMessage
			if strings.Contains(in.Text(), `"kind":"type"`) && json.Unmarshal(in.Bytes(), &m) == nil && m.Typing != nil {
				a.typings <- *m.Typing
			}
		}
	}()
	return a
}

func (a *sayer) says(m control.AgentMessage) {
	a.t.Helper()
	b, err := json.Marshal(m)
	must(a.t, err)
	_, err = a.Write(append(b, '\n'))
	must(a.t, err)
}

// Regular expressions that take long for a title delay no key, and the watchdog does not mistake this for a hang.
func TestSlowTitles(t *testing.T) {
	k := plugUSB(t)
	s := serve(t, nil, "--user", only(annUID))
	ann := s.byHand(t, annUID)
	text := before
	for i := range 2 {
		text += fmt.Sprintf("[keymap.k%d]\nwhen = 'title matches `(a?){900}%d`'\nkeys.F3 = \"X\"\n", i, i)
	}
	text += "[keymap.last]\nwhen = 'app == \"last\"'\nkeys.F3 = \"B\"\n"
	ann.says(control.AgentMessage{Kind: "config", Config: &control.AgentConfig{Main: "/x.toml", Files: toshyconfig.Texts{"/x.toml": []byte(text)}}})
	k.through(s.out)
	for i := range 3 {
		ann.says(control.AgentMessage{Kind: "window", Window: &control.AgentWindow{App: "firefox", Title: strings.Repeat("a", 1000-i)}})
		k.becomes(s.out, "+f1 -f1", "+a -a")
	}
	ann.says(control.AgentMessage{Kind: "window", Window: &control.AgentWindow{App: "last"}})
	until(t, "the last window is used", func() bool {
		k.types("+f3 -f3 +" + marker + " -" + marker)
		first, err := s.out.next(deadline())
		must(t, err)
		must(t, s.out.skipTo("-"+marker, deadline()))
		return first.String() == "+b"
	})
	select {
	case <-s.done:
		t.Error("the daemon has ended")
	default:
	}
}

// Groups that use each other are not expanded. Too many of them are refused with a message.
func TestGroupsThatDouble(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, before, k)
	doubled := func(n int) string {
		s := after + "[groups]\ng0 = \"capslock\"\n"
		for i := range n {
			s += fmt.Sprintf("g%d = \"g%d or not g%d\"\n", i+1, i, i)
		}
		return s + fmt.Sprintf("[keymap.k]\nwhen = \"g%d\"\nkeys.F3 = \"X\"\n", n)
	}
	replace(t, r.config, doubled(70))
	r.logs("groups use each other in a row", 1)
	k.becomes(r.out, "+f1 -f1", "+a -a")
	replace(t, r.config, doubled(50))
	r.logs("configuration loaded", 1)
	k.becomes(r.out, "+f1 -f1", "+b -b")
}
