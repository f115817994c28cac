package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/key"
)

// machine returns a machine with these files.
func machine(t *testing.T, files map[string]string) *Machine {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &Machine{Root: root, UID: 1000, User: "ann", Home: "/home/ann"}
}

func TestRemappers(t *testing.T) {
	none := machine(t, map[string]string{"proc/8/comm": "bash\n", "proc/9/comm": "toshy\n", "proc/9/cmdline": "toshy\x00run\x00", "proc/10/comm": "toshy\n", "proc/10/cmdline": "toshy\x00doctor\x00", "proc/11/comm": "toshy\n", "proc/11/cmdline": ""})
	check(t, "none", none.Remappers()[0], Good, Other, "no other")
	all := machine(t, map[string]string{
		"proc/7/comm": "keyd\n", "proc/8/comm": "toshy\n", "proc/8/cmdline": "/bin/toshy\x00", "proc/9/comm": "toshy\n", "proc/9/cmdline": "/bin/toshy\x00daemon\x00",
	}).Remappers()
	if len(all) != 2 {
		t.Fatalf("%+v", all)
	}
	check(t, "keyd", all[0], Warning, Other, "keyd runs (pid 7)")
	check(t, "two of us", all[1], Warning, Other, "more than once (pids 8, 9)")
	for name := range remappers {
		if len(name) > 15 {
			t.Errorf("the kernel's names of processes have 15 bytes, %q has more", name)
		}
	}
}

func TestRules(t *testing.T) {
	const text = `TAG+="uaccess"` + "\n"
	check(t, "none", machine(t, nil).Rules(), Note, Other, "not installed")
	check(t, "ours", machine(t, map[string]string{"usr/lib/udev/rules.d/70-toshy.rules": text}).Rules(), Good, Other, "/usr/lib/udev/rules.d/70-toshy.rules")
	check(t, "late", machine(t, map[string]string{"etc/udev/rules.d/99-toshy.rules": text}).Rules(), Warning, Other, "too late")
	root := machine(t, nil)
	root.UID = 0
	check(t, "root", root.Rules(), Good, Other, "root")
}

func TestGroups(t *testing.T) {
	const groups = "root:x:0:\ninput:x:104:bob\n"
	check(t, "out", machine(t, map[string]string{"etc/group": groups}).Groups(), Good, Other, "not in the group")
	check(t, "by name", machine(t, map[string]string{"etc/group": "input:x:104:bob,ann\n"}).Groups(), Warning, Other, "ann is in the group input")
	nameless := machine(t, map[string]string{"etc/group": "input:x:104:\n"})
	nameless.User = ""
	check(t, "a user without a name", nameless.Groups(), Good, Other, "not in the group")
	m := machine(t, map[string]string{"etc/group": groups})
	m.GIDs = []int{1000, 104}
	check(t, "by number", m.Groups(), Warning, Other, "ann is in the group input")
}

func TestLights(t *testing.T) {
	m := machine(t, map[string]string{"lit": ""})
	found := []evdev.Found{
		{Info: evdev.Info{Identity: evdev.Identity{Name: "good", Path: filepath.Join(m.Root, "lit")}, Caps: evdev.Caps{LEDs: 1}}},
		{Info: evdev.Info{Identity: evdev.Identity{Name: "closed", Path: filepath.Join(m.Root, "none")}, Caps: evdev.Caps{LEDs: 1}}},
		{Info: evdev.Info{Identity: evdev.Identity{Name: "without", Path: filepath.Join(m.Root, "none")}}},
	}
	all := Lights(found, func(*evdev.Info) evdev.Verdict { return evdev.Verdict{Grab: true} })
	if len(all) != 2 {
		t.Fatalf("%+v", all)
	}
	check(t, "closed", all[0], Note, Other, "closed cannot be changed")
	check(t, "good", all[1], Good, Other, "can be set: good")
}

func TestQuirk(t *testing.T) {
	var pad evdev.Caps
	pad.Abs.Add(0)
	pad.Abs.Add(1)
	pad.Keys.Add(0x145)
	touchpad := []evdev.Found{{Info: evdev.Info{Caps: pad}}}
	if all := machine(t, nil).Quirk(nil); len(all) != 0 {
		t.Errorf("without a touchpad: %+v", all)
	}
	check(t, "none", machine(t, nil).Quirk(touchpad)[0], Warning, Other, "does not disable the touchpad")
	text, err := os.ReadFile("../../../systemd/toshy.quirks")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"etc/libinput/local-overrides.quirks", "usr/share/libinput/30-toshy.quirks"} {
		check(t, path, machine(t, map[string]string{path: string(text)}).Quirk(touchpad)[0], Good, Other, path)
	}
}

