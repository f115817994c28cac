package i3ipc

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

// said is a message as sway sends it.
func said(typ int, body string) string { return windowtest.Packed(magic, len(body), typ, body) }

func TestGarbage(t *testing.T) {
	socket := filepath.Join(windowtest.Dir(t), "ipc.sock")
	const tree = `{"id":1,"type":"root","nodes":[{"id":5,"type":"con","focused":true,"app_id":"kitty","name":"x"}]}`
	deep := strings.Repeat(`{"nodes":[`, 5000) + `{"focused":true}` + strings.Repeat(`]}`, 5000)
	windowtest.Garbage(t, socket, func() window.Source { return NewSway(Options{Socket: socket}) },
		windowtest.Packed("i3-ipX", 2, msgGetTree, "{}"),             // the wrong magic
		windowtest.Packed(magic, maxMessage+1, msgGetTree, "{}"),     // more than the limit
		windowtest.Packed(magic, maxMessage-1, msgGetTree, "{"),      // announces much, sends little
		windowtest.Packed(magic, -1, msgGetTree, "{}"),               // 4 GB
		said(msgSubscribe, `{"success":false}`),                      // refused
		said(msgSubscribe, `[true]`), said(msgGetTree, `{"id":"x"}`), // other types
		said(msgGetTree, `{"nodes":{}}`), said(msgGetTree, "\xff\xfe"), said(msgGetTree, deep),
		said(0x7fffffff, "{}")+said(eventWindow, `{"change":"focus","container":null}`), // events before any answer
		said(msgGetTree, tree)+said(eventWindow, `{"change":7}`),
		said(msgGetTree, tree)+said(eventWindow, `{"change":"focus","container":{"id":5,"focused":true,"name":"`+strings.Repeat("x", 1<<20)+`"}}`),
		said(msgGetTree, tree)+said(eventShutdown, `{"change":"exit"}`),
		said(msgGetTree, tree)+said(msgGetTree, tree), // an answer without a request
	)
}

// sway names its socket in I3SOCK, too, and is not i3.
func TestSwayIsNotI3(t *testing.T) {
	socket := filepath.Join(windowtest.Dir(t), "ipc.sock")
	if err := os.WriteFile(socket, nil, 0o600); err != nil { // it is not connected to
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("I3SOCK", socket)
	if !NewI3(Options{}).Detect() {
		t.Error("i3 is not found")
	}
	t.Setenv("SWAYSOCK", socket)
	if NewI3(Options{}).Detect() || !NewSway(Options{}).Detect() {
		t.Error("sway is taken for i3")
	}
}
