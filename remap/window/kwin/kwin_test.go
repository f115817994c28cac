package kwin

import (
	"os"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// TestTake sends what a program that took KWin's name might send.
func TestTake(t *testing.T) {
	call := func(iface, member string, body ...any) *dbus.Message {
		return &dbus.Message{Type: dbus.TypeMethodCall, Body: body, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldInterface: dbus.MakeVariant(iface), dbus.FieldMember: dbus.MakeVariant(member),
		}}
	}
	r, ok := take(call(callIface, "Report", "7", "c", "t", "0"))
	if !ok || r.Serial != 7 || r.Info.Class != "c" || r.Info.Title != "t" || r.Info.Desktop != "kde" {
		t.Errorf("took %+v, %v", r, ok)
	}
	for _, m := range []*dbus.Message{
		call(callIface, "Report"),
		call(callIface, "Report", "7", "c", "t"),
		call(callIface, "Report", "7", "c", "t", 5.0),
		call(callIface, "Report", "x", "c", "t", ""),
		call(callIface, "Report", "-7", "c", "t", ""),
		call(callIface, "Other", "7", "c", "t", ""),
		call("org.example", "Report", "7", "c", "t", ""),
		{Type: dbus.TypeSignal, Headers: call(callIface, "Report").Headers, Body: []any{"7", "c", "t", ""}},
	} {
		if r, ok := take(m); ok {
			t.Errorf("took %+v of %v", r, m)
		}
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	file, err := new(Source).write("toshy-focus-3", ":1.42")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "@") || !strings.Contains(string(text), `callDBus(":1.42", "/org/toshy/Focus", "org.toshy.Focus", "Report"`) {
		t.Errorf("the script calls another address:\n%s", text)
	}
	if i, err := os.Stat(file); err != nil || i.Mode().Perm() != 0o600 || !strings.HasPrefix(file, dir+"/toshy-focus-3") {
		t.Errorf("%s: mode %v, %v", file, i.Mode(), err)
	}
	t.Setenv("XDG_RUNTIME_DIR", dir+"/missing")
	if _, err := new(Source).write("toshy-focus-3", ":1.42"); err == nil || !strings.Contains(err.Error(), "XDG_RUNTIME_DIR") {
		t.Errorf("without the folder: %v", err)
	}
}
