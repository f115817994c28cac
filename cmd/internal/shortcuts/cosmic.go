package shortcuts

import (
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// COSMIC has its shortcuts in two files in Rust's object notation (RON), which map keys to actions: the defaults, and
// the user's, which replace or disable those with the same keys.

var cosmicPatterns = sync.OnceValue(func() (p struct{ entry, comment *regexp.Regexp }) {
	const text = `"(?:[^"\\]|\\.)*"`
	// (modifiers: [Super], key: "q", description: Some("...")): Close
	p.entry = regexp.MustCompile(`\(\s*modifiers:\s*\[([^\]]*)\]\s*,?\s*(?:key:\s*(` + text + `))?(?:` + text + `|Some\(\s*` + text + `\s*\)|[^()"])*\)` +
		`\s*:\s*([A-Za-z]+)(?:\(\s*(` + text + `|[A-Za-z0-9]*)\s*\))?`)
	p.comment = regexp.MustCompile(`(?m)^[ \t]*//.*$`)
	return p
})

var cosmicActions = map[string]string{
	"Close": "close", "Minimize": "minimize", "Maximize": "maximize", "Fullscreen": "fullscreen", "NextWorkspace": "workspace-right", "PreviousWorkspace": "workspace-left",
	"MoveToNextWorkspace": "move-to-workspace-right", "MoveToPreviousWorkspace": "move-to-workspace-left", "ZoomIn": "zoom-in", "ZoomOut": "zoom-out",
	"Move(Left)": "tile-left", "Move(Right)": "tile-right", // of windows that float
	"System(AppLibrary)": "applications", "System(HomeFolder)": "files", "System(InputSourceSwitch)": "input-source-next", "System(Launcher)": "launcher",
	"System(LockScreen)": "lock", "System(LogOut)": "logout", "System(ScreenReader)": "screen-reader", "System(Screenshot)": "screenshot",
	"System(Terminal)": "terminal", "System(WindowSwitcher)": "switch-applications", "System(WindowSwitcherPrevious)": "switch-applications-backward",
	"System(WorkspaceOverview)": "overview",
}

type cosmicEntry struct {
	keys           keys
	action, origin string
}

func readCosmic(_ context.Context, p place, f *Found) {
	const folder = "cosmic/com.system76.CosmicSettings.Shortcuts/v1"
	own := filepath.Join(p.configs[0], folder)
	custom := filepath.Join(own, "custom")
	defaults := append([]string{filepath.Join(own, "defaults")}, files(p.data, filepath.Join(folder, "defaults"))...)
	f.Files = append(append(f.Files, custom), defaults...)
	text, _ := readStart(custom, fileSize)
	mine := cosmicEntries(text, custom)
	for _, name := range defaults {
		if text, ok := readStart(name, fileSize); ok {
			f.Read = true
			cosmicMerge(mine, cosmicEntries(text, name), f)
			return
		}
	}
	cosmicMerge(mine, nil, f)
}

func cosmicEntries(text, origin string) []cosmicEntry {
	var list []cosmicEntry
	text = cosmicPatterns().comment.ReplaceAllString(text, "")
	for _, m := range cosmicPatterns().entry.FindAllStringSubmatch(text, -1) {
		mods := strings.FieldsFunc(m[1], func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
		symbol := strings.Trim(m[2], `"`)
		if symbol == "" && len(mods) == 1 { // only a modifier
			symbol, mods = mods[0], nil
		}
		k, ok := byWritten.read(mods, symbol)
		if !ok {
			continue
		}
		e := cosmicEntry{keys: k, origin: origin + " " + m[3]}
		switch {
		case m[3] == "Spawn":
			e.action = commandAction(m[4])
		case m[4] != "":
			e.origin += "(" + m[4] + ")"
			e.action = cosmicActions[m[3]+"("+m[4]+")"]
		default:
			e.action = cosmicActions[m[3]]
		}
		list = append(list, e)
	}
	return list
}

// cosmicMerge tells the user's shortcuts and the defaults that they leave. An action that loses its shortcut has none.
func cosmicMerge(custom, defaults []cosmicEntry, f *Found) {
	for _, e := range custom {
		if e.action != "" {
			f.set(e.action, e.origin, e.keys)
		}
	}
	for _, e := range defaults {
		if e.action == "" {
			continue
		}
		if i := slices.IndexFunc(custom, func(c cosmicEntry) bool { return c.keys == e.keys }); i >= 0 {
			if custom[i].action != e.action {
				f.answer(e.action, custom[i].origin)
			}
			continue
		}
		f.set(e.action, e.origin, e.keys)
	}
}
