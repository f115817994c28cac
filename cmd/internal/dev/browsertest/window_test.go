package browsertest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
	"toshy/remap/window/x11"
)

// As a person uses it: toshy ui opens the page in a separate window, on a desktop with other windows. The page shows the window that
// was in front, and then each window that comes to the front, as the X server reports it. The program ends when its window closes.
func TestWindow(t *testing.T) {
	s := newDesktop(t)
	s.open("konsole")
	s.focused(func(i window.Info) bool { return i.Class == "konsole" })

	ui := exec.Command(filepath.Join(programs, "toshy"), "ui", "--socket", filepath.Join(s.dir, "toshy.sock"))
	ui.Env, ui.Stderr = s.env(), os.Stderr
	if err := ui.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- ui.Wait() }()
	defer func() { _ = ui.Process.Kill() }() // does nothing if it has ended
	s.focused(func(i window.Info) bool { return i.Title == "Shortcuts · toshy" })

	p := s.page(t)
	p.has("h1", "konsole")
	p.has(".group", "Interrupt the program")
	var alone bool
	p.do(chromedp.Evaluate(`matchMedia("(display-mode: standalone)").matches`, &alone))
	if !alone {
		t.Error("the page is a tab of the browser, not a separate window")
	}
	s.open("firefox")
	p.has("h1", "firefox")
	p.has(".group", "New tab")
	if left, err := filepath.Glob(filepath.Join(s.dir, "toshy-ui-*")); err != nil || len(left) != 1 {
		t.Errorf("the file that opens the page: %v, %v", left, err)
	}
	p.do(chromedp.Evaluate(`setTimeout(() => close())`, nil)) // after the answer, because a closed page sends none
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("toshy ui: %v", err)
		}
	case <-time.After(limit):
		t.Fatal("toshy ui did not end with its window")
	}
	if left, err := filepath.Glob(filepath.Join(s.dir, "toshy-ui-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// If toshy ui cannot start a browser, it says why and prints the address and the code.
func TestNoBrowser(t *testing.T) {
	dir := t.TempDir()
	for why, environment := range map[string][]string{
		"there is no display":                {"XDG_RUNTIME_DIR=" + dir, "DISPLAY=", "WAYLAND_DISPLAY="},
		"executable file not found in $PATH": {"XDG_RUNTIME_DIR=" + dir, "DISPLAY=:99", "WAYLAND_DISPLAY="},
		"XDG_RUNTIME_DIR is not set":         {"XDG_RUNTIME_DIR=", "DISPLAY=:99", "WAYLAND_DISPLAY=wayland-0"},
		"no such file or directory":          {"XDG_RUNTIME_DIR=" + dir + "/none", "DISPLAY=:99", "WAYLAND_DISPLAY="},
	} {
		c := exec.Command(filepath.Join(programs, "toshy"), "ui")
		c.Env = append([]string{"HOME=" + dir, "PATH=", "TOSHY_SOCKET=" + dir + "/none"}, environment...)
		var says bytes.Buffer
		c.Stderr = &says
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		stuck := time.AfterFunc(limit, func() { _ = c.Process.Kill() })
		lines := bufio.NewScanner(out)
		lines.Scan()
		var host, code string
		if _, err := fmt.Sscanf(lines.Text(), "http://%s code %s", &host, &code); err != nil {
			t.Errorf("%s: it prints %q", why, lines.Text())
		} else if a, err := http.PostForm("http://"+host+"open", url.Values{"token": {code}}); err != nil || a.StatusCode != http.StatusOK {
			t.Errorf("%s: the code opens nothing: %v, %v", why, a, err)
		} else {
			_ = a.Body.Close()
		}
		_ = c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil || !strings.Contains(says.String(), why) || !strings.Contains(says.String(), "enter the code") {
			t.Errorf("%s: %v: %s", why, err, &says)
		}
		stuck.Stop()
		if left, err := filepath.Glob(filepath.Join(dir, "toshy-ui-*")); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind: %v, %v", why, left, err)
		}
	}
}

// A desktop is an X server with a window manager, and a daemon that learns from it which window has the focus.
type desktop struct {
	t      *testing.T
	dir    string
	daemon *daemon
	x      *windowtest.X11

	mu      sync.Mutex
	changed chan struct{} // closed when the focus changes
	now     window.Info
}

func newDesktop(t *testing.T) *desktop {
	t.Helper()
	s := &desktop{t: t, dir: t.TempDir(), daemon: newDaemon(), x: &windowtest.X11{Manager: "openbox"}, changed: make(chan struct{})}
	s.x.Start(t)
	for name, text := range map[string]string{
		"mimeapps.list": "[Default Applications]\nx-scheme-handler/http=chromium.desktop\nx-scheme-handler/https=chromium.desktop\ntext/html=chromium.desktop\n",
		// The installed Chromium, started in a way that works as root and lets the test look inside.
		"bin/chromium": fmt.Sprintf("#!/bin/sh\nexec /usr/bin/chromium --no-sandbox --no-first-run --disable-gpu --disable-background-networking --disable-component-update --disable-sync --user-data-dir=%q --remote-debugging-port=0 \"$@\"\n", s.dir+"/profile"),
	} {
		path := filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.daemon.serve(t, ctx, filepath.Join(s.dir, "toshy.sock"))
	source := x11.New(x11.Options{Display: s.x.Display})
	followed := make(chan error, 1)
	go func() { followed <- source.Run(ctx, s.report) }()
	t.Cleanup(func() {
		cancel()
		if err := <-followed; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return s
}

func (s *desktop) env() []string {
	return append(os.Environ(), "DISPLAY="+s.x.Display, "WAYLAND_DISPLAY=", "HOME="+s.dir, "XDG_CONFIG_HOME="+s.dir, "XDG_RUNTIME_DIR="+s.dir,
		"PATH="+s.dir+"/bin:"+os.Getenv("PATH"), "XDG_CURRENT_DESKTOP=", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent", "SUDO_USER=", "BROWSER=")
}

func (s *desktop) report(i window.Info) {
	s.daemon.focus(i.Class, i.Title)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = i
	close(s.changed)
	s.changed = make(chan struct{})
}

// focused waits until a matching window has the focus.
func (s *desktop) focused(like func(window.Info) bool) {
	s.t.Helper()
	for late := time.After(limit); ; {
		s.mu.Lock()
		now, changed := s.now, s.changed
		s.mu.Unlock()
		if like(now) {
			return
		}
		select {
		case <-changed:
		case <-late:
			s.t.Fatalf("the focus is on %+v", now)
		}
	}
}

// open opens a window of an application, and focuses it like a click in the panel.
func (s *desktop) open(app string) {
	s.t.Helper()
	s.x.OpenX(s.t, app, app).Focus(s.t)
}

// page is the page that toshy ui has opened in the browser.
func (s *desktop) page(t *testing.T) *tab {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, "profile", "DevToolsActivePort"))
	if err != nil {
		t.Fatal(err)
	}
	port, _, _ := strings.Cut(string(b), "\n")
	if a, err := http.Get("http://127.0.0.1:" + port + "/json/version"); err != nil {
		t.Fatal(err)
	} else {
		_ = a.Body.Close()
	}
	all, stop := chromedp.NewRemoteAllocator(context.Background(), "ws://127.0.0.1:"+port)
	t.Cleanup(stop)
	first, end := chromedp.NewContext(all)
	t.Cleanup(end)
	targets, err := chromedp.Targets(first)
	if err != nil {
		t.Fatal(err)
	}
	var id target.ID
	for _, g := range targets {
		if g.Type == "page" {
			if id != "" || !strings.HasPrefix(g.URL, "http://127.0.0.1:") {
				t.Errorf("the browser shows %s, too", g.URL)
			}
			id = g.TargetID
		}
	}
	page, end := chromedp.NewContext(first, chromedp.WithTargetID(id))
	t.Cleanup(end)
	if err := chromedp.Run(page); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(page, limit)
	t.Cleanup(cancel)
	return &tab{t: t, ctx: ctx, page: page}
}
