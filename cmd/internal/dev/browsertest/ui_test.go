package browsertest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"toshy/cmd/internal/control"
)

// A browser's shortcut, and a terminal's once a terminal has the focus.
func TestFindShortcut(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	p.has("h1", "firefox")
	p.fill("Find", "new tab")
	p.wait(`document.querySelectorAll(".groups details").length === 1`)
	p.has(".groups details", "Cmd-T")
	p.do(chromedp.Click(`.groups details summary`))
	p.has(".more", "keymap") // it says where the shortcut comes from, or that no keymap has it
	p.do(chromedp.SendKeys(`#search`, strings.Repeat(kb.Backspace, 8)))
	p.elsewhere(func() {
		u.daemon.focus("konsole", "~")
		p.has("h1", "konsole")
		u.daemon.focus("chromium", "toshy") // the browser's own window, just before it gets the focus
	})
	p.has("h1", "konsole")
	p.has(".group", "Interrupt the program")
	// What stays the same is not drawn again. The first look may still see the drawing of what was typed above.
	kept := false
	for range 5 {
		p.do(chromedp.Evaluate(`window.kept = document.querySelector(".group")`, nil))
		u.daemon.change(func(s *control.Status) { s.Queued++ })
		p.do(chromedp.Sleep(300*time.Millisecond), chromedp.Evaluate(`window.kept.isConnected`, &kept))
		if kept {
			return
		}
	}
	t.Error("each change of the status redraws the list of shortcuts")
}

// If you choose modifiers, the keys that have a shortcut with them light up. The keyboard alone can do this, too.
func TestKeyboardDrawing(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	p.do(chromedp.WaitVisible(`[data-key=leftalt]`), chromedp.Focus(`[data-key=leftalt]`), chromedp.KeyEvent(kb.Enter))
	p.wait(`document.querySelector("[data-key=leftalt]").ariaPressed === "true"`)
	p.wait(`document.querySelector("[data-key=t]").classList.contains("lit")`)
	p.wait(`document.querySelector("[data-key=k]").classList.contains("own")`)
	p.wait(`[...document.querySelectorAll(".groups .combo")].every((e) => /^Cmd-[^-]+$/.test(e.innerText))`)
	p.do(chromedp.Focus(`[data-key=leftshift]`), chromedp.KeyEvent(" "))
	p.has(".groups", "Open the closed tab again")
	p.choose("Keyboard", "iso")
	p.wait(`document.querySelector('[data-key="102nd"]')`)
}

// A rule: press it, preview it, write it without losing comments; simulate follows it; undo it.
func TestAddRule(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	p.pane("rules")
	p.click("Add a rule")
	p.fill("When you press", "Cmd-U")
	p.choose("Where", "app")
	p.fill("Application", "kate")
	p.fill("Combo", "Ctrl-Shift-U")
	p.fill("Description", "Capitals")
	p.click("Show what changes")
	p.has(".diff", "Cmd-U = \"Ctrl-Shift-U\"")
	p.has("dialog", "With the rule: Capitals.")
	if u.read() != rules {
		t.Fatal("the file was written before it was confirmed")
	}
	p.click("Save")
	p.has("#toast", "saved, and in use")
	got := u.read()
	if !strings.Contains(got, "# the address bar, as in Slack\n") || !strings.Contains(got, "when = 'app == \"kate\"'\n") || !strings.HasPrefix(got, "# What I added to the preset.\n") {
		t.Errorf("the file:\n%s", got)
	}
	if out := u.simulate("kate"); !strings.Contains(out, "leftshift down\nu down") {
		t.Errorf("simulate does not follow the rule:\n%s", out)
	}
	p.has(".card", "my-kate")
	p.click("Undo")
	p.wait(`!document.body.innerText.includes("my-kate")`)
	if got := u.read(); got != rules {
		t.Errorf("after Undo:\n%s", got)
	}
}

