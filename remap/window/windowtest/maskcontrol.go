package windowtest

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// HiddenControls checks that a program makes nothing of Control with a tap of Unknown: toshy sends these before and after Home if
// Command-Left is Home. program is a toolkit (see [OpenWaylandEntry]), or a terminal.
func HiddenControls(t *testing.T, key func(testing.TB, uint16, bool), program string, wayland bool, env ...string) {
	t.Helper()
	hidden := func() { mask{key: keyUnknown}.lone(t, key, keyRightCtrl) }
	var text func() string
	want := "yx"
	if program == "foot" || program == "xterm" {
		terminal := OpenTerminal(t, program, key, env...)
		defer terminal.Close()
		text, want = func() string { // also what Text leaves out
			b, _ := os.ReadFile(terminal.file)
			return string(b[bytes.LastIndexByte(b, ' ')+1:])
		}, "xy"
	} else {
		open := OpenX11Entry
		if wayland {
			open = OpenWaylandEntry
		}
		e := open(t, program, env...)
		defer e.Close()
		text = func() string { return strings.TrimPrefix(e.Text(), "ready") }
	}
	tap(t, key, keyX)
	hidden()
	if want == "yx" { // a terminal shows Home
		tap(t, key, keyHome)
	}
	hidden()
	tap(t, key, keyY)
	Until(t, program+" has both letters", func() bool { return len(text()) >= len(want) })
	if got := text(); got != want {
		t.Errorf("%s has %q, want %q", program, got, want)
	}
}

// ControlMasks checks that Unknown hides a lone Control, and that LeftCtrl does not look like one while it hides Super. GNOME shows where
// the pointer is if Control is tapped alone.
func (g *GNOME) ControlMasks(t testing.TB) {
	t.Helper()
	located := func() (times uint32) {
		g.call(t, shellName, helperPath, helperIface+"Located", []any{&times})
		return times
	}
	alone := func() uint32 {
		mask{}.lone(t, g.Key, keyLeftCtrl)
		_, marks := g.Launches(t)
		mark(t, g.Key)
		Until(t, "GNOME has seen all keys", func() bool { _, now := g.Launches(t); return now > marks })
		return located()
	}
	Until(t, "the setting is in use", func() bool { return alone() > 0 })
	for range 3 {
		before := located()
		mask{key: keyUnknown}.lone(t, g.Key, keyLeftCtrl)
		mask{key: keyLeftCtrl}.lone(t, g.Key, keyLeftMeta)
		if now := alone(); now != before+1 {
			t.Fatalf("Control alone shows the pointer, and a hidden Control does not: %d times, want 1", now-before)
		}
	}
}
