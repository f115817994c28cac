package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.uber.org/zap"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/filewatch"
	"toshy/cmd/internal/page"
)

const (
	settleTime = 30 * time.Millisecond // gathers changes that come together
	retryFirst = 250 * time.Millisecond
	retryMost  = 10 * time.Second
)

// A live has what a page gets while it is visible.
type live struct {
	kind  string
	value any
}

// events sends a page what happens, as server-sent events, while the page is open. A hidden page requests nothing
// (look=none), so nothing here wakes up. look=keys adds keys as the user types them.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	what := r.URL.Query().Get("look")
	defer s.look(what != "none")()
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	fmt.Fprint(w, ": toshy\n\n")
	if flush.Flush() != nil {
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	if what == "none" {
		<-ctx.Done()
		return
	}
	out := make(chan live, 64)
	send := func(kind string, value any) {
		select {
		case out <- live{kind, value}:
		case <-ctx.Done():
		}
	}
	go s.follow(ctx, send)
	seen, _ := strconv.Atoi(r.URL.Query().Get("file")) // no file has version 0, so it means that the page has seen none
	go s.followFile(ctx, seen, send)
	if what == "keys" {
		go followKeys(ctx, send)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-out:
			b, err := json.Marshal(e.value)
			if err != nil {
				return
			}
			fmt.Fprintf(w, "event: %s\ndata: %s\n\n", e.kind, b)
			if flush.Flush() != nil {
				return
			}
		}
	}
}

// retry calls do until ctx ends. If it fails at once, it calls it less and less often.
func retry(ctx context.Context, do func(began func()) error) {
	wait := &backoff.ExponentialBackOff{InitialInterval: retryFirst, Multiplier: 1.5, MaxInterval: retryMost}
	wait.Reset()
	for ctx.Err() == nil {
		_ = do(wait.Reset)
		select {
		case <-ctx.Done():
		case <-time.After(wait.NextBackOff()):
		}
	}
}

// follow reports the state of the daemon and the focus.
func (s *server) follow(ctx context.Context, send func(string, any)) {
	retry(ctx, func(began func()) error {
		err := s.followDaemon(ctx, send, began)
		if ctx.Err() == nil {
			send("state", s.machine.state(err))
		}
		return err
	})
}

func (s *server) followDaemon(ctx context.Context, send func(string, any), began func()) error {
	c, err := control.Open()
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	changed := make(chan struct{}, 1)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
			send("state", s.machine.state(nil))
			select {
			case <-ctx.Done():
				return
			case <-time.After(settleTime):
			}
		}
	}()
	return c.Watch([]string{"status", "focus"}, func() error {
		began()
		changed <- struct{}{}
		return nil
	}, func(e control.Event) error {
		if e.Kind == "focus" {
			send("focus", e.Window)
			return nil
		}
		select {
		case changed <- struct{}{}:
		default: // nobody has read the last one yet
		}
		return nil
	})
}

// followFile reports that the configuration differs from the one that the page has seen, even if it changed before the page
// was opened or while it was hidden.
func (s *server) followFile(ctx context.Context, seen int, send func(string, any)) {
	w := filewatch.New(zap.NewNop(), "the configuration", filewatch.SettleTime)
	defer w.Close()
	w.Watch(s.machine.files())
	if w.ChangedSince(s.machine.last()) {
		s.machine.forget()
	}
	if f := s.machine.file(); f.Version != seen {
		send("file", f)
	}
	for {
		w.Watch(s.machine.files())
		select {
		case <-ctx.Done():
			return
		case <-w.Changed:
			s.machine.forget()
			send("file", s.machine.file())
		}
	}
}

// A pressed key also has the kernel's number; 0 if the daemon does not say which key it was.
type pressed struct {
	control.Event
	Code int `json:"code,omitempty"`
}

// followKeys reports keys as the user types them. They go only to the page that asked.
func followKeys(ctx context.Context, send func(string, any)) {
	retry(ctx, func(began func()) error {
		c, err := control.Open()
		if err != nil {
			return err
		}
		defer c.Close()
		defer context.AfterFunc(ctx, func() { _ = c.Close() })()
		began()
		return c.Monitor(true, func(e control.Event) error {
			if e.Kind != "focus" {
				send("key", pressed{e, int(page.KeyCode(e.Key))})
			}
			return nil
		})
	})
}
