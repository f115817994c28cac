//go:build vm

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"toshy/cmd/internal/control"
)

// If you change a setting while toshy runs, it takes effect at once, and is still there after toshy was killed.

const withSetting = `extends = "none"
[setting.mode]
values = ["off", "us", "abc"]
default = "off"
[keymap.off]
when = 'settings.mode == "off"'
keys.F1 = "Ctrl-A"
[keymap.us]
when = 'settings.mode == "us"'
keys.F1 = "B"
[keymap.abc]
when = 'settings.mode == "abc"'
keys.F1 = "C"
[keymap.all.keys]
F2 = { toggle = "mode" }
`

// keeps waits until the file in a state directory contains a text.
func keeps(t testing.TB, state, text string) {
	t.Helper()
	until(t, "the file has "+text, func() bool {
		b, err := os.ReadFile(filepath.Join(state, "toshy", "settings.toml"))
		return err == nil && strings.Contains(string(b), text)
	})
}

func TestSettingSurvivesKill(t *testing.T) {
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	k := plugUSB(t)
	r, env := served(t, withSetting, k)
	again := func() {
		t.Helper()
		r.kill()
		r.out.gone()
		k.free()
		r, env = served(t, withSetting, k)
	}
	k.becomes(r.out, "+f1 -f1", "+leftctrl +a -a -leftctrl")
	if text := does(t, env, "set", "mode", "us"); text != "" {
		t.Errorf("set says %q", text)
	}
	again() // at once: the answer came after the file was written
	k.becomes(r.out, "+f1 -f1", "+b -b")
	var list struct{ Settings []control.Setting }
	must(t, json.Unmarshal([]byte(does(t, env, "settings", "--json")), &list))
	if s := list.Settings; len(s) != 1 || s[0].Value != "us" || s[0].Configured != "off" || !s[0].Kept {
		t.Errorf("settings: %+v", s)
	}
	k.types("+f2 -f2") // a key changes it, too
	keeps(t, state, `mode = "abc"`)
	again()
	k.becomes(r.out, "+f1 -f1", "+c -c")
	does(t, env, "set", "mode", "--default")
	k.becomes(r.out, "+f1 -f1", "+leftctrl +a -a -leftctrl")
	again()
	k.becomes(r.out, "+f1 -f1", "+leftctrl +a -a -leftctrl")
}

// If a setting changes while keys are held, they go up with their own keys. The next key uses the new value, without a reload.
func TestSettingCountsAtOnce(t *testing.T) {
	k := plugUSB(t)
	r, env := served(t, withSetting, k)
	k.types("+f1")
	r.out.expect("+leftctrl +a")
	does(t, env, "set", "mode", "us")
	if s := status(t, env); len(s.Down) != 2 || s.Counters.Reloads != 0 {
		t.Errorf("down %v, %d reloads", s.Down, s.Counters.Reloads)
	}
	k.types("-f1")
	r.out.expect("-a -leftctrl")
	k.becomes(r.out, "+f1 -f1", "+b -b")

	must(t, os.WriteFile(r.config, []byte(strings.Replace(withSetting, `"Ctrl-A"`, `"D"`, 1)), 0o644))
	does(t, env, "reload", "--wait")
	k.becomes(r.out, "+f1 -f1", "+b -b") // a reload keeps it
	does(t, env, "set", "mode", "--default")
	k.becomes(r.out, "+f1 -f1", "+d -d")
}

func TestSettingOnAFullDisk(t *testing.T) {
	state := t.TempDir()
	must(t, unix.Mount("none", state, "tmpfs", 0, "size=4k,nr_inodes=4"))
	t.Cleanup(func() { _ = unix.Unmount(state, unix.MNT_DETACH) })
	filler := filepath.Join(state, "filler")
	must(t, os.WriteFile(filler, make([]byte, 4096), 0o644)) // the only page
	t.Setenv("XDG_STATE_HOME", state)
	k := plugUSB(t)
	r, env := served(t, withSetting, k)
	for _, value := range []string{"us", "abc"} {
		if text := does(t, env, "set", "mode", value); !strings.Contains(text, "not kept") || !strings.Contains(text, "no space") {
			t.Errorf("set says %q", text)
		}
	}
	k.becomes(r.out, "+f1 -f1", "+c -c") // it still takes effect
	if n := strings.Count(r.log.String(), "could not be kept"); n != 1 {
		t.Errorf("the log reports it %d times", n)
	}
	must(t, os.Remove(filler))
	if text := does(t, env, "set", "mode", "us"); text != "" {
		t.Errorf("set says %q", text)
	}
	keeps(t, state, `mode = "us"`)
}

// The daemon writes nothing: the agent keeps settings in its user's folder, and sends them to the daemon.
func TestAgentKeepsSettings(t *testing.T) {
	k := plugUSB(t)
	s := serve(t, nil, "--user", only(annUID))
	state := publicDir(t)
	env := "XDG_STATE_HOME=" + state
	ann, _ := s.agent(t, annUID, withSetting, env)
	k.through(s.out)
	k.types("+f1")
	s.out.expect("+leftctrl +a")
	if text, code := s.says(t, annUID, "set", "mode", "us"); code != 0 {
		t.Fatalf("set: %d, %s", code, text)
	}
	k.types("-f1")
	s.out.expect("-a -leftctrl")
	k.becomes(s.out, "+f1 -f1", "+b -b")
	keeps(t, state, `mode = "us"`)

	s.kill()
	s.out.gone()
	k.free()
	s.start(t)
	k.through(s.out)
	k.becomes(s.out, "+f1 -f1", "+b -b") // the first key uses it

	ann.kill()
	until(t, "the daemon has noticed", func() bool { return len(s.status(t).Agents) == 0 })
	k.types("+f2 -f2") // while no agent is there to keep it
	ann, _ = s.agent(t, annUID, withSetting, env)
	keeps(t, state, `mode = "abc"`)

	ann.kill()
	s.kill()
	s.out.gone()
	k.free()
	s.start(t)
	s.agent(t, annUID, withSetting, env)
	k.through(s.out)
	k.becomes(s.out, "+f1 -f1", "+c -c")
	if text, code := s.says(t, annUID, "set", "mode", "--default"); code != 0 {
		t.Fatalf("set: %d, %s", code, text)
	}
	until(t, "the agent has forgotten it", func() bool {
		b, err := os.ReadFile(filepath.Join(state, "toshy", "settings.toml"))
		return err == nil && !strings.Contains(string(b), "mode")
	})
	st, err := os.Stat(filepath.Join(state, "toshy", "settings.toml"))
	must(t, err)
	if uid := st.Sys().(*syscall.Stat_t).Uid; uid != annUID || st.Mode().Perm() != 0o600 {
		t.Errorf("the file is %d's, mode %v", uid, st.Mode())
	}
}
