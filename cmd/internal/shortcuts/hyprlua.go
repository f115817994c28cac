package shortcuts

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"toshy/remap/window/hyprland"
)

// Hyprland since 0.55 is configured in Lua. Its list of shortcuts then contains only the name of a shortcut's function,
// such as "HL.Dispatcher(close)", and not its arguments: only hyprland.lua has those. This file parses the usual style:
// variables that are strings, joined strings, hl.bind on one line, and require of other files.

const (
	luaFiles = 32      // limit, including required files
	fileSize = 1 << 20 // bytes to read of each file
)

var luaPatterns = sync.OnceValue(func() (p struct{ variable, bind, require, field *regexp.Regexp }) {
	const expression = `((?:"[^"\n]*"|'[^'\n]*'|[A-Za-z_][A-Za-z0-9_.]*|[0-9]+|\.\.|[ \t])+?)`
	p.variable = regexp.MustCompile(`^[ \t]*(?:local[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*` + expression + `[ \t]*;?[ \t]*(?:--.*)?$`)
	p.bind = regexp.MustCompile(`hl\.bind\([ \t]*` + expression + `[ \t]*,[ \t]*hl\.dsp\.([a-z_.]+)\([ \t]*(.*)$`)
	p.require = regexp.MustCompile(`require[ \t]*\(?[ \t]*["']([A-Za-z0-9_./-]+)["']`)
	p.field = regexp.MustCompile(`([a-z]+)[ \t]*=[ \t]*["']?([A-Za-z0-9_+-]+)`)
	return p
})

// A luaBind is a shortcut in the configuration.
type luaBind struct {
	combo, dispatcher, args string
	origin                  string
}

// readLua reads a configuration and the files that it requires. files are all of them, even missing ones.
func readLua(main string) (binds []luaBind, files []string) {
	vars := map[string]string{}
	files = []string{main}
	for i := 0; i < len(files); i++ {
		text, ok := readStart(files[i], fileSize)
		if !ok {
			continue
		}
		for line := range strings.Lines(text) {
			line = strings.TrimRight(line, "\r\n")
			if strings.HasPrefix(strings.TrimSpace(line), "--") {
				continue
			}
			if m := luaPatterns().require.FindStringSubmatch(line); m != nil && len(files) < luaFiles {
				file := filepath.Join(filepath.Dir(main), strings.ReplaceAll(strings.TrimSuffix(m[1], ".lua"), ".", "/")+".lua")
				if !slices.Contains(files, file) {
					files = append(files, file)
				}
			}
			if m := luaPatterns().bind.FindStringSubmatch(line); m != nil {
				if c, ok := luaText(m[1], vars); ok {
					binds = append(binds, luaBind{c, m[2], luaArgs(m[3], vars), files[i] + " " + strings.TrimSpace(line)})
				}
			} else if m := luaPatterns().variable.FindStringSubmatch(line); m != nil {
				if v, ok := luaText(m[2], vars); ok && len(vars) < 1024 {
					vars[m[1]] = v
				}
			}
		}
	}
	return binds, files
}

// readStart reads the first bytes of a regular file; it does not open a pipe or a device.
func readStart(name string, limit int) (string, bool) {
	if st, err := os.Stat(name); err != nil || !st.Mode().IsRegular() {
		return "", false
	}
	f, err := os.Open(name)
	if err != nil {
		return "", false
	}
	defer f.Close()
	b := make([]byte, limit)
	n, _ := f.Read(b)
	return string(b[:n]), true
}

// luaText is the value of joined strings and variables.
func luaText(expression string, vars map[string]string) (string, bool) {
	value := ""
	for rest := strings.TrimSpace(expression); rest != ""; rest = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), "..")) {
		if q := rest[0]; q == '"' || q == '\'' {
			end := strings.IndexByte(rest[1:], q)
			if end < 0 {
				return "", false
			}
			value, rest = value+rest[1:1+end], rest[end+2:]
			continue
		}
		end := strings.IndexAny(rest, " \t.")
		if end < 0 {
			end = len(rest)
		}
		v, ok := vars[rest[:end]]
		if !ok || end == 0 || len(value)+len(v) > 4096 {
			return "", false
		}
		value, rest = value+v, rest[end:]
	}
	return value, true
}

