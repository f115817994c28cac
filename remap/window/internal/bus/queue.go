package bus

import (
	"sync"

	"toshy/remap/window"
)

// backlog is how many reports may wait for a busy consumer: far more than a person causes, and at most 64 KiB.
const backlog = 32

// queue holds reports in order. If it is full, the newest report replaces the one before it: floods are thinned out, and
// the latest report always arrives.
type queue struct {
	mu   sync.Mutex
	buf  [backlog]window.Info
	head int
	n    int
	wake chan struct{} // holds a token when something was pushed
}

func (q *queue) push(i window.Info) {
	q.mu.Lock()
	if q.n == backlog {
		q.n--
	}
	q.buf[(q.head+q.n)%backlog] = i
	q.n++
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) pop() (window.Info, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n == 0 {
		return window.Info{}, false
	}
	i := q.buf[q.head]
	q.buf[q.head] = window.Info{}
	q.head = (q.head + 1) % backlog
	q.n--
	return i, true
}

func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.n == 0
}
