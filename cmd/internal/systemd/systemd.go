// Package systemd tells the service manager the state of the daemon (sd_notify(3)). If something else started the daemon,
// it does nothing.
package systemd

import (
	"fmt"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"
)

// A Notifier sends messages, in order, from a separate goroutine: the manager may be slow, keys must not be.
type Notifier struct {
	interval time.Duration
	messages chan string
	sent     chan struct{} // closed when the last message is out

	mu      sync.Mutex
	ready   bool
	reloads int // reloads in progress
	over    bool
}

const (
	waiting  = 64          // messages in the queue; more are dropped
	lastWait = time.Second // how long the manager may take for the last message
)

// New makes a Notifier; Stopping ends it.
func New() *Notifier {
	n := &Notifier{messages: make(chan string, waiting), sent: make(chan struct{})}
	if limit, err := daemon.SdWatchdogEnabled(false); err == nil {
		n.interval = limit / 2
	}
	go func() {
		defer close(n.sent)
		for m := range n.messages {
			_, _ = daemon.SdNotify(false, m) // there is no manager, or it does not listen
		}
	}()
	return n
}

func (n *Notifier) send(m string) {
	if n.over {
		return
	}
	select {
	case n.messages <- m:
	default:
	}
}

// Ready says that the daemon works.
func (n *Notifier) Ready() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ready = true
	n.send(daemon.SdNotifyReady)
}

// Reloading says that the configuration is being read again; Reloaded must follow. Before Ready it sends nothing. One
// reload may be part of another.
func (n *Notifier) Reloading() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ready {
		n.reloads++
		n.send(fmt.Sprintf("%s\nMONOTONIC_USEC=%d", daemon.SdNotifyReloading, monotonic()))
	}
}

// Reloaded says that the reload is over, unless another one continues.
func (n *Notifier) Reloaded() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.reloads == 0 {
		return
	}
	if n.reloads--; n.reloads == 0 {
		n.send(daemon.SdNotifyReady)
	}
}

// Status shows a line in systemctl status.
func (n *Notifier) Status(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.send("STATUS=" + line)
}

// Interval is half of WatchdogSec=, or 0 if that is not set.
func (n *Notifier) Interval() time.Duration { return n.interval }

// Alive says that the daemon makes progress.
func (n *Notifier) Alive() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.send(daemon.SdNotifyWatchdog)
}

// Stopping says that the daemon ends, and waits until the message is sent, for at most a second.
func (n *Notifier) Stopping() {
	n.mu.Lock()
	if n.over {
		n.mu.Unlock()
		return
	}
	n.send(daemon.SdNotifyStopping)
	n.over = true
	close(n.messages)
	n.mu.Unlock()
	select {
	case <-n.sent:
	case <-time.After(lastWait):
	}
}

// monotonic is the time in µs that systemd compares with its own.
func monotonic() int64 {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return ts.Nano() / 1000
}
