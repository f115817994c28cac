//go:build vm && desktop

package e2e

import (
	"os"
	"testing"
	"time"

	"toshy/remap/window/windowtest"
)

func TestSeat(t *testing.T) {
	const unmapped = "+leftalt +c -c -leftalt"
	bus := windowtest.NewSystemBus(t)
	logind := windowtest.NewLogind(t, bus)
	logind.Session(t, "2", "user", "wayland", "ann", nobody.Credential.Uid)
	logind.Session(t, "3", "user", "wayland", "bob", 1001)
	logind.Session(t, "c1", "greeter", "wayland", "gdm", 120)
	logind.Activate("2")

	k := plugUSB(t)
	anybody(t)
	known := nodes()
	cmd, _ := command(t, "")
	cmd.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS="+bus.Address, "XDG_RUNTIME_DIR=")
	cmd.SysProcAttr = nobody
	launchCmd(t, cmd)
	out := open(t, appear(t, "toshy's virtual keyboard", known, func(n node) bool { return n.phys == virtualKeyboard }))
	k.through(out)
	k.copies(out, inBrowser)

	logind.Set("2", "LockedHint", true)
	k.copies(out, unmapped)
	logind.Set("2", "LockedHint", false)
	k.copies(out, inBrowser)
	logind.Activate("")
	k.copies(out, unmapped)
	logind.Activate("2")
	k.copies(out, inBrowser)

	for _, other := range []string{"3", "c1"} {
		k.types("+leftalt") // held during the change: it does not stay down
		out.expect("+rightctrl")
		logind.Activate(other)
		out.expect("+unknown -unknown -rightctrl")
		k.types("-leftalt")
		until(t, "the keyboard is given back", func() bool {
			k.types("+" + probe + " -" + probe)
			return k.skipTo("-"+probe, in(50*time.Millisecond)) == nil
		})
		until(t, "toshy reads it no more", func() bool { return !opens(t, cmd.Process.Pid, k.path) })
		theirs := open(t, k.node) // their own remapper
		theirs.grab()
		k.types("+q -q")
		theirs.expect("+q -q")
		theirs.file.Close()
		out.silent()
		k.settleUngrabbed()
		logind.Activate("2")
		k.through(out)
		k.copies(out, inBrowser)
	}
}
