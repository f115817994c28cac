//go:build desktop

package cinnamon

import (
	"errors"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

// TestRefused plays a Cinnamon that refuses to evaluate code, or answers nonsense.
func TestRefused(t *testing.T) {
	tests := map[string]struct {
		ok          bool
		result, say string
		unavailable bool
	}{
		"refused":  {false, `"not allowed"`, "refused to evaluate", true},
		"no JSON":  {true, "", "answer of the focus hook", false},
		"short":    {true, `["1","x11"]`, "2 values", false},
		"no kind":  {true, `["1","vt220","c","t","",""]`, "no report", false},
		"no order": {true, `["x","x11","c","t","",""]`, "no report", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := windowtest.NewBus(t)
			c := b.Connect(t, BusName)
			err := c.ExportMethodTable(map[string]any{"Eval": func(string) (bool, string, *dbus.Error) {
				return tt.ok, tt.result, nil
			}}, path, BusName)
			if err != nil {
				t.Fatal(err)
			}
			said, err := windowtest.RunError(t, &Source{Address: b.Address})
			if err == nil || !strings.Contains(err.Error(), tt.say) || errors.Is(err, window.ErrUnavailable) != tt.unavailable || len(said) > 0 {
				t.Errorf("Run returned %v, reported %v", err, said)
			}
		})
	}
}
