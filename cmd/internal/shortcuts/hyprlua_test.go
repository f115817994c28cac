package shortcuts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"toshy/remap/window/hyprland"
)

const luaMain = `
local mod = "SUPER"
local menu     = "hyprlauncher"
terminal = 'kitty' -- global
local both = mod .. " + SHIFT"
require("keys.more")
hl.bind(mod .. " + Q", hl.dsp.exec_cmd(terminal))
local closing = hl.bind(mod .. " + C", hl.dsp.window.close())
-- hl.bind(mod .. " + X", hl.dsp.exec_cmd("wofi"))
hl.bind("ALT + Space", hl.dsp.exec_cmd(menu), { release = true })
hl.bind(both .. " + F", hl.dsp.window.fullscreen({ mode = "maximized" }))
hl.bind(mod .. " + unknown", hl.dsp.exec_cmd(nothing))
hl.bind(unknown .. " + E", hl.dsp.exec_cmd("nautilus"))
hl.bind(mod .. " + L", hl.dsp.exec_cmd("loginctl lock-session || hyprlock"))
hl.bind(mod .. " + N", hl.dsp.exec_cmd("nautilus"))
for i = 1, 10 do
    hl.bind(mod .. " + " .. i, hl.dsp.focus({ workspace = i }))
end
hl.bind(mod .. " + period", function() hl.exec_cmd("wofi") end)
`

const luaMore = `
hl.bind("SUPER + CTRL + right", hl.dsp.focus({ workspace = "e+1" }))
hl.bind("SUPER + CTRL + SHIFT + left", hl.dsp.window.move({ workspace = "r-1" }))
hl.bind("ALT + Tab", hl.dsp.window.cycle_next())
hl.bind("ALT + SHIFT + Tab", hl.dsp.window.cycle_next({ next = false }))
`

// listed is what a running Hyprland reports for such a configuration: no arguments.
var listed = []hyprland.Bind{
	{Modmask: 64, Key: "Q", Dispatcher: "HL.Dispatcher(exec_cmd)", Arg: "7"},
	{Modmask: 64, Key: "C", Dispatcher: "HL.Dispatcher(close)", Arg: "9"},
	{Modmask: 64, Key: "M", Dispatcher: "HL.Dispatcher(exit)", Arg: "10"},
	{Modmask: 8, Key: "Space", Dispatcher: "HL.Dispatcher(exec_cmd)", Arg: "11"},
	{Modmask: 65, Key: "F", Dispatcher: "HL.Dispatcher(fullscreen)", Arg: "12"},
	{Modmask: 64, Key: "L", Dispatcher: "HL.Dispatcher(exec_cmd)", Arg: "13"},
	{Modmask: 64, Key: "period", Dispatcher: "function: 0x55d0", Arg: "14"},
	{Modmask: 64, Key: "N", Dispatcher: "HL.Dispatcher(close)", Arg: "15"}, // bound again in another place
	{Modmask: 68, Key: "right", Dispatcher: "HL.Dispatcher(focus)", Arg: "16"},
	{Modmask: 69, Key: "left", Dispatcher: "HL.Dispatcher(move)", Arg: "17"},
	{Modmask: 8, Key: "Tab", Dispatcher: "HL.Dispatcher(cycle_next)", Arg: "18"},
	{Modmask: 9, Key: "Tab", Dispatcher: "HL.Dispatcher(cycle_next)", Arg: "19"},
	{Modmask: 64, Key: "E", Submap: "resize", Dispatcher: "HL.Dispatcher(exit)", Arg: "20"},
}

func TestHyprlandLua(t *testing.T) {
	dir := t.TempDir()
	main := filepath.Join(dir, "hyprland.lua")
	for name, text := range map[string]string{main: luaMain, filepath.Join(dir, "keys", "more.lua"): luaMore} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	written, files := readLua(main)
	if len(files) != 2 {
		t.Errorf("files %v", files)
	}
	f := find(t.Context(), "", home(t, nil))
	hyprLua(listed, written, f)
	check(t, f, map[string]string{
		"close": "Super-C", "logout": "Super-M", "terminal": "Super-Q", "launcher": "Alt-Space", "maximize": "Shift-Super-F", "lock": "Super-L",
		"workspace-right": "Ctrl-Super-Right", "move-to-workspace-left": "Ctrl-Shift-Super-Left",
		"switch-applications": "Alt-Tab", "switch-applications-backward": "Alt-Shift-Tab",
	})
	// Without the file, toshy uses only the list.
	f = find(t.Context(), "", home(t, nil))
	hyprLua(listed, nil, f)
	check(t, f, map[string]string{"close": "Super-C", "logout": "Super-M"})
}

// TestHyprlandLuaBad: files that are not Lua, do not exist, include themselves or are not files.
func TestHyprlandLuaBad(t *testing.T) {
	dir := t.TempDir()
	main := filepath.Join(dir, "hyprland.lua")
	many := ""
	for i := range 100 {
		many += `require("more` + strings.Repeat("x", i) + "\")\n"
	}
	for name, text := range map[string]string{
		"binary": "\x00\xff\xfe" + strings.Repeat("\x80", 10_000), "broken": `hl.bind("SUPER + Q", hl.dsp.exec_cmd("`,
		"quote": `local x = "`, "itself": `require("hyprland")`, "many": many, "braces": `hl.bind("SUPER", hl.dsp.window.close({`,
		"long": `local a = "` + strings.Repeat("x", 5000) + "\"\nlocal b = a .. a\n" + `hl.bind(b, hl.dsp.exec_cmd(b))`,
		"huge": strings.Repeat("-", 3<<20),
	} {
		if err := os.WriteFile(main, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if binds, files := readLua(main); len(binds) > 1 || len(files) > luaFiles {
			t.Errorf("%s: %d shortcuts in %d files", name, len(binds), len(files))
		}
	}
	if binds, _ := readLua(dir); len(binds) > 0 {
		t.Error("a folder has shortcuts")
	}
}
