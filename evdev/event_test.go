package evdev

import (
	"encoding/binary"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// record is an input_event in the kernel's layout, written without the code under test.
func record(t time.Duration, typ, code uint16, value int32) []byte {
	b := make([]byte, 0, 24)
	if wordSize == 8 {
		b = binary.NativeEndian.AppendUint64(b, uint64(t/time.Second))
		b = binary.NativeEndian.AppendUint64(b, uint64(t%time.Second/time.Microsecond))
	} else {
		b = binary.NativeEndian.AppendUint32(b, uint32(t/time.Second))
		b = binary.NativeEndian.AppendUint32(b, uint32(t%time.Second/time.Microsecond))
	}
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = binary.NativeEndian.AppendUint16(b, code)
	return binary.NativeEndian.AppendUint32(b, uint32(value))
}

func TestDecode(t *testing.T) {
	for _, want := range []Event{
		{},
		{Time: 3*time.Second + 999999*time.Microsecond, Type: EvKey, Code: 30, Value: 1},
		{Time: 400 * 24 * time.Hour, Type: EvRel, Code: RelWheel, Value: -120},
		{Type: 0xffff, Code: 0xffff, Value: -1 << 31},
	} {
		b := record(want.Time, want.Type, want.Code, want.Value)
		if len(b) != EventSize {
			t.Fatalf("a record has %d bytes, EventSize is %d", len(b), EventSize)
		}
		if got := decode(b); got != want {
			t.Errorf("decode = %+v, want %+v", got, want)
		}
		out := make([]byte, EventSize)
		encode(out, want)
		want.Time = 0
		if got := decode(out); got != want {
			t.Errorf("encode and decode = %+v, want %+v", got, want)
		}
	}
}

func TestNowIsMonotonicClock(t *testing.T) {
	var before, after unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &before); err != nil {
		t.Fatal(err)
	}
	now := Now()
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &after); err != nil {
		t.Fatal(err)
	}
	const gap = 10 * time.Millisecond // more than closeEnough: this close came up at least once in a hundred tries
	if now < time.Duration(before.Nano())-gap || now > time.Duration(after.Nano())+gap {
		t.Errorf("Now = %v, want between %v and %v", now, time.Duration(before.Nano()), time.Duration(after.Nano()))
	}
}

// If the machine were busy with something else between reading the two clocks, Now would be ahead of the events by that time from then
// on, and each tap-hold key would become its hold too early.
func TestClockOnABusyMachine(t *testing.T) {
	start, passed := time.Now(), time.Duration(0)
	const uptime = time.Hour
	looks := 0
	base := newClockBase(
		func() time.Time { passed += time.Microsecond; return start.Add(passed) },
		func() time.Duration {
			if looks++; looks < 4 {
				passed += 100 * time.Millisecond
			}
			return uptime + passed
		})
	if off := base.offset - uptime - base.start.Sub(start); off.Abs() > closeEnough {
		t.Errorf("Now is %v from the kernel's clock", off)
	}
}

func TestKeySet(t *testing.T) {
	var s KeySet
	for _, c := range []uint16{0, 1, 63, 64, 65, 511, KeyMax, KeyMax + 1, 0xffff} {
		s.Add(c)
	}
	if s.Len() != 7 || s.Has(KeyMax+1) || s.Has(0xffff) || !s.Has(KeyMax) || s.Has(2) {
		t.Errorf("set is %v", s.Append(nil))
	}
	s.Remove(64)
	s.Remove(0xffff)
	if s.Has(64) || s.Len() != 6 {
		t.Errorf("after Remove(64) the set is %v", s.Append(nil))
	}
	// The kernel's bitmap: unsigned longs; bit n is in word n/64.
	var b [keyBytes]byte
	if wordSize == 8 {
		binary.NativeEndian.PutUint64(b[8:], 1<<5)
	} else {
		binary.NativeEndian.PutUint32(b[8:], 1<<5)
	}
	s.fromBitmap(&b)
	if got := s.Append(nil); len(got) != 1 || got[0] != 69 {
		t.Errorf("fromBitmap gives %v, want [69]", got)
	}
}
