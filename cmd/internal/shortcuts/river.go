package shortcuts

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// River up to 0.3 (river-classic) has no configuration file: it runs a program that sets shortcuts with riverctl, nearly always a
// shell script. Its simple lines are read, and it is never run: see script. Since 0.4, a window manager of its own has the shortcuts.

// shells are the interpreters whose language this is, as far as this file understands it.
var shells = []string{"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"}

func readRiver(_ context.Context, p place, f *Found) {
	name := filepath.Join(p.configs[0], "river/init")
	f.Files = append(f.Files, name)
	if st, err := os.Stat(name); err != nil || st.Mode()&0o111 == 0 {
		return // river runs only an executable file
	}
	if text, ok := readStart(name, fileSize); ok {
		riverScript(text, name, f)
	}
}

// A riverBind is a shortcut.
type riverBind struct{ action, origin string }

func riverScript(text, origin string, f *Found) {
	if first, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, "#!") {
		if !slices.ContainsFunc(strings.Fields(first[2:]), func(w string) bool { return slices.Contains(shells, filepath.Base(w)) }) {
			return
		}
	}
	f.Read = true
	binds := map[keys]riverBind{} // a later one with the same keys replaces it
	var order []keys
	s := script{vars: map[string]string{}}
	s.run(text, func(words []word) {
		k, command, ok := riverMap(words)
		if !ok {
			return
		}
		if words[1].text == "unmap" {
			delete(binds, k)
			return
		}
		binds[k] = riverBind{riverAction(command), origin + " riverctl " + joined(words[1:])}
		order = append(order, k)
	})
	for _, k := range order {
		if b := binds[k]; b.action != "" {
			f.set(b.action, b.origin, k)
		}
		delete(binds, k)
	}
}

// riverMap reads "riverctl map [-repeat] [-release] [-layout N] normal Super+Shift Q COMMAND", or the same with unmap.
func riverMap(words []word) (k keys, command []word, ok bool) {
	if len(words) < 2 || filepath.Base(words[0].text) != "riverctl" || words[1].text != "map" && words[1].text != "unmap" {
		return keys{}, nil, false
	}
	words = words[2:]
	match := byTyped
	for len(words) > 0 && strings.HasPrefix(words[0].text, "-") {
		if words[0].text == "-layout" && len(words) > 1 {
			if words[1].text != "0" {
				return keys{}, nil, false // a layout that may not be the active one
			}
			match, words = byFirst, words[1:]
		}
		words = words[1:]
	}
	if len(words) < 3 || words[0].text != "normal" || words[0].unsure || words[1].unsure || words[2].unsure {
		return keys{}, nil, false
	}
	var mods []string
	if words[1].text != "None" {
		mods = strings.Split(words[1].text, "+")
	}
	k, ok = match.read(mods, words[2].text)
	return k, words[3:], ok
}

func riverAction(command []word) string {
	switch text := joined(command); text {
	case "close":
		return "close"
	case "exit":
		return "logout"
	case "toggle-fullscreen":
		return "fullscreen"
	case "focus-view next":
		return "switch-applications"
	case "focus-view previous":
		return "switch-applications-backward"
	default:
		if rest, ok := strings.CutPrefix(text, "spawn "); ok {
			return commandAction(rest)
		}
	}
	return ""
}

func joined(words []word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.text
	}
	return strings.Join(texts, " ")
}
