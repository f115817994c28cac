package daemon

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// If reading a configuration takes too long, the daemon gives up, and reads it again when the first attempt has ended.
func TestLoadIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs, calls := make(chan struct{}), atomic.Int32{}
		l := &loader{load: func() (*Setup, error) {
			calls.Add(1)
			<-hangs
			return &Setup{Name: "x"}, nil
		}}
		began := time.Now()
		if _, err := l.get(t.Context(), loadTime); !errors.Is(err, errLoadSlow) || time.Since(began) != loadTime {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if _, err := l.get(t.Context(), loadTime); !errors.Is(err, errLoadRunning) || calls.Load() != 1 {
			t.Errorf("%v, read %d times", err, calls.Load())
		}
		close(hangs)
		synctest.Wait()
		if s, err := l.get(t.Context(), loadTime); err != nil || s.Name != "x" || calls.Load() != 2 {
			t.Errorf("%+v, %v, read %d times", s, err, calls.Load())
		}
		if l.late() != nil {
			t.Error("it waits for a reading that nobody does")
		}
	})
}

// The result of a reading that was given up is used when it comes, unless the configuration has changed since.
func TestLoadComesLate(t *testing.T) {
	for changed, want := range map[bool]int32{false: 1, true: 2} {
		synctest.Test(t, func(t *testing.T) {
			hangs, calls := make(chan struct{}), atomic.Int32{}
			l := &loader{load: func() (*Setup, error) {
				calls.Add(1)
				<-hangs
				return &Setup{Name: "x"}, nil
			}}
			if _, err := l.get(t.Context(), loadTime); !errors.Is(err, errLoadSlow) {
				t.Errorf("%v", err)
			}
			if changed {
				_, _ = l.get(t.Context(), loadTime)
			}
			close(hangs)
			<-l.late()
			if s, err := l.takeLate(t.Context(), loadTime); err != nil || s.Name != "x" || calls.Load() != want || l.late() != nil {
				t.Errorf("changed %v: %+v, %v, read %d times", changed, s, err, calls.Load())
			}
		})
	}
}

// Ending the program does not wait for the configuration or for anything else that hangs.
func TestEndWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := make(chan struct{})
		defer close(hangs)
		l := &loader{load: func() (*Setup, error) { <-hangs; return nil, nil }}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := l.get(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		d, _ := told(t)
		var others sync.WaitGroup
		others.Go(func() { <-hangs })
		began := time.Now()
		if d.waitAtEnd(&others); time.Since(began) != endTime {
			t.Errorf("it waited %v", time.Since(began))
		}
	})
}
