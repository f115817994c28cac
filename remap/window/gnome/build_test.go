package gnome

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
)

func TestBuild(t *testing.T) {
	for shell, module := range map[int]bool{43: false, 44: false, 45: true, 49: true, 63: true} {
		files, err := Build(shell)
		if err != nil {
			t.Fatal(err)
		}
		code := string(files["extension.js"])
		if strings.Contains(code, "export default") != module || strings.Contains(code, "function init") == module {
			t.Errorf("%d: the wrong build", shell)
		}
		if strings.Contains(code, "@") || !strings.Contains(code, "class Focus") {
			t.Errorf("%d: the body is not in its place", shell)
		}
		var meta struct {
			UUID   string   `json:"uuid"`
			Shells []string `json:"shell-version"`
		}
		if err := json.Unmarshal(files["metadata.json"], &meta); err != nil {
			t.Fatal(err)
		}
		if meta.UUID != UUID || !slices.Contains(meta.Shells, strings.TrimSpace(string(rune('0'+shell/10))+string(rune('0'+shell%10)))) {
			t.Errorf("%d: metadata %+v", shell, meta)
		}
		if slices.Contains(meta.Shells, "44") == module {
			t.Errorf("%d: is also for the other kind of shell: %v", shell, meta.Shells)
		}
	}
	if _, err := Build(42); err == nil || !strings.Contains(err.Error(), "43 or later") {
		t.Errorf("Build(42): %v", err)
	}
}

func TestFolder(t *testing.T) {
	t.Setenv("HOME", "/home/x")
	t.Setenv("XDG_DATA_HOME", "")
	for dir, want := range map[string]string{"": "/home/x/.local/share", "/usr/share": "/usr/share"} {
		if got, err := Folder(dir); err != nil || got != want+"/gnome-shell/extensions/"+UUID {
			t.Errorf("Folder(%q) = %q, %v", dir, got, err)
		}
	}
	t.Setenv("XDG_DATA_HOME", "/data")
	if got, err := Folder(""); err != nil || got != "/data/gnome-shell/extensions/"+UUID {
		t.Errorf("with XDG_DATA_HOME: %q, %v", got, err)
	}
}

func TestCurrent(t *testing.T) {
	folder, err := Write(t.TempDir(), 45)
	if err != nil {
		t.Fatal(err)
	}
	if !current(folder, 45) || current(folder, 44) {
		t.Error("a build for 45 is for 45 alone")
	}
	if err := os.Remove(filepath.Join(folder, "metadata.json")); err != nil {
		t.Fatal(err)
	}
	if current(folder, 45) {
		t.Error("current without metadata")
	}
}

func TestParseList(t *testing.T) {
	for text, want := range map[string][]string{
		"@as []":                         {},
		"['a@b']":                        {"a@b"},
		`['a@b', "it's@c"]`:              {"a@b", "it's@c"},
		"['toshy-focus@toshy.org', 'x']": {UUID, "x"},
	} {
		got, err := parseList(text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("parseList(%s) = %q, %v", text, got, err)
		}
		// What is written back is read as the same list.
		if again, err := parseList(dbus.MakeVariant(got).String()); err != nil || !slices.Equal(again, want) {
			t.Errorf("written back: %q, %v", again, err)
		}
	}
	for _, text := range []string{"", "nonsense", "5", "[1]"} {
		if _, err := parseList(text); err == nil {
			t.Errorf("parseList(%q) succeeds", text)
		}
	}
}

// TestTake sends what a shell, or somebody else's extension, may send.
func TestTake(t *testing.T) {
	hint := make(chan struct{}, 1)
	signal := func(iface, member string, body ...any) *dbus.Message {
		return &dbus.Message{Type: dbus.TypeSignal, Body: body, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldInterface: dbus.MakeVariant(iface), dbus.FieldMember: dbus.MakeVariant(member),
		}}
	}
	said := map[string]dbus.Variant{"class": dbus.MakeVariant("c"), "title": dbus.MakeVariant(5), "session": dbus.MakeVariant("x11")}
	r, ok := take(signal(focusIface, "Changed", uint64(7), said), hint)
	if !ok || r.Serial != 7 || r.Info != (window.Info{Class: "c", Desktop: "gnome", Session: "x11", Source: "gnome"}) {
		t.Errorf("took %+v, %v", r, ok)
	}
	for _, m := range []*dbus.Message{
		signal(focusIface, "Changed"),
		signal(focusIface, "Changed", "7", said),
		signal(focusIface, "Changed", uint64(7), "c"),
		signal(focusIface, "Other", uint64(7), said),
		signal("org.example", "Changed", uint64(7), said),
		{Type: dbus.TypeMethodCall, Headers: signal(focusIface, "Changed").Headers, Body: []any{uint64(7), said}},
	} {
		if r, ok := take(m, hint); ok {
			t.Errorf("took %+v of %v", r, m)
		}
	}
	if len(hint) != 0 {
		t.Error("a hint from nothing")
	}
	take(signal(introspect, "RunningApplicationsChanged"), hint)
	take(signal(introspect, "RunningApplicationsChanged"), hint) // does not wait
	select {
	case <-hint:
	default:
		t.Error("no hint")
	}
}
