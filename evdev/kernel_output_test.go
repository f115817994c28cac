//go:build vm

package evdev

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func newKeyboard(t *testing.T) *Keyboard {
	t.Helper()
	k, err := NewKeyboard()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k
}

func TestKernelKeyboard(t *testing.T) {
	k := newKeyboard(t)
	info := Probe(k.Node())
	if info.Err != nil || !info.IsOwn() || !info.Virtual || info.Name != KeyboardName || info.Bus != BusVirtual {
		t.Errorf("it is %+v", info)
	}
	if got, want := info.Caps.Keys.Append(nil), KeyboardKeys(); !slices.Equal(got, want) {
		t.Errorf("it has %d keys, want %d", len(got), len(want))
	}
	if info.Caps.Types.Has(EvRep) || !info.Caps.LEDs.Has(LedCaps) {
		t.Errorf("types %v, LEDs %v", info.Caps.Types.Append(nil), info.Caps.LEDs)
	}
	if v := Classify(info, &Filter{Allow: []string{KeyboardName}}); v.Grab {
		t.Error("toshy would grab its own keyboard")
	}
	// The kernel's uevent must fit into its buffer, otherwise udev does not see the device.
	sys, err := sysName(k.FD())
	if err != nil {
		t.Fatal(err)
	}
	uevent, err := os.ReadFile(filepath.Join("/sys", sysVirtual, sys, "uevent"))
	last := KeyboardKeys()[len(KeyboardKeys())-1]
	if err != nil || !strings.Contains(string(uevent), fmt.Sprintf("%X,ram", last)) { // k...,LAST,ramlsfw: not cut short
		t.Errorf("uevent: %v\n%s", err, uevent)
	}
	t.Logf("uevent: %d bytes", len(uevent))
	if len(uevent) > 1900 {
		t.Errorf("the uevent takes %d bytes of 2,048, about 130 are added when it is sent", len(uevent))
	}
}

func TestKernelFrames(t *testing.T) {
	k := newKeyboard(t)
	d := open(t, k.Node())
	for _, f := range [][]Event{{down(kShift), down(kA)}, {up(kA)}, {{Type: EvKey, Code: kShift, Value: 2}}, {up(kShift)}} {
		if err := k.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Flush(); err != nil {
		t.Fatal(err)
	}
	events, err := d.Read()
	if err != nil {
		t.Fatal(err)
	}
	var got []Event
	for _, e := range events {
		e.Time = 0
		got = append(got, e)
	}
	want := []Event{down(kShift), down(kA), SyncEvent, up(kA), SyncEvent, {Type: EvKey, Code: kShift, Value: 2}, SyncEvent, up(kShift), SyncEvent}
	// In a frame that contains only repeats, the kernel sets value 1 in SYN_REPORT. The comparison ignores that.
	for i := range got {
		if got[i].Type == EvSyn {
			got[i].Value = 0
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestKernelPointer(t *testing.T) {
	p, err := NewPointer()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	d := open(t, p.Node())
	frame := []Event{{Type: EvRel, Code: RelX, Value: -3}, {Type: EvRel, Code: RelWheel, Value: 1}, {Type: EvRel, Code: RelWheelHiRes, Value: 120}, down(BtnTask)}
	if err := errors.Join(p.WriteFrame(frame), p.Flush()); err != nil {
		t.Fatal(err)
	}
	events, err := d.Read()
	if err != nil || len(events) != len(frame)+1 {
		t.Fatalf("%v, %v", events, err)
	}
	for i, e := range frame {
		if events[i].Time = 0; events[i] != e {
			t.Errorf("event %d is %v, want %v", i, events[i], e)
		}
	}
	info := Probe(p.Node())
	if v := Classify(info, nil); v.Grab || !info.IsOwn() || info.Caps.Kind() != KindMouse {
		t.Errorf("the own pointer: %+v, %s", v, info.Caps.Kind())
	}
}

func TestKernelLEDs(t *testing.T) {
	list, err := List(nil)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(list, func(f Found) bool { return f.Grab && f.Caps.LEDs.Has(LedCaps) })
	if at < 0 {
		t.Fatalf("no keyboard with lights in %v", list)
	}
	real, k := open(t, list[at].Path), newKeyboard(t)
	if err := real.Grab(); err != nil {
		t.Fatal(err)
	}
	desktop := open(t, k.Node())
	for _, on := range []bool{true, false} {
		if err := desktop.SetLED(LedCaps, on); err != nil {
			t.Fatal(err)
		}
		leds, err := k.ReadLEDs(nil)
		if err != nil || !slices.Equal(leds, []LED{{LedCaps, on}}) {
			t.Fatalf("the virtual keyboard got %v, %v", leds, err)
		}
		if err := real.SetLED(leds[0].Code, leds[0].On); err != nil {
			t.Fatal(err)
		}
		if lit, err := real.LEDs(); err != nil || lit.Has(LedCaps) != on {
			t.Errorf("the real keyboard's lights: %b, %v", lit, err)
		}
	}
}

// Every sink that types does the same with the same frames.
func TestKernelSinks(t *testing.T) {
	for name, make := range map[string]func() (Sink, string, error){
		"own": func() (Sink, string, error) {
			k, err := NewKeyboard()
			if err != nil {
				return nil, "", err
			}
			return k, k.Node(), nil
		},
		"simple": func() (Sink, string, error) {
			s, err := NewSimple("plain test keyboard")
			if err != nil {
				return nil, "", err
			}
			return s, s.Node(), nil
		},
		"memory": func() (Sink, string, error) { return &Memory{}, "", nil },
	} {
		t.Run(name, func(t *testing.T) {
			sink, node, err := make()
			if err != nil {
				t.Fatal(err)
			}
			read := func() (got []Event) {
				for _, e := range sink.(*Memory).Events {
					if e.Type == EvKey {
						got = append(got, e)
					}
				}
				return got
			}
			if node != "" {
				d := open(t, node)
				var all []Event
				read = func() []Event { all = append(all, keys(t, d, 0)...); return all }
			}
			var want []Event
			for _, frame := range [][]Event{{down(kShift)}, {down(kA)}, {up(kA), down(kB)}, nil, {up(kB), SyncEvent}, {up(kShift)}} {
				if err := sink.WriteFrame(frame); err != nil {
					t.Fatal(err)
				}
				if got := read(); !slices.Equal(got, want) {
					t.Errorf("before Flush: %v, want %v", got, want)
				}
				if err := sink.Flush(); err != nil {
					t.Fatal(err)
				}
				for _, e := range frame {
					if e.Type == EvKey {
						want = append(want, e)
					}
				}
				if got := read(); !slices.Equal(got, want) {
					t.Fatalf("after Flush: %v, want %v", got, want)
				}
			}
			if err := sink.Close(); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(sink.WriteFrame([]Event{down(kA)}), sink.Flush()); err == nil {
				t.Error("writing after Close gives no error")
			}
		})
	}
}
