//go:build vm

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What keeps toshy from starting: it gives one message with advice, ends with a documented exit status (docs/USAGE.md), and does not
// touch the keyboard.

// nobody is a user without rights.
var nobody = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}

func TestNoUinput(t *testing.T) {
	k := pcKeyboard(t)
	hideUinput(t)
	cmd, _ := command(t, "")
	launchCmd(t, cmd).fails(4, "no /dev/uinput", "modprobe uinput")
	k.works()
}

func TestNoPermission(t *testing.T) {
	k := pcKeyboard(t)
	t.Run("for uinput", func(t *testing.T) {
		cmd, _ := command(t, "")
		cmd.SysProcAttr = nobody
		launchCmd(t, cmd).fails(3, "no permission to write /dev/uinput", "udev rule")
	})
	t.Run("for keyboards", func(t *testing.T) {
		must(t, os.Chmod("/dev/uinput", 0o666))
		t.Cleanup(func() { must(t, os.Chmod("/dev/uinput", 0o600)) })
		for _, flags := range [][]string{nil, {"--no-watch"}} {
			cmd, _ := command(t, "", flags...)
			cmd.SysProcAttr = nobody
			launchCmd(t, cmd).fails(3, "no permission to read the keyboards", "hint: ")
		}
	})
	k.works()
}

func TestNoKeyboard(t *testing.T) {
	k := pcKeyboard(t)
	cmd, _ := command(t, "", "--no-watch", "--device", "no such keyboard")
	launchCmd(t, cmd).fails(4, "no keyboard to grab", "hint: toshy devices")
	k.works()
}

func TestBrokenConfiguration(t *testing.T) {
	k := pcKeyboard(t)
	known := nodes()
	cmd, path := command(t, broken)
	launchCmd(t, cmd).fails(1, path+":3:11", "NoSuchKey", "^")
	missing := filepath.Join(t.TempDir(), "missing.toml")
	cmd, _ = command(t, "", "--config", missing)
	r := launchCmd(t, cmd)
	r.fails(1, missing, "file not found")
	if strings.Contains(r.log.String(), "virtual keyboard") {
		t.Error("it made a virtual keyboard before it read the configuration")
	}
	if now := nodes(); len(now) != len(known) {
		t.Errorf("devices %v, before %v", now, known)
	}
	k.works()
}