func TestUnits(t *testing.T) {
	at := func(states map[string]UnitState) []Finding {
		m := machine(t, nil)
		m.Unit = func(_ context.Context, _ bool, unit string) (UnitState, error) {
			if s, ok := states[unit]; ok {
				return s, nil
			}
			return UnitState{Load: "not-found"}, nil
		}
		return m.Units(context.Background())
	}
	if all := at(nil); len(all) != 0 {
		t.Errorf("without units: %+v", all)
	}
	check(t, "failed", at(map[string]UnitState{"toshy.service": {Load: "loaded", Active: "failed", Result: "exit-code"}})[0], Broken, Other, "has failed (exit-code)")
	loop := UnitState{Load: "loaded", Active: "activating", Result: "exit-code", Sub: "auto-restart"}
	check(t, "crash loop", at(map[string]UnitState{"toshy.service": loop})[0], Broken, Other, "again and again")
	if beside := at(map[string]UnitState{"toshy.service": loop, "toshy-daemon.service": {Load: "loaded", Active: "active"}}); !strings.Contains(beside[0].Fix, "disable --now toshy ") {
		t.Errorf("a unit that loops although the system's daemon runs: %+v", beside[0])
	}
	check(t, "masked", at(map[string]UnitState{"toshy-daemon.service": {Load: "masked", Active: "inactive", Result: ""}})[0], Warning, Other, "masked")
	check(t, "not started", at(map[string]UnitState{"toshy.service": {Load: "loaded", Active: "inactive", Result: "success"}})[0], Note, Other, "inactive")
	// A package contains the units for both ways of running toshy. If you use one way, doctor does not tell you to start the other.
	inactive, runs := UnitState{Load: "loaded", Active: "inactive", Result: "success"}, UnitState{Load: "loaded", Active: "active", Result: "success"}
	for what, states := range map[string]map[string]UnitState{
		"daemon and agent": {"toshy.service": inactive, "toshy-agent.service": runs, "toshy-daemon.service": runs},
		"one process":      {"toshy.service": runs, "toshy-agent.service": inactive, "toshy-daemon.service": inactive},
		"nothing yet":      {"toshy.service": inactive, "toshy-agent.service": inactive, "toshy-daemon.service": inactive},
	} {
		for _, f := range at(states) {
			wrong := strings.Contains(f.Fix, "--now toshy") && (what != "nothing yet" || strings.HasSuffix(f.Fix, " toshy"))
			if wrong {
				t.Errorf("%s: %+v", what, f)
			}
		}
	}
	both := at(map[string]UnitState{"toshy.service": {Load: "loaded", Active: "active", Result: "success"}, "toshy-daemon.service": {Load: "loaded", Active: "active", Result: "success"}})
	check(t, "both", both[len(both)-1], Warning, Other, "each wants the keyboards")
	m := machine(t, nil)
	m.Unit = func(context.Context, bool, string) (UnitState, error) { return UnitState{}, errors.New("no bus") }
	if all := m.Units(context.Background()); len(all) != 0 {
		t.Errorf("without a bus: %+v", all)
	}
}

// TestUnitsOfABusyMachine: systemd may take seconds to answer. If it takes too long, doctor says so, and no advice depends on what it does
// not know.
func TestUnitsOfABusyMachine(t *testing.T) {
	at := func(slow string, takes time.Duration) (all []Finding) {
		synctest.Test(t, func(t *testing.T) {
			m := machine(t, nil)
			m.Unit = func(ctx context.Context, _ bool, unit string) (UnitState, error) {
				if unit == slow {
					select {
					case <-time.After(takes):
					case <-ctx.Done():
						return UnitState{}, fmt.Errorf("D-Bus: %w", ctx.Err())
					}
				}
				return UnitState{Load: "loaded", Active: "inactive", Result: "success"}, nil
			}
			all = append(m.Units(t.Context()), m.Autostart(t.Context(), "sway", true)...)
		})
		return all
	}
	for _, slow := range []string{sessionTarget, "toshy.service", daemonUnit} {
		all := at(slow, 8*time.Second)
		check(t, slow+" after 8 s", all[len(all)-1], Warning, Other, "does not start "+sessionTarget)
		if all := at(slow, time.Hour); len(all) != 1 || all[0].Level != Note || !strings.Contains(all[0].Text, "systemd did not say") {
			t.Errorf("%s never: %+v", slow, all)
		}
	}
}

func TestXKB(t *testing.T) {
	moving := &remap.Program{Modmaps: []remap.Modmap{{Keys: map[key.Code]key.Code{key.LeftAlt: key.RightCtrl}}}}
	m := machine(t, map[string]string{
		"etc/default/keyboard":                 "XKBLAYOUT=\"us\"\nXKBOPTIONS=\"ctrl:nocaps,compose:rwin\"\n",
		"etc/X11/xorg.conf.d/00-keyboard.conf": "Section \"InputClass\"\n\tOption \"XkbLayout\" \"us\"\n\tOption \"XkbOptions\" \"altwin:swap_lalt_lwin\"\nEndSection\n",
		"home/ann/.config/kxkbrc":              "[Layout]\nOptions=caps:swapescape\n",
		"etc/vconsole.conf":                    "XKBOPTIONS=caps:none\n",
	})
	m.Run = func(_ context.Context, program string, _ ...string) (string, error) {
		if program == "gsettings" {
			return "['terminate:ctrl_alt_bksp', 'caps:ctrl_modifier']\n", nil
		}
		return "rules:      evdev\nlayout:     us\noptions:    ctrl:swapcaps\n", nil
	}
	all := m.XKB(context.Background(), moving)
	for i, want := range []struct{ text, fix string }{
		{"/etc/default/keyboard has ctrl:nocaps:", `XKBOPTIONS="compose:rwin"`},
		{"00-keyboard.conf has altwin:swap_lalt_lwin:", `"XkbOptions" ""`},
		{"has caps:swapescape:", "kwriteconfig6"},
		{"GNOME has caps:ctrl_modifier:", `"['terminate:ctrl_alt_bksp']"`},
		{"the X server has ctrl:swapcaps:", "setxkbmap -option ''"},
	} {
		check(t, want.text, all[i], Warning, Other, want.text)
		if !strings.Contains(all[i].Fix, want.fix) {
			t.Errorf("%s: fix %q, want %q", want.text, all[i].Fix, want.fix)
		}
	}
	if len(all) != 5 {
		t.Errorf("%+v", all)
	}
	if all := m.XKB(context.Background(), &remap.Program{}); len(all) != 0 {
		t.Errorf("a configuration without pointer actions: %+v", all)
	}
	check(t, "none", machine(t, nil).XKB(context.Background(), moving)[0], Good, Other, "no option")
}
