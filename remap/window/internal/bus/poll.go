package bus

import (
	"time"

	"toshy/remap/window"
)

const (
	// pollEvery is the longest delay for a change without a hint. People take longer to look at a window before they type
	// into it. One question costs a shell 1-5 ms.
	pollEvery = 100 * time.Millisecond
	// pollApart is the shortest time between two questions, however many hints arrive.
	pollApart = 25 * time.Millisecond
)

// Poll follows a desktop that does not report changes: it asks on each hint and at intervals, and reports what has changed.
// It returns when a report has arrived (true), which Follow then handles, when ask fails, or when the link ends.
func (l *Link) Poll(hint <-chan struct{}, ask func() (window.Info, error), report func(window.Info)) (arrived bool, err error) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var last window.Info
	for first := true; ; first = false {
		asked := time.Now()
		i, err := ask()
		switch {
		case l.Err() != nil:
			return false, l.Err()
		case err != nil && !l.queue.empty(): // what reports has replaced what was asked
			return true, nil
		case err != nil:
			return false, err
		}
		if first || i != last {
			last = i
			report(i)
		}
		select {
		case <-tick.C:
		case <-hint:
			select {
			case <-time.After(pollApart - time.Since(asked)):
			case <-l.Context().Done():
			}
		case <-l.queue.wake:
			return true, nil
		case <-l.Context().Done():
			return false, l.Err()
		}
	}
}
