package evdev

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/bendahl/uinput"
)

// Memory is a Sink that keeps all frames, for simulations and tests.
type Memory struct {
	Events []Event // flushed events; each frame ends with SYN_REPORT
	frames []Event
	closed bool
}

var _ Sink = (*Memory)(nil)

// WriteFrame implements Sink.
func (m *Memory) WriteFrame(frame []Event) error {
	if len(frame) == 0 {
		return nil
	}
	m.frames = append(m.frames, frame...)
	if last := frame[len(frame)-1]; last.Type != EvSyn || last.Code != SynReport {
		m.frames = append(m.frames, SyncEvent)
	}
	return nil
}

// Flush implements Sink.
func (m *Memory) Flush() error {
	if m.closed {
		return fmt.Errorf("write to memory: %w", fs.ErrClosed)
	}
	m.Events = append(m.Events, m.frames...)
	m.frames = m.frames[:0]
	return nil
}

// Close implements Sink.
func (m *Memory) Close() error {
	m.closed = true
	return nil
}

// Simple is a Sink that uses bendahl/uinput's keyboard: the simplest way to prove that a user can make a virtual keyboard.
// Every event becomes its own frame. It only has keys up to KeyMicMute (248), and no repeats. Making one takes 200 ms.
type Simple struct {
	kbd    uinput.Keyboard
	node   string
	frames []Event
}

var _ Sink = (*Simple)(nil)

// NewSimple makes a plain virtual keyboard with the given name. Unlike the library, it says why that failed.
func NewSimple(name string) (*Simple, error) {
	if err := CheckUinput(); err != nil {
		return nil, err
	}
	kbd, err := uinput.CreateKeyboard(UinputPath, []byte(name))
	if err != nil {
		return nil, fmt.Errorf("make plain virtual keyboard: %w", err)
	}
	sys, err := kbd.FetchSyspath()
	if err == nil {
		sys = strings.TrimRight(sys, "\x00") // the library does not remove the padding
	}
	s := &Simple{kbd: kbd}
	if err == nil {
		s.node, err = waitNodeIn(sys)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make plain virtual keyboard: %w", err), kbd.Close())
	}
	return s, nil
}

// Node is the device node, /dev/input/event9.
func (s *Simple) Node() string { return s.node }

// WriteFrame implements Sink.
func (s *Simple) WriteFrame(frame []Event) error {
	for _, e := range frame {
		if e.Type == EvKey && e.Value != 2 {
			s.frames = append(s.frames, e)
		}
	}
	return nil
}

// Flush implements Sink.
func (s *Simple) Flush() error {
	frames := s.frames
	s.frames = s.frames[:0]
	for _, e := range frames {
		send := s.kbd.KeyUp
		if e.Value == 1 {
			send = s.kbd.KeyDown
		}
		if err := send(int(e.Code)); err != nil {
			return fmt.Errorf("type on plain virtual keyboard: %w", err)
		}
	}
	return nil
}

// Close implements Sink.
func (s *Simple) Close() error { return s.kbd.Close() }
