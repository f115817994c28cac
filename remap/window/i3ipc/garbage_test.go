package i3ipc

import (
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
