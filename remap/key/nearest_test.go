package key

import (
	"slices"
	"testing"
)

func TestNearest(t *testing.T) {
	words := []string{"leftmeta", "rightmeta", "down", "up", "repeat", "a", "b", "leftctrl"}
	for _, c := range []struct{ word, want string }{
		{"lefmeta", "leftmeta"},
		{"LEFTMTEA", "leftmeta"},
		{"dwon", "down"},
		{"repaet", "repeat"},
		{"rihgtmeta", "rightmeta"},
		{"leftcontrol", "leftctrl"},
		{"q", ""}, // as far from a as from b: no hint is better than a wrong one
		{"elephant", ""},
		{"", ""},
	} {
		if got := Nearest(c.word, slices.Values(words)); got != c.want {
			t.Errorf("Nearest(%q) = %q, want %q", c.word, got, c.want)
		}
		slices.Reverse(words)
	}
}
