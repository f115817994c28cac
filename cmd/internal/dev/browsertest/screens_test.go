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

// Every pane in light and dark. With TOSHY_SCREENS the pictures stay there.
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
			p.pane(pane)
			switch pane {
			case "shortcuts":
				p.has(".group", "New tab")
				p.do(chromedp.Click(`[data-key=leftalt]`, chromedp.NodeVisible))
				p.wait(`document.querySelectorAll(".key.lit").length > 20`)
			case "keys":
				p.has(".notice", "sees every key")
				u.daemon.typed()
				p.has("ol.keys", "leftalt")
			case "rules":
				p.has(".card", "Cmd-K")
			case "settings":
				p.has(".card", "Start")
			case "state":
				p.has(".card", "uinput")
			}
			p.picture(filepath.Join(dir, fmt.Sprintf("%s-%s.png", pane, scheme)))
		}
	}
	p.do(chromedp.EmulateViewport(360, 740))
	for _, pane := range panes {
		p.pane(pane)
		p.has("main", "")
		p.picture(filepath.Join(dir, pane+"-360.png"))
		var wide int
		p.do(chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide))
		if wide > 360 {
			t.Errorf("%s is %d wide on a screen of 360", pane, wide)
		}
	}
}

func (p *tab) picture(path string) {
	p.t.Helper()
	var png []byte
	p.do(chromedp.FullScreenshot(&png, 100))
	if err := os.WriteFile(path, png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// typed is Command-C, as the daemon tells it.
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