// luaArgs are the arguments of a dispatcher: a text, or the text in braces, as written.
func luaArgs(rest string, vars map[string]string) string {
	if strings.HasPrefix(rest, "{") {
		inside, _, _ := strings.Cut(rest, "}")
		return inside
	}
	depth, quote := 0, byte(0)
	for i := range len(rest) {
		switch c := rest[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				v, _ := luaText(rest[:i], vars)
				return v
			}
		}
	}
	return ""
}

// old is the dispatcher and its argument with their names before Hyprland 0.55.
func (b luaBind) old() (dispatcher, arg string) {
	fields := map[string]string{}
	for _, m := range luaPatterns().field.FindAllStringSubmatch(b.args, -1) {
		fields[m[1]] = m[2]
	}
	switch b.dispatcher {
	case "window.close", "window.kill":
		return "killactive", ""
	case "exit":
		return "exit", ""
	case "exec_cmd", "exec_raw":
		return "exec", b.args
	case "window.fullscreen":
		if strings.HasPrefix(fields["mode"], "maxim") {
			return "fullscreen", "1"
		}
		return "fullscreen", ""
	case "window.cycle_next":
		if fields["next"] == "false" {
			return "cyclenext", "prev"
		}
		return "cyclenext", ""
	case "focus":
		return "workspace", fields["workspace"]
	case "window.move":
		return "movetoworkspace", fields["workspace"]
	}
	return "", ""
}

// hyprKeys reads the keys of hl.bind: "SUPER + SHIFT + Q".
func hyprKeys(s string) (keys, bool) {
	parts := strings.Split(s, "+")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	last := len(parts) - 1
	var mods []string
	for _, m := range parts[:last] {
		name, ok := map[string]string{
			"SUPER": "Super", "MOD4": "Super", "WIN": "Super", "LOGO": "Super", "META": "Super", "ALT": "Alt", "MOD1": "Alt",
			"CTRL": "Ctrl", "CONTROL": "Ctrl", "SHIFT": "Shift",
		}[strings.ToUpper(m)]
		if !ok {
			return keys{}, false
		}
		mods = append(mods, name)
	}
	return byFirst.read(mods, parts[last])
}

// luaName is the NAME of "HL.Dispatcher(NAME)", the form of a Lua shortcut in the list of shortcuts.
func luaName(dispatcher string) (string, bool) {
	name, ok := strings.CutPrefix(dispatcher, "HL.Dispatcher(")
	return strings.TrimSuffix(name, ")"), ok
}

// hyprLua takes those shortcuts from a Lua configuration that Hyprland's own list confirms: a shortcut with the same keys
// and the same function name. For closing a window and logging out, the list alone is enough.
func hyprLua(listed []hyprland.Bind, written []luaBind, f *Found) {
	names := map[keys][]string{}
	for _, b := range listed {
		name, lua := luaName(b.Dispatcher)
		k, ok := bindKeys(b)
		if !lua || !ok || b.Submap != "" {
			continue
		}
		names[k] = append(names[k], name)
		switch name {
		case "close":
			f.set("close", "hyprctl binds: "+b.Dispatcher, k)
		case "exit":
			f.set("logout", "hyprctl binds: "+b.Dispatcher, k)
		}
	}
	for _, b := range written {
		k, ok := hyprKeys(b.combo)
		name := b.dispatcher[strings.LastIndexByte(b.dispatcher, '.')+1:]
		if action := hyprAction(b.old()); ok && action != "" && slices.Contains(names[k], name) {
			f.set(action, b.origin, k)
		}
	}
}
