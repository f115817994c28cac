package windowtest

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"toshy/remap/window"
)

// RunError runs a source that should give up by itself, and returns its error and its reports.
func RunError(t testing.TB, s window.Source) ([]window.Info, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Limit)
	defer cancel()
	l := NewLog()
	err := s.Run(ctx, l.Report)
	if ctx.Err() != nil {
		t.Fatalf("Run did not end: %v", err)
	}
	return l.All(), err
}

// Started starts a source, and returns its log and, later, the result of Run.
func Started(ctx context.Context, s window.Source) (*Log, <-chan error) {
	l, ended := NewLog(), make(chan error, 1)
	go func() { ended <- runPatiently(ctx, s, l) }()
	return l, ended
}

// runPatiently runs a source. Like package focus, it starts a source again that has ended because the desktop did not answer in time,
// as on a busy computer.
func runPatiently(ctx context.Context, s window.Source, l *Log) error {
	for {
		err := s.Run(ctx, l.Report)
		if ctx.Err() != nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
}

// Ended waits for the result of Run.
func Ended(t testing.TB, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(Limit):
		t.Fatal("Run did not end")
		return nil
	}
}
