package browsertest

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// axe finds nothing serious on any pane, in light and in dark.
func TestAccessible(t *testing.T) {
	script, err := os.ReadFile(os.Getenv("TOSHY_AXE"))
	if err != nil {
		t.Fatalf("axe-core (make browser brings it): %v", err)
	}
	u := start(t, rules)
	p := u.open()
	for _, scheme := range []string{"light", "dark"} {
		p.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
		for _, pane := range panes {
			p.pane(pane)
			switch pane {
			case "shortcuts":
				p.do(chromedp.Click(`[data-key=leftalt]`, chromedp.NodeVisible))
				p.do(chromedp.Click(`.groups summary`))
				p.has(".more", "Change")
			case "settings":
				p.do(chromedp.WaitVisible(`input[name=preset]`))
			case "state":
				p.has("section", "uinput")
			}
			p.axe(string(script), pane+" in "+scheme)
			if pane == "settings" {
				p.click("Find the type by pressing keys")
				p.has("dialog", "the key to the left of the space bar")
				p.axe(string(script), "the check of a keyboard in "+scheme)
				p.click("Cancel")
			}
			if pane == "rules" {
				p.click("Text")
				p.has("[role=status]", "No mistakes")
				p.axe(string(script), "the text in "+scheme)
				p.click("Add a rule")
				p.do(chromedp.WaitVisible(`dialog form`))
				p.axe(string(script), "a new rule in "+scheme)
				p.click("Cancel")
				p.click("List")
			}
		}
	}
}

// axe reports what makes the page hard or impossible to use for some people.
func (p *tab) axe(script, what string) {
	p.t.Helper()
	var found string
	p.do(chromedp.Evaluate(script, nil), chromedp.Evaluate(
		`axe.run().then((r) => JSON.stringify(r.violations.map((v) => ({rule: v.id, impact: v.impact, help: v.help, at: v.nodes.map((n) => n.html).slice(0, 3)}))))`, &found, awaited))
	var list []struct {
		Rule, Impact, Help string
		At                 []string
	}
	if err := json.Unmarshal([]byte(found), &list); err != nil {
		p.t.Fatal(err)
	}
	for _, v := range list {
		if v.Impact == "serious" || v.Impact == "critical" || v.Impact == "moderate" {
			p.t.Errorf("%s: %s (%s): %s: %q", what, v.Rule, v.Impact, v.Help, v.At)
		}
	}
}
