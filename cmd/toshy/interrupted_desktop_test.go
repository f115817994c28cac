//go:build desktop

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"toshy/remap/window/windowtest"
)

// TestInterruptedInstallation: while toshy waits for the desktop's keymap, the user presses Ctrl-C or closes the terminal. The files and
// the option are as they were before.
func TestInterruptedInstallation(t *testing.T) {
	const before = "['ctrl:nocaps']\n"
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			dir := t.TempDir()
			option := filepath.Join(dir, "xkb-options")
			for name, text := range map[string]string{
				"xkb-options": before, "sources": "[('xkb', 'us')]\n",
				"gsettings": "#!/bin/sh\nif [ $1 = get ]; then cat " + dir + "/$3; else printf '%s\\n' \"$4\" >" + dir + "/$3; fi\n",
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			home := t.TempDir()
			c := toshyIn(t, []string{
				"PATH=" + dir + ":" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + dir, "XDG_CURRENT_DESKTOP=GNOME", "XDG_SESSION_TYPE=wayland",
			}, "characters", "install")
			var out bytes.Buffer
			c.Stdout, c.Stderr = &out, &out
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			windowtest.Until(t, "the option is set", func() bool {
				b, err := os.ReadFile(option)
				return err == nil && strings.Contains(string(b), "toshy:characters")
			})
			if err := c.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			_ = c.Wait() // it fails
			if !strings.Contains(out.String(), "interrupted; everything is as it was before") {
				t.Errorf("it says %s", out.String())
			}
			if b, err := os.ReadFile(option); err != nil || string(b) != before {
				t.Errorf("the options are %s, %v", b, err)
			}
			if left, _ := filepath.Glob(filepath.Join(home, ".config/*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}
