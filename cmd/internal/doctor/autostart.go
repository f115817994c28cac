package doctor

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"toshy/cmd/internal/desktop"
)

// sessionTarget is what desktops start at login, and what an enabled unit of toshy waits for.
const sessionTarget = "graphical-session.target"

// A starter is a desktop that does not start sessionTarget by itself: the files in the user's settings folder that say what
// to start, and the form of a line that starts a command (%s).
type starter struct {
	files []string
	line  string
}

var starters = map[string]starter{
	"sway":     {[]string{"sway/config"}, "exec %s"},
	"i3":       {[]string{"i3/config"}, "exec --no-startup-id %s"},
	"labwc":    {[]string{"labwc/autostart"}, "(%s) &"},
	"openbox":  {[]string{"openbox/autostart", "openbox/autostart.sh"}, "(%s) &"},
	"river":    {[]string{"river/init"}, "riverctl spawn '%s'"},
	"wayfire":  {[]string{"wayfire/wayfire.ini", "wayfire.ini"}, "toshy = %s"},
	"hyprland": {[]string{"hypr/hyprland.conf", "hypr/hyprland.lua"}, "exec-once = %s"},
}

// hyprLuaLine is the line for Hyprland since 0.55, which is configured in Lua.
const hyprLuaLine = `hl.on("hyprland.start", function() hl.exec_cmd("%s") end)`

// startCommand starts a unit with the session's environment, which programs that toshy starts need. It first removes that of an earlier
// session, since the user's manager may still run, and importing leaves alone what this session does not have. A semicolon in the command
// would end it in sway and i3.
func startCommand(name, unit string) string {
	variables := "WAYLAND_DISPLAY DISPLAY XAUTHORITY XDG_CURRENT_DESKTOP"
	if socket := desktop.SocketVariable(name); socket != "" { // on a text console nothing sets XDG_CURRENT_DESKTOP
		variables += " " + socket
	}
	return fmt.Sprintf("systemctl --user unset-environment %s && systemctl --user import-environment %s && systemctl --user restart %s",
		variables, variables, strings.TrimSuffix(unit, ".service"))
}

// Autostart checks whether the unit in use starts with the next session on a desktop that does not start sessionTarget:
// there, "systemctl --user enable" does nothing.
func (m *Machine) Autostart(ctx context.Context, desktop string, graphical bool) []Finding {
	const name = "login"
	if m.Unit == nil || !graphical {
		return nil
	}
	said := m.ask(ctx)
	states := said.states
	if said.silent || states[sessionTarget].Active == "active" { // Units says that systemd is silent
		return nil
	}
	for _, u := range units {
		if states[u.name].Load != "loaded" || u.system || otherWay(u.name, states) {
			continue
		}
		s, known := starters[desktop]
		if desktop == "" {
			desktop = "the desktop"
		}
		var files []string
		for _, file := range s.files {
			file = filepath.Join(m.settings(), file)
			files = append(files, file)
			if startsToshy(file) {
				return []Finding{{Check: name, Text: fmt.Sprintf("%s starts toshy: %s", desktop, file)}}
			}
		}
		text := fmt.Sprintf("%s does not start %s, so an enabled %s will not start at the next login", desktop, sessionTarget, u.name)
		if !known {
			return []Finding{{name, Note, text, "have " + desktop + " start: " + startCommand(desktop, u.name), Other}}
		}
		file, line := files[0], s.line
		if i := slices.IndexFunc(files, exists); i >= 0 {
			file = files[i]
		}
		if last := files[len(files)-1]; strings.HasSuffix(last, ".lua") && exists(last) { // Hyprland prefers it
			file, line = last, hyprLuaLine
		}
		if desktop == "wayfire" {
			file += ", below [autostart]"
		}
		return []Finding{{name, Warning, text, fmt.Sprintf("add to %s: %s", file, fmt.Sprintf(line, startCommand(desktop, u.name))), Other}}
	}
	return nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// settings is the user's folder of settings.
func (m *Machine) settings() string {
	if dir := os.Getenv("XDG_CONFIG_HOME"); dir != "" && m.Root == "" {
		return dir
	}
	return filepath.Join(m.Root, m.Home, ".config")
}

// startsToshy says whether a file has a line about toshy that is not a comment.
func startsToshy(file string) bool {
	if st, err := os.Stat(file); err != nil || !st.Mode().IsRegular() || st.Size() > 1<<20 {
		return false
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		comment := bytes.HasPrefix(line, []byte("#")) || bytes.HasPrefix(line, []byte("--")) || bytes.HasPrefix(line, []byte("//"))
		if !comment && bytes.Contains(line, []byte("toshy")) {
			return true
		}
	}
	return false
}
