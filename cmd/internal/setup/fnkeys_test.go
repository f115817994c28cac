package setup

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The setting for the top row of Apple's keyboards stays from one setup to the next, can change, and disappears with the removal.
func TestFnKeys(t *testing.T) {
	o := options(t, false, Systemd)
	put(t, o.Root, fnParameter, "1\n")
	if got := FnMode(o.Root); !strings.HasPrefix(got, "media keys") {
		t.Errorf("now %q", got)
	}
	put(t, o.Root, "/usr/sbin/update-initramfs", "")
	const bar = "/sys/bus/hid/drivers/hid-appletb-kbd/0003:05AC:8302.0001/mode"
	put(t, o.Root, bar, "2\n")
	text := func() string {
		b, err := os.ReadFile(o.at(fnFile))
		if err != nil {
			return ""
		}
		return string(b)
	}
	install(t, o)
	if text() != "" {
		t.Errorf("without the option: %q", text())
	}
	o.FnKeys = "function"
	p := install(t, o)
	if !strings.Contains(text(), "options hid_apple fnmode=2\n") {
		t.Errorf("function: %q", text())
	}
	if !slices.ContainsFunc(p.After, func(c []string) bool { return c[len(c)-1] == "echo 2 > "+fnParameter }) {
		t.Errorf("not at once: %q", p.After)
	}
	if !strings.Contains(text(), "options hid_appletb_kbd mode=1\n") {
		t.Errorf("the Touch Bar is not set: %q", text())
	}
	if !slices.ContainsFunc(p.After, func(c []string) bool { return c[len(c)-1] == "echo 1 > "+bar }) {
		t.Errorf("the Touch Bar is not set at once: %q", p.After)
	}
	if !slices.ContainsFunc(p.Next, func(s string) bool { return strings.Contains(s, "update-initramfs -u") }) {
		t.Errorf("not at the next start: %q", p.Next)
	}
	o.FnKeys = ""
	install(t, o)
	if !strings.Contains(text(), "fnmode=2") {
		t.Errorf("gone after a setup without the option: %q", text())
	}
	o.FnKeys = "media"
	install(t, o)
	if !strings.Contains(text(), "fnmode=1") || !strings.Contains(text(), "hid_appletb_kbd mode=2") {
		t.Errorf("media: %q", text())
	}
	o.FnKeys = "whatever"
	if _, err := Install(o); err == nil {
		t.Error("an unknown word was accepted")
	}
	p, err := Uninstall(o, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Do(nil); err != nil {
		t.Fatal(err)
	}
	if text() != "" {
		t.Errorf("left behind: %q", text())
	}
	put(t, o.Root, fnParameter, "7\n")
	if FnMode(o.Root) == "" || FnMode(t.TempDir()) != "" {
		t.Error("an answer although the driver is newer or missing")
	}
}
