package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"

	"toshy/cmd/internal/control"
)

// drawn tells when something is on the screen: the page itself notes it, by the clock that Go has too. To ask again and again
// from here would cost what is to be measured.
const drawn = `(() => {
	globalThis.whenDrawn = (there) => new Promise((done) => {
		const look = () => {
			if (!there()) return;
			o.disconnect();
			requestAnimationFrame(() => setTimeout(() => done(performance.timeOrigin + performance.now())));
		};
		const o = new MutationObserver(look);
		o.observe(document, { childList: true, subtree: true, characterData: true });
		look();
	});
	globalThis.usable = whenDrawn(() => document.querySelector("svg.keyboard") && document.querySelector(".group details") && document.querySelector("#search"))
		.then((at) => at - performance.timeOrigin);
})()`

// A stopwatch collects times, of which the middle one counts: the machine does other things, too.
type stopwatch struct {
	p       *tab
	took    []float64
	threads float64 // processor time of the page at the start, in s
}

func (p *tab) stopwatch() *stopwatch {
	p.do(performance.Enable())
	return &stopwatch{p: p, threads: p.processor()}
}

// processor is how long the page has kept a processor busy: the machine's load disturbs it less than a time.
func (p *tab) processor() (seconds float64) {
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		all, err := performance.GetMetrics().Do(ctx)
		for _, m := range all {
			if m.Name == "ThreadTime" {
				seconds = m.Value
			}
		}
		return err
	}))
	return seconds
}

func (s *stopwatch) report(b *testing.B) {
	slices.Sort(s.took)
	b.ReportMetric(s.took[len(s.took)/2], "ms-median")
	b.ReportMetric(s.took[0], "ms-best")
	b.ReportMetric((s.p.processor()-s.threads)*1e3/float64(len(s.took)), "ms-processor")
	b.ReportMetric(0, "ns/op")
}

// watched is a page with the script above in it, from its beginning.
func (u *ui) watched() *tab {
	p := u.open()
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := cdppage.AddScriptToEvaluateOnNewDocument(drawn).Do(ctx)
		return err
	}), chromedp.Reload())
	p.has(".group", "New tab")
	return p
}

// From the browser's request to a page that can be used: the keyboard is drawn, and the list and its search are there.
func BenchmarkPage(b *testing.B) {
	p := start(b, rules).watched()
	s := p.stopwatch()
	busy := 0.0
	for b.Loop() {
		var ms float64
		p.do(chromedp.Reload(), chromedp.Evaluate(`usable`, &ms, awaited))
		s.took = append(s.took, ms)
		busy += p.processor() // which begins anew with each page
	}
	s.threads = s.p.processor() - busy
	s.report(b)
}

// From a change of focus to its shortcuts on the page.
func BenchmarkFocus(b *testing.B) {
	u := start(b, rules)
	p := u.watched()
	p.do(chromedp.Evaluate(`document.hasFocus = () => false`, nil))
	s := p.stopwatch()
	apps := []string{"konsole", "firefox", "org.gnome.Nautilus", "code"} // which have different shortcuts
	for b.Loop() {
		app := apps[len(s.took)%len(apps)]
		p.do(chromedp.Evaluate(fmt.Sprintf(`globalThis.at = whenDrawn(() => document.querySelector("h1").textContent === %q); 0`, app), nil))
		began := now()
		u.daemon.focus(app, "")
		s.took = append(s.took, p.at()-began)
	}
	s.report(b)
}

// From a key to its line on the page.
func BenchmarkKey(b *testing.B) {
	u := start(b, rules)
	p := u.watched()
	p.pane("keys")
	u.waitFor(func() bool { return u.daemon.monitored() == 1 })
	s := p.stopwatch()
	for b.Loop() {
		name := fmt.Sprintf("key-%d", len(s.took))
		p.do(chromedp.Evaluate(fmt.Sprintf(`globalThis.at = whenDrawn(() => document.querySelector(".big").textContent === %q); 0`, name), nil))
		began := now()
		u.daemon.key(control.Event{Kind: "in", Key: name, Value: "down"})
		s.took = append(s.took, p.at()-began)
	}
	s.report(b)
}

// at is when what is waited for was drawn.
func (p *tab) at() (ms float64) {
	p.t.Helper()
	p.do(chromedp.Evaluate(`at`, &ms, awaited))
	return ms
}

// now is the time as a page tells it, in ms.
func now() float64 { return float64(time.Now().UnixNano()) / 1e6 }

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
