// Package kept keeps the settings that people change while toshy runs, in a file in the user's state directory. The user's
// own process writes it, while no key waits.
package kept

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.uber.org/zap"

	"toshy/cmd/internal/control"
	"toshy/config"
)

const (
	// between is how long changes are gathered after a write: a key that repeats may change a setting thirty times a second.
	between = 100 * time.Millisecond
	// again is how long to wait after a failed write, if nothing changes before.
	again = 30 * time.Second
)

// Path is where a program with a given name keeps settings: $XDG_STATE_HOME/NAME/settings.toml, where an unset or relative
// XDG_STATE_HOME means ~/.local/state (XDG Base Directory Specification).
func Path(name string) (string, error) {
	dir := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("no place to keep settings: %w", err)
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, name, "settings.toml"), nil
}

// Read reads the settings kept at a path: none if the file does not exist.
func Read(path string) (map[string]string, error) {
	text, err := config.Disk{}.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, err
	}
	values, err := config.ParseKept(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return values, nil
}

// A Store has the kept settings. Its methods may be called from any goroutine; only Flush waits.
type Store struct {
	path    string // "": there is no place for the file
	log     *zap.Logger
	changed chan struct{}

	mu     sync.Mutex
	values map[string]string
	count  uint64 // the number of changes
	wrote  uint64 // how many of them are in the file
	tried  uint64 // for how many of them a write has succeeded or failed
	err    error  // of the last write, or why there is no place
	news   chan struct{}
	notes  map[string]bool // notes already in the log
	broken bool            // the file is damaged, and will be moved away before the next write
}

// Open reads the settings that a program keeps. It logs problems and continues.
func Open(name string, log *zap.Logger) *Store {
	s := &Store{
		log: log, changed: make(chan struct{}, 1), values: map[string]string{}, news: make(chan struct{}), notes: map[string]bool{},
	}
	var err error
	if s.path, err = Path(name); err != nil {
		s.err = err
		log.Warn("changed settings are not kept", zap.Error(err))
		return s
	}
	values, err := Read(s.path)
	if err != nil {
		s.broken = true
		log.Warn("the kept settings cannot be read; toshy uses those of the configuration", zap.Error(err))
		return s
	}
	s.values = values
	return s
}

// Values are the kept settings, by name.
func (s *Store) Values() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.values)
}

// Note logs, once, which kept values a configuration does not use.
func (s *Store) Note(settings []config.Setting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, note := range config.Unused(settings, s.values) {
		if !s.notes[note] {
			s.notes[note] = true
			s.log.Info("a kept setting is not used", zap.String("setting", note))
		}
	}
}

// Keep stores a change, to be written soon.
func (s *Store) Keep(k control.KeptSetting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, had := s.values[k.Name]
	if had != k.Default && (k.Default || old == k.Value) {
		return // no change
	}
	if k.Default {
		delete(s.values, k.Name)
	} else {
		s.values[k.Name] = k.Value
	}
	s.count++
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// Flush waits until all current values are in the file, and returns the reason if they are not.
func (s *Store) Flush(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for count := s.count; s.path != "" && s.tried < count; {
		news := s.news
		s.mu.Unlock()
		select {
		case <-news:
			s.mu.Lock()
		case <-ctx.Done():
			s.mu.Lock()
			return errors.New("it is not written yet")
		}
	}
	return s.err
}

// Run writes changes until ctx ends, and then what is left.
func (s *Store) Run(ctx context.Context) {
	var retry <-chan time.Time
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-s.changed:
		case <-retry:
		}
		retry = nil
		if !s.save() {
			retry = time.After(again)
		}
		select {
		case <-ctx.Done():
		case <-time.After(between):
		}
	}
	s.save()
}

// save writes what is not written yet; false: it failed. The log reports a failure once, until a write succeeds.
func (s *Store) save() bool {
	s.mu.Lock()
	count, values, aside, failed := s.count, maps.Clone(s.values), s.broken, s.err != nil
	done := s.path == "" || s.wrote == count
	s.mu.Unlock()
	if done {
		return true
	}
	err := write(s.path, values, aside)
	s.mu.Lock()
	if s.tried, s.err = count, err; err == nil {
		s.wrote, s.broken = count, false
	}
	close(s.news)
	s.news = make(chan struct{})
	s.mu.Unlock()
	if err != nil && !failed {
		s.log.Warn("a changed setting is in use, but could not be kept; toshy tries again", zap.Error(err))
	}
	return err == nil
}

// write replaces the file in one step: whenever the machine stops, the file is either the old one or the new one. A damaged
// file is moved away, because someone may want its content back.
func write(path string, values map[string]string, aside bool) (err error) {
	text := config.FormatKept(values)
	if len(text) > config.MaxKept {
		return fmt.Errorf("%s would have more than %d KiB", path, config.MaxKept>>10)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() { // keep a link
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil && aside {
		if err = os.Rename(path, path+".broken"); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}
