package main

import (
	"bufio"
	"io"
	"math"
	"net/http"
	"os"
	"runtime/metrics"
	"testing"
)

// collected returns GOGC as Go's runtime has it. off means that it does not collect garbage.
func collected(t *testing.T) (percent uint64, off bool) {
	t.Helper()
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(s)
	return s[0].Value.Uint64(), s[0].Value.Uint64() == math.MaxUint64
}

// look opens a stream of events with this look. Call left to close it.
func (v *visitor) look(what string) (left func()) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), "GET", "http://"+v.s.guard.host+"/api/events?look="+what, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("X-Toshy-Key", v.key)
	a, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	if _, err := bufio.NewReader(a.Body).ReadString('\n'); err != nil { // it is counted before it is answered
		v.t.Fatal(err)
	}
	return func() { _ = a.Body.Close() }
}

// While all open pages are hidden, the runtime collects no garbage, and idle connections are closed. When a page is visible again, the
// runtime collects garbage as before.
func TestRest(t *testing.T) {
	before, _ := collected(t)
	v := serve(t, os.Getuid())
	v.enter()
	idle := v.raw("GET /icon.svg HTTP/1.1\r\nHost: " + v.s.guard.host + "\r\n\r\n") // the client keeps it open
	left := v.look("none")
	defer left()
	if percent, off := collected(t); !off {
		t.Errorf("garbage is collected at %d %% while all pages are hidden", percent)
	}
	if _, err := io.ReadAll(idle); err != nil {
		t.Errorf("an idle connection stays open: %v", err)
	}
	if status, text := v.send("POST", "/api/names", "{}"); status != http.StatusOK {
		t.Errorf("a request while all pages are hidden: %d %s", status, text)
	}
	seen := v.look("live")
	if percent, _ := collected(t); percent != before {
		t.Errorf("garbage is collected at %d %% while a page is visible, before it was %d %%", percent, before)
	}
	v.look("none")()
	if _, off := collected(t); off {
		t.Error("a second, hidden page stops garbage collection")
	}
	seen()
	for _, off := collected(t); !off; _, off = collected(t) { // until the server has noticed
	}
}
