// Package hyprland follows the focus on Hyprland through its event socket (wiki.hypr.land, "IPC").
//
// It does not report the executable: that would take a request at each change of the focus, and the compositor waits while
// a request is open.
package hyprland

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"toshy/remap/window"
	"toshy/remap/window/internal/sock"
)

const (
	eventSocket   = ".socket2.sock"
	requestSocket = ".socket.sock"

	maxLine   = 16 << 10 // the part of an event that is read, in bytes; the title is at its end
	maxAnswer = 1 << 20  // bytes

	// titleWait is how long after a windowtitle it is clear that no windowtitlev2 follows. If titles must be queried, a
	// title that changes all the time is queried once per titleEvery.
	titleWait  = 20 * time.Millisecond
	titleEvery = 100 * time.Millisecond
)

// Options say where the sockets are. Empty fields are taken from the environment, or found.
type Options struct {
	Folder  string // of the instance; default: $HYPRLAND_INSTANCE_SIGNATURE's, else the newest
	Runtime string // the session's runtime folder; default $XDG_RUNTIME_DIR
	// Keyboard is the name of the keyboard whose layout is used; see RunGroup.
	Keyboard string
}

// Source follows one Hyprland. It implements [window.Source].
type Source struct{ opts Options }

// New returns a source; it connects in Run.
func New(opts Options) *Source { return &Source{opts} }

// Name is "hyprland".
func (s *Source) Name() string { return "hyprland" }

// Detect says whether an event socket exists.
func (s *Source) Detect() bool { return sock.Present(s.sockets()) }

// sockets lists the event sockets to try. Before version 0.40 they were below the temporary folder.
func (s *Source) sockets() []string {
	if s.opts.Folder != "" {
		return []string{filepath.Join(s.opts.Folder, eventSocket)}
	}
	homes := []string{filepath.Join(sock.RuntimeDir(s.opts.Runtime), "hypr"), filepath.Join(os.TempDir(), "hypr")}
	if s.opts.Runtime != "" || os.Geteuid() == 0 {
		homes = homes[:1] // everyone may create sockets in the other one, and root accepts those of all users
	}
	var patterns []string
	for _, home := range homes {
		patterns = append(patterns, filepath.Join(home, "*", eventSocket))
	}
	found := sock.Find(patterns...)
	if instance := os.Getenv("HYPRLAND_INSTANCE_SIGNATURE"); instance != "" && s.opts.Runtime == "" {
		for _, home := range slices.Backward(homes) {
			found = sock.First(filepath.Join(home, instance, eventSocket), found)
		}
	}
	return found
}

// Run follows the focus, see [window.Source].
func (s *Source) Run(ctx context.Context, report func(window.Info)) error {
	of := window.Info{Desktop: "hyprland", Session: "wayland", Source: "hyprland"}
	return sock.Follow(ctx, "hyprland", s.sockets(), func(c *net.UnixConn) error { return follow(ctx, c, sock.Report(ctx, of, report)) })
}

func follow(ctx context.Context, c net.Conn, report func(window.Info)) error {
	// Ask after the events are connected: later changes arrive as events.
	folder := filepath.Dir(c.RemoteAddr().String())
	f := follower{report: report}
	f.ask = func() error { return f.current(ctx, folder) }
	if err := f.ask(); err != nil {
		return err
	}
	f.layers(ctx, folder)
	if err := c.SetDeadline(time.Time{}); err != nil {
		return err
	}
	lines := sock.NewLines(c, maxLine)
	for {
		if f.owed {
			ready, err := lines.Within(c, titleWait)
			if err != nil {
				return err
			}
			if !ready || time.Since(f.since) > titleEvery {
				if err := f.askTitle(); err != nil {
					return err
				}
			}
		}
		line, _, err := lines.Next()
		if err != nil {
			return err
		}
		f.event(string(line))
	}
}

