//go:build desktop

package kwin

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlasma6 runs the script in a stand-in for the script engine of KWin 6.
func TestPlasma6(t *testing.T) {
	if _, err := exec.LookPath("gjs"); err != nil {
		t.Fatalf("%v; run remap/window/windowtest/install.sh", err)
	}
	frame, err := os.ReadFile("testdata/plasma6.js")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "script.js")
	if err := os.WriteFile(file, []byte(strings.Replace(string(frame), "/* focus.js */", script, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("gjs", file)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := [][3]string{ // class, title, pid
		{"first.app", "already there", "7"},
		{"alpha.app", "a", ""},
		{"alpha.app", "a2", ""},
		{"", "", ""},
		{"org.example.beta", "b", "9"},
		{"beta.app", "b", "9"},
		{"beta.app", strings.Repeat("x", 1024), "9"},
		{"", "", ""},
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d calls, want %d:\n%s", len(lines), len(want), out)
	}
	for i, line := range lines {
		var got []string // fails for anything but strings
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("call %d: %v: %s", i, err, line)
		}
		w := []string{"@SERVICE@", "@PATH@", "@INTERFACE@", "Report", fmt.Sprint(i + 1), want[i][0], want[i][1], want[i][2]}
		if strings.Join(got, "|") != strings.Join(w, "|") {
			t.Errorf("call %d: %.200q, want %.200q", i, got, w)
		}
	}
}
