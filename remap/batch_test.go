package remap

import (
	"slices"
	"testing"

	"toshy/remap/key"
)

func TestDropStaleRepeats(t *testing.T) {
	const a, b = key.A, key.Space
	type ev = Event
	k := func(c key.Code, v int32) ev { return ev{Type: TypeKey, Code: c, Value: v} }
	other := ev{Type: TypeKey, Code: a, Value: Release, Device: 1}
	for name, tt := range map[string]struct{ in, want []ev }{
		"before the release":      {[]ev{k(a, 2), k(a, 2), k(a, 0)}, []ev{k(a, 0)}},
		"after it":                {[]ev{k(a, 0), k(a, 1), k(a, 2)}, []ev{k(a, 0), k(a, 1)}},
		"of another key":          {[]ev{k(b, 2), k(a, 2), k(a, 0)}, []ev{k(b, 2), k(a, 0)}},
		"of another device":       {[]ev{k(a, 2), other}, []ev{k(a, 2), other}},
		"still down":              {[]ev{k(a, 2), k(a, 2)}, []ev{k(a, 2), k(a, 2)}},
		"a wheel is not a repeat": {[]ev{{Type: TypeRel, Code: a, Value: 2}, k(a, 0)}, []ev{{Type: TypeRel, Code: a, Value: 2}, k(a, 0)}},
	} {
		if got := DropStaleRepeats(slices.Clone(tt.in)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

func TestDropStaleRepeatsAllocatesNothing(t *testing.T) {
	batch := make([]Event, 64)
	if n := testing.AllocsPerRun(100, func() {
		for i := range batch {
			batch[i] = Event{Type: TypeKey, Code: key.Code(30 + i%8), Value: int32(i % 3)}
		}
		DropStaleRepeats(batch)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
