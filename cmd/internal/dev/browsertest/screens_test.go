package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"toshy/cmd/internal/control"
)

const rules = `# What I added to the preset.
extends = "mac"

[keymap.mine]
when = 'app == "firefox"'
[keymap.mine.keys]
Cmd-K = "Ctrl-L"          # the address bar, as in Slack
Cmd-Shift-L = { text = "All the best" }

[keymap.everywhere]
[keymap.everywhere.keys]
Cmd-Opt-T = { run = ["kitty"] }

[words.mine]
keys.Cmd-K = "Go to the address bar"
keys.Cmd-Opt-T = "A terminal"
`

var panes = []string{"shortcuts", "keys", "rules", "settings", "state"}

// Every pane in light and dark. If TOSHY_SCREENS is set, the pictures stay in that folder.
func TestScreens(t *testing.T) {
	dir := os.Getenv("TOSHY_SCREENS")
	if dir == "" {
		dir = t.TempDir()
	}
	u := start(t, rules)
	p := u.open()
	for _, scheme := range []string{"light", "dark"} {
		p.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
		for _, pane := range panes {
			p.filled(u, pane)
			if pane == "shortcuts" {
				p.do(chromedp.Click(`[data-key=leftalt]`, chromedp.NodeVisible))
				p.wait(`document.querySelectorAll(".key.lit").length > 20`)
			}
			p.picture(filepath.Join(dir, fmt.Sprintf("%s-%s.png", pane, scheme)))
		}
		p.forms(func(what string) { p.picture(filepath.Join(dir, fmt.Sprintf("%s-%s.png", what, scheme))) })
	}
	p.do(chromedp.EmulateViewport(360, 740))
	fits := func(what string) {
		p.picture(filepath.Join(dir, what+"-360.png"))
		var wide int
		p.do(chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide))
		if wide > 360 {
			t.Errorf("%s is %d wide on a screen of 360", what, wide)
		}
		var cut []string
		p.do(chromedp.Evaluate(`(() => {
			const inside = document.querySelector("dialog[open]")?.getBoundingClientRect().right || innerWidth;
			return [...document.querySelectorAll(document.querySelector("dialog[open]") ? "dialog *" : "main button")].filter((e) => {
				const r = e.getBoundingClientRect();
				return r.right > inside + 1 || e.tagName === "BUTTON" && !e.closest(".problems") && r.height > 3 * r.width;
			}).map((e) => e.outerHTML.slice(0, 90));
		})()`, &cut))
		if len(cut) > 0 {
			t.Errorf("%s on a screen of 360 is cut off or squeezed at %q", what, cut)
		}
	}
	for _, pane := range panes {
		p.filled(u, pane)
		fits(pane)
	}
	p.forms(fits)
}

// filled goes to a pane and waits until it shows its content.
func (p *tab) filled(u *ui, pane string) {
	p.t.Helper()
	p.pane(pane)
	switch pane {
	case "shortcuts":
		p.has(".group", "New tab")
	case "keys":
		p.has(".notice", "sees every key")
		u.waitFor(func() bool { return u.daemon.monitored() == 1 })
		u.daemon.typed()
		p.has("ol.keys", "leftalt")
	case "rules":
		p.has(".card", "Cmd-K")
	case "settings":
		p.has(".card", "has no user service")
	case "state":
		p.has(".card", "uinput")
	}
}

// forms shows what panes display on demand: a new rule with its changes, a text with a mistake, the check of a keyboard.
func (p *tab) forms(shown func(string)) {
	p.t.Helper()
	p.pane("rules")
	p.click("Add a rule")
	p.fill("When you press", "Cmd-J")
	p.fill("Combo", "Ctrl-J")
	p.click("Show what changes")
	p.has(".diff", "Cmd-J")
	shown("rule")
	p.click("Cancel")
	p.click("Text")
	p.do(chromedp.WaitVisible(`textarea`), chromedp.Evaluate(`(() => { const t = document.querySelector("textarea"); t.setRangeText('Cmd-Y = "Ctrl-Nokey"\n', t.value.indexOf("Cmd-Shift-L"), t.value.indexOf("Cmd-Shift-L"), "end"); t.dispatchEvent(new Event("input")); })()`, nil))
	p.has(".problems", "Nokey")
	shown("text")
	p.click("Discard")
	p.click("List")
	p.pane("settings")
	p.click("Find the type by pressing keys")
	p.has("dialog", "the key to the left of the space bar")
	shown("keycheck")
	p.click("Cancel")
}

func (p *tab) picture(path string) {
	p.t.Helper()
	var png []byte
	p.do(chromedp.FullScreenshot(&png, 100))
	if err := os.WriteFile(path, png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// typed is Command-C, as the daemon reports it.
func (d *daemon) typed() {
	const board = "AT Translated Set 2 keyboard"
	d.key(
		control.Event{Kind: "in", Key: "leftalt", Value: "down", Device: board},
		control.Event{Kind: "match", Key: "leftalt", Map: "modmap windows", File: "builtin:mac/modifiers.toml", Line: 93},
		control.Event{Kind: "in", Key: "k", Value: "down", Device: board},
		control.Event{Kind: "match", Key: "k", Map: "keymap mine", File: "config.toml", Line: 7},
		control.Event{Kind: "out", Key: "rightctrl", Value: "down"},
		control.Event{Kind: "out", Key: "l", Value: "down"},
		control.Event{Kind: "out", Key: "l", Value: "up"},
		control.Event{Kind: "out", Key: "rightctrl", Value: "up"},
	)
}
