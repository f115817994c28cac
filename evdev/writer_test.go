package evdev

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// pipeWriter is a Writer. The test reads its other end.
func pipeWriter(t testing.TB) (*Writer, int) {
	t.Helper()
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	w := &Writer{fd: p[1]}
	t.Cleanup(func() { _ = w.Close(); _ = unix.Close(p[0]) })
	return w, p[0]
}

func readAll(t *testing.T, fd int) (events []Event) {
	t.Helper()
	var b [1 << 16]byte
	n, err := unix.Read(fd, b[:])
	if errors.Is(err, unix.EAGAIN) {
		return nil
	}
	if err != nil || n%EventSize != 0 {
		t.Fatalf("read %d bytes, %v", n, err)
	}
	for i := 0; i < n; i += EventSize {
		events = append(events, decode(b[i:]))
	}
	return events
}

var (
	downA = Event{Type: EvKey, Code: kA, Value: 1}
	upA   = Event{Type: EvKey, Code: kA, Value: 0}
	downB = Event{Type: EvKey, Code: kB, Value: 1}
)

func TestFramesGoOutInOneWrite(t *testing.T) {
	w, r := pipeWriter(t)
	for _, frame := range [][]Event{{downA}, nil, {upA, SyncEvent}, {downB}} {
		if err := w.WriteFrame(frame); err != nil {
			t.Fatal(err)
		}
	}
	if got := readAll(t, r); got != nil {
		t.Errorf("before Flush came %v", got)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	want := []Event{downA, SyncEvent, upA, SyncEvent, downB, SyncEvent}
	if got := readAll(t, r); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := w.Flush(); err != nil || readAll(t, r) != nil {
		t.Errorf("an empty Flush wrote something, or failed: %v", err)
	}
}

func TestFullBufferIsSentInOrder(t *testing.T) {
	w, r := pipeWriter(t)
	const frames = 200 // two records each: more than fits
	for i := range frames {
		if err := w.WriteFrame([]Event{{Type: EvRel, Value: int32(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	got := readAll(t, r)
	if len(got) != 2*frames {
		t.Fatalf("%d records, want %d", len(got), 2*frames)
	}
	for i := range frames {
		if got[2*i].Value != int32(i) || got[2*i+1] != SyncEvent {
			t.Fatalf("frame %d is %v", i, got[2*i:2*i+2])
		}
	}
	if err := w.WriteFrame(make([]Event, 4*batch+1)); err == nil {
		t.Error("a frame larger than the buffer gives no error")
	}
}

// A pipe that accepts only a part, then nothing until the test reads it.
func TestShortWriteIsContinued(t *testing.T) {
	w, r := pipeWriter(t)
	size, err := unix.FcntlInt(uintptr(w.fd), unix.F_SETPIPE_SZ, 4096)
	if err != nil {
		t.Fatal(err)
	}
	fill := make([]byte, size-40) // room for 40 bytes: one record and a part of another
	if _, err := unix.Write(w.fd, fill); err != nil {
		t.Fatal(err)
	}
	got := make(chan []byte)
	go func() {
		var all []byte
		b := make([]byte, 8192)
		for len(all) < len(fill)+400*EventSize {
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(r), Events: unix.POLLIN}}, 1000)
			n, err := unix.Read(r, b)
			if err != nil {
				break
			}
			all = append(all, b[:n]...)
		}
		got <- all
	}()
	for i := range 200 {
		if err := w.WriteFrame([]Event{{Type: EvRel, Value: int32(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	all := (<-got)[len(fill):]
	if len(all) != 400*EventSize {
		t.Fatalf("%d bytes came through", len(all))
	}
	for i := range 200 {
		if e := decode(all[2*i*EventSize:]); e.Value != int32(i) {
			t.Fatalf("frame %d is %v", i, e)
		}
	}
}

func TestStalledSinkIsAnError(t *testing.T) {
	w, _ := pipeWriter(t)
	fill := make([]byte, 1<<20)
	for {
		if _, err := unix.Write(w.fd, fill); err != nil {
			break
		}
	}
	_ = w.WriteFrame([]Event{downA})
	if err := w.Flush(); !errors.Is(err, unix.EAGAIN) {
		t.Errorf("Flush to a full pipe: %v", err)
	}
}

func TestWriteAfterClose(t *testing.T) {
	w, _ := pipeWriter(t)
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	_ = w.WriteFrame([]Event{downA})
	if err := w.Flush(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Flush after Close: %v", err)
	}
}

func TestMemory(t *testing.T) {
	m := &Memory{}
	_ = m.WriteFrame([]Event{downA})
	_ = m.WriteFrame(nil)
	if len(m.Events) != 0 {
		t.Error("events before Flush")
	}
	_ = m.Flush()
	if want := []Event{downA, SyncEvent}; !slices.Equal(m.Events, want) {
		t.Errorf("got %v", m.Events)
	}
	_ = m.Close()
	_ = m.WriteFrame([]Event{upA})
	if err := m.Flush(); !errors.Is(err, fs.ErrClosed) || len(m.Events) != 2 {
		t.Errorf("after Close: %v, %v", err, m.Events)
	}
}

func TestKeyboardKeys(t *testing.T) {
	keys := KeyboardKeys()
	if len(keys) < 480 || !slices.IsSorted(keys) {
		t.Fatalf("%d keys, sorted %v", len(keys), slices.IsSorted(keys))
	}
	size := 0
	for _, k := range keys {
		if IsPointerButton(k) || k >= btnMisc && k < keyOK {
			t.Errorf("button %#x is on the keyboard", k)
		}
		if k >= 0x71 { // KEY_MIN_INTERESTING: the modalias lists keys from this one on, as "%X,"
			size += 3
			if k > 0xff {
				size++
			}
		}
	}
	// A uevent has 2,048 bytes. The rest of it takes about 450.
	if size > 1580 {
		t.Errorf("the keys take %d bytes in the modalias", size)
	}
	for _, k := range []uint16{1, kA, 248, 447 /* KEY_LINK_PHONE */, 464 /* KEY_FN */, 0x249 /* KEY_EMOJI_PICKER */, 0x24b /* KEY_CAMERA_ACCESS_ENABLE */, 0x290 /* KEY_MACRO1 */} {
		if !slices.Contains(keys, k) {
			t.Errorf("key %d is missing", k)
		}
	}
}

func TestUinputErrors(t *testing.T) {
	if _, err := openUinput(t.TempDir() + "/uinput"); !errors.Is(err, ErrNoUinput) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no node: %v", err)
	}
	if os.Getuid() == 0 {
		return // root may open everything. The test in the virtual machine drops its rights.
	}
	path := t.TempDir() + "/uinput"
	if err := os.WriteFile(path, nil, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := openUinput(path); !errors.Is(err, ErrUinputPermission) || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("no permission: %v", err)
	}
}

func TestFlushDoesNotAllocate(t *testing.T) {
	fd, err := unix.Open("/dev/null", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	w := &Writer{fd: fd}
	defer w.Close()
	frames := [][]Event{{downA}, {upA, downB}}
	if n := testing.AllocsPerRun(200, func() {
		for _, f := range frames {
			_ = w.WriteFrame(f)
		}
		_ = w.Flush()
	}); n != 0 {
		t.Errorf("%v allocations per batch", n)
	}
}

func BenchmarkFlush(b *testing.B) {
	fd, err := unix.Open("/dev/null", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		b.Fatal(err)
	}
	w := &Writer{fd: fd}
	defer w.Close()
	for _, c := range []struct {
		name   string
		frames [][]Event
	}{
		{"frame", [][]Event{{downA}}},
		{"combo", [][]Event{{downA}, {upA}, {downB}, {upA}, {downA}, {upA}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, f := range c.frames {
					_ = w.WriteFrame(f)
				}
				if err := w.Flush(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
