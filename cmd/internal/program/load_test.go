package program_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"toshy/cmd/internal/program"
	"toshy/remap"
)

// BenchmarkLoad is the work between the start and the first keyboard: reading, checking and compiling the complete built-in
// configuration. Goals: 25 ms and 8 MB.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := program.Toshy.Load("", program.Around{Quiet: true}); err != nil { // like toshy run
			b.Fatal(err)
		}
	}
}

// manyBindings writes a file of 10,000 bindings.
func manyBindings(tb testing.TB) (path string) {
	tb.Helper()
	var text strings.Builder
	text.WriteString("extends = \"none\"\n")
	for i := range 100 {
		fmt.Fprintf(&text, "\n[keymap.k%d]\nwhen = 'app == \"application-%d\"'\n[keymap.k%d.keys]\n", i, i, i)
		for _, mods := range []string{"Ctrl", "Alt", "Super", "Ctrl-Alt"} {
			for k := range 25 {
				fmt.Fprintf(&text, "%s-%c = \"Ctrl-Shift-%c\"\n", mods, 'A'+k, 'B'+k)
			}
		}
	}
	path = filepath.Join(tb.TempDir(), "many.toml")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// TestLoadManyAllocations: reading a binding allocates memory only once or twice, because the texts of its combos have been read before.
func TestLoadManyAllocations(t *testing.T) {
	path := manyBindings(t)
	var err error
	n := testing.AllocsPerRun(1, func() { _, err = program.Toshy.Load(path, program.Around{Quiet: true}) })
	if err != nil {
		t.Fatal(err)
	}
	if n > 25_000 {
		t.Errorf("10,000 bindings take %.0f allocations", n)
	}
}

// BenchmarkLoadMany is the same as BenchmarkLoad, with a file of 10,000 bindings. Goal: 100 ms of virtual time until the keyboard is
// grabbed.
func BenchmarkLoadMany(b *testing.B) {
	path := manyBindings(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := program.Toshy.Load(path, program.Around{Quiet: true}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFocus is a change of focus with the complete built-in configuration. The engine evaluates all conditions that read the
// window again, and rebuilds the tables for the next key. Goal: 100 µs.
func BenchmarkFocus(b *testing.B) {
	p, err := program.Load("")
	if err != nil {
		b.Fatal(err)
	}
	e, out := remap.New(p.Compiled), remap.NewOutput()
	e.SetDevice(0, remap.Device{Name: "bench", Keyboard: "windows"}, 0, out)
	windows := []remap.Window{
		{App: "firefox", Title: "Inbox (1) - Mozilla Firefox", Desktop: "gnome", Session: "wayland"},
		{App: "org.gnome.Nautilus", Title: "Documents", Desktop: "gnome", Session: "wayland"},
		{App: "jetbrains-idea", Title: "project - Main.java", Desktop: "gnome", Session: "wayland"},
		{App: "kitty", Title: "~", Desktop: "gnome", Session: "wayland"},
	}
	b.Run("back-and-forth", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			e.SetWindow(windows[n%len(windows)], 0, out)
			out.Reset()
			n++
		}
	})
	// A title that toshy has not seen before, like a browser's: nothing can be remembered.
	b.Run("new-title", func(b *testing.B) {
		b.ReportAllocs()
		title := []byte("Inbox 0000000000 - Mozilla Firefox")
		n := 0
		for b.Loop() {
			w := windows[n%len(windows)]
			n++
			for i, d := 15, n; i > 5; i, d = i-1, d/10 {
				title[i] = byte('0' + d%10)
			}
			w.Title = string(title)
			e.SetWindow(w, 0, out)
			out.Reset()
		}
	})
}
