package evdev

import "testing"

func TestLetGo(t *testing.T) {
	down, up, repeat := Event{Type: EvKey, Code: 30, Value: 1}, Event{Type: EvKey, Code: 30}, Event{Type: EvKey, Code: 30, Value: 2}
	syn, kernel, scan := Event{Type: EvSyn}, Event{Type: EvSyn, Value: 1}, Event{Type: EvMsc, Code: MscScan, Value: 30}
	for name, tt := range map[string]struct {
		events   []Event
		from, to int
	}{
		"nothing":            {nil, 0, 0},
		"typed":              {[]Event{scan, down, syn, scan, up, syn}, 0, 0},
		"unplugged":          {[]Event{up, up, kernel}, 0, 3},
		"typed, unplugged":   {[]Event{scan, down, syn, up, kernel}, 3, 5},
		"slept, then typed":  {[]Event{up, kernel, down, syn}, 0, 2},
		"repeat":             {[]Event{repeat, kernel}, 0, 0},
		"cut off":            {[]Event{up, up}, 0, 0},
		"end alone":          {[]Event{kernel}, 0, 0},
		"release and repeat": {[]Event{up, repeat, kernel}, 0, 0},
	} {
		if from, to := LetGo(tt.events); from != tt.from || to != tt.to {
			t.Errorf("%s: %d to %d, want %d to %d", name, from, to, tt.from, tt.to)
		}
	}
}
