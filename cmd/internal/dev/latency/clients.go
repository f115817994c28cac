package main

import (
	"errors"
	"os"
	"os/exec"
	"time"

	"toshy/cmd/internal/control"
)

// Clients of the control socket that talk to toshy during a measurement. On the machine's single processor, they take time
// from both the keys and toshy: this measures the worst that users can do to their own keys.

// runtimeDir is where toshy and its clients look for the socket.
const runtimeDir = "/tmp/run"

// clients are five clients that request the status as often as the daemon allows, and five that get every key.
const clients = 10

// serveClients is the role of this program as clients in the guest, until it is killed.
func serveClients() error {
	failed := make(chan error)
	for n := range clients {
		go func() {
			c, err := dial()
			if err != nil {
				failed <- err
				return
			}
			if n%2 == 0 {
				failed <- c.Monitor(true, func(control.Event) error { return nil })
				return
			}
			for err == nil {
				_, err = c.Do(control.Request{Command: "status"})
			}
			failed <- err
		}()
	}
	for range clients { // toshy ends before they do
		<-failed
	}
	return errors.New("toshy has ended")
}

// dial waits for the daemon.
func dial() (*control.Client, error) {
	for range 1000 {
		if c, err := control.Open(); err == nil {
			return c, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil, control.ErrNoDaemon
}

// startClients starts all clients and returns a function that ends them.
func startClients() (end func(), err error) {
	c := exec.Command("/proc/self/exe", "clients")
	c.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+runtimeDir)
	if err := c.Start(); err != nil {
		return nil, err
	}
	return func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}, nil
}
