package agent

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"toshy/cmd/internal/control"
	"toshy/config"
	"toshy/remap"
)

// followConfig sends the configuration again when it changes, until ctx ends.
func (a *agent) followConfig(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.watcher.Changed:
		case <-a.Reload:
		case <-a.wanted:
		}
		a.readConfig(ctx)
	}
}

// slowRead is how long reading the configuration may take before the user gets a message, endTime how long the end waits for it.
const (
	slowRead = 10 * time.Second
	endTime  = 2 * time.Second
)

// slow is the message to the user.
const slow = "Reading the configuration takes longer than 10 s: is it on a network that does not answer? Until it is read, nothing changes."

// readConfig reads the configuration for the daemon. Nothing else waits for it: it may be on a network that does not answer.
func (a *agent) readConfig(ctx context.Context) {
	a.mu.Lock()
	serial, nth := a.serial, a.nth
	a.mu.Unlock()
	read := make(chan *control.AgentConfig, 1)
	go func() { read <- a.collect() }()
	told := time.NewTimer(slowRead)
	defer told.Stop()
	for {
		select {
		case c := <-read:
			c.Serial = serial
			a.mu.Lock()
			if nth == a.nth { // otherwise another daemon wants it again
				a.config = message{control.AgentMessage{Kind: "config", Config: c}, true}
			}
			a.mu.Unlock()
			wake(a.dirty)
			return
		case <-told.C:
			a.Log.Error(slow)
			a.Do(&remap.Effect{Kind: remap.EffectNotify, Text: slow})
		case <-ctx.Done():
			select {
			case <-read:
			case <-time.After(endTime):
			}
			return
		}
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
