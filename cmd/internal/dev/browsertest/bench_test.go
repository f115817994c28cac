package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"toshy/cmd/internal/control"
)

// From the browser's request to a list of shortcuts that can be read.
func BenchmarkPage(b *testing.B) {
	u := start(b, rules)
	p := u.open()
	for b.Loop() {
		p.do(chromedp.Reload())
		p.wait(`document.querySelector(".group")`)
	}
	report(b)
}

// From a change of focus to its shortcuts on the page.
func BenchmarkFocus(b *testing.B) {
	u := start(b, rules)
	p := u.open()
	p.has(".group", "New tab")
	p.do(chromedp.Evaluate(`document.hasFocus = () => false`, nil))
	n := 0
	for b.Loop() {
		n++
		app := fmt.Sprintf("app-%d", n)
		u.daemon.focus(app, "")
		p.has("h1", app)
	}
	report(b)
}

// From a key to its line on the page.
func BenchmarkKey(b *testing.B) {
	u := start(b, rules)
	p := u.open()
	p.pane("keys")
	u.waitFor(func() bool { return u.daemon.monitored() == 1 })
	n := 0
	for b.Loop() {
		n++
		name := fmt.Sprintf("key-%d-", n)
		u.daemon.key(control.Event{Kind: "in", Key: name, Value: "down"})
		p.has(".big", name)
	}
	report(b)
}

// From the browser's request to a playground that answers.
func BenchmarkPlayground(b *testing.B) {
	p := newTab(b)
	address := playground(b) + "/"
	for b.Loop() {
		p.do(chromedp.Navigate(address))
		p.has("pre", "rightctrl down")
	}
	report(b)
	i, err := os.Stat(filepath.Join(os.Getenv("TOSHY_PLAYGROUND"), "toshy.wasm.gz"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(i.Size())/1e6, "MB-packed")
}

// What toshy-ui needs while a page is open, and how often it wakes up while that is hidden.
func BenchmarkProcess(b *testing.B) {
	u := start(b, rules)
	p := u.open()
	p.has(".group", "New tab")
	resident := float64(u.proc("status", "VmRSS:")) / 1e3
	p.do(chromedp.Evaluate(`Object.defineProperty(document, "hidden", { get: () => true, configurable: true }); document.dispatchEvent(new Event("visibilitychange"))`, nil))
	time.Sleep(2 * time.Second) // what ends then ends
	before := u.switches()
	const seconds = 10
	for b.Loop() {
		time.Sleep(seconds * time.Second / 10)
	}
	b.ReportMetric(resident, "MB-resident") // the loop has forgotten what was reported before it
	b.ReportMetric(float64(u.switches()-before), "wake-ups")
	b.ReportMetric(0, "ns/op")
}

// proc is a number of a file of the process in /proc.
func (u *ui) proc(file, name string) int {
	u.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", u.process.Process.Pid, file))
	if err != nil {
		u.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), name)
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		u.t.Fatal(err)
	}
	return n
}

// switches counts how often threads of the process have waited.
func (u *ui) switches() int {
	u.t.Helper()
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", u.process.Process.Pid))
	if err != nil {
		u.t.Fatal(err)
	}
	n := 0
	for _, t := range tasks {
		n += u.proc("task/"+t.Name()+"/status", "\nvoluntary_ctxt_switches:")
	}
	return n
}

func report(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/op")
	b.ReportMetric(0, "ns/op")
}
