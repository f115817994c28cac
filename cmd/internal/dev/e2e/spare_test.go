//go:build vm && systemd

package e2e

import (
	"bufio"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"toshy/evdev"
	"toshy/remap/key"
)

// TestSystemdSpareCodes presses all codes for characters on toshy's virtual keyboard. logind switches the computer off at some codes,
// whatever symbol they have.
func TestSystemdSpareCodes(t *testing.T) {
	targets := []string{"poweroff.target", "reboot.target", "suspend.target", "hibernate.target"}
	sh(t, "systemctl", append([]string{"mask", "--runtime"}, targets...)...)
	t.Cleanup(func() { sh(t, "systemctl", append([]string{"unmask", "--runtime"}, targets...)...) })
	k, err := evdev.NewKeyboard()
	must(t, err)
	t.Cleanup(func() { _ = k.Close() })
	said := followLogind(t)
	said(t, "on "+k.Node()+" ("+evdev.KeyboardName) // it listens to the keyboard

	const sleep = 142 // KEY_SLEEP
	press := func(c uint16) {
		for _, value := range []int32{1, 0} {
			must(t, k.WriteFrame([]evdev.Event{{Type: evdev.EvKey, Code: c, Value: value}}))
		}
	}
	all := slices.Concat(key.Spare, key.Borrowed, []key.Code{key.SpareLevel3, key.SpareLevel5})
	for some := range slices.Chunk(all, 12) { // the kernel keeps 64 events for logind
		for _, c := range some {
			press(uint16(c))
		}
		press(sleep) // the last one: then logind has seen all
		must(t, k.Flush())
		for _, line := range said(t, "Suspend key pressed") {
			if strings.Contains(line, "key pressed") {
				t.Errorf("%v: logind says %q", some, line)
			}
		}
	}
}

// followLogind follows what logind writes into the journal. The result waits for a line that contains a text, and returns those before it.
func followLogind(t *testing.T) func(t *testing.T, until string) (before []string) {
	t.Helper()
	c := exec.Command("journalctl", "--no-pager", "-o", "cat", "-u", "systemd-logind", "-n", "all", "-f")
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return func(t *testing.T, until string) (before []string) {
		t.Helper()
		limit := time.After(patience)
		for {
			select {
			case line, ok := <-lines:
				switch {
				case !ok:
					t.Fatalf("the journal ends before %q; before that: %q", until, before)
				case strings.Contains(line, until):
					return before
				}
				before = append(before, line)
			case <-limit:
				t.Fatalf("waited %v, but logind does not say %q; it says %q", patience, until, before)
			}
		}
	}
}