// Each Undo goes back one save, until the file is as it was at the start. Undo never removes a change made outside the page.
func TestUndo(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	p.pane("rules")
	text := func(do string) {
		t.Helper()
		p.click("Add a rule")
		p.fill("When you press", "Cmd-U")
		p.fill("Combo", do)
		p.click("Show what changes")
		p.has(".diff", do)
		p.click("Save")
		p.has(".card td", do)
		p.wait(`!document.querySelector("dialog").open`)
	}
	text("F13")
	text("F14")
	p.click("Undo")
	p.has("#toast", "Undone")
	p.has(".card td", "F13")
	p.click("Undo")
	p.wait(`!document.querySelector(".groups, .cards").innerText.includes("F13")`)
	if got := u.read(); got != rules {
		t.Errorf("after two Undo:\n%s", got)
	}
	p.wait(`!document.querySelector("#toast button")`)
	text("F15")
	u.write(u.read() + "# theirs\n")
	p.pane("shortcuts")
	p.pane("rules") // this reads the file
	text("F16")
	p.click("Undo")
	p.has(".card td", "F15")
	if got := u.read(); !strings.HasSuffix(got, "# theirs\n") {
		t.Errorf("the change from outside is gone:\n%s", got)
	}
	p.wait(`!document.querySelector("#toast button")`)
}

// If you save a rule while the text pane has unsaved changes, the page keeps that text and does not overwrite the rule with it.
func TestUnsavedTextStays(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	p.pane("rules")
	p.click("Text")
	p.do(chromedp.WaitVisible(`textarea`), chromedp.SendKeys(`textarea`, "# mine"))
	p.click("Add a rule")
	p.fill("When you press", "Cmd-U")
	p.fill("Combo", "F13")
	p.click("Show what changes")
	p.has(".diff", "F13")
	p.do(chromedp.Click(`#save-rule`))
	p.has("#toast", "saved")
	p.has(".notice", "Your text is still here")
	p.wait(`document.querySelector("textarea").value.includes("# mine")`)
	p.wait(`[...document.querySelectorAll("main button")].some((b) => b.innerText === "Save" && !b.disabled)`)
	save := chromedp.Click(`//main//button[normalize-space(.)="Save"]`, chromedp.BySearch) // not the dialog's hidden one
	p.do(save)
	p.has(".notice.bad", "the file has changed in the meantime")
	p.do(save)
	p.wait(`document.querySelectorAll(".notice.bad").length === 1`)
	if got := u.read(); !strings.Contains(got, "F13") || strings.Contains(got, "# mine") {
		t.Errorf("the file:\n%s", got)
	}
	p.click("Show the file")
	p.wait(`document.querySelector("textarea").value.includes("F13")`)
}

// Two toshy-ui programs serve one browser. Each page keeps its session, even after a reload.
func TestTwoPages(t *testing.T) {
	u, other := start(t, rules), start(t, rules)
	p, q := u.open(), other.open()
	q.pane("rules")
	p.do(chromedp.Reload())
	p.has(".group", "New tab")
	p.pane("rules")
	p.has(".card", "Cmd-K")
	q.do(chromedp.Reload())
	q.has(".card", "Cmd-K")
}

// The daemon restarts while the page is open.
func TestDaemonRestarts(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	p.pane("keys")
	u.waitFor(func() bool { return u.daemon.monitored() == 1 })
	u.daemon.stop()
	p.has("#badge", "Not running")
	u.daemon.serve(t, t.Context(), u.socket)
	p.has("#badge", "Running")
	u.waitFor(func() bool { return u.daemon.monitored() == 1 })
	u.daemon.typed()
	p.has("ol.keys", "keymap mine")
}

