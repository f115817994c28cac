package vm

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// monitor speaks QMP, QEMU's control protocol: one JSON object per line.
//
// QEMU gives a key to the keyboard that was plugged in last, unless that keyboard is bound to a screen and the key is meant
// for that screen. So every keyboard is bound to a separate screen, and keys for no screen go to the PC's keyboard.
type monitor struct {
	conn       io.ReadWriteCloser
	canSleep   bool          // see Config.Suspend
	returns    chan error    // what the commands return
	sleeping   chan struct{} // one value each time the machine has gone to sleep
	mu         sync.Mutex    // guards what is below
	ready      bool
	on         [screens]string // the keyboard bound to each screen
	whenAsleep []string        // requests to do when the machine sleeps
	failed     error           // of one of these
	nudged     chan struct{}   // closed when nobody is to be nudged any more
}

func newMonitor(conn io.ReadWriteCloser) *monitor {
	m := &monitor{conn: conn, returns: make(chan error, 1), sleeping: make(chan struct{}, 1)}
	go m.read()
	go m.watch()
	return m
}

func (m *monitor) Close() error { return m.conn.Close() }

// read reads QEMU's output to its end.
func (m *monitor) read() {
	lines := bufio.NewReader(m.conn)
	var err error
	for err == nil {
		var line []byte
		if line, err = lines.ReadBytes('\n'); err == nil {
			err = m.take(line)
		}
	}
	m.returns <- fmt.Errorf("qemu: %w", err)
	close(m.returns)
	close(m.sleeping)
}

// take passes a line on to whoever waits for it. Other events are ignored.
func (m *monitor) take(line []byte) error {
	var said struct {
		Return json.RawMessage
		Error  *struct{ Desc string }
		Event  string
	}
	if err := json.Unmarshal(line, &said); err != nil {
		return fmt.Errorf("%w in %q", err, line)
	}
	switch {
	case said.Event == "SUSPEND":
		m.sleeping <- struct{}{}
	case said.Error != nil:
		m.returns <- errors.New("qemu: " + said.Error.Desc)
	case said.Return != nil:
		m.returns <- nil
	}
	return nil
}

// watch runs the requests for while the machine sleeps. The machine sends no requests meanwhile.
func (m *monitor) watch() {
	for range m.sleeping {
		m.mu.Lock()
		for _, r := range m.whenAsleep {
			verb, rest, _ := strings.Cut(r, " ")
			if err := m.do(verb, rest); err != nil && m.failed == nil {
				m.failed = fmt.Errorf("asleep %s: %w", r, err)
			}
		}
		m.whenAsleep = nil
		m.mu.Unlock()
	}
}

// request does what a Host asks for:
//
//	plug DRIVER ID     e.g. usb-kbd k1, virtio-keyboard-pci v1
//	unplug ID
//	down ID KEY        KEY is a QKeyCode: a, ctrl, meta_l ...; ID "pc" is the PC's own keyboard
//	up ID KEY
//	wake AFTER         from suspend to RAM, AFTER a Go duration
//	nudge KEY          tap a key of the PC's keyboard every two seconds, until the next request
//	asleep REQUEST     one of these, when the machine sleeps the next time; the error is that of the request after that
func (m *monitor) request(verb, rest string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.nudged != nil {
		close(m.nudged)
		m.nudged = nil
	}
	if err := m.failed; err != nil {
		m.failed = nil
		return err
	}
	if verb != "asleep" {
		return m.do(verb, rest)
	}
	if !m.canSleep {
		return errors.New("this machine would not wake up: boot it with vmrun -suspend")
	}
	m.whenAsleep = append(m.whenAsleep, rest)
	return m.greet()
}

// do is request for requests that run at once.
func (m *monitor) do(verb, rest string) error {
	w := strings.Fields(rest)
	switch {
	case verb == "plug" && len(w) == 2:
		return m.plug(w[0], w[1])
	case verb == "unplug" && len(w) == 1:
		return m.unplug(w[0])
	case (verb == "down" || verb == "up") && len(w) == 2:
		return m.key(w[0], w[1], verb == "down")
	case verb == "nudge" && len(w) == 1:
		m.nudged = make(chan struct{})
		go m.nudge(w[0], m.nudged)
		return nil
	case verb == "wake" && len(w) == 1:
		after, err := time.ParseDuration(w[0])
		if err != nil {
			return err
		}
		time.Sleep(after)
		return m.call("system_wakeup", nil)
	}
	return fmt.Errorf("unknown request %q", verb+" "+rest)
}

// nudge taps a key of the PC's keyboard every two seconds.
func (m *monitor) nudge(key string, end chan struct{}) {
	for {
		select {
		case <-end:
			return
		case <-time.After(2 * time.Second):
		}
		m.mu.Lock()
		if m.nudged == end {
			for _, down := range []bool{true, false} {
				if err := m.key(pc, key, down); err != nil && m.failed == nil {
					m.failed = fmt.Errorf("nudge %s: %w", key, err)
				}
			}
		}
		m.mu.Unlock()
	}
}

func (m *monitor) screen(id string) (int, error) {
	for i, on := range m.on {
		if on == id {
			return i, nil
		}
	}
	if id == "" {
		return 0, fmt.Errorf("%d keyboards are plugged already", screens)
	}
	return 0, fmt.Errorf("no keyboard %s is plugged", id)
}

func (m *monitor) plug(driver, id string) error {
	if _, err := m.screen(id); err == nil {
		return fmt.Errorf("keyboard %s is plugged already", id)
	}
	i, err := m.screen("")
	if err != nil {
		return err
	}
	if err := m.call("device_add", map[string]any{"driver": driver, "id": id, "display": screenID(i)}); err != nil {
		return err
	}
	m.on[i] = id
	return nil
}

func (m *monitor) unplug(id string) error {
	i, err := m.screen(id)
	if err != nil {
		return err
	}
	if err := m.call("device_del", map[string]any{"id": id}); err != nil {
		return err
	}
	m.on[i] = ""
	return nil
}

func (m *monitor) key(id, key string, down bool) error {
	args := map[string]any{"events": []any{map[string]any{
		"type": "key",
		"data": map[string]any{"down": down, "key": map[string]any{"type": "qcode", "data": key}},
	}}}
	if id != pc {
		i, err := m.screen(id)
		if err != nil {
			return err
		}
		args["device"] = screenID(i)
	}
	return m.call("input-send-event", args)
}

// call sends one command and waits for its return.
func (m *monitor) call(command string, args any) error {
	if err := m.greet(); err != nil {
		return err
	}
	return m.send(command, args)
}

// greet does what must come before all commands and events.
func (m *monitor) greet() error {
	if m.ready {
		return nil
	}
	err := m.send("qmp_capabilities", nil)
	m.ready = err == nil
	return err
}

func (m *monitor) send(command string, args any) error {
	req := map[string]any{"execute": command}
	if args != nil {
		req["arguments"] = args
	}
	if err := json.NewEncoder(m.conn).Encode(req); err != nil {
		return err
	}
	err, ok := <-m.returns
	if !ok {
		return errors.New("qemu is gone")
	}
	return err
}
