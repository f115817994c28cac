package browsertest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"toshy/cmd/internal/control"
)

// limit is how long one test may take on a busy machine.
const limit = 5 * time.Minute

var (
	programs string          // folder of the programs under test
	browser  context.Context // a Chromium that all tests share
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "toshy-browser-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	programs = filepath.Join(dir, "bin")
	build := exec.Command("go", "build", "-o", programs+"/", "./cmd/toshy", "./cmd/toshy-ui")
	build.Dir = "../../../.."
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("go build: %w\n%s", err, out)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(filepath.Join(dir, "profile")), chromedp.WSURLReadTimeout(limit),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.WindowSize(1280, 900),
	)
	all, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	var end context.CancelFunc
	browser, end = chromedp.NewContext(all)
	defer end()
	if err := chromedp.Run(browser); err != nil {
		return 0, fmt.Errorf("start Chromium (Debian's package chromium, which .ci/deps installs): %w", err)
	}
	return m.Run(), nil
}

// A ui is a running toshy-ui with its daemon and its configuration.
type ui struct {
	t       testing.TB
	host    string
	code    string
	config  string
	store   string // the folder that acts as the Nix store
	socket  string
	daemon  *daemon
	process *exec.Cmd
	ended   chan struct{}
}

// start starts toshy-ui with a daemon. config is the text of the user's file; "" means that the user has no file.
func start(t testing.TB, config string) *ui {
	t.Helper()
	dir := t.TempDir()
	u := &ui{t: t, config: filepath.Join(dir, "toshy", "config.toml"), store: filepath.Join(dir, "store"), daemon: newDaemon(), ended: make(chan struct{})}
	if config != "" {
		if err := os.MkdirAll(filepath.Dir(u.config), 0o755); err != nil {
			t.Fatal(err)
		}
		u.write(config)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	u.socket = filepath.Join(dir, "toshy.sock")
	u.daemon.serve(t, ctx, u.socket)
	u.process = exec.Command(filepath.Join(programs, "toshy-ui"), "--no-browser", "--socket", u.socket)
	u.process.Env = append(os.Environ(), "XDG_CONFIG_HOME="+dir, "HOME="+dir, "XDG_RUNTIME_DIR="+dir, "XDG_CURRENT_DESKTOP=", "SUDO_USER=", "NIX_STORE_DIR="+u.store, "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
	u.process.Stderr = os.Stderr
	out, err := u.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := u.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = u.process.Process.Signal(syscall.SIGTERM); <-u.ended })
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("toshy-ui printed nothing")
	}
	if _, err := fmt.Sscanf(lines.Text(), "http://%s code %s", &u.host, &u.code); err != nil {
		t.Fatalf("toshy-ui printed %q", lines.Text())
	}
	u.host = strings.TrimSuffix(u.host, "/")
	go func() { defer close(u.ended); _ = u.process.Wait() }()
	return u
}

func (u *ui) write(text string) {
	u.t.Helper()
	if err := os.WriteFile(u.config, []byte(text), 0o600); err != nil {
		u.t.Fatal(err)
	}
}

func (u *ui) read() string {
	u.t.Helper()
	b, err := os.ReadFile(u.config)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		u.t.Fatal(err)
	}
	return string(b)
}

// A tab is a page of the browser.
type tab struct {
	t     testing.TB
	quiet bool            // the test expects errors on the page
	ctx   context.Context // with the time limit of a test
	page  context.Context
}

func newTab(t testing.TB, options ...chromedp.ContextOption) *tab {
	t.Helper()
	page, end := chromedp.NewContext(browser, options...)
	t.Cleanup(end)
	if err := chromedp.Run(page); err != nil { // opens the page, which must not end with the time limit below
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(page, limit)
	t.Cleanup(cancel)
	p := &tab{t: t, ctx: ctx, page: page}
	chromedp.ListenTarget(page, func(e any) {
		switch e := e.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the page fails: %s", e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError && !p.quiet {
				t.Errorf("the page complains: %s", e.Args[0].Value)
			}
		}
	})
	p.do(cdppage.BringToFront(), emulation.SetFocusEmulationEnabled(true))
	return p
}

