// Package softkvm says when the pointer is on another machine, for users who share one keyboard between machines with
// Deskflow, Synergy, Input Leap or Barrier. Keys then go to the other machine unchanged, because it may have its own
// remapper.
//
// None of the four tells other programs where the pointer is. All come from one code base, and the log of the server (the
// machine with the keyboard) says when the pointer leaves its screen and when it is back. So toshy follows the log file. It
// does not poll: inotify wakes it when a program writes its log, when it creates its settings, and when its server is
// started by hand, which opens the program's file. On a client there is nothing to do: the keys come from elsewhere.
package softkvm

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A Watcher follows the logs of the user's programs. The zero value is ready to use.
type Watcher struct {
	Home   string // "" is the user's own
	Config string // where programs keep their settings; "" is $XDG_CONFIG_HOME or ~/.config
	Proc   string // "" is /proc
	Path   string // folders of programs, with colons between; "" is $PATH
}

func (w Watcher) fill() Watcher {
	if w.Home == "" {
		w.Home, _ = os.UserHomeDir() // without a home folder, nothing is found
	}
	if w.Config == "" {
		w.Config = os.Getenv("XDG_CONFIG_HOME")
	}
	if w.Config == "" {
		w.Config = filepath.Join(w.Home, ".config")
	}
	if w.Proc == "" {
		w.Proc = "/proc"
	}
	if w.Path == "" {
		w.Path = os.Getenv("PATH")
	}
	return w
}

// Run calls report with true when the pointer leaves this machine and with false when it is back, from one goroutine, until
// ctx ends. It starts with false unless the pointer is away already. This is also true if no program is set up: one may be
// later.
func (w Watcher) Run(ctx context.Context, report func(away bool)) error {
	w = w.fill()
	n, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch for programs that share a keyboard between machines: %w", err)
	}
	defer n.Close()
	starts, err := watchStarts(w.Path)
	if err != nil {
		return fmt.Errorf("watch for programs that share a keyboard between machines: %w", err)
	}
	defer starts.Close()
	f := &follower{Watcher: w, notify: n, report: report, ended: make(chan struct{}, 1)}
	defer f.forgetServer()
	f.reread()
	again := time.NewTimer(0)
	again.Stop()
	var looks []time.Duration // still to come
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-n.Events:
			f.event(e)
		case <-n.Errors: // its queue overflowed: check the current state
			f.reread()
		case <-starts.opened:
			looks = startLooks
			again.Reset(0)
		case <-again.C:
			f.reread()
			if len(looks) > 0 {
				again.Reset(looks[0])
				looks = looks[1:]
			}
		case <-f.ended:
			f.serverEnded()
		}
	}
}

// startLooks is when to look for a server after its program's file was opened. That may be long before the process has its
// name and its log.
var startLooks = []time.Duration{50 * time.Millisecond, 200 * time.Millisecond, time.Second, 5 * time.Second}

type follower struct {
	Watcher
	notify *fsnotify.Watcher
	report func(bool)
	logs   []*tail
	away   bool
	said   bool

	server context.CancelFunc // stops waiting for the server's end; nil: not waiting
	ended  chan struct{}      // closed when the server has ended
}

// reread finds the programs' logs again and follows them.
func (f *follower) reread() {
	var watch []string
	add := func(path string) {
		watch = append(watch, path)
		_ = f.notify.Add(path) // a missing folder has no log yet; harmless if already watched
	}
	for _, path := range f.places() { // before they are read, to miss no change in between
		// Even if the file is missing: it is replaced instead of written to, or created later.
		for dir := ""; dir != nearest(filepath.Dir(path)); { // the next folder may be created before this one is watched
			dir = nearest(filepath.Dir(path))
			add(dir)
		}
	}
	var logs []*tail
	for _, p := range f.Find() {
		if !p.ToFile || slices.ContainsFunc(logs, func(t *tail) bool { return t.path == p.Log }) {
			continue
		}
		t := f.tailOf(p.Log)
		if t == nil {
			t = &tail{path: p.Log}
		}
		logs = append(logs, t)
		if _, err := os.Stat(p.Log); err == nil {
			add(p.Log)
		} else {
			add(filepath.Dir(p.Log))
		}
	}
	f.logs = logs
	for _, old := range f.notify.WatchList() {
		if !slices.Contains(watch, old) {
			_ = f.notify.Remove(old) // gone with its file
		}
	}
	for _, t := range logs { // also after starting the watch
		if t.looked {
			t.read()
		} else {
			t.look(f.Proc)
		}
	}
	f.judge()
}

// nearest is the folder, or its nearest existing parent.
func nearest(dir string) string {
	for !isDir(dir) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
	}
	return dir
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

func (f *follower) tailOf(path string) *tail {
	for _, t := range f.logs {
		if t.path == path {
			return t
		}
	}
	return nil
}

func (f *follower) event(e fsnotify.Event) {
	at := slices.IndexFunc(f.logs, func(t *tail) bool { return t.path == e.Name })
	switch {
	case at >= 0 && e.Has(fsnotify.Write) && f.logs[at].there:
		f.logs[at].read()
		f.judge()
	case at >= 0 && (e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename)): // rotated
		_ = f.notify.Remove(e.Name) // it may still refer to the old file
		f.reread()
	case at >= 0 && (e.Has(fsnotify.Create) || e.Has(fsnotify.Write)), f.isPlace(e.Name):
		f.reread()
	}
}

// isPlace says whether a path is one of the places, or a folder on the way to one.
func (f *follower) isPlace(path string) bool {
	return slices.ContainsFunc(f.places(), func(place string) bool {
		return path == place || strings.HasPrefix(place, path+"/")
	})
}

// judge reports when what the logs say has changed.
func (f *follower) judge() {
	away := slices.ContainsFunc(f.logs, func(t *tail) bool { return t.away })
	if away == f.away && f.said {
		return
	}
	f.away, f.said = away, true
	f.forgetServer()
	if away {
		f.awaitServer()
	}
	f.report(away)
}

// awaitServer waits until the server ends: if it is killed, its log does not say that the pointer is back.
func (f *follower) awaitServer() {
	pid, ok := serverOf(f.Proc)
	if !ok {
		return // under an unknown name: only the log counts
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.server = cancel
	go func() {
		if processEnd(ctx, pid) {
			f.ended <- struct{}{}
		}
	}()
}

func (f *follower) forgetServer() {
	if f.server != nil {
		f.server()
		f.server = nil
	}
	select {
	case <-f.ended:
	default:
	}
}

func (f *follower) serverEnded() {
	for _, t := range f.logs {
		t.read() // its last lines
		t.away = false
	}
	f.judge()
}

// endPoll is how often to ask a kernel without pidfd_open (before 5.3) whether the server still runs. This only happens
// while the pointer is away.
const endPoll = time.Second
