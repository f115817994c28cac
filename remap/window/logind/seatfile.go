package logind

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/fsnotify/fsnotify"
)

// seatsFolder is where logind keeps a file for each seat, which sd-login(3) reads. Every user may read it and only root
// writes to it: unlike a connection to the bus, nobody can disturb it.
const seatsFolder = "/run/systemd/seats"

// maxSeatFile is how much of a seat's file to read. It lists all sessions, with a few bytes each.
const maxSeatFile = 64 << 10

// Active is the user and session at the seat, according to the seat's file. An ID of "" means that nobody is there.
type Active struct {
	ID  string
	UID uint32
}

// Is says whether this is the session.
func (a Active) Is(s Session) bool { return a.ID == s.ID && (s.ID == "" || a.UID == s.UID) }

func (w *Watcher) folder() string {
	if w.Seats != "" {
		return w.Seats
	}
	return seatsFolder
}

func (w *Watcher) seat() string {
	if w.Seat != "" {
		return w.Seat
	}
	return DefaultSeat
}

// Active reads the seat's file. It returns false if this machine has none that can be read.
func (w *Watcher) Active() (a Active, ok bool) {
	seat := w.seat()
	if filepath.Base(seat) != seat {
		return a, false
	}
	f, err := os.Open(filepath.Join(w.folder(), seat))
	if err != nil {
		return a, false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSeatFile))
	if err != nil {
		return a, false
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		switch name {
		case "ACTIVE":
			a.ID = value
		case "ACTIVE_UID":
			uid, err := strconv.ParseUint(value, 10, 32)
			if err != nil {
				return Active{}, false
			}
			a.UID = uint32(uid)
		}
	}
	return a, true
}

// FollowActive calls changed after each change of the seat's file, until ctx ends. The error says why it cannot follow the
// file; without logind, the folder does not exist.
func (w *Watcher) FollowActive(ctx context.Context, changed func()) error {
	// A missing folder is no error, and looking costs less than a watcher.
	if _, err := os.Stat(w.folder()); err != nil {
		return fmt.Errorf("logind: follow the seats: %w", err)
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("logind: follow %s: %w", w.folder(), err)
	}
	defer watcher.Close()
	if err := watcher.Add(w.folder()); err != nil {
		return fmt.Errorf("logind: follow %s: %w", w.folder(), err)
	}
	changed() // for earlier changes
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-watcher.Events:
			switch {
			case filepath.Base(e.Name) == w.seat():
				changed()
			case e.Name == w.folder() && e.Has(fsnotify.Remove):
				return fmt.Errorf("logind: %s is gone", w.folder())
			}
		case <-watcher.Errors: // the kernel has dropped some
			changed()
		}
	}
}
