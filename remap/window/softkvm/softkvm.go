// Package softkvm says when the pointer is on another machine, for those who share one keyboard between
// several by Deskflow, Synergy, Input Leap or Barrier. Keys then go to the other machine as they are: it
// may have a remapper of its own.
//
// None of the four tells other programs where the pointer is. All come from one code base, and say in the
// log of the server (the machine that has the keyboard) when the pointer leaves its screen and when it is
// back; so the log file is followed. Where none of them is set up nothing is watched and no goroutine
// waits; where one is, inotify wakes us when it writes. On a client nothing is to be done: the keys come
// from elsewhere.
package softkvm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A Watcher follows the logs of the user's programs. The zero value is ready to use.
type Watcher struct {
	Home   string // "" is the user's own
	Config string // where programs keep their settings; "" is $XDG_CONFIG_HOME or ~/.config
	Proc   string // "" is /proc
}

// ErrNone says that none of the programs is set up here.
var ErrNone = errors.New("neither Deskflow, Synergy, Input Leap nor Barrier is set up")

func (w Watcher) fill() Watcher {
	if w.Home == "" {
		w.Home, _ = os.UserHomeDir() // without one nothing is found
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
	return w
}

// Run calls report with true when the pointer leaves this machine and with false when it is back, from one
// goroutine, until ctx ends. It starts with false unless the pointer is away already. Where none of the
// programs is set up it returns ErrNone at once.
func (w Watcher) Run(ctx context.Context, report func(away bool)) error {
	w = w.fill()
	programs := w.Find()
	if len(programs) == 0 {
		return ErrNone
	}
	n, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch the logs of %s: %w", programs[0].Name, err)
	}
	defer n.Close()
	f := &follower{Watcher: w, notify: n, report: report, ended: make(chan struct{}, 1)}
	defer f.forgetServer()
	f.reread()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-n.Events:
			f.event(e)
		case <-n.Errors: // its queue overflowed: look what is true now
			f.reread()
		case <-f.ended:
			f.serverEnded()
		}
	}
}

type follower struct {
	Watcher
	notify *fsnotify.Watcher
	report func(bool)
	logs   []*tail
	away   bool
	said   bool

	server context.CancelFunc // stops waiting for the server's end; nil: does not wait
	ended  chan struct{}      // the server has
}

// reread finds the programs' logs again and follows them.
func (f *follower) reread() {
	var watch []string
	for _, k := range known { // also where the file is not there: it may be between being removed and written
		if dir := filepath.Dir(filepath.Join(f.Config, k.settings)); isDir(dir) {
			watch = append(watch, dir) // the file is replaced, not written to
		}
	}
	var logs []*tail
	for _, p := range f.Find() {
		if !p.ToFile {
			continue
		}
		t := f.tailOf(p.Log)
		if t == nil {
			t = &tail{path: p.Log}
		}
		logs = append(logs, t)
		if _, err := os.Stat(p.Log); err == nil {
			watch = append(watch, p.Log)
		} else {
			watch = append(watch, filepath.Dir(p.Log))
		}
	}
	f.logs = logs
	for _, old := range f.notify.WatchList() {
		if !slices.Contains(watch, old) {
			_ = f.notify.Remove(old) // gone with its file
		}
	}
	for _, path := range watch {
		_ = f.notify.Add(path) // a folder that is not there has no log yet; harmless when watched already
	}
	for _, t := range logs { // after the watch, so that nothing is missed in between
		if t.looked {
			t.read()
		} else {
			t.look(f.Proc)
		}
	}
	f.judge()
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
		_ = f.notify.Remove(e.Name) // it may still stand for the old file
		f.reread()
	case at >= 0 && (e.Has(fsnotify.Create) || e.Has(fsnotify.Write)), f.isSettings(e.Name):
		f.reread()
	}
}

func (f *follower) isSettings(path string) bool {
	for _, k := range known {
		if path == filepath.Join(f.Config, k.settings) {
			return true
		}
	}
	return false
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

// awaitServer waits for the end of the server: one that is killed does not say that the pointer is back.
func (f *follower) awaitServer() {
	pid, ok := serverOf(f.Proc)
	if !ok {
		return // under a name that we do not know: the log's word has to do
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
		t.read() // its last words
		t.away = false
	}
	f.judge()
}

// endPoll is how often a kernel without pidfd_open (before 5.3) is asked whether the server still runs.
// It is asked only while the pointer is away.
const endPoll = time.Second
