//go:build desktop

package gnome

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"toshy/remap/window/windowtest"
)

// keyboardsModule stands in for the shell's modules that know the layouts.
const keyboardsModule = `
const manager = {currentSource: {displayName: 'French'}, connect: () => 1, disconnect: () => {}};
export const getInputSourceManager = () => manager;
export const getKeyboardManager = () => ({_current: {groupIndex: 1}});
`

// TestModule runs the build for GNOME Shell 45 and later in gjs, in a stand-in for the shell.
func TestModule(t *testing.T) {
	if _, err := exec.LookPath("gjs"); err != nil {
		t.Fatalf("%v; run remap/window/windowtest/install.sh", err)
	}
	files, err := Build(45)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	code := string(files["extension.js"])
	// What only a shell has: its own modules, and Meta.
	for old, new := range map[string]string{
		"'resource:///org/gnome/shell/extensions/extension.js'": "'./extension-base.js'",
		"import Meta from 'gi://Meta';":                         "const Meta = {};",
		"'resource:///org/gnome/shell/ui/status/keyboard.js'":   "'./keyboards.js'",
		"'resource:///org/gnome/shell/misc/keyboardManager.js'": "'./keyboards.js'",
	} {
		if !strings.Contains(code, old) {
			t.Fatalf("the build has no %s", old)
		}
		code = strings.Replace(code, old, new, 1)
	}
	for file, text := range map[string]string{"extension.js": code, "extension-base.js": "export class Extension {}\n", "keyboards.js": keyboardsModule} {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := windowtest.NewBus(t)
	shell := exec.Command("gjs", "-m", "testdata/module/shell.js", folder)
	shell.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+b.Address)
	shell.Stdout, shell.Stderr = os.Stderr, os.Stderr
	in, err := shell.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := shell.Wait(); err != nil {
			t.Error(err)
		}
	})
	watch := b.Connect(t)
	windowtest.Until(t, "the shell is there", func() bool {
		var yes bool
		err := watch.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, BusName).Store(&yes)
		return err == nil && yes
	})
	l := windowtest.Follow(t, &Source{Address: b.Address})
	if i := l.Wait(t, "", ""); i.Session != "wayland" {
		t.Errorf("session %q, want wayland", i.Session)
	}
	say := func(line string) {
		if _, err := fmt.Fprintln(in, line); err != nil {
			t.Fatal(err)
		}
	}
	say("focus alpha.app Alpha – ünïcode ✓")
	l.Wait(t, "alpha.app", "Alpha – ünïcode ✓")
	say("title two")
	l.Wait(t, "alpha.app", "two")
	say("title " + strings.Repeat("𝄞", 2000)) // cut in the middle of a surrogate pair, or not
	say("title x" + strings.Repeat("𝄞", 2000))
	say("focus beta.app b")
	l.Wait(t, "beta.app", "b")
	say("none")
	l.Wait(t, "", "")
	say("focus gamma.app c")
	l.Wait(t, "gamma.app", "c")
	say("disable")
	l.Wait(t, "", "")
	say("enable")
	l.Wait(t, "gamma.app", "c")
}
