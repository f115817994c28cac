package hyprland

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

// newFake talks like Hyprland according to its documentation: requests on one socket, events on the other. old leaves out what
// versions before 0.42 did not send.
func newFake(t *testing.T, dir string, old bool) *windowtest.Fake {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "hypr", "abc_1"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := func(name string) func() string {
		return func() string { return filepath.Join(dir, "hypr", "abc_1", name) }
	}
	clean := func(s string) string { return strings.ToValidUTF8(strings.ReplaceAll(s, "\n", " "), "?") }
	f := &windowtest.Fake{}
	join := func(c net.Conn) {
		send := windowtest.Outbox(t, c)
		f.Join(c, func([]*windowtest.FakeWindow, *windowtest.FakeWindow) {}, func(e windowtest.Event) {
			var s string
			switch w := e.Window; e.Kind {
			case "open":
				s = fmt.Sprintf("openwindow>>%x,1,%s,%s\n", w.ID, w.Class, clean(w.Title))
			case "focus":
				if w == nil {
					s = "activewindow>>,\nactivewindowv2>>\n"
				} else {
					s = fmt.Sprintf("activewindow>>%s,%s\nactivewindowv2>>%x\n", w.Class, clean(w.Title), w.ID)
				}
			case "title":
				s = fmt.Sprintf("windowtitle>>%x\n", w.ID)
				if !old {
					s += fmt.Sprintf("windowtitlev2>>%x,%s\n", w.ID, clean(w.Title))
				}
			case "show":
				s = "openlayer>>waybar\nopenlayer>>rofi\n"
			case "hide":
				s = "closelayer>>waybar\ncloselayer>>rofi\n"
			case "close":
				s = fmt.Sprintf("closewindow>>%x\n", w.ID)
			}
			send([]byte(s))
		})
	}
	f.Listeners = []windowtest.Listener{
		{Path: path(requestSocket), Serve: func(c net.Conn) {
			b := make([]byte, 64)
			n, err := c.Read(b)
			if err == nil && string(b[:n]) == "j/layers" {
				list := `{"HEADLESS-1": {"levels": {"2": [{"address": "0x1", "namespace": "waybar"}], "3": [`
				if f.Launcher() {
					list += `{"address": "0x2", "namespace": "rofi"}`
				}
				windowtest.WriteOdd(c, []byte(list+"]}}}"))
				return
			}
			if err != nil || string(b[:n]) != "j/activewindow" {
				return
			}
			f.Accept(t, 1, join)
			f.Join(c, func(_ []*windowtest.FakeWindow, w *windowtest.FakeWindow) {
				answer := []byte("{}")
				if w != nil {
					answer, _ = json.Marshal(map[string]any{ // only strings: cannot fail
						"address": fmt.Sprintf("0x%x", w.ID), "class": w.Class, "title": w.Title, "pid": 1, "at": []int{0, 0},
					})
				}
				windowtest.WriteOdd(c, answer)
			}, nil)
		}},
		{Path: path(eventSocket), OnDemand: true, Serve: func(c net.Conn) {
			_, _ = io.Copy(io.Discard, c) // until the client disconnects
		}},
	}
	return f
}

func TestSuite(t *testing.T) {
	for name, old := range map[string]bool{"current": false, "old": true} {
		t.Run(name, func(t *testing.T) {
			dir := windowtest.Dir(t)
			windowtest.Suite{
				Desktop: windowtest.FakeLaunchers{Fake: newFake(t, dir, old)},
				Source:  func() window.Source { return New(Options{Runtime: dir}) },
				Want:    window.Info{Desktop: "hyprland", Session: "wayland", Source: "hyprland"},
			}.Run(t)
		})
	}
}

// TestOldTitles has a Hyprland that reports that a title changed, but not the new title. The source asks for it once, however many
// changes come, and not at all if the window has lost the focus.
func TestOldTitles(t *testing.T) {
	f := follower{report: func(window.Info) {}, address: "7"}
	for _, step := range []struct {
		line string
		owed bool
	}{
		{"windowtitle>>8", false},
		{"windowtitle>>7", true},
		{"workspace>>2", true},
		{"windowtitle>>7", true},
		{"activewindow>>kitty,x", false},
		{"activewindowv2>>9", false},
		{"windowtitle>>9", true},
		{"windowtitlev2>>9,y", false},
		{"windowtitle>>9", false}, // not in the old format
	} {
		if f.event(step.line); f.owed != step.owed {
			t.Errorf("after %s: owed %v", step.line, f.owed)
		}
	}
}

func TestEvents(t *testing.T) {
	var got []string
	f := follower{
		report: func(i window.Info) { got = append(got, i.Class+"|"+i.Title) },
		ask:    func() error { got = append(got, "asked"); return nil },
	}
	for _, line := range []string{
		"activewindow>>kitty,a, b >> c", "activewindowv2>>5f1",
		"windowtitle>>5f1", "windowtitlev2>>5f1,x,y",
		"windowtitle>>5f1", // after the first v2 event, the source asks no more
		"windowtitlev2>>999,other", "closewindow>>999",
		"workspace>>2", "nonsense", ">>", "",
		"activewindow>>,", "activewindowv2>>,", "windowtitlev2>>,x", "closewindow>>",
		"activewindow>>noComma", "activewindowv2>>7", "closewindow>>7",
	} {
		f.event(line)
	}
	want := "kitty|a, b >> c kitty|x,y | noComma| |"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("reported %q, want %q", s, want)
	}
}

// TestGarbage: the event socket sends nonsense; the other socket does, too, after an event that makes the source ask.
func TestGarbage(t *testing.T) {
	dir := windowtest.Dir(t)
	for name, other := range map[string]string{eventSocket: requestSocket, requestSocket: eventSocket} {
		_ = os.Remove(filepath.Join(dir, other)) // from the round before
		l, err := net.Listen("unix", filepath.Join(dir, other))
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				if other == requestSocket {
					_, _ = io.WriteString(c, `{"class":"kitty","title":"x","address":"0x7"}`)
					c.Close()
				}
			}
		}()
		windowtest.Garbage(t, filepath.Join(dir, name), func() window.Source { return New(Options{Folder: dir}) },
			"activewindow>>"+strings.Repeat(",", 1<<17)+"\n", "windowtitle>>7\nwindowtitle>>7\n", "closewindow>>7\nactivewindowv2>>,,,\n",
			`{"class":7}`, `{"class":"x","title":"`+strings.Repeat("x", 2<<20)+`"}`,
		)
		l.Close()
	}
}
