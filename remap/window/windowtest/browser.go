package windowtest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// browserPage has a text field, and sends its text to where it came from: the newest, one at a time, so that they keep
// their order.
const browserPage = `<!DOCTYPE html><meta charset="utf-8"><title>toshy</title><textarea id="field" autofocus></textarea><script>
const field = document.getElementById('field')
let told = '', busy = false
async function tell() {
	if (busy) return
	busy = true
	while (told !== field.value) {
		told = field.value
		await fetch('/', {method: 'POST', body: told})
	}
	busy = false
}
field.addEventListener('input', tell)
const ready = setInterval(async () => {
	if (!document.hasFocus() || document.visibilityState !== 'visible') return
	field.focus()
	clearInterval(ready)
	await fetch('/', {method: 'POST', body: 'ready'})
}, 20)
</script>`

// firefoxPrefs turns off what Firefox shows or asks for at its first start.
const firefoxPrefs = `user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("browser.tabs.firefox-view", false);
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "http://127.0.0.1:1/");
user_pref("termsofuse.acceptedVersion", 1000);
user_pref("browser.preonboarding.enabled", false);
`

// newPage makes a page that this process serves, over the loopback interface.
func newPage(t testing.TB, dir, text string) (e *Entry, address string) {
	t.Helper()
	e = &Entry{log: filepath.Join(dir, "text")}
	log, err := os.OpenFile(e.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if typed, err := io.ReadAll(io.LimitReader(r.Body, 1<<20)); err == nil {
				fmt.Fprintf(log, "%s\n", typed)
			}
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, text)
	})}
	go func() { _ = server.Serve(l) }() // until it is closed
	t.Cleanup(func() { _ = server.Close(); _ = log.Close() })
	return e, fmt.Sprintf("http://%s/", l.Addr())
}

// untilReady waits until the page of a browser has the focus; meanwhile it calls do.
func (e *Entry) untilReady(t testing.TB, browser string, do func()) {
	t.Helper()
	within(t, 2*Limit, "a page of "+browser+" has the focus", func() bool {
		if !e.p.running() {
			t.Fatalf("%s has ended before its page had the focus", browser)
		}
		do()
		return e.Text() == "ready"
	})
}

// openFirefox shows a page with a text field in Firefox.
func openFirefox(t testing.TB, text string, env ...string) *Entry {
	t.Helper()
	need(t, "firefox-esr")
	dir := Dir(t)
	e, page := newPage(t, dir, text)
	profile := filepath.Join(dir, "profile")
	if err := os.Mkdir(profile, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(firefoxPrefs), 0o600); err != nil {
		t.Fatal(err)
	}
	wayland := "MOZ_ENABLE_WAYLAND=1"
	if slices.Contains(env, "GDK_BACKEND=x11") {
		wayland = "MOZ_ENABLE_WAYLAND=0"
	}
	// A runtime folder of its own: Firefox refuses one of another user, as a compositor's may be.
	e.p = start(t, dir, append(append([]string{"GTK_A11Y=none", wayland}, env...), "XDG_RUNTIME_DIR="+dir), "firefox-esr", "--no-remote", "--new-instance", "--profile", profile, page)
	e.untilReady(t, "Firefox", func() {})
	return e
}

// chromiumPage has the same field, and is ready when it gets a key: Chromium says that a page has the focus before it does.
var chromiumPage = strings.NewReplacer("const ready = setInterval(async () => {", "document.addEventListener('keydown', async function ready() {",
	"clearInterval(ready)", "document.removeEventListener('keydown', ready)", "}, 20)", "})").Replace(browserPage)

// OpenChromium shows a page with a text field in Chromium, on Wayland, and returns when a key has reached it. It draws without a graphics
// card, and takes keys before the first frame is there (--allow-pre-commit-input).
func OpenChromium(t testing.TB, key func(t testing.TB, code uint16, press bool), env ...string) *Entry {
	t.Helper()
	need(t, "chromium")
	dir := Dir(t)
	e, page := newPage(t, dir, chromiumPage)
	e.p = start(t, dir, env, "chromium", "--no-sandbox", "--ozone-platform=wayland", "--disable-gpu", "--in-process-gpu", "--no-first-run",
		"--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--password-store=basic", "--allow-pre-commit-input", "--user-data-dir="+filepath.Join(dir, "profile"), "--app="+page)
	e.untilReady(t, "Chromium", knock(t, key, keyLeftShift))
	return e
}
