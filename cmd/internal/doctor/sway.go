package doctor

import (
	"fmt"
	"slices"
	"strings"

	"toshy/remap/window/i3ipc"
)

// ownIdentifier is sway's name for toshy's virtual keyboard.
const ownIdentifier = "4617:29779:toshy_virtual_keyboard"

// SwayLayouts checks whether sway's configuration gives one keyboard a layout of its own. Everything is typed on toshy's virtual keyboard,
// so the layout does nothing there. c may be nil.
func SwayLayouts(all []i3ipc.Keyboard, c *i3ipc.Config) []Finding {
	const name = "sway"
	own := slices.IndexFunc(all, func(k i3ipc.Keyboard) bool { return k.Identifier == ownIdentifier })
	if own < 0 {
		return nil
	}
	file, texts := "sway's configuration", []string(nil)
	if c != nil {
		file, texts = c.Path, c.Texts
	}
	if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, ownIdentifier) }) {
		return nil // it was decided for this keyboard, too
	}
	for _, k := range all {
		if slices.Equal(k.Layouts, all[own].Layouts) || strings.HasPrefix(k.Identifier, "0:0:") { // those are of programs
			continue
		}
		var lines []string
		for _, set := range swaySettings(texts, k.Identifier) {
			lines = append(lines, fmt.Sprintf("input %q %s", ownIdentifier, set))
		}
		if len(lines) == 0 {
			lines = []string{fmt.Sprintf("input %q xkb_layout LAYOUT", ownIdentifier)}
		}
		return []Finding{{
			name, Warning,
			fmt.Sprintf("sway gives %s the layout %s, but toshy types for all keyboards, with %s", k.Identifier, strings.Join(k.Layouts, ", "), strings.Join(all[own].Layouts, ", ")),
			"add to " + file + ": " + strings.Join(lines, "; "), Other,
		}}
	}
	return nil
}

// swaySettings are the settings of a keyboard's layout in sway's configuration (sway-input(5)): "xkb_layout de".
func swaySettings(texts []string, identifier string) (all []string) {
	for _, text := range texts {
		inside := false
		for line := range strings.Lines(text) {
			words := strings.Fields(line)
			if len(words) > 2 && words[0] == "input" {
				inside = strings.Trim(words[1], `"'`) == identifier
				words = words[2:]
			}
			switch {
			case !inside || len(words) == 0:
			case words[0] == "}":
				inside = false
			case strings.HasPrefix(words[0], "xkb_layout"), strings.HasPrefix(words[0], "xkb_variant"):
				all = append(all, strings.Join(words, " "))
			}
		}
	}
	return all
}
