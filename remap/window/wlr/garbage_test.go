package wlr

import (
	"path/filepath"
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

func TestGarbage(t *testing.T) {
	socket := filepath.Join(windowtest.Dir(t), "wayland-1")
	global := windowtest.Packed(2, 52<<16, 1, len(iface)+1, iface+"\x00\x00\x00\x00", 3) // registry: global 1
	windowtest.Garbage(t, socket, func() window.Source { return New(Options{Display: socket}) },
		windowtest.Packed(2, 7<<16, 0),            // shorter than its own header
		windowtest.Packed(2, 0xffff<<16, 0),       // announces much, sends little
		windowtest.Packed(2, 12<<16, 1),           // arguments missing
		windowtest.Packed(2, 16<<16, 1, -1),       // a string of 4 GB
		windowtest.Packed(1, 16<<16, 1, 1),        // an error without its text
		windowtest.Packed(99, 12<<16, 0),          // from an object that does not exist
		global+windowtest.Packed(3, 12<<16, 0),    // the list is announced, but does not come
		global+windowtest.Packed(4, 12<<16|99, 0), // an event that does not exist
	)
}
