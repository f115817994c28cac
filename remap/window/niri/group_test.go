package niri

import (
	"bufio"
	"net"
	"path/filepath"
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

// TestGroup: what niri sends according to its documentation (niri-ipc, Event).
func TestGroup(t *testing.T) {
	path := filepath.Join(windowtest.Dir(t), "niri.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := make(chan window.Group, 8)
	ended := make(chan error, 1)
	go func() {
		ended <- New(Options{Socket: path}).RunGroup(t.Context(), func(g window.Group) { got <- g })
	}()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || line != "\"EventStream\"\n" {
		t.Fatalf("asked %q, %v", line, err)
	}
	windowtest.WriteOdd(c, []byte(`{"Ok":"Handled"}
{"WorkspacesChanged":{"workspaces":[]}}
{"WindowsChanged":{"windows":[]}}
{"KeyboardLayoutsChanged":{"keyboard_layouts":{"names":["French","Russian"],"current_idx":0}}}
{"KeyboardLayoutSwitched":{"idx":1}}
`))
	for _, want := range []window.Group{{Index: 0, Name: "French"}, {Index: 1, Name: "Russian"}} {
		if g := <-got; g != want {
			t.Errorf("%+v, want %+v", g, want)
		}
	}
	windowtest.WriteOdd(c, []byte("{\"Err\":\"no\"}\n"))
	if err := <-ended; err == nil {
		t.Error("no error when niri refuses")
	}
}
