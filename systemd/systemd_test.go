package systemd

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unitFolder returns a folder with the units. The program that they start is replaced by one that exists here.
func unitFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range Files {
		text, err := FS.ReadFile(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Name, ".service") {
			text = []byte(strings.NewReplacer("/usr/bin/toshy-tray", "/bin/true", "/usr/bin/toshy", "/bin/true").Replace(string(text)))
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatalf("no %s here, run make deps", name)
	case err != nil:
		t.Skipf("no %s here", name)
	}
	return path
}

func TestFilesAreListed(t *testing.T) {
	listed := map[string]bool{}
	for _, f := range Files {
		listed[f.Name] = true
	}
	found, err := fs.Glob(FS, "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		if !listed[name] {
			t.Errorf("%s is missing in Files", name)
		}
		delete(listed, name)
	}
	for name := range listed {
		t.Errorf("Files has %s, which does not exist", name)
	}
}

// The daemon reads every password that you type, so its unit is as restricted as the best ones.
func TestExposure(t *testing.T) {
	analyze := tool(t, "systemd-analyze")
	unit := filepath.Join(unitFolder(t), "toshy-daemon.service")
	const threshold = "--threshold=6" // tenths: at most 0.6
	out, err := exec.Command(analyze, "security", "--offline=yes", threshold, "--no-pager", unit).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze security %s: %v\n%s", threshold, err, bad(string(out)))
	}
	// These keep it from 0.0: the work needs each of them, or the unit gives a reason.
	want := []string{
		"DeviceAllow", "PrivateDevices", "PrivateUsers", "RestrictAddressFamilies_AF_UNIX", "RootDirectoryOrRootImage", "SupplementaryGroups",
	}
	out, err = exec.Command(analyze, "security", "--offline=yes", "--json=short", unit).Output()
	if err != nil {
		t.Fatal(err)
	}
	var checks []struct {
		Set      bool
		JSON     string `json:"json_field"`
		Exposure string
	}
	if err := json.Unmarshal(out, &checks); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	var got []string
	for _, c := range checks {
		if c.Exposure != "" && c.Exposure != "0.0" {
			got = append(got, c.JSON)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("open are %v,\nexpected %v", got, want)
	}
}

// bad returns the lines of systemd-analyze's table that add to the score.
func bad(table string) string {
	var b strings.Builder
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "✓") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestUnitsVerify(t *testing.T) {
	analyze := tool(t, "systemd-analyze")
	dir := unitFolder(t)
	for _, f := range Files {
		if !strings.HasSuffix(f.Name, ".service") {
			continue
		}
		manager := "--system"
		if strings.Contains(f.Path, "/user/") {
			manager = "--user"
		}
		c := exec.Command(analyze, "verify", manager, "--man=no", filepath.Join(dir, f.Name))
		c.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+dir+":", "XDG_RUNTIME_DIR="+dir)
		out, _ := c.CombinedOutput() // its status also covers units of this machine
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, "toshy") && !strings.HasSuffix(line, "Failed to parse service type, ignoring: notify-reload\n") {
				t.Errorf("%s: %s", f.Name, line)
			}
		}
	}
}

// Only one place says what each program may do. Adding a person to one of the groups would undo it.
func TestNobodyJoinsAGroup(t *testing.T) {
	text, err := FS.ReadFile("toshy.sysusers.conf")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "m") {
			t.Errorf("a user becomes a member of a group: %s", line)
		}
	}
}
