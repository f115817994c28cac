//go:build vm && desktop

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"toshy/remap/window/windowtest"
)

// TestHyprlandCapable: an ordinary user's Hyprland whose program file has the capability that Debian's package gives it. It does not
// read ~/.config/xkb, so toshy characters install restores everything, and says why and what helps. That helps. If it is gone later,
// toshy characters status and toshy doctor say the same.
func TestHyprlandCapable(t *testing.T) {
	startUdev(t)
	run(t, "/usr/sbin/setcap", "cap_sys_nice=ep", "/usr/bin/Hyprland") // Debian's package does that if it finds setcap
	h := &windowtest.Hyprland{User: annUID, Layouts: "us"}
	h.Start(t)
	w := newSession(t, h)
	toshy := func(args ...string) (ok bool, said string) {
		cmd := as(exec.Command("/bin/toshy", args...), annUID)
		cmd.Env = w.env
		b, err := cmd.CombinedOutput()
		return err == nil, string(b)
	}
	file, folder := filepath.Join(h.Dir, "hypr", "hyprland.lua"), filepath.Join(h.Dir, "xkb")
	before, err := os.ReadFile(file)
	must(t, err)
	const why = "Hyprland has file capabilities"
	link := "sudo ln -s " + folder + " /etc/xkb"

	patient(t, "toshy characters install says why the desktop does not take them", func() bool {
		ok, said := toshy("characters", "install")
		if ok {
			t.Fatalf("Hyprland reads %s: %s", folder, said)
		}
		if strings.Contains(said, "signal: killed") { // on a very busy computer, xkbcli takes longer than toshy waits
			return false
		}
		for _, want := range []string{why, link, "everything is as it was before"} {
			if !strings.Contains(said, want) {
				t.Fatalf("toshy does not say %q: %s", want, said)
			}
		}
		return true
	})
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("hyprland.lua was\n%s\nand is\n%s\n%v", before, after, err)
	}
	if _, err := os.Lstat(folder); !os.IsNotExist(err) {
		t.Errorf("%s is left behind: %v", folder, err)
	}

	must(t, os.Symlink(folder, "/etc/xkb"))
	t.Cleanup(func() { _ = os.Remove("/etc/xkb") })
	patient(t, "toshy characters install", func() bool {
		ok, said := toshy("characters", "install")
		if !ok && !strings.Contains(said, "signal: killed") {
			t.Fatal(said)
		}
		return strings.Contains(said, "the keymap of your session has the characters")
	})
	says := func(what string, args ...string) {
		t.Helper()
		said := ""
		defer func() {
			if t.Failed() {
				t.Log(said)
			}
		}()
		patient(t, "toshy "+strings.Join(args, " ")+" says "+what, func() bool { _, said = toshy(args...); return strings.Contains(said, what) })
	}

	must(t, os.Remove("/etc/xkb"))
	with, err := os.ReadFile(file)
	must(t, err)
	replace(t, file, strings.Replace(string(with), "toshy:characters", "toshy:characters,compose:ralt", 1)) // makes Hyprland read the files again
	says("the keymap of this session does not have them: "+why, "characters", "status")
	says(link, "doctor")
}
