// Package program finds, reads and compiles the configuration that the commands and the daemon run.
package program

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"toshy/cmd/internal/desktop"
	"toshy/config"
	"toshy/remap"
)

// Builtin is the configuration of users who have none.
const Builtin = "mac"

// systemFile is what an administrator writes for all users.
const systemFile = "/etc/toshy/config.toml"

// A Program is a configuration that is ready to run.
type Program struct {
	*config.Config
	Compiled *remap.Compiled
	Path     string // "" for the built-in configuration
}

// Source names where the configuration came from, for messages.
func (p *Program) Source() string {
	if p.Path == "" {
		return fmt.Sprintf("built-in configuration %q", Builtin)
	}
	return p.Path
}

// Find returns the path of the configuration: the one given, else the user's
// ($XDG_CONFIG_HOME/toshy/config.toml), else the system's, else "" for the built-in one. A file that
// is there but cannot be looked at is returned too, so that reading it says why.
func Find(given string) string {
	if given != "" {
		return given
	}
	var candidates []string
	if dir, err := os.UserConfigDir(); err == nil {
		candidates = append(candidates, filepath.Join(dir, "toshy", "config.toml"))
	}
	for _, path := range append(candidates, systemFile) {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return path
		}
	}
	return ""
}

// Load reads and compiles the configuration at a path that Find returned, "": the built-in one. An
// error is a *config.Error, or joins *remap.Problem.
func Load(path string) (*Program, error) {
	options := config.Options{Facts: facts()}
	if path == "" {
		return compile(config.Builtin(Builtin, options))
	}
	p, err := compile(config.Load(path, options))
	if p != nil {
		p.Path = path
	}
	return p, err
}

// Parse reads and compiles a configuration from a text; files that it includes come from files.
func Parse(name string, text []byte, files config.Files) (*Program, error) {
	p, err := compile(config.Parse(name, text, config.Options{Files: files, Facts: facts()}))
	if p != nil {
		p.Path = name
	}
	return p, err
}

func compile(c *config.Config, err error) (*Program, error) {
	if err != nil {
		return nil, err
	}
	compiled, err := remap.Compile(c.Program)
	if err != nil {
		return nil, err
	}
	return &Program{Config: c, Compiled: compiled}, nil
}

// facts are what conditions may ask about the machine. A fact that cannot be had is left out.
func facts() map[string]string {
	f := make(map[string]string)
	if host, err := os.Hostname(); err == nil {
		f["host"] = host
	}
	if v := desktop.Version(); v != "" {
		f["desktop_version"] = v
	}
	release, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return f
	}
	for line := range strings.Lines(string(release)) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "ID="); ok {
			f["distro"] = strings.Trim(id, `"'`)
		}
	}
	return f
}

// TypeByName is the type of a keyboard of which only the name is known.
func (p *Program) TypeByName(name string) string {
	t, _ := p.KeyboardType(config.Identity{Name: name})
	return t
}
