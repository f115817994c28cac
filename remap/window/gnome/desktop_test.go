//go:build desktop

package gnome

import (
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

// extension writes our extension where a test's shell can be given it.
func extension(t testing.TB) string {
	t.Helper()
	folder, err := Write(t.TempDir(), 43)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestGNOME(t *testing.T) {
	g := (&windowtest.GNOME{Extensions: []string{extension(t)}}).Launch(t)
	windowtest.Suite{
		Desktop: g,
		Source:  func() window.Source { return &Source{Address: g.Address()} },
		Want:    window.Info{Desktop: "gnome", Session: "wayland", Source: "gnome"},
	}.Run(t)
}

func BenchmarkFocus(b *testing.B) {
	g := (&windowtest.GNOME{Extensions: []string{extension(b)}}).Launch(b)
	g.Start(b)
	windowtest.Latency(b, g, &Source{Address: g.Address()})
}
