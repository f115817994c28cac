package shortcuts

import (
	"strings"
	"testing"

	"toshy/remap/window/layout"
	"toshy/remap/window/windowtest"
)

// recorded is a layout as a desktop reports it: "ru,us:0" is the first of two, while it is active.
func recorded(t *testing.T, name string) layout.Layout {
	t.Helper()
	if name == "" {
		return layout.Layout{}
	}
	name, group, _ := strings.Cut(name, ":")
	k, err := layout.ReadKeymap(windowtest.KeymapText(t, name))
	if err != nil {
		t.Fatal(err)
	}
	if group == "1" {
		return k.Layouts()[1]
	}
	return k.Layouts()[0]
}

// TestSymbols: a symbol is on the key that has it in the active layout, where the desktop looks for it. Combos name keys as a
// US keyboard does: the engine sends Z for the key that types z, wherever it is.
func TestSymbols(t *testing.T) {
	type on map[string]string
	for _, tt := range []struct {
		read func(string) (keys, bool)
		text string
		want on // by layout; "" is one that is not known
	}{
		// KWin and sway see the symbol that is typed, with the Shift that it needs.
		{byTyped.fromPlus, "Alt+~", on{"": "Alt-Shift-Grave", "us": "Alt-Shift-Grave", "de": "", "fr": "Alt-Shift-Grave", "gb": "Alt-Shift-102nd", "ru,us:0": "Alt-Shift-Grave", "ru": "Alt-Shift-Grave"}},
		{byTyped.fromPlus, "Meta++", on{"": "Shift-Super-Equal", "us": "Shift-Super-Equal", "de": "Super-Equal", "fr": "Shift-Super-Equal", "ru": "Shift-Super-Equal"}},
		{byTyped.fromPlus, "Alt+`", on{"": "Alt-Grave", "us": "Alt-Grave", "de": "", "fr": ""}},
		{byTyped.fromPlus, "Meta+/", on{"us": "Super-Slash", "de": "Shift-Super-7", "fr": "Shift-Super-Dot"}},
		{byTyped.fromPlus, "Meta+1", on{"us": "Super-1", "de": "Super-1", "fr": "Shift-Super-1"}},
		{byTyped.fromPlus, "Meta+Ö", on{"us": "", "de": "Super-Semicolon"}},
		{byTyped.fromPlus, "Mod4+dead_circumflex", on{"us": "", "de": "Super-Grave"}},
		// A symbol that needs Shift uses it up: no key gives Shift and !. KWin drops the symbol that the key types alone, but not of letters.
		{byTyped.fromPlus, "Ctrl+Shift+!", on{"": "", "us": "", "de": "", "fr": "Ctrl-Shift-Slash"}},
		{byMeaning.fromPlus, "Ctrl+!", on{"": "Ctrl-Shift-1", "us": "Ctrl-Shift-1", "fr": "Ctrl-Slash"}},
		{byMeaning.fromPlus, "Ctrl+Shift+!", on{"": "", "us": "", "fr": ""}},
		{byMeaning.fromPlus, "Meta+Shift+1", on{"": "", "us": "", "fr": ""}},
		{byMeaning.fromPlus, "Meta+Shift+Z", on{"": "Shift-Super-Z", "us": "Shift-Super-Z", "de": "Shift-Super-Z", "ru": "Shift-Super-Z"}},
		{byMeaning.fromPlus, "Meta+@", on{"us": "Shift-Super-2", "ru": "", "ru,us:0": ""}}, // types " there
		{byMeaning.fromPlus, "Meta+~", on{"us": "Shift-Super-Grave", "ru": "Shift-Super-Grave"}},
		{byMeaning.fromPlus, "Meta+Shift+Ö", on{"us": "", "de": "Shift-Super-Semicolon"}},
		// GNOME takes the key that has the symbol, on any level, and adds no modifier.
		{byKey.fromGTK, "<Alt>asciitilde", on{"": "Alt-Grave", "us": "Alt-Grave", "de": "Alt-Equal", "gb": "Alt-102nd"}},
		{byKey.fromGTK, "<Super>exclam", on{"us": "Super-1", "de": "Super-1", "fr": "Super-Slash"}},
		{byKey.fromGTK, "<Shift><Super>question", on{"": "Shift-Super-Slash", "us": "Shift-Super-Slash", "de": "Shift-Super-RightBrace"}},
		{byKey.fromGTK, "<Super>1", on{"us": "Super-1", "fr": "Super-1"}},
		{byKey.fromGTK, "<Super>grave", on{"": "Super-Grave", "us": "Super-Grave", "fr": "Super-7"}},
		{byKey.fromGTK, "<Super>Above_Tab", on{"us": "Super-Grave", "de": "Super-Grave", "fr": "Super-Grave"}},
		{byKey.fromGTK, "<Super>at", on{"us": "Super-2", "de": "Super-Q"}},
		// labwc wants the Shift that the keys need; niri only sees what the key types alone.
		{byWritten.fromPlus, "Mod4+exclam", on{"us": "", "fr": "Super-Slash"}},
		{byWritten.fromPlus, "Mod4+Shift+exclam", on{"us": "Shift-Super-1", "de": "Shift-Super-1"}},
		{byWritten.fromPlus, "Mod4+1", on{"us": "Super-1", "fr": ""}},
		{byWritten.fromPlus, "Mod4+plus", on{"us": "", "de": "Super-Equal"}},
		// Hyprland takes the first layout: z is where that has it, and the engine sends Y for the key that types y now.
		{byFirst.fromPlus, "Super+z", on{"us": "Super-Z", "de": "Super-Z", "fr,ru:1": "Super-Z"}},
		{byFirst.fromPlus, "Super+q", on{"ru,us:1": "Super-Q", "fr,ru:1": "Super-Q"}},
		{byFirst.fromPlus, "Super+comma", on{"us": "Super-Comma", "fr,ru:1": "Super-Comma"}},
		// i3 takes the first layout, too: the key that has the symbol alone or with Shift. It finds no letters in other layouts.
		{byFirstKey.fromPlus, "Mod4+plus", on{"": "Super-Equal", "us": "Super-Equal", "de": "Super-Equal", "ru,us:1": "Super-Equal"}},
		{byFirstKey.fromPlus, "Mod4+exclam", on{"us": "Super-1", "fr": "Super-Slash", "fr,ru:1": "Super-Slash"}},
		{byFirstKey.fromPlus, "Mod4+Shift+exclam", on{"us": "Shift-Super-1", "fr": "Shift-Super-Slash"}},
		{byFirstKey.fromPlus, "Mod4+asciitilde", on{"us": "Super-Grave", "de": ""}},
		{byFirstKey.fromPlus, "Mod4+q", on{"": "Super-Q", "fr": "Super-Q", "ru,us:1": "", "ru": ""}},
		// Wayfire counts keys and not symbols.
		{fromWayfire, "<super> KEY_Z", on{"us": "Super-Z", "de": "Super-Y", "fr": "Super-W", "ru": "Super-Z"}},
		{fromWayfire, "<super> KEY_LEFT", on{"fr": "Super-Left"}},
		// Letters, and keys that type nothing.
		{byKey.fromGTK, "<Super>z", on{"us": "Super-Z", "de": "Super-Z", "fr": "Super-Z", "ru": "Super-Z", "fr,ru:1": "Super-Z"}},
		{byTyped.fromPlus, "Meta+Q", on{"de": "Super-Q", "fr": "Super-Q", "ru": "Super-Q", "ru,us:0": "Super-Q"}},
		{byTyped.fromPlus, "Meta+Space", on{"fr": "Super-Space"}},
		{byTyped.fromPlus, "Meta+PgUp", on{"fr": "Super-PageUp"}},
	} {
		k, ok := tt.read(tt.text)
		if !ok {
			t.Errorf("%s is not understood", tt.text)
		}
		for name, want := range tt.want {
			if got, ok := k.on(recorded(t, name)); got != want || ok != (want != "") {
				t.Errorf("%s on %q: %q, %v, want %q", tt.text, name, got, ok, want)
			}
		}
	}
	for _, text := range []string{"Meta+NoSuchKey", "Meta+KP_1", "Nothing+Q", "Meta+"} {
		if k, ok := byTyped.fromPlus(text); ok {
			t.Errorf("%s is understood as %+v", text, k)
		}
	}
}
