package main

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestLogWriterDoesNotWait(t *testing.T) {
	r, w := io.Pipe() // its reader reads nothing yet
	l := newLogWriter(w)
	for n := range 2 * logQueue {
		fmt.Fprintf(l, "message %d\n", n)
	}
	if err := l.Sync(); err != nil {
		t.Error(err)
	}
	got := make(chan string)
	go func() {
		var all strings.Builder
		buf := make([]byte, 4096)
		for !strings.Contains(all.String(), "are missing here") {
			n, _ := r.Read(buf)
			all.Write(buf[:n])
		}
		got <- all.String()
		_, _ = io.Copy(io.Discard, r)
	}()
	text := <-got
	if !strings.HasPrefix(text, "message 0\n") {
		t.Errorf("it begins with %.40q", text)
	}
	if err := l.Sync(); err != nil {
		t.Error(err)
	}
}

func TestLogWriterKeepsTheOrder(t *testing.T) {
	var all strings.Builder
	l := newLogWriter(&all)
	want := ""
	for n := range 100 {
		line := fmt.Sprintf("message %d\n", n)
		want += line
		_, _ = l.Write([]byte(line))
	}
	if err := l.Sync(); err != nil || all.String() != want {
		t.Errorf("%v, %q", err, all.String())
	}
}
