package control

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"
)

// valid lines that clients and agents send
var said = []string{
	`{"command":"status"}`, `{"version":1,"command":"status","keys":true}`, `{"command":"monitor"}`, `{"command":"monitor","keys":true,"kinds":["in","out"]}`,
	`{"command":"set","name":"mode","value":"two"}`, `{"command":"type","text":"abc"}`, `{"command":"press","combos":["Ctrl-T"]}`,
	`{"command":"layer","name":"numbers","value":"toggle"}`, `{"command":"attach"}`, `{"command":"reload","wait":true}`,
	`{"kind":"window","window":{"app":"x"}}`, `{"kind":"pong"}`, `{"kind":"away","away":true}`,
	`{"kind":"config","config":{"main":"/x","files":{"/x":"ZXh0ZW5kcyA9ICJub25lIg=="}}}`,
}

// lines that they never send
var odd = []string{
	"", "\n", "\x00", "\xff\xfe", "null", "1e999", "-1", `""`, "[]", "{}", `{"command":`, strings.Repeat("[", 2000), strings.Repeat(`{"a":`, 800), strings.Repeat("x", MaxRequest),
	`"\ud800"`, `"\u0000"`, `,`, `:`, "\r\n", " ", "\u202e", "\x1b[2J", `"keys":"yes"`, `"version":2`, `"version":18446744073709551616`, `"command":["status"]`, "\n\n\n",
}

// mutated returns a few lines with parts that are missing, doubled, mixed or odd.
func mutated(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(6) {
		line := said[r.IntN(len(said))]
		for range r.IntN(4) {
			at := r.IntN(len(line) + 1)
			switch r.IntN(6) {
			case 0:
				line = line[:at]
			case 1:
				line = line[at:]
			case 2:
				line = line[:at] + odd[r.IntN(len(odd))] + line[at:]
			case 3:
				line = line[:at] + line[r.IntN(at+1):]
			case 4:
				line = line[:at] + said[r.IntN(len(said))]
			case 5:
				if at < len(line) {
					c := []byte(line)
					c[at] ^= 1 << r.IntN(8)
					line = string(c)
				}
			}
		}
		b.WriteString(line)
		if r.IntN(8) > 0 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// FuzzClient sends what no client sends. Each request gets one answer, the connection ends with the client's, and the next client is
// served.
func FuzzClient(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed, "")
	}
	for _, s := range odd {
		f.Add(uint64(0), s+"\n"+said[0]+"\n")
	}
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		s, _ := crowd(t)
		if text == "" {
			text = mutated(rand.New(rand.NewPCG(seed, 1)))
		}
		if strings.Count(text, "\n") > rateBurst/2 {
			return // requests that wait
		}
		conn, err := net.Dial("unix", s.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		go func() {
			fmt.Fprint(conn, text)
			_ = conn.(*net.UnixConn).CloseWrite()
		}()
		in := bufio.NewReader(conn)
		for {
			line, err := in.ReadBytes('\n')
			if err != nil {
				if len(line) > 0 {
					t.Errorf("half an answer: %q", line)
				}
				break
			}
			var a Response
			if err := json.Unmarshal(line, &a); err != nil || a.OK == (a.Error != "") {
				t.Errorf("the answer %q to %q: %v", line, text, err)
			}
		}
		if _, ok := answered(t, s); !ok {
			t.Errorf("no client was served after %q", text)
		}
	})
}
