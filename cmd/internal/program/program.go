// Package program finds, reads and compiles the configuration that the commands and the daemon run.
package program

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"toshy/cmd/internal/desktop"
	"toshy/config"
	"toshy/remap"
)

// Builtin is the configuration of users without their own.
const Builtin = "mac"

// A Flavour is a name of the program: it decides where the configuration is, and what that builds on by default.
type Flavour struct {
	Name    string // of the program, and of the folder below ~/.config and /etc
	Extends string // a built-in configuration
}

var (
	// Toshy builds on the built-in configuration.
	Toshy = Flavour{"toshy", Builtin}
	// Xwaykeyz is the engine alone, for users of the program with that name: it only maps what their own file says.
	Xwaykeyz = Flavour{"xwaykeyz", "none"}
)

// A Program is a configuration that is ready to run.
type Program struct {
	*config.Config
	Compiled *remap.Compiled
	Path     string // "" for the built-in configuration

	again func(Around) (*Program, error)
}

// Around is the environment for which a configuration is read, in addition to the machine itself.
type Around struct {
	Files   config.Files      // files that someone else sends; nil: those on the disk
	Facts   map[string]string // instead of this machine's; see config.Options
	Actions map[string]string // shortcuts of the desktop; see config.Options
	Quiet   bool              // no warnings are needed; see config.Options
	Context context.Context   // ends the reading early; nil: nothing does
}

func (a Around) options() config.Options {
	f := Facts()
	maps.Copy(f, a.Facts)
	return config.Options{Files: a.Files, Facts: f, Actions: a.Actions, Quiet: a.Quiet, Context: a.Context}
}

// For reads the same configuration again from the same files, for another environment.
func (p *Program) For(a Around) (*Program, error) { return p.again(a) }

// Source names the origin of the configuration, for messages.
func (p *Program) Source() string {
	if p.Path == "" {
		return fmt.Sprintf("built-in configuration %q", Builtin)
	}
	return p.Path
}

// SystemPath is the administrator's configuration.
func (v Flavour) SystemPath() string { return filepath.Join("/etc", v.Name, "config.toml") }

// UserPath is the user's own configuration, "" for a user without a home folder.
func (v Flavour) UserPath() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, v.Name, "config.toml")
}

// AssignedPath is the administrator's configuration for this one user, "" for a user without a name.
func (v Flavour) AssignedPath() string {
	name := os.Getenv("USER")
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if name == "" || strings.HasPrefix(name, ".") || strings.Contains(name, "/") {
		return ""
	}
	return filepath.Join("/etc", v.Name, "users", name, "config.toml")
}

// FindUser returns the path of the user's configuration: the given one, else UserPath or AssignedPath if the file exists,
// else "".
func (v Flavour) FindUser(given string) string { return first(given, v.UserPath(), v.AssignedPath()) }

// FindSystem returns the path of the administrator's configuration: the given one, else SystemPath if the file exists, else
// "".
func (v Flavour) FindSystem(given string) string { return first(given, v.SystemPath()) }

// Beginning is what the user's first file must begin with: it replaces the administrator's configuration that was in use,
// so it builds on that. "": the built-in one is in use.
func (v Flavour) Beginning() string {
	if path := first("", v.AssignedPath(), v.SystemPath()); path != "" {
		return "extends = " + config.Quote(path) + "\n"
	}
	return ""
}

// Find returns the path of toshy's configuration, see Flavour.Find.
func Find(given string) string { return Toshy.Find(given) }

// Load reads and compiles toshy's configuration, see Flavour.Load.
func Load(path string) (*Program, error) { return Toshy.Load(path, Around{}) }

// Find returns the path of the configuration: the given one, else the user's ($XDG_CONFIG_HOME/toshy/config.toml), else the
// administrator's for this user (/etc/toshy/users/NAME/config.toml), else the one for everyone (/etc/toshy/config.toml),
// else "" for the built-in one. If a file exists but cannot be examined, it is returned too, so that reading it reports the
// reason.
func (v Flavour) Find(given string) string { return first(given, v.places()...) }

// Places are the paths where Find looks: if a file appears or disappears there, its result changes.
func (v Flavour) Places(given string) []string {
	if given != "" {
		return []string{given}
	}
	return v.places()
}

// first is the given path, else the first place that has a file.
func first(given string, places ...string) string {
	if given != "" {
		return given
	}
	for _, path := range places {
		if path == "" {
			continue
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return path
		}
	}
	return ""
}

// places are where the configuration can be, in order of priority.
func (v Flavour) places() []string {
	return slices.DeleteFunc([]string{v.UserPath(), v.AssignedPath(), v.SystemPath()}, func(path string) bool { return path == "" })
}

// Load reads and compiles the configuration at a path from Find; "": the built-in one. An error is a *config.Error, joins
// *remap.Problem, or says which file is missing or of the wrong kind.
func (v Flavour) Load(path string, around Around) (*Program, error) {
	options := around.options()
	options.Extends = v.Extends
	again := func(a Around) (*Program, error) {
		a.Files = around.Files
		return v.Load(path, a)
	}
	switch {
	case path == "" && v.Extends == "none":
		return nil, fmt.Errorf("no configuration: toshy found neither %s", strings.Join(v.places(), " nor "))
	case path == "":
		return compile(again)(config.Builtin(v.Extends, options))
	case filepath.Ext(path) == ".py":
		return nil, fmt.Errorf("%s is a configuration in Python; %s reads TOML, see docs/CONFIG.md", path, v.Name)
	}
	p, err := compile(again)(config.Load(path, options))
	if p != nil {
		p.Path = path
	}
	return p, err
}

// Parse reads and compiles a configuration from a text; included files come from files.
func Parse(name string, text []byte, files config.Files) (*Program, error) {
	return parse(name, text, Around{Files: files})
}

func parse(name string, text []byte, around Around) (*Program, error) {
	again := func(a Around) (*Program, error) {
		a.Files = around.Files
		return parse(name, text, a)
	}
	p, err := compile(again)(config.Parse(name, text, around.options()))
	if p != nil {
		p.Path = name
	}
	return p, err
}

// compile makes a program from a configuration. again reads it again.
func compile(again func(Around) (*Program, error)) func(*config.Config, error) (*Program, error) {
	return func(c *config.Config, err error) (*Program, error) {
		if err != nil {
			return nil, err
		}
		compiled, err := remap.Compile(c.Program)
		if err != nil {
			return nil, err
		}
		return &Program{Config: c, Compiled: compiled, again: again}, nil
	}
}

// Facts are facts about the machine that conditions can test. Unknown facts are left out.
func Facts() map[string]string {
	f := make(map[string]string)
	if host, err := os.Hostname(); err == nil {
		f["host"] = host
	}
	if v := desktop.Version(); v != "" {
		f["desktop_version"] = v
	}
	if vendor, err := os.ReadFile("/sys/class/dmi/id/sys_vendor"); err == nil { // some kinds of computers do not have it
		f["machine"] = strings.TrimSpace(string(vendor))
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

// DebounceByName is the debounce time of a keyboard of which only the name is known.
func (p *Program) DebounceByName(name string) time.Duration {
	return p.Debounce(config.Identity{Name: name})
}

// TypeByName is the type of a keyboard of which only the name is known.
func (p *Program) TypeByName(name string) string {
	t, _ := p.KeyboardType(config.Identity{Name: name})
	return t
}
