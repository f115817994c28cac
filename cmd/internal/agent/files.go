package agent

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"toshy/cmd/internal/control"
	"toshy/config"
)

// followConfig sends the configuration again when it changes, until ctx ends.
func (a *agent) followConfig(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.watcher.Changed:
		case <-a.Reload:
		}
		a.mu.Lock()
		a.config = true
		a.mu.Unlock()
		a.wake()
	}
}

// collect reads the user's configuration with all files that it names.
func (a *agent) collect() *control.AgentConfig {
	around := a.Around()
	c := &control.AgentConfig{Main: a.Find(), Facts: around.Facts, Actions: around.Actions, Settings: a.Kept()}
	if c.Main == "" {
		if a.Expect != "" {
			a.watcher.Watch([]string{a.Expect})
		}
		if p, err := a.Read(a.System(), around); err == nil {
			a.allow(commandsOf(p))
		}
		return c
	}
	if abs, err := filepath.Abs(c.Main); err == nil {
		c.Main = abs
	}
	r := &recorder{texts: config.Texts{}, unreadable: map[string]string{}, watch: []string{c.Main}}
	around.Files = r
	if p, err := a.Read(c.Main, around); err == nil { // the daemon finds any mistake as well, and reports it to everyone
		a.allow(commandsOf(p))
	}
	c.Files, c.Unreadable = r.texts, r.unreadable
	a.watcher.Watch(r.watch)
	return c
}

// tooLarge replaces a configuration that is too large for a message, so that the daemon reports that to everyone.
func tooLarge(c *control.AgentConfig, err error) control.AgentMessage {
	return control.AgentMessage{Kind: "config", Config: &control.AgentConfig{
		Serial: c.Serial, Main: c.Main, Unreadable: map[string]string{c.Main: "all files together are too large for the daemon: " + err.Error()},
		Facts: c.Facts, Actions: c.Actions, Settings: c.Settings,
	}}
}

// A recorder reads files from the disk and keeps what it has read.
type recorder struct {
	disk       config.Disk
	texts      config.Texts
	unreadable map[string]string
	watch      []string
}

// ReadFile implements config.Files.
func (r *recorder) ReadFile(name string) ([]byte, error) {
	r.watch = append(r.watch, name)
	b, err := r.disk.ReadFile(name)
	switch {
	case err == nil:
		r.texts[name] = b
	case errors.Is(err, fs.ErrNotExist): // its absence from the texts says so
	default:
		r.unreadable[name] = reason(err)
	}
	return b, err
}

// reason is why a file cannot be read; AgentConfig.Source makes an error from it.
func reason(err error) string {
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrPermission):
		return control.NoPermission
	case errors.As(err, &pe):
		return pe.Err.Error()
	}
	return err.Error()
}

// Glob implements config.Files.
func (r *recorder) Glob(pattern string) ([]string, error) {
	r.watch = append(r.watch, pattern)
	return r.disk.Glob(pattern)
}
