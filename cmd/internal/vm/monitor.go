package vm

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// monitor speaks QMP, QEMU's control protocol: one JSON object a line.
//
// QEMU gives a key to the keyboard plugged last, unless the keyboard is bound to a screen and the key is meant for that
// screen. So every plugged keyboard is bound to a screen of its own, and keys for no screen go to the PC's keyboard.
type monitor struct {
	conn  io.ReadWriteCloser
	lines *bufio.Reader
	ready bool
	on    [screens]string // the keyboard bound to each screen
}

func newMonitor(conn io.ReadWriteCloser) *monitor {
	return &monitor{conn: conn, lines: bufio.NewReader(conn)}
}

func (m *monitor) Close() error { return m.conn.Close() }

// request does what a Host asks for:
//
//	plug DRIVER ID     e.g. usb-kbd k1, virtio-keyboard-pci v1
//	unplug ID
//	down ID KEY        KEY is a QKeyCode: a, ctrl, meta_l ...; ID "pc" is the PC's own keyboard
//	up ID KEY
func (m *monitor) request(verb, rest string) error {
	w := strings.Fields(rest)
	switch {
	case verb == "plug" && len(w) == 2:
		return m.plug(w[0], w[1])
	case verb == "unplug" && len(w) == 1:
		return m.unplug(w[0])
	case (verb == "down" || verb == "up") && len(w) == 2:
		return m.key(w[0], w[1], verb == "down")
	}
	return fmt.Errorf("unknown request %q", verb+" "+rest)
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

// call sends one command and waits for its answer; events in between are passed over.
func (m *monitor) call(command string, args any) error {
	if !m.ready && command != "qmp_capabilities" {
		if err := m.call("qmp_capabilities", nil); err != nil {
			return err
		}
		m.ready = true
	}
	req := map[string]any{"execute": command}
	if args != nil {
		req["arguments"] = args
	}
	if err := json.NewEncoder(m.conn).Encode(req); err != nil {
		return err
	}
	for {
		line, err := m.lines.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("qemu: %w", err)
		}
		var answer struct {
			Return json.RawMessage
			Error  *struct{ Desc string }
		}
		if err := json.Unmarshal(line, &answer); err != nil {
			return fmt.Errorf("qemu: %w in %q", err, line)
		}
		if answer.Error != nil {
			return errors.New("qemu: " + answer.Error.Desc)
		}
		if answer.Return != nil {
			return nil
		}
	}
}
