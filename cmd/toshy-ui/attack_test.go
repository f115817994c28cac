package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// short is how long a test waits: long enough for what must happen within it on a busy machine.
const short = 2 * time.Second

// raw opens a connection and sends a text without changes.
func (v *visitor) raw(text string) net.Conn {
	v.t.Helper()
	c, err := net.Dial("tcp4", v.s.guard.host)
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		v.t.Fatal(err)
	}
	if _, err := io.WriteString(c, text); err != nil {
		v.t.Fatal(err)
	}
	return c
}

// If a request does not arrive completely, the server closes its connection.
func TestSlowRequests(t *testing.T) {
	v := serveFor(t, os.Getuid(), times{first: time.Hour, last: time.Hour, request: short})
	v.enter()
	u, _ := url.Parse("http://" + v.s.guard.host)
	session := fmt.Sprintf("Cookie: %s\r\nX-Toshy-Key: %s\r\n", v.client.Jar.Cookies(u)[0], v.key)
	slow := map[string]net.Conn{}
	for what, text := range map[string]string{
		"headers that do not end":                 "GET / HTTP/1.1\r\nHost: " + v.s.guard.host + "\r\nX-Slow: ",
		"a form that does not come":               "POST /open HTTP/1.1\r\nHost: " + v.s.guard.host + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ntoken=",
		"a question that does not end":            "POST /api/save HTTP/1.1\r\nHost: " + v.s.guard.host + "\r\n" + session + "Content-Length: 100\r\n\r\n{\"text\":",
		"a body of a question that takes no body": "GET /api/events HTTP/1.1\r\nHost: " + v.s.guard.host + "\r\nContent-Length: 100\r\n\r\nx",
	} {
		slow[what] = v.raw(text)
	}
	for what, c := range slow {
		if _, err := io.ReadAll(c); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if status, text := v.send("POST", "/api/names", "{}"); status != http.StatusOK {
		t.Errorf("the page was not served after that: %d %s", status, text)
	}
}

// An answer may take longer than a request may take to arrive.
func TestSlowAnswers(t *testing.T) {
	v := serveFor(t, os.Getuid(), times{first: time.Hour, last: time.Hour, request: short})
	v.enter()
	r, err := http.NewRequest("GET", "http://"+v.s.guard.host+"/api/events?look=none", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Toshy-Key", v.key)
	a, err := v.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	gone := make(chan struct{})
	go func() { defer close(gone); _, _ = io.Copy(io.Discard, a.Body) }()
	select {
	case <-gone:
		t.Error("the page gets no events any more")
	case <-time.After(short * 3 / 2):
	}
}

// Hundreds of silent connections do not delay the page's answers.
func TestManyConnections(t *testing.T) {
	v := serve(t, os.Getuid())
	for range 300 {
		v.raw("GET / HTTP/1.1\r\n")
	}
	v.enter()
	if status, text := v.send("POST", "/api/names", "{}"); status != http.StatusOK {
		t.Errorf("%d %s", status, text)
	}
}

// The server does not keep a body that is too long, wherever it is sent.
func TestHugeBodies(t *testing.T) {
	v := serve(t, os.Getuid())
	huge := strings.Repeat("x", 4*maxBody)
	if status, _ := v.send("POST", openPath, "token="+huge); status == http.StatusOK {
		t.Error("a token of megabytes opens the page")
	}
	v.enter()
	for name := range v.s.calls() {
		if status, text := v.send("POST", apiPath+name, `{"text":"`+huge+`"}`); status != http.StatusBadRequest && status != 0 { // the server closes the connection while this is sent
			t.Errorf("%s: %d %.100s", name, status, text)
		}
	}
	if status, _ := v.send("GET", "/", "", "X-Long", huge); status != http.StatusRequestHeaderFieldsTooLarge && status != 0 {
		t.Errorf("a header of megabytes: %d", status)
	}
	if status, _ := v.send("POST", "/api/names", strings.Repeat("[", 1<<20)); status != http.StatusBadRequest {
		t.Errorf("a million brackets: %d", status)
	}
}

// No path leads outside the page's files.
func TestPaths(t *testing.T) {
	v := serve(t, os.Getuid())
	for _, path := range []string{
		"/../machine.go", "/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/static/../../page.go", "//etc/passwd", "/./../page.go",
		"/%00", "/index.html%00.js", "/\\..\\..\\etc\\passwd", "/api", "/api/", "/api/..%2fopen", "/open", "http://evil.example/", "*",
	} {
		a := v.raw("GET " + path + " HTTP/1.1\r\nHost: " + v.s.guard.host + "\r\nConnection: close\r\n\r\n")
		b, err := io.ReadAll(a)
		if err != nil {
			t.Fatal(err)
		}
		if first, rest, _ := strings.Cut(string(b), "\r\n"); strings.Contains(first, " 200 ") || strings.Contains(rest, "root:") || strings.Contains(rest, "package ") {
			t.Errorf("%s: %s", path, b)
		}
	}
}

// Without a page, the program ends by itself, even if connections stay open, and even if a code was used but the page never came.
func TestEndsWhenLeftAlone(t *testing.T) {
	for _, visited := range []bool{false, true} {
		v := serveFor(t, os.Getuid(), times{first: short, last: time.Hour, request: time.Hour})
		for range 20 {
			v.raw("GET / HTTP/1.1\r\n")
		}
		if visited {
			v.enter()
		}
		select {
		case <-v.ended:
		case <-time.After(time.Minute):
			t.Fatal("the program did not end")
		}
	}
}
