package desktop

import (
	"os"
	"path/filepath"
	"testing"
)

func TestCapable(t *testing.T) {
	for status, want := range map[string]string{
		"Name:\tHyprland\nUid:\t1000\t1000\t1000\t1000\nCapPrm:\t0000000000800000\n": "Hyprland",
		"Name:\tHyprland\nUid:\t1000\t1000\t1000\t1000\nCapPrm:\t0000000000000000\n": "",
		"Name:\tHyprland\nUid:\t0\t0\t0\t0\nCapPrm:\t000001ffffffffff\n":             "",
		"": "",
	} {
		proc := t.TempDir()
		if err := os.Mkdir(filepath.Join(proc, "7"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(proc, "7", "status"), []byte(status), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := capable(proc, 7); got != want {
			t.Errorf("%q: %q", status, got)
		}
		if got := capable(proc, 8); got != "" {
			t.Errorf("a process that has ended: %q", got)
		}
	}
}