// launchers are the names with which launchers and session menus open a layer-shell surface that takes the keyboard from
// windows. Hyprland reports that a surface opens, but not whether it takes the keyboard.
var launchers = map[string]bool{
	"launcher": true, // fuzzel, tofi and others
	"wofi":     true, "rofi": true, "fuzzel": true, "hyprlauncher": true, "anyrun": true, "walker": true, "menu": true, "bemenu": true,
	"wmenu": true, "dmenu": true, "nwg-drawer": true, "logout_dialog": true, "sirula": true, "kickoff": true, "krunner": true,
}

type follower struct {
	report  func(window.Info)
	ask     func() error
	info    window.Info
	titles  bool // this version sends windowtitlev2
	owed    bool // a windowtitle arrived, and its windowtitlev2 may follow
	since   time.Time
	address string // of the focused window, in hexadecimal; "" if unknown

	open map[string]bool // names of open launchers
}

// request asks one question and reads the answer.
func request(ctx context.Context, folder, question string, answer any) error {
	c, done, err := sock.Dial(ctx, filepath.Join(folder, requestSocket))
	if err != nil {
		return err
	}
	defer done()
	if _, err := io.WriteString(c, "j/"+question); err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(c, maxAnswer))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, answer); err != nil {
		return fmt.Errorf("unexpected answer to %s: %w: %.100q", question, err, b)
	}
	return nil
}

// current asks for the focused window.
func (f *follower) current(ctx context.Context, folder string) error {
	var w struct{ Class, Title, Address string }
	if err := request(ctx, folder, "activewindow", &w); err != nil {
		return err
	}
	f.address = strings.TrimPrefix(w.Address, "0x")
	f.set(w.Class, w.Title)
	return nil
}

// layers asks which launchers are already open. If Hyprland does not answer, there are none.
func (f *follower) layers(ctx context.Context, folder string) {
	var monitors map[string]struct {
		Levels map[string][]struct{ Namespace string }
	}
	if request(ctx, folder, "layers", &monitors) != nil {
		return
	}
	for _, m := range monitors {
		for _, level := range m.Levels {
			for _, l := range level {
				f.layer(l.Namespace, true)
			}
		}
	}
}

func (f *follower) set(class, title string) {
	f.info = window.Clip(window.Info{Class: class, Title: title})
	f.tell()
}

// tell reports the focused window, or none while a launcher is open.
func (f *follower) tell() {
	if len(f.open) > 0 {
		f.report(window.Info{})
		return
	}
	f.report(f.info)
}

// layer notes that a surface of the layer shell has opened or closed.
func (f *follower) layer(name string, opened bool) {
	if !launchers[name] {
		return
	}
	if f.open == nil {
		f.open = map[string]bool{}
	}
	// Not counted: a window in the list may be reported once more.
	if opened {
		f.open[strings.Clone(name)] = true
	} else {
		delete(f.open, name)
	}
	f.tell()
}

// askTitle asks for a title that was not sent. The answer is newer than the unread events. That hardly matters: events
// about titles cause another question.
func (f *follower) askTitle() error {
	f.owed = false
	return f.ask()
}

// event handles one line: EVENT>>DATA. Titles may contain commas, so data is split from the left.
func (f *follower) event(line string) {
	name, data, _ := strings.Cut(line, ">>")
	switch name {
	case "activewindow": // CLASS,TITLE; activewindowv2 with the address follows
		class, title, _ := strings.Cut(data, ",")
		f.address, f.owed = "", false
		f.set(class, title)
	case "activewindowv2":
		f.address = strings.Clone(strings.Trim(data, ",")) // a lone comma if there is no window
	case "windowtitlev2": // ADDRESS,TITLE
		f.titles, f.owed = true, false
		if address, title, _ := strings.Cut(data, ","); address == f.address && address != "" {
			f.set(f.info.Class, title)
		}
	case "windowtitle": // ADDRESS; newer versions send windowtitlev2 after it
		if data == f.address && data != "" && !f.titles && !f.owed {
			f.owed, f.since = true, time.Now()
		}
	case "openlayer", "closelayer": // NAMESPACE
		f.layer(data, name == "openlayer")
	case "closewindow": // ADDRESS
		if data == f.address && data != "" {
			f.address, f.owed = "", false
			f.set("", "")
		}
	}
}
