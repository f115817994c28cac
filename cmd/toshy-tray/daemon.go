package main

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"

	"toshy/cmd/internal/control"
)

const (
	// settleTime gathers changes that come together, for example of all keyboards at a pause.
	settleTime = 30 * time.Millisecond
	// The tray looks for a missing daemon after retryFirst, then less and less often, down to once per retryMost.
	retryFirst = 250 * time.Millisecond
	retryMost  = 10 * time.Second
)

// A watch follows the daemon.
type watch struct {
	socket string // "": where clients look
	show   func(facts)
}

func (w *watch) dial() (*control.Client, error) {
	if w.socket == "" {
		return control.Open()
	}
	return control.Dial(w.socket)
}

// ask sends one request on a separate connection, because the daemon disconnects silent clients.
func (w *watch) ask(r control.Request) (*control.Response, error) {
	c, err := w.dial()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.Do(r)
}

// run shows what the daemon does until ctx ends. It waits for events and asks only after one. It polls only while no daemon
// answers, less and less often.
func (w *watch) run(ctx context.Context) {
	retry := &backoff.ExponentialBackOff{InitialInterval: retryFirst, Multiplier: 1.5, MaxInterval: retryMost}
	retry.Reset()
	for ctx.Err() == nil {
		err := w.follow(ctx, retry.Reset)
		w.show(facts{err: err, machine: here()})
		select {
		case <-ctx.Done():
		case <-time.After(retry.NextBackOff()):
		}
	}
}

// follow shows a daemon until the connection ends. It calls began when the daemon answers.
func (w *watch) follow(ctx context.Context, began func()) error {
	c, err := w.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	changed := make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.showChanges(ctx, changed)
	}()
	defer func() { cancel(); <-done }()
	return c.Watch([]string{"status"}, func() error {
		began()
		changed <- struct{}{}
		return nil
	}, func(control.Event) error {
		select {
		case changed <- struct{}{}:
		default: // nobody has read the last one yet
		}
		return nil
	})
}

// refresh shows what has changed on the machine. The connection itself shows when a daemon starts or ends.
func (w *watch) refresh() {
	if f, err := w.look(); err == nil {
		w.show(f)
	} else {
		w.show(facts{err: err, machine: here()})
	}
}

func (w *watch) showChanges(ctx context.Context, changed <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
		if f, err := w.look(); err == nil { // otherwise the connection ends, too
			w.show(f)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(settleTime):
		}
	}
}

// front is the application of the focused window, "" if it is not known.
func (w *watch) front() string {
	a, err := w.ask(control.Request{Command: "status"})
	if err != nil || a.Status == nil {
		return "" // the page reports it
	}
	return a.Status.Window.App
}

func (w *watch) look() (facts, error) {
	status, err := w.ask(control.Request{Command: "status"})
	if err != nil {
		return facts{}, err
	}
	settings, err := w.ask(control.Request{Command: "settings"})
	if err != nil {
		return facts{}, err
	}
	return facts{status: status.Status, settings: settings.Settings, machine: here()}, nil
}
