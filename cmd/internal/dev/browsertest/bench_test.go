package browsertest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"

	"toshy/cmd/internal/control"
)

// drawn records when something is on the screen: a script in the page notes it, with the same clock as Go. Polling from here would
// disturb the measurement.
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

// A stopwatch collects times and reports the median, because the machine does other things, too.
type stopwatch struct {
	p       *tab
	took    []float64
	threads float64 // processor time of the page at the start, in s
}

func (p *tab) stopwatch() *stopwatch {
	p.do(performance.Enable())
	return &stopwatch{p: p, threads: p.processor()}
}

// processor returns how long the page has kept a processor busy. The machine's load disturbs this less than it disturbs a duration.
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

// watched opens a page that contains the script above from the start.
func (u *ui) watched() *tab {
	p := u.open()
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := cdppage.AddScriptToEvaluateOnNewDocument(drawn).Do(ctx)
		return err
	}), chromedp.Reload())
	p.has(".group", "New tab")
	return p
}

// The time from the browser's request until the page is usable: the keyboard is drawn, and the list and its search are there.
func BenchmarkPage(b *testing.B) {
	p := start(b, rules).watched()
	s := p.stopwatch()
	busy := 0.0
	for b.Loop() {
		var ms float64
		p.do(chromedp.Reload(), chromedp.Evaluate(`usable`, &ms, awaited))
		s.took = append(s.took, ms)
		busy += p.processor() // each page starts at zero
	}
	s.threads = s.p.processor() - busy
	s.report(b)
}

// The time from a change of focus until the page shows the new shortcuts.
func BenchmarkFocus(b *testing.B) {
	u := start(b, rules)
	p := u.watched()
	p.do(chromedp.Evaluate(`document.hasFocus = () => false`, nil))
	s := p.stopwatch()
	apps := []string{"konsole", "firefox", "org.gnome.Nautilus", "code"} // these have different shortcuts
	for b.Loop() {
		app := apps[len(s.took)%len(apps)]
		p.do(chromedp.Evaluate(fmt.Sprintf(`globalThis.at = whenDrawn(() => document.querySelector("h1").textContent === %q); 0`, app), nil))
		began := now()
		u.daemon.focus(app, "")
		s.took = append(s.took, p.at()-began)
	}
	s.report(b)
}

// The time from a key until its line is on the page.
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

// at returns when the awaited thing was drawn.
func (p *tab) at() (ms float64) {
	p.t.Helper()
	p.do(chromedp.Evaluate(`at`, &ms, awaited))
	return ms
}

// now is the time by the clock of a page, in ms.
func now() float64 { return float64(time.Now().UnixNano()) / 1e6 }

// The time from the browser's request until a playground answers.
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

// The memory of toshy-ui while a page is open, and its wake-ups while the page is hidden: by thread, in rounds of 40 s. The monitor
// thread of Go's runtime (sysmon) is listed separately: it wakes up once a minute in every program.
func BenchmarkProcess(b *testing.B) {
	u := start(b, rules)
	p := u.open()
	p.has(".group", "New tab")
	resident := float64(u.proc("status", "VmRSS:")) / 1e3
	p.hide()
	time.Sleep(2 * time.Second) // let everything end that ends now
	resting := float64(u.proc("status", "VmRSS:")) / 1e3
	monitor := ""
	if timed := u.timed(); len(timed) == 1 {
		monitor = timed[0]
	}
	ours, runtimes, quiet, rounds := 0, 0, 0, 0
	for b.Loop() {
		before := u.switches()
		time.Sleep(40 * time.Second) // the time that passes is what is measured
		rounds++
		what, woken, all := "", 0, u.switches()
		for _, thread := range slices.Sorted(maps.Keys(all)) {
			switch n := all[thread] - before[thread]; {
			case n > 0 && thread == monitor:
				runtimes += n
				what += fmt.Sprintf(" %s (the runtime's monitor): %d", thread, n)
			case n > 0:
				woken += n
				what += fmt.Sprintf(" %s: %d", thread, n)
			}
		}
		ours += woken
		if woken == 0 {
			quiet++
		}
		b.Logf("round %d: wake-ups by thread:%s", rounds, cmp.Or(what, " none"))
	}
	b.ReportMetric(resident, "MB-resident") // the loop forgets what was reported before it
	b.ReportMetric(resting, "MB-hidden")
	b.ReportMetric(float64(ours), "wake-ups")
	b.ReportMetric(float64(quiet), "quiet-rounds")
	b.ReportMetric(float64(runtimes)/float64(rounds)*60/40, "monitor-wake-ups/min")
	b.ReportMetric(0, "ns/op")
}

func report(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/op")
	b.ReportMetric(0, "ns/op")
}
