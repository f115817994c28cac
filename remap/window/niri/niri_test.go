package niri

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

type object = map[string]any

func describe(w *windowtest.FakeWindow, focused bool) object {
	o := object{"id": w.ID, "title": w.Title, "app_id": w.Class, "pid": nil, "workspace_id": 1, "is_focused": focused, "is_floating": false}
	if w.Title == "" {
		o["title"] = nil
	}
	return o
}

// newFake talks like niri according to the documentation of niri-ipc.
func newFake(dir string) *windowtest.Fake {
	f := &windowtest.Fake{}
	f.Listeners = []windowtest.Listener{{
		Path: func() string { return filepath.Join(dir, "niri.wayland-1.77.sock") },
		Serve: func(c net.Conn) {
			in := bufio.NewScanner(c)
			if !in.Scan() || in.Text() != `"EventStream"` {
				return
			}
			send := func(v any) {
				b, _ := json.Marshal(v) // plain values: cannot fail
				windowtest.WriteOdd(c, append(b, '\n'))
			}
			var focus *windowtest.FakeWindow
			send(object{"Ok": "Handled"})
			send(object{"WorkspacesChanged": object{"workspaces": []any{}}})
			f.Join(c, func(all []*windowtest.FakeWindow, w *windowtest.FakeWindow) {
				list := []any{}
				for _, o := range all {
					list = append(list, describe(o, o == w))
				}
				focus = w
				send(object{"WindowsChanged": object{"windows": list}})
			}, func(e windowtest.Event) {
				switch w := e.Window; e.Kind {
				case "open":
					send(object{"WindowOpenedOrChanged": object{"window": describe(w, false)}})
				case "title":
					send(object{"WindowOpenedOrChanged": object{"window": describe(w, w == focus)}})
				case "close":
					send(object{"WindowClosed": object{"id": w.ID}})
				case "focus":
					focus = w
					if w == nil {
						send(object{"WindowFocusChanged": object{"id": nil}})
					} else {
						send(object{"WindowFocusChanged": object{"id": w.ID}})
					}
				}
				send(object{"SomethingNew": object{"id": 1}})
			})
			for in.Scan() { // until the client disconnects
			}
		},
	}}
	return f
}

func TestSuite(t *testing.T) {
	dir := windowtest.Dir(t)
	windowtest.Suite{
		Desktop: newFake(dir),
		Source:  func() window.Source { return New(Options{Runtime: dir}) },
		Want:    window.Info{Desktop: "niri", Session: "wayland", Source: "niri"},
	}.Run(t)
}

// TestEndless has a niri that sends one endless line. The result is an error, and no more memory than the limit.
func TestEndless(t *testing.T) {
	dir := windowtest.Dir(t)
	f := &windowtest.Fake{Listeners: []windowtest.Listener{{
		Path: func() string { return filepath.Join(dir, "niri.wayland-1.77.sock") },
		Serve: func(c net.Conn) {
			_, _ = c.Write([]byte(`{"WindowsChanged":"` + strings.Repeat("x", 2*maxLine) + "\"}\n"))
		},
	}}}
	f.Start(t)
	err := New(Options{Runtime: dir}).Run(t.Context(), func(i window.Info) { t.Errorf("reported %+v", i) })
	if err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("Run = %v", err)
	}
}

func TestEvents(t *testing.T) {
	f := follower{windows: map[uint64]window.Info{}}
	for _, step := range []struct{ line, class string }{
		{`{"Ok":"Handled"}`, ""},
		{`{"WindowsChanged":{"windows":[{"id":3,"title":"t","app_id":"foot","is_focused":true},{"id":4}]}}`, "foot"},
		{`{"WindowFocusChanged":{"id":null}}`, ""},
		{`{"WindowFocusChanged":{"id":99}}`, ""},
		{`{"WindowOpenedOrChanged":{"window":{"id":5,"app_id":"kitty","is_focused":true}}}`, "kitty"},
		{`{"WindowOpenedOrChanged":{"window":{"id":5,"app_id":"kitty","is_focused":false}}}`, ""},
		{`{"WindowFocusChanged":{"id":3}}`, "foot"},
		{`{"WindowClosed":{"id":3}}`, ""},
		{`{"KeyboardLayoutsChanged":{"keyboard_layouts":{"names":["us"]}}}`, ""},
	} {
		if err := f.event([]byte(step.line)); err != nil {
			t.Fatal(err)
		}
		if got := f.windows[f.focus].Class; got != step.class {
			t.Errorf("after %s: class %q, want %q", step.line, got, step.class)
		}
	}
	for _, bad := range []string{`{`, `[]`, `{"WindowsChanged":{"windows":7}}`, `{"Err":"no such request"}`} {
		if err := f.event([]byte(bad)); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

// TestXwayland: niri has the windows of X11 programs from xwayland-satellite, and reports its process.
func TestXwayland(t *testing.T) {
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(sleep)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "xwayland-satellite")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	satellite := &exec.Cmd{Path: path, Args: []string{"sleep", "600"}}
	if err := satellite.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = satellite.Process.Kill()
		_ = satellite.Wait()
	}()
	f := follower{windows: map[uint64]window.Info{}}
	line := fmt.Sprintf(`{"WindowsChanged":{"windows":[{"id":1,"title":"t","app_id":"XTerm","pid":%d,"is_focused":true},{"id":2,"app_id":"foot","pid":%d}]}}`,
		satellite.Process.Pid, os.Getpid())
	if err := f.event([]byte(line)); err != nil {
		t.Fatal(err)
	}
	if got, want := f.windows[1], (window.Info{Class: "XTerm", Title: "t", X11: true}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := f.windows[2]; got.X11 || got.Exe == "" {
		t.Errorf("of a Wayland program: %+v", got)
	}
}

func TestGarbage(t *testing.T) {
	socket := filepath.Join(windowtest.Dir(t), "niri.sock")
	windowtest.Garbage(t, socket, func() window.Source { return New(Options{Socket: socket}) },
		`{"Err":"no"}`+"\n", `{"Ok":"Handled"}`+"\n", `{"WindowsChanged":[]}`+"\n", `{"WindowsChanged":{"windows":[{"id":-1}]}}`+"\n",
		`{"WindowsChanged":{"windows":null}}`+"\n"+`{"WindowFocusChanged":{"id":"x"}}`+"\n",
		`{"WindowsChanged":{"windows":[{"id":1,"is_focused":true,"title":"`+strings.Repeat("x", 1<<20)+`"}]}}`+"\n",
	)
}
