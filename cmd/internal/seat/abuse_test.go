package seat

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/daemon"
	toshyconfig "toshy/config"
	"toshy/remap/key"
)

// raw attaches a user by hand.
func (b *bench) raw(uid uint32) net.Conn {
	b.t.Helper()
	b.dialing.Lock()
	defer b.dialing.Unlock()
	b.uid.Store(uid)
	conn, err := net.Dial("unix", b.path)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(limit))
	fmt.Fprintln(conn, `{"version":1,"command":"attach"}`)
	in := bufio.NewReader(conn)
	for _, want := range []string{`"ok":true`, `"kind":"active"`} {
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, want) {
			b.t.Fatalf("attach: %q, %v", line, err)
		}
	}
	return conn
}

// Whatever another user's agent sends, the agent at the seat is still served, and agents that break the rules are disconnected.
func TestBadAgents(t *testing.T) {
	b, a := working(t)
	layout := func(l control.AgentLayout) string {
		text, _ := json.Marshal(control.AgentMessage{Kind: "layout", Layout: &l})
		return string(text) + "\n"
	}
	for name, x := range map[string]struct {
		text string
		ends bool // the connection is closed
	}{
		"silence":           {"", false},
		"blank lines":       {"\n\n \n", false},
		"half a message":    {`{"kind":"window","wind`, false},
		"garbage":           {"\x00\xff\xfe\n", true},
		"not JSON":          {"hello\n", true},
		"deep nesting":      {strings.Repeat("[", 60_000) + "\n", true},
		"a number":          {"1\n", true},
		"no kind":           {"{}\n", true},
		"an unknown kind":   {`{"kind":"root"}` + "\n", true},
		"nothing in it":     {`{"kind":"config"}` + "\n", true},
		"a long window":     {`{"kind":"window","window":{"title":"` + strings.Repeat("x", control.MaxWindow) + `"}}` + "\n", true},
		"a long layout":     {layout(control.AgentLayout{Name: strings.Repeat("x", control.MaxLayout)}), true},
		"a line for ever":   {strings.Repeat("x", control.MaxConfig+8192), true},
		"too many values":   {values(`{"kind":"config","config":{"facts":{`, 300_000), true},
		"too many keys":     {`{"kind":"layout","layout":{"map":{` + strings.Repeat(`"1":1,`, 60_000) + `"1":1}}}` + "\n", true},
		"no such key":       {layout(control.AgentLayout{Map: map[uint16]uint16{key.Count: 1}}), true},
		"no such modifier":  {layout(control.AgentLayout{Symbols: map[string][]control.AgentStep{"é": {{Key: 1, Mods: []uint16{key.Count}}}}}), true},
		"not one character": {layout(control.AgentLayout{Symbols: map[string][]control.AgentStep{"ab": {{Key: 1}}}}), true},
		"too many strokes":  {layout(control.AgentLayout{Symbols: map[string][]control.AgentStep{"é": make([]control.AgentStep, 100)}}), true},
	} {
		conn := b.raw(bob)
		_, _ = io.WriteString(conn, x.text)
		if x.ends {
			if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Errorf("%s: the connection stays open", name)
			}
		}
		a.focus(name)
		b.until("ann's agent is heard beside "+name, func() bool { return b.window.App == name })
		if _, err := b.as(ann); err != nil {
			t.Errorf("beside %s: %v", name, err)
		}
		conn.Close()
	}
	b.uses("ann.toml")
}

// values returns a message with this many short values.
func values(begin string, n int) string {
	var s strings.Builder
	s.WriteString(begin)
	for i := range n {
		fmt.Fprintf(&s, `"%x":null,`, i)
	}
	return s.String() + `"":null}}}` + "\n"
}

// What other users send takes far less memory than the unit allows the daemon (MemoryMax=256M), however large it is.
func TestMemoryOfOthers(t *testing.T) {
	b, _ := working(t)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	file := base64.StdEncoding.EncodeToString(make([]byte, 1<<20))
	config := values(`{"kind":"config","config":{"files":{"x":"`+file+`"},"facts":{`, 25_000)
	symbols := `{"kind":"layout","layout":{"symbols":{`
	for i := range 2500 {
		symbols += fmt.Sprintf(`"%c":[{},{},{},{},{},{},{},{}],`, rune(0x10000+i))
	}
	symbols += `"a":[{}]}}}` + "\n"
	for n := range uint32(maxAgents - 1) {
		// One after the other: each unfinished line may take ten seconds, however many others the daemon reads.
		if _, err := io.WriteString(b.raw(2000+n), config+symbols); err != nil {
			t.Fatal(err)
		}
	}
	b.untilSeat("all is there", func() bool {
		n := 0
		for uid, a := range b.seat.agents {
			if u := b.seat.users[uid]; u != nil && u.sent != nil && a.layout.tables != nil {
				n++
			}
		}
		return n == maxAgents-1
	})
	runtime.GC()
	runtime.ReadMemStats(&after)
	if mb := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) >> 20; mb > 60 {
		t.Errorf("it takes %d MB", mb)
	}
}

