// Package evdev is toshy's connection to the kernel: it finds and identifies keyboards, grabs and reads them, keeps track
// of their keys when events are dropped or a keyboard is unplugged, and types through one virtual keyboard.
//
// The record and the codes are those of linux/input.h and linux/input-event-codes.h. Nothing here starts a goroutine for a
// key. Device.Read, Device.Follow and Writer.Flush do not allocate for a key, and only Follow waits.
package evdev

import (
	"encoding/binary"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Event is one kernel input_event.
type Event struct {
	Time  time.Duration // on CLOCK_MONOTONIC, see Now; not used for output, because the kernel stamps that
	Type  uint16        // EV_KEY, EV_REL, EV_SYN ...
	Code  uint16        // within the type: KEY_A, REL_WHEEL, SYN_REPORT ...
	Value int32         // keys: 0 up, 1 down, 2 repeat
}

// Event types and codes that this package uses (linux/input-event-codes.h). go-evdev and remap/key have names for all
// others.
const (
	EvSyn = 0x00
	EvKey = 0x01
	EvRel = 0x02
	EvMsc = 0x04
	EvSw  = 0x05
	EvLed = 0x11
	EvRep = 0x14

	SynReport  = 0
	SynDropped = 3

	MscScan = 4

	LedNum    = 0
	LedCaps   = 1
	LedScroll = 2

	RelX           = 0x00
	RelY           = 0x01
	RelHWheel      = 0x06
	RelWheel       = 0x08
	RelWheelHiRes  = 0x0b
	RelHWheelHiRes = 0x0c

	BtnLeft = 0x110
	BtnTask = 0x117

	KeyMax = 0x2ff // the highest possible key code
)

// EventSize is the size of the kernel's record in bytes: two words of time, then type, code, value.
// (With 32-bit words the kernel keeps the times in unsigned longs, so no 64-bit time_t widens it.)
const EventSize = 2*wordSize + 8

const wordSize = 4 << (^uintptr(0) >> 63)

// SyncEvent ends a frame.
var SyncEvent = Event{Type: EvSyn, Code: SynReport}

// LetGo finds the frame in which the kernel itself releases all keys of a device, because the device is unplugged or has
// slept: only releases, and a SYN_REPORT with the value 1 (drivers/input/input.c, input_dev_release_keys). The frame is
// events[from:to]; to is 0 if there is none. The kernel's repeats also end with that value, but are not releases.
func LetGo(events []Event) (from, to int) {
	for i := range events {
		if events[i].Type != EvSyn || events[i].Code != SynReport {
			continue
		}
		if events[i].Value == 1 && onlyReleases(events[from:i]) {
			return from, i + 1
		}
		from = i + 1
	}
	return 0, 0
}

func onlyReleases(events []Event) bool {
	for i := range events {
		if events[i].Type != EvKey || events[i].Value != 0 {
			return false
		}
	}
	return len(events) > 0
}

// decode reads one record from b, which must have at least EventSize bytes.
func decode(b []byte) Event {
	_ = b[EventSize-1]
	var sec, usec int64
	if wordSize == 8 {
		sec, usec = int64(binary.NativeEndian.Uint64(b)), int64(binary.NativeEndian.Uint64(b[8:]))
	} else {
		sec, usec = int64(binary.NativeEndian.Uint32(b)), int64(binary.NativeEndian.Uint32(b[4:]))
	}
	return Event{
		Time:  time.Duration(sec)*time.Second + time.Duration(usec)*time.Microsecond,
		Type:  binary.NativeEndian.Uint16(b[2*wordSize:]),
		Code:  binary.NativeEndian.Uint16(b[2*wordSize+2:]),
		Value: int32(binary.NativeEndian.Uint32(b[2*wordSize+4:])),
	}
}

// encode writes e's record to b, which must have at least EventSize bytes. It does not touch the time words: the kernel
// ignores them and stamps the event itself.
func encode(b []byte, e Event) {
	_ = b[EventSize-1]
	binary.NativeEndian.PutUint16(b[2*wordSize:], e.Type)
	binary.NativeEndian.PutUint16(b[2*wordSize+2:], e.Code)
	binary.NativeEndian.PutUint32(b[2*wordSize+4:], uint32(e.Value))
}

// A clockBase is one moment on both of the program's monotonic clocks: package time's and CLOCK_MONOTONIC.
type clockBase struct {
	start  time.Time
	offset time.Duration
}

var clock = sync.OnceValue(func() clockBase {
	return newClockBase(time.Now, func() time.Duration {
		var ts unix.Timespec
		_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) // cannot fail for this clock
		return time.Duration(ts.Nano())
	})
})

// closeEnough is the longest time between looks at the two clocks; normally they take less than a tenth of that.
const closeEnough = 10 * time.Microsecond

// newClockBase looks at one clock between two looks at the other, and tries again if the machine was busy in between.
// Otherwise Now would run ahead of the events by that time for good.
func newClockBase(now func() time.Time, monotonic func() time.Duration) (base clockBase) {
	best := time.Duration(1<<63 - 1)
	for try := 0; try < 100 && best > closeEnough; try++ {
		before := now()
		at := monotonic()
		if gap := now().Sub(before); gap < best {
			best, base = gap, clockBase{before, at - gap/2}
		}
	}
	return base
}

// Now is the time on CLOCK_MONOTONIC, the clock of Event.Time. It makes no system call: the Go runtime's monotonic clock is
// the same one, only with another start.
func Now() time.Duration {
	c := clock()
	return c.offset + time.Since(c.start)
}
