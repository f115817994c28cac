package bus

import (
	"time"

	"toshy/remap/window"
)

const (
	// pollEvery is how late a change can be seen that there is no hint of: what a person types into takes
	// longer to look at. One question costs a shell 1-5 ms.
	pollEvery = 100 * time.Millisecond
	// pollApart is the least time between two questions, however many hints come.
	pollApart = 25 * time.Millisecond
)

// Poll follows a desktop that does not tell of changes: it asks on each hint and now and then, and reports
// what has changed. It returns when ask fails or the link ends, and says whether it was because a report has
// arrived, which Follow gives.
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