// simulate presses Cmd-U in an application.
func (u *ui) simulate(app string) string {
	u.t.Helper()
	c := exec.Command(filepath.Join(programs, "toshy"), "simulate", "-c", u.config, "--app", app, "--keyboard", "windows", "--format", "script", "-e", "+leftalt +u -u -leftalt")
	out, err := c.CombinedOutput()
	if err != nil {
		u.t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// If the user has no file, the first rule creates it.
func TestFirstRule(t *testing.T) {
	u := start(t, "")
	p := u.open()
	p.pane("rules")
	p.has("main", "There is no file yet")
	p.click("Add a rule")
	p.fill("When you press", "Cmd-U")
	p.fill("Combo", "F9")
	p.click("Show what changes")
	p.click("Save")
	p.has("#toast", "saved")
	if got := u.read(); got != "[keymap.my]\n[keymap.my.keys]\nCmd-U = \"F9\"\n" {
		t.Errorf("the file: %q", got)
	}
}

// If you press a combo, the page takes its physical keys, and names them with the words of the configuration.
func TestPressedCombo(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	p.pane("rules")
	p.click("Add a rule")
	p.click("Press it")
	u.waitFor(func() bool { return u.daemon.monitored() == 1 })
	u.daemon.typed()
	p.wait(`document.querySelector("dialog input").value === "Cmd-K"`)
	u.waitFor(func() bool { return u.daemon.monitored() == 0 })
}

// The text pane marks a mistake at its place, refuses to save it, and completes names.
func TestText(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	p.pane("rules")
	p.click("Text")
	p.do(chromedp.WaitVisible(`textarea`))
	p.has("[role=status]", "No mistakes")
	p.do(chromedp.Evaluate(`(() => { const t = document.querySelector("textarea"); t.setRangeText("[keymap.x]\nkeys.Cmd-Y = \"Ctrl-Nokey\"\n", t.value.length, t.value.length, "end"); t.dispatchEvent(new Event("input")); })()`, nil))
	p.has(".problems", "Nokey")
	p.wait(`document.querySelector(".editor mark").textContent.includes("Nokey")`)
	p.wait(`document.querySelector("main button.main[disabled]") !== null`)
	p.do(chromedp.Click(`.problems button`))
	p.wait(`(() => { const t = document.querySelector("textarea"); return t.value.slice(t.selectionStart, t.selectionEnd) === "Nokey"; })()`)
	p.do(chromedp.SendKeys(`textarea`, "PageD"), chromedp.WaitVisible(`.names button`))
	p.has(".names", "Pagedown")
	p.click("Pagedown")
	p.has("[role=status]", "No mistakes")
	p.click("Save")
	p.has("#toast", "saved")
	if got := u.read(); !strings.HasSuffix(got, "keys.Cmd-Y = \"Ctrl-Pagedown\"\n") {
		t.Errorf("the file:\n%s", got)
	}
}

// The file is broken by another program, and changed while you write here: the page says so, and loses nothing.
func TestFileChangesOutside(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	u.write(rules + "[keymap.broken]\nkeys.Nokey = \"A\"\n")
	p.has(".notice", "The configuration has a mistake")
	p.has("#badge", "mistake")
	p.has(".group", "New tab") // the rules from before stay visible
	u.write(rules)
	p.wait(`!document.querySelector(".notice.bad")`)

	p.pane("rules")
	p.click("Text")
	p.do(chromedp.WaitVisible(`textarea`), chromedp.SendKeys(`textarea`, "# mine"))
	p.wait(`[...document.querySelectorAll("main button")].some((b) => b.innerText === "Save" && !b.disabled)`)
	u.write(rules + "# theirs\n")
	p.has(".notice", "was changed outside")
	p.click("Save")
	p.has(".notice.bad", "the file has changed in the meantime")
	p.wait(`document.querySelector("textarea").value.includes("# mine")`)
	if got := u.read(); got != rules+"# theirs\n" {
		t.Errorf("the file:\n%s", got)
	}
}

// A file that toshy-ui cannot write.
func TestReadOnly(t *testing.T) {
	u := start(t, "")
	if err := os.MkdirAll(u.config, 0o755); err != nil { // a folder: even root cannot write to it as a file
		t.Fatal(err)
	}
	p := u.open()
	p.pane("rules")
	p.has(".notice", "is a directory")
}

// If Nix created the file, the page writes nothing. It shows each change as lines for the Nix configuration.
func TestNix(t *testing.T) {
	u := start(t, "")
	made := filepath.Join(u.store, "hash-toshy.toml")
	for _, dir := range []string{u.store, filepath.Dir(u.config)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(made, []byte(rules), 0o444); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(made, u.config); err != nil {
		t.Fatal(err)
	}
	p := u.open()
	p.pane("rules")
	p.has(".notice", "NixOS or Home Manager created this file")
	const k = "services.toshy.settings.keymap."
	shown := func(pane, lines string) {
		t.Helper()
		p.wait(fmt.Sprintf(`document.querySelector("dialog[open] .diff")?.innerText.trim() === %q`, lines))
		p.has("dialog", "cannot be changed here")
		var savable bool
		p.do(chromedp.Evaluate(`[...document.querySelectorAll("dialog button")].some((b) => b.innerText === "Save")`, &savable))
		if savable {
			t.Errorf("%s: it can be saved", pane)
		}
	}
	p.do(chromedp.Click(`button[aria-label="Remove Cmd-K"]`))
	shown("remove", "-"+k+`mine.keys.Cmd-K = "Ctrl-L";`)
	p.click("Close")

	p.do(chromedp.Click(`button[aria-label="Change Cmd-Opt-T"]`))
	p.wait(`document.querySelector("#value").value === "kitty"`)
	p.do(chromedp.SendKeys(`#value`, " -1"))
	p.click("Show what changes")
	shown("change", "-"+k+`everywhere.keys.Cmd-Opt-T = { run = [ "kitty" ]; };`+"\n+"+k+`everywhere.keys.Cmd-Opt-T = { run = [ "kitty" "-1" ]; };`)
	p.click("Cancel")

	p.click("Add a rule")
	p.fill("When you press", "Cmd-U")
	p.choose("Where", "app")
	p.fill("Application", "kate")
	p.fill("Combo", "F9")
	p.click("Show what changes")
	shown("add", "+"+k+`my-kate.keys.Cmd-U = "F9";`+"\n+"+k+`my-kate.when = "app == \"kate\"";`+"\n+"+k+"my-kate.order = 500;")
	p.click("Cancel")

	p.pane("settings")
	p.do(chromedp.Click(`input[name=preset][value=windows]`))
	shown("preset", `-services.toshy.extends = "mac";`+"\n"+`+services.toshy.extends = "windows";`)
	p.click("Close")
	if got := u.read(); got != rules {
		t.Errorf("the file:\n%s", got)
	}
}

func TestSettings(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	p.pane("settings")
	p.do(chromedp.WaitVisible(`#set-forced_numpad`), chromedp.Click(`#set-forced_numpad`))
	p.has("#toast", "Forced numpad: off")
	u.waitFor(func() bool { return u.daemon.setting("forced_numpad") == "false" })
	p.wait(`!document.querySelector("#set-forced_numpad").checked`)
	p.click("Back to default")
	u.waitFor(func() bool { return u.daemon.setting("forced_numpad") == "true" })
	p.do(chromedp.Evaluate(`(() => { const s = document.querySelector("#set-capslock_mode"); s.value = "cmd"; s.dispatchEvent(new Event("change")); })()`, nil))
	u.waitFor(func() bool { return u.daemon.setting("capslock_mode") == "cmd" })
	p.do(chromedp.Click(`input[name=preset][value=none]`))
	p.has(".diff", `+extends = "none"`)
	p.click("Save")
	p.has("#toast", "saved")
	if got := u.read(); !strings.Contains(got, "extends = \"none\"\n") {
		t.Errorf("the file:\n%s", got)
	}
}

// A rule is shown in words, and the form for a change contains its current values.
func TestChangeRule(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	p.pane("rules")
	p.has(".card", "in firefox")
	p.has(".card td", "sends Ctrl-L")
	p.has(".card td", "types All the best")
	p.has(".card td", "starts kitty")
	p.do(chromedp.Click(`button[aria-label="Change Cmd-Opt-T"]`))
	p.wait(`document.querySelector("#value").value === "kitty"`)
	p.do(chromedp.SendKeys(`#value`, " -1"))
	p.click("Show what changes")
	p.has(".diff", `+Cmd-Opt-T = { run = ["kitty", "-1"] }`)
	p.click("Save")
	p.has("#toast", "saved")
	p.has(".card td", "starts kitty -1")
}

// The type of a keyboard, found with the keys next to its space bar: the page asks for one key after the other, shows the rule, and
// then writes it.
func TestKeycheck(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	p.pane("settings")
	p.click("Find the type by pressing keys")
	p.has("dialog", "the key to the left of the space bar")
	u.waitFor(func() bool { return u.daemon.monitored() == 1 })
	press := func(device, key string) {
		u.daemon.key(control.Event{Kind: "in", Key: key, Value: "down", Device: device}, control.Event{Kind: "in", Key: key, Value: "up", Device: device})
	}
	press("Keychron K3", "leftshift") // not an answer
	press("Keychron K3", "leftmeta")
	p.has("dialog", "to the left of that one")
	press("AT Translated Set 2 keyboard", "leftmeta")
	p.has("dialog", "That was another keyboard")
	press("Keychron K3", "leftalt")
	p.has("dialog", "Keychron K3 has the type apple")
	u.waitFor(func() bool { return u.daemon.monitored() == 0 })
	p.click("Save")
	p.has("#toast", "saved")
	if got := u.read(); !strings.HasPrefix(got, rules) || !strings.Contains(got, "[[keyboard]]\nmatch = { name = \"Keychron K3\" }\ntype = \"apple\"\n") {
		t.Errorf("the file:\n%s", got)
	}
	p.click("Find the type by pressing keys")
	u.waitFor(func() bool { return u.daemon.monitored() == 1 })
	press("AT Translated Set 2 keyboard", "leftalt")
	p.has("dialog", "to the left of that one")
	press("AT Translated Set 2 keyboard", "leftmeta")
	p.has("dialog", "toshy already uses this type")
	p.click("Cancel")
}

// The page watches keys only while its pane is open and the window has the focus.
func TestPressKey(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	if n := u.daemon.monitored(); n > 0 {
		t.Fatalf("keys are watched before the pane is open: %d", n)
	}
	p.pane("keys")
	p.has(".notice", "sees every key")
	u.waitFor(func() bool { return u.daemon.monitored() == 1 })
	u.daemon.typed()
	p.has(".big", "k")
	p.has("main", "code 37, AT Translated Set 2 keyboard, type windows")
	p.has("ol.keys", "keymap mine")
	p.has("ol.keys .out", "rightctrl")
	p.pane("state")
	u.waitFor(func() bool { return u.daemon.monitored() == 0 })
	p.wait(`!document.body.innerText.includes("keymap mine")`)
	p.pane("keys")
	u.waitFor(func() bool { return u.daemon.monitored() == 1 })
	p.wait(`!document.querySelector("ol.keys li")`) // nothing was kept
	p.elsewhere(func() { u.waitFor(func() bool { return u.daemon.monitored() == 0 }) })
}

func TestState(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	p.pane("state")
	p.has(".card", "AT Translated Set 2 keyboard")
	p.has(".card", "maps keys")
	p.click("Pause")
	p.has("#badge", "Paused")
	p.has(".card", "paused")
	p.click("Resume")
	p.has("#badge", "Running")
	p.has("section", "uinput") // from doctor
	p.click("Make a report")
	p.has("#report pre", "toshy")
}

// Without a daemon, the page says so, and still shows and writes rules.
func TestNoDaemon(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	u.daemon.stop()
	p.has("#badge", "Not running")
	p.has(".notice", "toshy is not running")
	p.has(".group", "New tab")
	p.pane("keys")
	p.has(".notice", "no keys can be shown")
}

// The program ends soon after its last page closes, but not during a reload of the page.
func TestEnds(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	p.do(chromedp.Reload(), chromedp.WaitVisible(`nav a`))
	p.has(".group", "New tab")
	p.do(chromedp.Navigate("about:blank"))
	select {
	case <-u.ended:
	case <-time.After(limit):
		t.Error("toshy-ui did not end without a page")
	}
}

// Another page cannot send requests, not even from the same browser, and gets no data.
func TestForeignPage(t *testing.T) {
	u := start(t, rules)
	u.open()
	p := newTab(t)
	p.quiet = true
	p.do(chromedp.Navigate("about:blank"))
	for _, try := range []string{
		`fetch("http://%s/api/state", {method: "POST", body: "{}", headers: {"X-Toshy-Key": "guessed"}, credentials: "include"}).then(() => "answered", () => "refused")`,
		`fetch("http://%s/api/save", {method: "POST", body: "{}", mode: "no-cors", credentials: "include"}).then((r) => r.type === "opaque" ? "refused" : "answered", () => "refused")`,
		`new Promise((done) => { const i = new Image(); i.onload = () => done("answered"); i.onerror = () => done("refused"); i.src = "http://%s/icon.svg"; })`,
		`new Promise((done) => { const s = document.createElement("script"); s.onload = () => done("answered"); s.onerror = () => done("refused"); s.src = "http://%s/enter.js"; document.head.append(s); })`,
	} {
		var got string
		p.do(chromedp.Evaluate(fmt.Sprintf(try, u.host), &got, awaited))
		if got != "refused" {
			t.Errorf("%s: %s", try, got)
		}
	}
	if u.read() != rules {
		t.Error("the file was written")
	}
}