// A flood of messages waits in the socket of the user who sends it.
func TestFlood(t *testing.T) {
	b, a := working(t)
	for range 4 {
		conn := b.raw(bob)
		_ = conn.SetDeadline(time.Time{})
		go func() {
			line := `{"kind":"window","window":{"app":"flood"}}` + "\n"
			for {
				if _, err := io.WriteString(conn, line); err != nil {
					return
				}
			}
		}()
		defer conn.Close()
	}
	for i := range 20 {
		name := fmt.Sprint("window", i)
		a.focus(name)
		b.until("ann's agent is heard", func() bool { return b.window.App == name })
	}
}

// An agent that does not read loses effects, and nothing waits for it.
func TestSlowAgent(t *testing.T) {
	b, _ := working(t)
	x := run(strings.Repeat("x", 10_000))
	for range 10_000 { // would hang if it waited
		b.seat.Do(x)
	}
	b.uses("ann.toml")
	if _, err := b.as(ann); err != nil {
		t.Error(err)
	}
}

func TestAgentsOfManyUsers(t *testing.T) {
	b, _ := working(t)
	for n := range uint32(maxAgents - 1) {
		b.raw(2000 + n)
	}
	b.dialing.Lock()
	b.uid.Store(3000)
	if _, err := control.Attach(b.path); err == nil || !strings.Contains(err.Error(), "attached already") {
		t.Errorf("one more: %v", err)
	}
	b.dialing.Unlock()
	b.attach(ann) // ann always has a place
}

// The daemon does not even read what a user sends who is not at the seat.
func TestConfigurationOfNobodyIsNotRead(t *testing.T) {
	b, _ := working(t)
	other := b.attach(bob)
	other.config("panic", "", 0)
	b.sits(bob)
	m := other.gets("refused")
	if len(m.Problems) != 1 || !strings.Contains(m.Problems[0].Message, "internal error") {
		t.Errorf("a bug in reading: %+v", m)
	}
	b.at(daemon.Elsewhere)
	b.sits(ann)
	b.uses("ann.toml")
}

// These configurations are made to do harm. The daemon answers each in a time that only a hang would exceed, and shows no path of the
// daemon's machine that it could read.
func TestBombs(t *testing.T) {
	b, a := working(t)
	serial := uint64(0)
	none := "extends = \"none\"\n"
	for name, text := range map[string]string{
		"deep lists":         none + "x = " + strings.Repeat("[", 100_000),
		"deep keys":          none + strings.Repeat("a.", 100_000) + "b = 1",
		"deep conditions":    none + "[keymap.k]\nwhen = '" + strings.Repeat("(", 4000) + "'",
		"deep negations":     none + "[keymap.k]\nwhen = '" + strings.Repeat("not ", 1000) + "capslock'",
		"a regex bomb":       none + "[groups]\ng = [\"/((((((a{10}){10}){10}){10}){10}){10})/\"]",
		"many large regexes": none + "[groups]\ng = [" + manyRegexes(20_000) + "]",
		"a file above all":   strings.Repeat("# x\n", toshyconfig.MaxFileSize/4+1),
		"a circle":           none + "include = [\"bomb.toml\", \"*.toml\"]",
		"other people's":     "include = [\"/etc/shadow\", \"/etc/*\", \"../../etc/shadow\"]",
		"a device":           "extends = \"/dev/zero\"",
		"a million keys":     none + strings.Repeat("[keymap.k]\n", 80_000),
		"not text":           "\xff\xfe\x00",
	} {
		began := time.Now()
		serial++
		a.config("bomb.toml", text, serial)
		m := a.gets("")
		for m.Serial != serial {
			m = a.gets("")
		}
		t.Logf("%s: %s after %v, %v", name, m.Kind, time.Since(began).Round(time.Millisecond), m.Problems[:min(1, len(m.Problems))])
		for _, p := range m.Problems {
			if strings.Contains(p.Message, "root:") {
				t.Errorf("%s: the message shows a file: %s", name, p.Message)
			}
		}
		if name != "deep negations" && name != "a circle" && m.Kind != "refused" {
			t.Errorf("%s: %s", name, m.Kind)
		}
	}
	a.config("ann.toml", good, 0)
	b.uses("ann.toml")
}

// manyRegexes returns different patterns, each of which becomes a thousand instructions or more.
func manyRegexes(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "\"/%d.{1000}/\",", i)
	}
	return s.String()
}
