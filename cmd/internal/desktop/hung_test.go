package desktop

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"toshy/remap/window"
	"toshy/remap/window/focus"
)

// A hung source never returns from any call; a flooding one never stops reporting.
type hung struct{}

func (hung) Name() string { return "hung" }

func (hung) Run(ctx context.Context, _ func(window.Info)) error {
	<-ctx.Done()
	return ctx.Err()
}

type flooding struct{}

func (flooding) Name() string { return "flooding" }

func (flooding) Run(ctx context.Context, report func(window.Info)) error {
	for n := 0; ctx.Err() == nil; n++ {
		report(window.Info{Class: "kitty", Title: string(rune('a' + n%26))})
		if n%10 == 0 {
			time.Sleep(time.Millisecond) // about 10,000 a second
		}
	}
	return ctx.Err()
}

// BenchmarkRead measures what it costs the daemon to know the focus, with sources that behave well, hang or flood. The engine only
// reads what the daemon gives it.
func BenchmarkRead(b *testing.B) {
	for name, s := range map[string]window.Source{"none": nil, "hung": hung{}, "flooding": flooding{}} {
		b.Run(name, func(b *testing.B) {
			var told atomic.Int64
			c := focus.Config{Changed: func() { told.Add(1) }}
			if s != nil {
				c.Candidates = []focus.Candidate{{Source: s}}
			}
			f := focus.New(c)
			ctx, cancel := context.WithCancel(b.Context())
			ended := make(chan struct{})
			go func() { defer close(ended); _ = f.Run(ctx) }()
			began := time.Now()
			for b.Loop() {
				_ = f.Current()
			}
			b.ReportMetric(float64(told.Load())/time.Since(began).Seconds(), "changes/s")
			cancel()
			<-ended
		})
	}
}
