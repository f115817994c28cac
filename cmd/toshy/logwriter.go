package main

import (
	"bytes"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// A logWriter never waits for the reader of the log: a pager that is not scrolled, a terminal stopped with Ctrl-S, a
// journal that restarts. Lines that the reader cannot take in time are dropped and counted.
type logWriter struct {
	lines chan logLine
	lost  atomic.Int64
}

type logLine struct {
	text []byte
	done chan struct{} // closed when everything before is written; text is then nil
}

const (
	logQueue = 256         // lines waiting to be written
	logLast  = time.Second // how long Sync waits
)

func newLogWriter(w io.Writer) *logWriter {
	l := &logWriter{lines: make(chan logLine, logQueue)}
	go func() {
		for line := range l.lines {
			if line.done != nil {
				close(line.done)
				continue
			}
			_, _ = w.Write(line.text)
			if n := l.lost.Swap(0); n > 0 {
				fmt.Fprintf(w, "toshy: %d messages are missing here, because they came faster than they could be written\n", n)
			}
		}
	}()
	return l
}

// Write queues a message, which the caller may change afterwards. It never fails.
func (l *logWriter) Write(p []byte) (int, error) {
	select {
	case l.lines <- logLine{text: bytes.Clone(p)}:
	default:
		l.lost.Add(1)
	}
	return len(p), nil
}

// Sync waits until everything is written, for at most a second.
func (l *logWriter) Sync() error {
	line := logLine{done: make(chan struct{})}
	expired := time.After(logLast)
	select {
	case l.lines <- line:
	case <-expired:
		return nil
	}
	select {
	case <-line.done:
	case <-expired:
	}
	return nil
}
