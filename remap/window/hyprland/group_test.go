package hyprland

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

// TestGroup: the layout of the main keyboard, from what hyprctl prints and the event socket sends according to Hyprland's
// documentation (wiki.hypr.land, "IPC", "Using hyprctl").
func TestGroup(t *testing.T) {
	dir := filepath.Join(windowtest.Dir(t), "hypr", "abc_1")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	answer := `{"mice": [], "keyboards": [
		{"name": "power-button", "layout": "us", "active_keymap": "English (US)", "main": false},
		{"name": "toshy-virtual-keyboard", "layout": "fr,ru", "active_keymap": "French", "main": true}]}`
	listen := func(name string, serve func(net.Conn)) {
		l, err := net.Listen("unix", filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				serve(c)
			}
		}()
	}
	listen(requestSocket, func(c net.Conn) {
		defer c.Close()
		b := make([]byte, 64)
		n, _ := c.Read(b)
		if string(b[:n]) != "j/devices" {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		_, _ = c.Write([]byte(answer))
	})
	events := make(chan net.Conn, 1)
	listen(eventSocket, func(c net.Conn) { events <- c })

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	got := make(chan window.Group, 8)
	ended := make(chan error, 1)
	go func() {
		ended <- New(Options{Folder: dir, Keyboard: "toshy virtual keyboard"}).RunGroup(ctx, func(g window.Group) { got <- g })
	}()
	c := <-events
	defer c.Close()
	if g := <-got; g != (window.Group{Index: -1, Name: "French"}) {
		t.Errorf("first %+v", g)
	}
	mu.Lock()
	answer = `{"keyboards": [{"name": "toshy-virtual-keyboard", "active_keymap": "Russian", "active_layout_index": 1, "main": true}]}`
	mu.Unlock()
	windowtest.WriteOdd(c, []byte("activewindow>>a,b\nactivelayout>>toshy-virtual-keyboard,Russian\n"))
	if g := <-got; g != (window.Group{Index: 1, Name: "Russian"}) {
		t.Errorf("then %+v", g)
	}
	c.Close()
	if err := <-ended; err == nil {
		t.Error("no error when Hyprland is gone")
	}
}
