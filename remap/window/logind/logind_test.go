package logind

import "testing"

func TestWorking(t *testing.T) {
	for _, tt := range []struct {
		s    Session
		want bool
	}{
		{Session{}, false},
		{Session{ID: "2", Class: "user"}, true},
		{Session{ID: "2", Class: "user", State: "active", Type: "tty"}, true},
		{Session{ID: "2", Class: "user", Locked: true}, false},
		{Session{ID: "2", Class: "user", State: "closing"}, false},
		{Session{ID: "c1", Class: "greeter"}, false},
		{Session{ID: "c2", Class: "lock-screen"}, false},
	} {
		if got := tt.s.Working(); got != tt.want {
			t.Errorf("%+v: %v", tt.s, got)
		}
	}
}
