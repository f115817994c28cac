//go:build vm

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"toshy/remap/key"
)

// Values of a key event (linux/input.h).
const (
	released = 0
	pressed  = 1
	repeated = 2
)

// keyEvent is one key going down or up, or repeating.
type keyEvent struct {
	code  key.Code
	value int32
}

func (e keyEvent) String() string { return string("-+~"[e.value]) + keyName(e.code) }

// keyName returns the kernel's name in lower case without its prefix.
func keyName(c key.Code) string {
	if n := c.KernelName(); n != "" {
		return strings.ToLower(strings.TrimPrefix(n, "KEY_"))
	}
	return c.String()
}

// parseKeys reads the notation of this package.
func parseKeys(s string) ([]keyEvent, error) {
	var events []keyEvent
	for _, w := range strings.Fields(s) {
		value := strings.IndexByte("-+~", w[0])
		code, ok := key.Parse("KEY_" + strings.ToUpper(w[1:]))
		if value < 0 || !ok {
			return nil, fmt.Errorf("%q in %q is no key with a sign", w, s)
		}
		events = append(events, keyEvent{code, int32(value)})
	}
	return events, nil
}

// parse is parseKeys for tests, where a mistake is the test's own.
func parse(t testing.TB, s string) []keyEvent {
	t.Helper()
	events, err := parseKeys(s)
	must(t, err)
	return events
}

func format(events []keyEvent) string {
	var w []string
	for _, e := range events {
		w = append(w, e.String())
	}
	return strings.Join(w, " ")
}
