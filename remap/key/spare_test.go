package key

import (
	"slices"
	"testing"
)

// TestSystemCodes: no character is on a code with which systemd-logind switches the computer off, starts it again or suspends it.
func TestSystemCodes(t *testing.T) {
	for _, name := range []string{"KEY_POWER", "KEY_POWER2", "KEY_RESTART", "KEY_SLEEP", "KEY_SUSPEND"} {
		c, ok := Parse(name)
		if !ok || IsSpare(c) || c == SpareLevel3 || c == SpareLevel5 {
			t.Errorf("%s (%d, known: %v) is a code for characters", name, c, ok)
		}
	}
}

// TestSpareOnce: each code is in one list, once.
func TestSpareOnce(t *testing.T) {
	all := slices.Sorted(slices.Values(slices.Concat(Spare, Borrowed, []Code{SpareLevel3, SpareLevel5})))
	if len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Errorf("a code is there twice: %v", all)
	}
}
