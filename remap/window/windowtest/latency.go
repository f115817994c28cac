package windowtest

import (
	"context"
	"slices"
	"syscall"
	"testing"
	"time"

	"toshy/remap/window"
)

// Latency measures, on a desktop that runs, the time from asking for the focus to the report of the
// window: the desktop's own work and the source's. It reports p50 and p99 in microseconds, and how
// often the threads of this process were woken in a second without changes.
func Latency(b *testing.B, d Desktop, s window.Source) {
	wins := []Window{d.Open(b, "alpha.app", "a"), d.Open(b, "beta.app", "b")}
	wins[0].Focus(b)
	got := make(chan string, 1024)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Run(ctx, func(i window.Info) { got <- i.Class }) // ended by cancel
	}()
	defer func() { cancel(); <-ended }()
	await := func(class string) {
		for limit := time.After(Limit); ; {
			select {
			case c := <-got:
				if c == class {
					return
				}
			case <-limit:
				b.Fatalf("never reported: %s", class)
			}
		}
	}
	await("alpha.app")
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		class := []string{"beta.app", "alpha.app"}[i%2]
		t0 := time.Now()
		wins[(i+1)%2].Focus(b)
		await(class)
		took = append(took, time.Since(t0))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(0, "ns/op")

	before := switches(b)
	time.Sleep(time.Second) // the measured span, not a wait for something
	b.ReportMetric(float64(switches(b)-before), "wakeups/idle-s")
	for _, w := range wins {
		w.Close(b)
	}
}

// switches counts how often the threads of this process gave up the processor to wait.
func switches(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Nvcsw
}
