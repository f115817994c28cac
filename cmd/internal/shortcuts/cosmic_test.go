package shortcuts

import (
	"strings"
	"testing"
)

const cosmicFolder = "cosmic/com.system76.CosmicSettings.Shortcuts/v1/"

func TestCosmic(t *testing.T) {
	f := find(t.Context(), "cosmic", home(t, map[string]string{"data/" + cosmicFolder + "defaults": "cosmic.ron"}))
	check(t, f, map[string]string{
		"launcher": "LeftMeta", "close": "Super-Q", "lock": "Super-Esc", "maximize": "Super-M", "tile-left": "Shift-Super-Left", "workspace-left": "Ctrl-Super-Left",
		"move-to-workspace-right": "Ctrl-Shift-Super-Right", "zoom-in": "Super-Equal", "input-source-next": "Super-Space", "terminal": "Super-T", "screenshot": "SysRq",
		"overview": "Super-W",
	})
	if !f.Read {
		t.Error("not read")
	}
}

// TestCosmicCustom: the user's shortcuts replace and disable defaults with the same keys, in the form in which COSMIC's
// settings write them.
func TestCosmicCustom(t *testing.T) {
	f := find(t.Context(), "cosmic", home(t, map[string]string{"data/" + cosmicFolder + "defaults": "cosmic.ron", "config/" + cosmicFolder + "custom": "cosmic-custom.ron"}))
	check(t, f, map[string]string{
		"launcher": "Super-Slash", "close": "", "lock": "Super-Esc", "maximize": "", "minimize": "Super-M", "tile-left": "Shift-Super-Left", "workspace-left": "Ctrl-Super-Left",
		"move-to-workspace-right": "Ctrl-Shift-Super-Right", "zoom-in": "Super-Equal", "input-source-next": "Super-Space", "terminal": "Alt-Super-Space", "screenshot": "SysRq",
		"overview": "Super-W",
	})
	if !strings.HasSuffix(f.Origins["close"], "custom Spawn") {
		t.Errorf("close comes from %q", f.Origins["close"])
	}
}

// TestCosmicOwnDefaults: defaults in the user's folder replace the system's.
func TestCosmicOwnDefaults(t *testing.T) {
	f := find(t.Context(), "cosmic", home(t, map[string]string{"data/" + cosmicFolder + "defaults": "cosmic.ron", "config/" + cosmicFolder + "defaults": "cosmic-custom.ron"}))
	check(t, f, map[string]string{"minimize": "Super-M", "terminal": "Alt-Super-Space"})
}

func TestCosmicNone(t *testing.T) {
	if f := find(t.Context(), "cosmic", home(t, nil)); len(f.Combos) > 0 || f.Read {
		t.Errorf("read %v, %v", f.Read, f.Combos)
	}
}
