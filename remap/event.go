package remap

import (
	"math"
	"time"

	"toshy/remap/key"
)

// Event types that the engine handles, as in linux/input-event-codes.h.
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

// Never is the wake time of an engine that waits only for events.
const Never time.Duration = math.MaxInt64

// MaxDevices is the number of devices that one engine can tell apart.
const MaxDevices = 64

// An Event is one input event of a grabbed device. SYN and MSC events do not go to the engine.
type Event struct {
	At     time.Duration // monotonic; a time before the previous one is treated as the previous one
	Type   uint16        // TypeKey, TypeRel or another type, which is forwarded
	Code   key.Code
	Value  int32
	Device uint8 // below MaxDevices
}

// physical is the key of a key event.
func (ev *Event) physical() physicalKey { return physicalKey{ev.Device, ev.Code} }

// Out is one event for the virtual devices: keys for the keyboard, TypeRel and buttons for the pointer. A TypeSyn ends a
// frame; each key event is its own frame.
type Out struct {
	Type  uint16
	Code  key.Code
	Value int32
}

// Output collects what an engine wants written and done. The caller empties it with Reset. It keeps its memory, so that
// events allocate nothing.
type Output struct {
	Events  []Out
	Effects []*Effect
	Typing  *Typing // what the session is to type, behind Events; it needs an answer: see Engine.Typed
}

// NewOutput makes an Output with room for the longest common burst.
func NewOutput() *Output {
	return &Output{Events: make([]Out, 0, 512), Effects: make([]*Effect, 0, 16)}
}

// Reset empties the output. Nothing that was typed stays in its memory.
func (o *Output) Reset() {
	clear(o.Events)
	o.Events = o.Events[:0]
	o.Effects = o.Effects[:0]
	o.Typing = nil
}
