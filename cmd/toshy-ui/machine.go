package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/page"
	"toshy/cmd/internal/program"
	"toshy/cmd/internal/shortcuts"
	"toshy/config"
)

// A machine is the configuration and the daemon on this machine.
type machine struct {
	given string // path of the configuration; "": where toshy looks

	mu      sync.Mutex
	current *page.Program // nil: must be read
	good    *page.Program // the last valid one
	broken  error
	watched []string
	loads   int       // how often it was read
	readAt  time.Time // the last time
}

func newMachine(given string) *machine { return &machine{given: given} }

func (m *machine) path() string { return program.Find(m.given) }

// own is the place of the user's file, even if it does not exist.
func (m *machine) own() string {
	if m.given != "" {
		return m.given
	}
	return program.Toshy.UserPath()
}

func (m *machine) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current = nil
}

// read makes a program from the configuration. While the configuration has a mistake, the previous one is used; at first,
// that is the built-in one.
func (m *machine) program(ctx context.Context) *page.Program {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.current != nil {
		return m.current
	}
	m.loads, m.readAt = m.loads+1, time.Now()
	found := shortcuts.FindActive(ctx, desktop.Surroundings().Desktop, desktop.ActiveLayout)
	around := program.Around{Actions: found.Combos}
	path := m.path()
	p, err := program.Toshy.Load(path, around)
	m.broken = err
	if err == nil {
		m.watched = append(p.Files, p.Patterns...)
	} else if m.good == nil {
		p, _ = program.Toshy.Load("", around) // tests check that it is valid
	}
	if p != nil {
		m.good = &page.Program{Config: p.Config, Compiled: p.Compiled, Origins: found.Origins}
	}
	m.current = m.good
	return m.current
}

// files are the files to watch: the configuration's, and the user's own, which may appear.
func (m *machine) files() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string{m.own()}, m.watched...)
}

// version is the number of times the configuration was read.
func (m *machine) version() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.loads
}

// last is the time when the configuration was last read.
func (m *machine) last() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.readAt
}

// read makes a program from a text, as if it were the user's file. It writes nothing.
func (m *machine) read(text string) (*page.Program, error) {
	p, err := program.Parse(m.own(), []byte(text), nil)
	if err != nil {
		return nil, err
	}
	return &page.Program{Config: p.Config, Compiled: p.Compiled}, nil
}

// A File is the user's own configuration file.
type File struct {
	Path     string              `json:"path"`
	Text     string              `json:"text"`
	Hash     string              `json:"hash"`   // of the text; "": the file does not exist
	Source   string              `json:"source"` // what is in use if the user has no file
	ReadOnly string              `json:"read_only,omitempty"`
	Nix      bool                `json:"nix,omitempty"` // created by Nix
	Problems []config.Problem    `json:"problems"`
	Error    string              `json:"error,omitempty"` // the file cannot be read at all
	Keymaps  []config.FileKeymap `json:"keymaps"`
	// Version changes each time the configuration is read.
	Version int `json:"version"`
}

func hash(text []byte) string {
	h := sha256.Sum256(text)
	return hex.EncodeToString(h[:8])
}

func (m *machine) file() *File {
	f := &File{Path: m.own(), Problems: []config.Problem{}, Keymaps: []config.FileKeymap{}}
	p := m.program(context.Background())
	f.Version = m.version()
	f.Source = m.path()
	if f.Source == "" {
		f.Source = "the built-in configuration " + program.Builtin
	}
	text, err := config.Disk{}.ReadFile(f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Text = program.Toshy.Beginning()
	case err != nil:
		f.Error = err.Error()
	default:
		f.Text, f.Hash = string(text), hash(text)
	}
	if keymaps, err := config.FileKeymaps(f.Text); err == nil && keymaps != nil {
		f.Keymaps = keymaps
	}
	f.ReadOnly, f.Nix = readOnly(f.Path)
	if f.Problems = config.Problems(m.broken); f.Problems == nil {
		f.Problems = []config.Problem{}
		if m.broken == nil && p != nil {
			f.Problems = append(f.Problems, p.Config.Warnings...)
		} else if m.broken != nil && f.Error == "" {
			f.Error = m.broken.Error()
		}
	}
	return f
}

// readOnly says why a file cannot be written, "" if it can.
func readOnly(path string) (why string, nix bool) {
	real, err := filepath.EvalSymlinks(path)
	if err == nil && strings.HasPrefix(real, cmp.Or(os.Getenv("NIX_STORE_DIR"), "/nix/store")+"/") {
		return "NixOS or Home Manager created this file: it is " + real, true
	}
	if err == nil {
		f, err := os.OpenFile(real, os.O_WRONLY, 0)
		if err != nil {
			return err.Error(), false
		}
		_ = f.Close()
	}
	return "", false
}

// errChanged says that a file differs from the one that the page has seen.
var errChanged = errors.New("the file has changed in the meantime, so nothing was written. What you entered is still here. Look at the new file before you save")

// save writes the user's file if it has not changed since the page read it and the text is valid.
func (m *machine) save(text, seen string) error {
	path := m.own()
	if path == "" {
		return errors.New("there is no place for a configuration: HOME is not set")
	}
	if len(text) > config.MaxFileSize {
		return fmt.Errorf("the text is longer than %d KiB", config.MaxFileSize>>10)
	}
	if why, _ := readOnly(path); why != "" {
		return errors.New("the file cannot be written: " + why)
	}
	now, err := config.Disk{}.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && seen == "":
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case err != nil, hash(now) != seen:
		return errChanged
	}
	if _, err := m.read(text); err != nil {
		return err
	}
	if err := write(path, text); err != nil {
		return fmt.Errorf("save the configuration: %w", err)
	}
	m.forget()
	return nil
}

// write replaces the content of a file completely or not at all. A link stays a link.
func write(path, text string) (err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	mode := fs.FileMode(0o600)
	if i, err := os.Stat(path); err == nil {
		mode = i.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".toshy-ui-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}

// ask sends a request to the daemon.
func ask(r control.Request) (*control.Response, error) {
	c, err := control.Open()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.Do(r)
}

// A State is what the daemon does.
type State struct {
	Error    string            `json:"error,omitempty"`
	Hint     string            `json:"hint,omitempty"`
	Status   *control.Status   `json:"status,omitempty"`
	Settings []control.Setting `json:"settings"`
	Unused   []string          `json:"unused,omitempty"`
}

// state asks the daemon. err is the reason why that is not possible, nil if it is not known. Without a daemon, the settings
// come from the configuration.
func (m *machine) state(err error) *State {
	s := &State{Settings: []control.Setting{}}
	if err == nil {
		var status, settings *control.Response
		if status, err = ask(control.Request{Command: "status"}); err == nil {
			s.Status = status.Status
			if settings, err = ask(control.Request{Command: "settings"}); err == nil {
				s.Settings, s.Unused = settings.Settings, settings.Unused
				return s
			}
		}
	}
	f := failed(err)
	s.Error, s.Hint = f.Error, f.Hint
	if p := m.program(context.Background()); p != nil && len(s.Settings) == 0 {
		for _, x := range p.Config.Settings {
			s.Settings = append(s.Settings, control.Setting{Name: x.Name, Value: x.Value, Values: x.Values, Description: x.Description, Parent: x.Needs, Configured: x.Value})
		}
	}
	return s
}
