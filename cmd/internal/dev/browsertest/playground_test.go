package browsertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"golang.org/x/tools/txtar"
)

// playground serves the folder that make playground builds, like any web server.
func playground(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("TOSHY_PLAYGROUND")
	if _, err := os.Stat(filepath.Join(dir, "toshy.wasm.gz")); err != nil {
		t.Fatalf("the playground (make browser makes it): %v", err)
	}
	s := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(s.Close)
	return s.URL
}

func openPlayground(t testing.TB) *tab {
	t.Helper()
	p := newTab(t)
	p.do(chromedp.Navigate(playground(t)+"/"), chromedp.WaitVisible(`main h1`))
	return p
}

// Keys, a configuration with a mistake, and one without.
func TestPlayground(t *testing.T) {
	p := openPlayground(t)
	p.has("pre", "rightctrl down")
	p.click("Clear")
	p.has("pre", "Nothing.")
	p.do(chromedp.Click(`.pad`), chromedp.KeyEvent("j"))
	p.has("pre", "j down\nj up")

	p.pane("rules")
	p.do(chromedp.WaitVisible(`textarea`), chromedp.SendKeys(`textarea`, "[keymap.x]\nkeys.J = \"Nokey\"\n"))
	p.has(".problems", "Nokey")
	p.do(chromedp.Evaluate(`document.querySelector("textarea").select()`, nil), chromedp.SendKeys(`textarea`, "[keymap.x]\nkeys.J = \"K\"\n"))
	p.has("[role=status]", "No mistakes")
	p.click("Save")
	p.has("#toast", "in use in this page")
	p.pane("try")
	p.has("pre", "k down\nk up")
	p.pane("shortcuts")
	p.has(".group", "Sends K")
}

// The project's scenarios give the same result in the page as in toshy simulate.
func TestPlaygroundIsToshy(t *testing.T) {
	p := openPlayground(t)
	files, err := filepath.Glob("../../scenario/testdata/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("%v: %d files of scenarios", err, len(files))
	}
	ran := 0
	for _, name := range files {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		config := ""
		for _, f := range a.Files {
			if f.Name == "config.toml" {
				config = string(f.Data)
			}
		}
		for _, f := range a.Files {
			script, _, whole := strings.Cut(string(f.Data), "\n---\n")
			if !whole || strings.Contains(f.Name, ".") || strings.Contains(script, "reload ") || strings.Contains(script, "layout ") {
				continue // these need other files in addition to the script
			}
			want := simulate(t, config, script+"\n")
			got := p.simulate(config, script+"\n")
			if got != want {
				t.Errorf("%s:%s: the page says\n%s\ntoshy simulate says\n%s", name, f.Name, got, want)
			}
			ran++
		}
	}
	if ran < 50 {
		t.Errorf("only %d scenarios ran", ran)
	}
}

func simulate(t *testing.T, config, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(filepath.Join(programs, "toshy"), "simulate", "-c", path, "--format", "script", "-")
	c.Stdin = strings.NewReader(script)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("toshy simulate: %v\n%s", err, out)
	}
	return string(out)
}

func (p *tab) simulate(config, script string) string {
	p.t.Helper()
	c, _ := json.Marshal(config) // texts can always be encoded
	s, _ := json.Marshal(script)
	var out string
	p.do(chromedp.Evaluate(fmt.Sprintf(`(() => {
		const ask = (name, body) => JSON.parse(toshyCall(name, JSON.stringify(body)));
		const saved = ask("save", {text: %s});
		if (saved.failure) return JSON.stringify(saved.failure);
		const a = ask("simulate", {script: %s});
		return a.failure ? JSON.stringify(a.failure) : a.value.text;
	})()`, c, s), &out))
	return out
}

// Every visitor of a site with the playground downloads this much.
func TestPlaygroundIsSmall(t *testing.T) {
	const most = 2_500_000
	i, err := os.Stat(filepath.Join(os.Getenv("TOSHY_PLAYGROUND"), "toshy.wasm.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if i.Size() > most {
		t.Errorf("toshy.wasm.gz has %d bytes, more than %d: which package does cmd/toshy-playground link without need?", i.Size(), most)
	}
}
