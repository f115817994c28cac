package evdev

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSeatOf(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "c1:3") // for /dev/null
	for text, want := range map[string]string{
		"I:123\nE:ID_INPUT=1\nE:ID_SEAT=seat1\nG:seat\n": "seat1",
		"E:ID_SEAT=seat-usb-1":                           "seat-usb-1",
		"E:ID_INPUT=1\nS:ID_SEAT=seat1\n":                "",
		"":                                               "",
	} {
		if err := os.WriteFile(data, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := seatOf("/dev/null", dir); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := seatOf("/dev/zero", dir); got != "" {
		t.Errorf("without data: %q", got)
	}
}

func TestClassifySeat(t *testing.T) {
	for _, tt := range []struct {
		device, ours string
		want         bool
	}{{"", "", true}, {"seat0", "", true}, {"", "seat0", true}, {"seat1", "", false}, {"seat1", "seat1", true}, {"", "seat1", false}} {
		for _, allow := range [][]string{nil, {"/dev/input/event3"}} {
			info := &Info{Identity: Identity{Path: "/dev/input/event3", Name: "Keyboard", Bus: BusUSB}, Seat: tt.device}
			for _, l := range letters {
				info.Caps.Keys.Add(l.code)
			}
			if v := Classify(info, &Filter{Seat: tt.ours, Allow: allow}); v.Grab != tt.want || !tt.want && v.Reason != ReasonSeat {
				t.Errorf("a keyboard of %q at %q: %+v", tt.device, tt.ours, v)
			}
		}
	}
}
