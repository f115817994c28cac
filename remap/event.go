package remap

import (
	"math"
	"time"

	"toshy/remap/key"
)

// Event types that the engine knows, as in linux/input-event-codes.h.
const (
	TypeSyn uint16 = 0x00
	TypeKey uint16 = 0x01
	TypeRel uint16 = 0x02
)

// Values of a key event.
const (
	Release int32 = 0
	Press   int32 = 1
	Repeat  int32 = 2
)

// Never is the wake time of an engine that waits for nothing but events.
const Never time.Duration = math.MaxInt64

// MaxDevices is the number of devices that one engine tells apart.
const MaxDevices = 64

// An Event is one input event of a grabbed device. SYN and MSC events are not for the engine.
type Event struct {
	At     time.Duration // monotonic; an earlier time than the last one's counts as the last one's
	Type   uint16        // TypeKey, TypeRel or another type, which is forwarded
	Code   key.Code
	Value  int32
	Device uint8 // below MaxDevices
}

// physical is the key that a key event is of.
func (ev *Event) physical() physicalKey { return physicalKey{ev.Device, ev.Code} }

// Out is one event for the virtual devices: keys for the keyboard, TypeRel and buttons for the
// pointer. A TypeSyn ends a frame; each key event is a frame of its own.
type Out struct {
	Type  uint16
	Code  key.Code
	Value int32
}

// Output collects what an engine wants written and done. The caller empties it with Reset; it keeps
// its memory, so that nothing is allocated per event.
type Output struct {
	Events  []Out
	Effects []*Effect
}

// NewOutput makes an Output with room for the longest burst that is common.
func NewOutput() *Output {
	return &Output{Events: make([]Out, 0, 512), Effects: make([]*Effect, 0, 16)}
}

// Reset empties the output. Nothing of what was typed stays in its memory.
func (o *Output) Reset() {
	clear(o.Events)
	o.Events = o.Events[:0]
	o.Effects = o.Effects[:0]
}