func (p *tab) do(actions ...chromedp.Action) {
	p.t.Helper()
	if err := chromedp.Run(p.ctx, actions...); err != nil {
		p.t.Fatalf("%v\nthe page shows:\n%s", err, p.shows())
	}
}

// shows returns the text of the page, for messages.
func (p *tab) shows() string {
	var text string
	ctx, cancel := context.WithTimeout(p.page, 5*time.Second)
	defer cancel()
	_ = chromedp.Run(ctx, chromedp.Evaluate(`document.body.innerText`, &text))
	return text
}

// open opens the page like a person who has the code.
func (u *ui) open() *tab {
	u.t.Helper()
	p := newTab(u.t)
	p.do(chromedp.Navigate("http://"+u.host+"/"), chromedp.WaitVisible(`input[name=token]`),
		chromedp.SendKeys(`input[name=token]`, u.code+"\r"), chromedp.WaitVisible(`nav a`), chromedp.WaitVisible(`main h1`))
	return p
}

// wait waits until an expression of JavaScript is true.
func (p *tab) wait(expression string) {
	p.t.Helper()
	p.do(chromedp.Poll(expression, nil, chromedp.WithPollingTimeout(limit/2), chromedp.WithPollingInterval(20*time.Millisecond)))
}

// has waits until an element contains this text.
func (p *tab) has(selector, text string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.innerText.includes(%q))`, selector, text))
}

// pane goes to a pane by its link.
func (p *tab) pane(name string) {
	p.t.Helper()
	p.do(chromedp.Click(fmt.Sprintf(`nav a[href="#%s"]`, name)), chromedp.WaitVisible(fmt.Sprintf(`nav a[href="#%s"][aria-current]`, name)), chromedp.WaitVisible(`main h1`))
}

// click clicks on the button with this text.
func (p *tab) click(text string) {
	p.t.Helper()
	button := fmt.Sprintf(`//button[normalize-space(.)=%q]`, text)
	p.do(chromedp.WaitEnabled(button, chromedp.BySearch), chromedp.Click(button, chromedp.BySearch, chromedp.NodeVisible))
}

// fill writes into the field with this label.
func (p *tab) fill(label, text string) {
	p.t.Helper()
	p.do(chromedp.SendKeys(fmt.Sprintf(`//label[starts-with(normalize-space(.),%q)]//input`, label), text, chromedp.BySearch))
}

// choose chooses in the list with this label.
func (p *tab) choose(label, value string) {
	p.t.Helper()
	p.do(chromedp.SetValue(fmt.Sprintf(`//label[starts-with(normalize-space(.),%q)]//select`, label), value, chromedp.BySearch),
		chromedp.Evaluate(fmt.Sprintf(`[...document.querySelectorAll("label")].find((l) => l.innerText.startsWith(%q)).querySelector("select").dispatchEvent(new Event("change"))`, label), nil))
}

// elsewhere does something while another window has the focus. A browser without a screen has no other windows, so the test sends the
// page the events that a real browser would send.
func (p *tab) elsewhere(do func()) {
	p.t.Helper()
	p.do(chromedp.Evaluate(`document.hasFocus = () => false; dispatchEvent(new Event("blur"))`, nil))
	do()
	p.do(chromedp.Evaluate(`delete document.hasFocus; dispatchEvent(new Event("focus"))`, nil))
}

// hide tells the page that it is hidden, as a browser does when its window is minimised. A browser without a screen has no window to
// minimise. unhide shows the page again.
func (p *tab) hide() {
	p.t.Helper()
	p.do(chromedp.Evaluate(`Object.defineProperty(document, "hidden", { get: () => true, configurable: true }); document.dispatchEvent(new Event("visibilitychange"))`, nil))
}

func (p *tab) unhide() {
	p.t.Helper()
	p.do(chromedp.Evaluate(`delete document.hidden; document.dispatchEvent(new Event("visibilitychange"))`, nil))
}

// awaited waits for the promise that an expression is.
func awaited(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) }

// waitFor waits until the daemon or a file is in the expected state. The page finishes first, and these follow.
func (u *ui) waitFor(done func() bool) {
	u.t.Helper()
	for end := time.Now().Add(limit / 2); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			u.t.Fatal("the expected state did not come")
		}
	}
}

var _ control.Handler = (*daemon)(nil)
