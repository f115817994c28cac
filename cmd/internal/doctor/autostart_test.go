package doctor

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAutostart: if the desktop does not start graphical-session.target, doctor shows the line that starts toshy. Once the line is
// there, doctor has nothing to report.
func TestAutostart(t *testing.T) {
	loaded, runs := UnitState{Load: "loaded", Active: "inactive", Result: "success"}, UnitState{Load: "loaded", Active: "active", Result: "success"}
	service := map[string]UnitState{"toshy.service": loaded, "toshy-agent.service": runs, "toshy-daemon.service": runs, sessionTarget: loaded}
	at := func(states map[string]UnitState, desktop, file, text string) []Finding {
		t.Helper()
		m := machine(t, nil)
		m.Home = "/home/ann"
		if file != "" {
			path := filepath.Join(m.settings(), file)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		m.Unit = func(_ context.Context, _ bool, unit string) (UnitState, error) {
			if s, ok := states[unit]; ok {
				return s, nil
			}
			return UnitState{Load: "not-found"}, nil
		}
		return m.Autostart(t.Context(), desktop, true)
	}
	sockets := map[string]string{"sway": " SWAYSOCK", "i3": " I3SOCK", "hyprland": " HYPRLAND_INSTANCE_SIGNATURE"}
	for desktop, s := range starters {
		all := at(service, desktop, "", "")
		if len(all) != 1 || all[0].Level != Warning || !strings.Contains(all[0].Fix, "restart toshy-agent") || !strings.Contains(all[0].Fix, s.files[0]) {
			t.Fatalf("%s: %+v", desktop, all)
		}
		_, line, _ := strings.Cut(all[0].Fix, ": ")
		if !strings.Contains(line, " XAUTHORITY XDG_CURRENT_DESKTOP"+sockets[desktop]+" && ") {
			t.Errorf("%s: not all variables that toshy needs: %s", desktop, line)
		}
		unset, imported, _ := strings.Cut(line, " && systemctl --user import-environment ")
		if variables, _, _ := strings.Cut(imported, " && "); !strings.HasSuffix(unset, "systemctl --user unset-environment "+variables) {
			t.Errorf("%s: the variables of an earlier session stay: %s", desktop, line)
		}
		if all := at(service, desktop, s.files[0], "# toshy\n"+line+"\n"); len(all) != 1 || all[0].Level != Good {
			t.Errorf("%s with the line: %+v", desktop, all)
		}
		if all := at(service, desktop, s.files[0], "# exec toshy agent\n-- toshy\n"); all[0].Level != Warning {
			t.Errorf("%s with a comment: %+v", desktop, all)
		}
	}
	if all := at(service, "hyprland", "hypr/hyprland.lua", ""); !strings.Contains(all[0].Fix, "hyprland.lua: hl.on(") {
		t.Errorf("Hyprland in Lua: %+v", all)
	}
	for _, file := range []string{"wayfire.ini", "wayfire/wayfire.ini"} {
		if all := at(service, "wayfire", file, ""); !strings.Contains(all[0].Fix, "/.config/"+file) {
			t.Errorf("%s is there: %+v", file, all)
		}
	}
	if all := at(service, "dwl", "", ""); len(all) != 1 || all[0].Level != Note {
		t.Errorf("an unknown one: %+v", all)
	}
	single := map[string]UnitState{"toshy.service": runs, "toshy-agent.service": loaded, sessionTarget: loaded}
	if all := at(single, "sway", "", ""); len(all) != 1 || !strings.HasSuffix(all[0].Fix, "restart toshy") {
		t.Errorf("one process: %+v", all)
	}
	for what, states := range map[string]map[string]UnitState{
		"a target that is started": {"toshy-agent.service": runs, "toshy-daemon.service": runs, sessionTarget: runs},
		"no unit":                  {sessionTarget: loaded},
	} {
		if all := at(states, "sway", "", ""); len(all) != 0 {
			t.Errorf("%s: %+v", what, all)
		}
	}
}
