//go:build vm

package e2e

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"toshy/cmd/internal/control"
)

var clientsFlag = flag.Int("clients", 150, "how many clients TestClientsAtRandom has")

// Lines that clients and agents send, and lines that they never send.
var (
	clientLines = []string{
		`{"command":"status"}`, `{"command":"status","keys":true}`, `{"command":"monitor","keys":true}`, `{"command":"monitor","kinds":["status"]}`, `{"command":"settings"}`,
		`{"command":"set","name":"wide","value":"true"}`, `{"command":"set","name":"wide","default":true}`, `{"command":"type","text":"abc"}`,
		`{"command":"press","combos":["Ctrl-Shift-F8","F9"]}`, `{"command":"layer","name":"numbers","value":"toggle"}`, `{"command":"layer"}`,
		`{"command":"reload","wait":true}`, `{"command":"pause"}`, `{"command":"resume"}`, `{"command":"toggle"}`, `{"command":"release"}`, `{"command":"keyboard-type","name":"x","value":"apple"}`,
	}
	agentLines = []string{
		`{"kind":"window","window":{"app":"firefox","title":"x"}}`, `{"kind":"away","away":true}`, `{"kind":"pong"}`, `{"kind":"layout","layout":{"us":true}}`,
		`{"kind":"layout","layout":{"name":"de","map":{"21":44,"44":21},"symbols":{"y":[{"key":44}]}}}`,
		`{"kind":"config","config":{"main":"/c.toml","files":{"/c.toml":"` + base64.StdEncoding.EncodeToString([]byte(before)) + `"}}}`,
		`{"kind":"config","config":{"main":"/c.toml","serial":3,"unreadable":{"/c.toml":"gone"},"settings":{"wide":"true"}}}`,
	}
	oddities = []string{
		"\x00", "\xff", "null", "1e999", "-1", `""`, "[]", strings.Repeat("[", 5000), strings.Repeat(`{"a":`, 2000), strings.Repeat("x", 70_000), `"\ud800"`, ",", ":", "\n", "\r\n",
		"\u202e", `"key":65536`, `"version":9`, strings.Repeat(`"x",`, 60_000),
	}
)

// randomLine is a line with parts that are missing, mixed or odd.
func randomLine(r *rand.Rand, lines []string) string {
	line := lines[r.IntN(len(lines))]
	for range r.IntN(3) {
		at := r.IntN(len(line) + 1)
		switch r.IntN(5) {
		case 0:
			line = line[:at]
		case 1:
			line = line[:at] + oddities[r.IntN(len(oddities))] + line[at:]
		case 2:
			line = line[:at] + line[r.IntN(at+1):]
		case 3:
			line = line[:at] + lines[r.IntN(len(lines))]
		case 4:
			if at < len(line) {
				c := []byte(line)
				c[at] ^= 1 << r.IntN(8)
				line = string(c)
			}
		}
	}
	return line + "\n"
}

// Clients and agents of three users send random data and disconnect when they like. The daemon never accepts anything from a user who
// is not at the seat, and afterwards serves as if nothing had happened.
func TestClientsAtRandom(t *testing.T) {
	k := newSoftKeyboard(t, "e2e keyboard beside clients")
	s := serve(t, nil, "--user", only(annUID), "--log-level", "info")
	const config = before + "[setting.wide]\ndefault = false\n[layer.numbers.keys]\nF5 = \"1\"\n"
	ann, _ := s.agent(t, annUID, config)
	softThrough(k, s.out)
	first, memory := s.has("descriptors"), s.has("RssAnon")
	r := rand.New(rand.NewPCG(*seedFlag, 2))
	most := 0
	for n := range *clientsFlag {
		uid := []uint32{annUID, bobUID, foreignUID}[r.IntN(3)]
		c, err := dialAs(uid, s.socket)
		must(t, err)
		lines, attached := clientLines, r.IntN(3) == 0
		if attached {
			lines = agentLines
			fmt.Fprintln(c, `{"command":"attach"}`)
		}
		go func() {
			for in := bufio.NewScanner(c); in.Scan(); {
				var a control.Response
				if json.Unmarshal(in.Bytes(), &a) == nil && a.OK && uid != annUID && !attached {
					t.Errorf("user %d is accepted: %s", uid, in.Text())
				}
			}
		}()
		for range 1 + r.IntN(8) {
			text := randomLine(r, lines)
			_ = c.SetWriteDeadline(atLast())
			if cut := r.IntN(len(text)); r.IntN(4) == 0 { // in two pieces
				fmt.Fprint(c, text[:cut])
				time.Sleep(time.Duration(r.IntN(5)) * time.Millisecond) // a slow client
				text = text[cut:]
			}
			if _, err := fmt.Fprint(c, text); err != nil {
				break // it was disconnected
			}
		}
		if r.IntN(2) == 0 { // the others stay until the test ends
			c.Close()
		} else {
			t.Cleanup(func() { c.Close() })
		}
		most = max(most, s.has("RssAnon"))
		if n%16 == 15 {
			k.tap("f1") // whatever it is mapped to now
		}
		select {
		case <-s.done:
			t.Fatalf("seed %d: the daemon has ended", *seedFlag)
		default:
		}
	}
	t.Logf("%d clients: anonymous memory %d kB before, at most %d", *clientsFlag, memory, most)
	if most > memory+96<<10 {
		t.Errorf("the daemon takes %d kB, %d before", most, memory)
	}
	ann.kill()
	s.agent(t, annUID, config)
	until(t, "ann is served as before", func() bool {
		_, resumed := s.says(t, annUID, "resume")
		_, released := s.says(t, annUID, "release")
		return resumed == 0 && released == 0 && len(s.status(t).Held) == 0
	})
	for _, args := range [][]string{{"set", "wide", "--default"}, {"layer", "numbers", "off"}} {
		if text, code := s.says(t, annUID, args...); code != 0 {
			t.Errorf("%v: exit status %d: %s", args, code, text)
		}
	}
	softThrough(k, s.out)
	k.tap("f1")
	s.out.expect("+a -a")
	until(t, "descriptors are closed but those of clients that stay", func() bool { return s.has("descriptors") <= first+control.MaxPerUser+2 })
	if log := s.log.String(); strings.Contains(log, "goroutine ") || strings.Contains(log, "internal error") {
		t.Error("the log shows a stack trace")
	}
}
