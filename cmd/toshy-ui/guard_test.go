package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A visitor is a program that uses the page's server: a browser, or a program that pretends to be one.
type visitor struct {
	t      *testing.T
	s      *server
	ended  chan struct{} // closed when the server has ended
	client *http.Client
	key    string
}

// serve serves the page on a real socket.
func serve(t *testing.T, uid int) *visitor {
	t.Helper()
	return serveFor(t, uid, usual)
}

func serveFor(t *testing.T, uid int, times times) *visitor {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("TOSHY_SOCKET", dir+"/none")
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(l.Addr().String(), "", "")
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.uid, s.times = uid, times
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := s.serve(ctx, l); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { cancel(); <-ended; s.mu.Lock(); defer s.mu.Unlock(); s.wake() })
	jar, _ := cookiejar.New(nil) // never fails
	return &visitor{t: t, s: s, ended: ended, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// send sends a request; headers are pairs of name and value.
func (v *visitor) send(method, path, body string, headers ...string) (status int, text string) {
	v.t.Helper()
	r, err := http.NewRequest(method, "http://"+v.s.guard.host+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	if v.key != "" {
		r.Header.Set("X-Toshy-Key", v.key)
	}
	if path == openPath {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		} else {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	a, err := v.client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return a.StatusCode, string(b)
}

// enter opens the session like the browser.
func (v *visitor) enter() {
	v.t.Helper()
	status, text := v.send("POST", openPath, url.Values{"token": {v.s.guard.token}}.Encode(), "Origin", "null", "Sec-Fetch-Site", "cross-site")
	if status != http.StatusOK {
		v.t.Fatalf("the token was refused: %d %s", status, text)
	}
	_, rest, _ := strings.Cut(text, `content="`)
	v.key, _, _ = strings.Cut(rest, `"`)
}

func TestSession(t *testing.T) {
	v := serve(t, os.Getuid())
	v.enter()
	if status, text := v.send("POST", "/api/names", "{}", "Origin", "http://"+v.s.guard.host, "Sec-Fetch-Site", "same-origin"); status != http.StatusOK || !strings.Contains(text, `"presets"`) {
		t.Errorf("the page was refused: %d %s", status, text)
	}
	u, _ := url.Parse("http://" + v.s.guard.host)
	c := v.client.Jar.Cookies(u)
	if len(c) != 1 || c[0].Name != v.s.guard.cookieName() {
		t.Fatalf("cookies: %v", c)
	}
	if c, _, _ := newGuard("x").enter(""); c != nil {
		t.Error("a missing token was accepted")
	}
}

func TestAttacksAreRefused(t *testing.T) {
	v := serve(t, os.Getuid())
	token := v.s.guard.token
	if status, _ := v.send("POST", openPath, "token=guessed"); status != http.StatusForbidden {
		t.Errorf("a guessed token: %d", status)
	}
	if status, _ := v.send("POST", openPath, "token="); status != http.StatusForbidden {
		t.Errorf("an empty token: %d", status)
	}
	if status, _ := v.send("GET", openPath+"?token="+token, ""); status == http.StatusOK {
		t.Error("the token can be part of an address")
	}
	if status, _ := v.send("POST", openPath, "token="+token, "Origin", "http://evil.example"); status != http.StatusForbidden {
		t.Errorf("the token from another origin: %d", status)
	}
	v.enter()
	if status, _ := v.send("POST", openPath, "token="+token); status != http.StatusForbidden {
		t.Errorf("the token a second time: %d", status)
	}
	host := v.s.guard.host
	_, port, _ := net.SplitHostPort(host)
	for name, headers := range map[string][]string{
		"another name (DNS rebinding)":      {"Host", "evil.example:" + port},
		"another name for the same address": {"Host", "localhost:" + port},
		"another origin":                    {"Origin", "http://evil.example"},
		"another port":                      {"Origin", "http://127.0.0.1:1"},
		"no origin":                         {"Origin", "null"},
		"another site, without an origin":   {"Sec-Fetch-Site", "cross-site"},
		"another port, without an origin":   {"Sec-Fetch-Site", "same-site"},
		"another key":                       {"X-Toshy-Key", "guessed"},
		"no key":                            {"X-Toshy-Key", ""},
	} {
		for _, path := range []string{"/api/names", "/api/save"} {
			if status, text := v.send("POST", path, `{"text":"x"}`, headers...); status != http.StatusForbidden && status != http.StatusUnauthorized && status != http.StatusMisdirectedRequest {
				t.Errorf("%s at %s: %d %s", name, path, status, text)
			}
		}
		if status, _ := v.send("GET", "/api/events?look=keys", "", headers...); status == http.StatusOK {
			t.Errorf("%s can read keys", name)
		}
	}
	thief := &visitor{t: t, s: v.s, client: &http.Client{}, key: v.key} // has only the key
	if status, _ := thief.send("POST", "/api/names", "{}"); status != http.StatusUnauthorized {
		t.Errorf("a key without the cookie: %d", status)
	}
	if status, _ := v.send("POST", "/api/save", `{"text":"`+strings.Repeat("x", maxBody)+`"}`); status != http.StatusBadRequest {
		t.Errorf("a request that is too long: %d", status)
	}
	if status, _ := v.send("GET", "/api/names", ""); status == http.StatusOK {
		t.Errorf("an API request with GET: %d", status)
	}
	if status, _ := v.send("GET", "/../../etc/passwd", ""); status == http.StatusOK {
		t.Error("a file outside of the page is served")
	}
}

func TestHeaders(t *testing.T) {
	v := serve(t, os.Getuid())
	a, err := v.client.Get("http://" + v.s.guard.host + "/")
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if csp := a.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'self';") {
		t.Errorf("Content-Security-Policy: %s", csp)
	}
	if a.Header.Get("Access-Control-Allow-Origin") != "" || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("X-Frame-Options") != "DENY" {
		t.Errorf("headers: %v", a.Header)
	}
}

// The page of one user is not served to another: the server closes the connections of other users at once.
func TestSecondUser(t *testing.T) {
	v := serve(t, os.Getuid()+1)
	if status, text := v.send("GET", "/", ""); status != 0 {
		t.Errorf("another user was served: %d %s", status, text)
	}
}

// The same with a real second user, if this process may become another user.
func TestSecondUserForReal(t *testing.T) {
	if os.Getenv("TOSHY_TEST_VISIT") != "" {
		a, err := http.Get(os.Getenv("TOSHY_TEST_VISIT"))
		if err == nil {
			a.Body.Close()
			os.Stdout.WriteString("served")
		}
		return
	}
	v := serve(t, os.Getuid())
	visit := func(c *syscall.Credential) string {
		p := exec.Command("/proc/self/exe", "-test.run=^TestSecondUserForReal$")
		p.Env = []string{"TOSHY_TEST_VISIT=http://" + v.s.guard.host + "/"}
		p.Dir = "/"
		p.SysProcAttr = &syscall.SysProcAttr{Credential: c}
		var out bytes.Buffer
		p.Stdout, p.Stderr = &out, &out
		if err := p.Run(); err != nil {
			var ended *exec.ExitError
			if !errors.As(err, &ended) {
				t.Fatal(err)
			}
		}
		return out.String()
	}
	if out := visit(nil); !strings.Contains(out, "served") {
		t.Fatalf("this user was not served: %s", out)
	}
	if os.Geteuid() != 0 { // TestSecondUser does the rest
		return
	}
	if out := visit(&syscall.Credential{Uid: 65534, Gid: 65534}); strings.Contains(out, "served") {
		t.Errorf("user 65534 was served")
	}
}

func TestEndsAfterTheLastPage(t *testing.T) {
	ended := make(chan struct{})
	s := newServer("127.0.0.1:1", "", "")
	s.stop = func() { close(ended) }
	s.end = time.AfterFunc(time.Hour, s.stop)
	s.times.last = time.Millisecond
	first, second := s.look(true), s.look(true)
	first()
	select {
	case <-ended:
		t.Fatal("the program ended while a page was open")
	default:
	}
	second()
	<-ended
}

func TestBrowserCommand(t *testing.T) {
	look := func(name string) (string, error) {
		if name == "chromium" {
			return "/usr/bin/chromium", nil
		}
		return "", exec.ErrNotFound
	}
	for entry, want := range map[string]string{
		"chromium.desktop": "/usr/bin/chromium --app=file:///x", "firefox.desktop": "xdg-open file:///x", "google-chrome.desktop": "xdg-open file:///x", "": "xdg-open file:///x",
	} {
		if got := strings.Join(browserCommand(entry, look, "file:///x"), " "); got != want {
			t.Errorf("%s: %s, want %s", entry, got, want)
		}
	}
}
