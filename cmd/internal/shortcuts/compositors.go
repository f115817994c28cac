package shortcuts

import (
	"context"
	"path/filepath"
	"strings"

	"toshy/remap/window/hyprland"
	"toshy/remap/window/i3ipc"
)

// Compositors without actions of these names: what a shortcut does says which action it is. They have no shortcut for most
// actions, so a missing shortcut means nothing.

func readSway(ctx context.Context, _ place, f *Found) {
	readI3Config(ctx, i3ipc.NewSway(i3ipc.Options{}), byTyped, f)
}

func readI3(ctx context.Context, _ place, f *Found) {
	readI3Config(ctx, i3ipc.NewI3(i3ipc.Options{}), byFirstKey, f)
}

func readI3Config(ctx context.Context, s *i3ipc.Source, match matching, f *Found) {
	c, err := s.Config(ctx)
	if err != nil {
		return
	}
	f.Read = true
	f.Files = append(f.Files, c.Path)
	vars := map[string]string{}
	for _, text := range c.Texts {
		i3Config(text, c.Path, vars, match, f)
	}
}

// i3Config reads the shortcuts in a configuration of i3 or sway (sway(5)), outside modes.
func i3Config(text, origin string, vars map[string]string, match matching, f *Found) {
	text = strings.ReplaceAll(text, "\\\n", " ")
	depth, mode := 0, 0 // open brackets, and their number when a mode began
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if words[0] == "mode" && mode == 0 {
			mode = depth + 1
		}
		if words[len(words)-1] == "{" {
			depth++
			if words[0] == "bindsym" {
				continue
			}
		} else if words[0] == "}" {
			if depth--; depth < mode {
				mode = 0
			}
			continue
		}
		if mode > 0 && depth >= mode {
			continue
		}
		if words[0] == "set" && len(words) > 2 {
			vars[words[1]] = expand(strings.Join(words[2:], " "), vars)
			continue
		}
		if words[0] != "bindsym" {
			continue
		}
		words = words[1:]
		for len(words) > 0 && strings.HasPrefix(words[0], "--") {
			words = words[1:]
		}
		if len(words) < 2 {
			continue
		}
		k, ok := match.fromPlus(expand(words[0], vars))
		command := expand(strings.Join(words[1:], " "), vars)
		if action := i3Action(command); ok && action != "" {
			f.set(action, origin+" bindsym "+words[0]+" "+command, k)
		}
	}
}

// expand inserts the values of variables, the longest name first, as in i3.
func expand(s string, vars map[string]string) string {
	if !strings.Contains(s, "$") {
		return s
	}
	const most = 4096 // bytes; variables that contain variables could double for ever
	for i := 0; i < len(s) && len(s) < most; i++ {
		if s[i] != '$' {
			continue
		}
		best := ""
		for name := range vars {
			if strings.HasPrefix(s[i:], name) && len(name) > len(best) {
				best = name
			}
		}
		if best != "" {
			s = s[:i] + vars[best] + s[i+len(best):]
			i += len(vars[best]) - 1
		}
	}
	return s
}

func i3Action(command string) string {
	switch strings.TrimSpace(command) {
	case "kill":
		return "close"
	case "exit":
		return "logout"
	case "fullscreen", "fullscreen toggle":
		return "fullscreen"
	case "workspace prev", "workspace prev_on_output":
		return "workspace-left"
	case "workspace next", "workspace next_on_output":
		return "workspace-right"
	case "move container to workspace prev", "move container to workspace prev_on_output":
		return "move-to-workspace-left"
	case "move container to workspace next", "move container to workspace next_on_output":
		return "move-to-workspace-right"
	}
	if rest, ok := strings.CutPrefix(command, "exec "); ok {
		return commandAction(rest)
	}
	return ""
}

func readHyprland(ctx context.Context, p place, f *Found) {
	f.Files = append(f.Files, filepath.Join(p.configs[0], "hypr/hyprland.conf"))
	written, files := readLua(filepath.Join(p.configs[0], "hypr/hyprland.lua"))
	f.Files = append(f.Files, files...)
	binds, err := hyprland.New(hyprland.Options{}).Binds(ctx)
	if err != nil {
		return
	}
	f.Read = true
	hyprBinds(binds, f)
	hyprLua(binds, written, f)
}

// bindKeys are the keys of a shortcut.
func bindKeys(b hyprland.Bind) (keys, bool) {
	var mods []string
	for bit, name := range map[int]string{1: "Shift", 4: "Ctrl", 8: "Alt", 64: "Super"} {
		if b.Modmask&bit != 0 {
			mods = append(mods, name)
		}
	}
	return byFirst.read(mods, b.Key)
}

func hyprBinds(binds []hyprland.Bind, f *Found) {
	for _, b := range binds {
		if b.Submap != "" {
			continue
		}
		k, ok := bindKeys(b)
		if action := hyprAction(b.Dispatcher, b.Arg); ok && action != "" {
			f.set(action, "hyprctl binds: "+b.Dispatcher+" "+b.Arg, k)
		}
	}
}

func hyprAction(dispatcher, arg string) string {
	side := func(prefix string) string {
		switch {
		case strings.HasSuffix(arg, "-1"):
			return prefix + "left"
		case strings.HasSuffix(arg, "+1"):
			return prefix + "right"
		}
		return ""
	}
	switch dispatcher {
	case "killactive":
		return "close"
	case "exit":
		return "logout"
	case "fullscreen":
		if arg == "1" {
			return "maximize"
		}
		return "fullscreen"
	case "cyclenext":
		if strings.Contains(arg, "prev") {
			return "switch-applications-backward"
		}
		return "switch-applications"
	case "workspace":
		return side("workspace-")
	case "movetoworkspace":
		return side("move-to-workspace-")
	case "exec":
		return commandAction(arg)
	}
	return ""
}
