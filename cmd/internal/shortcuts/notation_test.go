package shortcuts

import "testing"

// TestShiftedSymbols: a shortcut with the name of a symbol that needs Shift is pressed with Shift.
func TestShiftedSymbols(t *testing.T) {
	for _, tt := range []struct {
		read       func(string) (string, bool)
		text, want string
	}{
		{fromPlus, "Alt+~", "Alt-Shift-Grave"},
		{fromPlus, "Meta++", "Shift-Super-Equal"},
		{fromPlus, "Ctrl+Shift+!", "Ctrl-Shift-1"},
		{fromPlus, "Alt+`", "Alt-Grave"},
		{fromGTK, "<Alt>asciitilde", "Alt-Shift-Grave"},
		{fromGTK, "<Super>exclam", "Shift-Super-1"},
		{fromGTK, "<Shift><Super>question", "Shift-Super-Slash"},
		{fromGTK, "<Super>grave", "Super-Grave"},
	} {
		if got, ok := tt.read(tt.text); !ok || got != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.text, got, ok, tt.want)
		}
	}
}
