package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"toshy/config"
)

// A machine is how toshy is installed here. It only looks at files and starts no program.
type machine struct {
	unit    string // the user's unit on this machine, "" if there is none
	system  bool   // the unit is the agent of the system's daemon
	atLogin bool   // the unit starts with the session
	running bool   // the unit runs
	// configuration is the place of the user's own configuration, even if it does not exist.
	configuration string
	preset        string // what the user's configuration builds on; "": a file, or the configuration cannot be read
}

// Folders in which systemd looks for units, in order of priority. root is for tests.
var (
	userUnits   = []string{"/etc/systemd/user", "/run/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user"}
	systemUnits = []string{"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"}
)

const target = "graphical-session.target.wants"

// lookAround finds out how toshy is installed. home is the user's settings folder.
func lookAround(root, home string) machine {
	var m machine
	has := func(dirs []string, name string) bool {
		for _, d := range dirs {
			if _, err := os.Lstat(filepath.Join(root, d, name)); err == nil {
				return true
			}
		}
		return false
	}
	m.system = has(systemUnits, "toshy-daemon.service")
	for _, unit := range []string{"toshy-agent.service", "toshy.service"} {
		if _, err := os.Lstat(filepath.Join(home, "systemd/user", unit)); m.unit == "" && (err == nil || has(userUnits, unit)) && (m.system || unit == "toshy.service") {
			m.unit = unit
		}
	}
	if m.unit != "" {
		_, err := os.Lstat(filepath.Join(home, "systemd/user", target, m.unit))
		m.atLogin = err == nil || has(userUnits, filepath.Join(target, m.unit))
		m.running = runs(root, m.unit)
	}
	m.configuration = filepath.Join(home, "toshy", "config.toml")
	m.preset = presetOf(m.configuration)
	return m
}

// runs says whether a unit of this user has a process: then its control group contains one.
func runs(root, unit string) bool {
	found, _ := filepath.Glob(fmt.Sprintf("%s/sys/fs/cgroup/user.slice/user-%d.slice/user@%[2]d.service/*.slice/%s/cgroup.procs", root, os.Getuid(), unit)) // the pattern is valid
	for _, f := range found {
		if text, err := os.ReadFile(f); err == nil && len(text) > 0 {
			return true
		}
	}
	return false
}

// presetOf is the built-in configuration that a file builds on, "" if that is a file or cannot be read.
func presetOf(path string) string {
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "mac"
	case err != nil || len(text) > config.MaxFileSize:
		return ""
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			break
		}
		if name, value, found := strings.Cut(line, "="); found && strings.TrimSpace(name) == "extends" {
			value, _, _ = strings.Cut(value, "#")
			value = strings.Trim(strings.TrimSpace(value), `"'`)
			for _, b := range builtins {
				if b.name == value {
					return value
				}
			}
			return ""
		}
	}
	return "mac" // the default of a file that does not say
}

// choosePreset makes the user's configuration build on a built-in configuration.
func choosePreset(name string) error {
	path, err := ownConfiguration()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("choose a preset: %w", err)
	}
	changed, err := config.SetValue(string(text), []string{"extends"}, config.Quote(name))
	if err != nil {
		return fmt.Errorf("choose a preset in %s: %w", path, err)
	}
	if to, err := filepath.EvalSymlinks(path); err == nil {
		path = to // keep a link
	}
	next := path + ".new"
	if err := os.WriteFile(next, []byte(changed), 0o600); err != nil {
		return fmt.Errorf("choose a preset: %w", err)
	}
	if st, err := os.Stat(path); err == nil {
		_ = os.Chmod(next, st.Mode().Perm()) // the owner can read it in any case
	}
	if err := os.Rename(next, path); err != nil {
		_ = os.Remove(next)
		return fmt.Errorf("choose a preset: %w", err)
	}
	return nil
}

// serviceLimit is how long systemd may take, including the time for a password that starting the daemon may need.
const serviceLimit = 2 * time.Minute

func systemctl(ctx context.Context, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, serviceLimit)
	defer cancel()
	out, err := exec.CommandContext(ctx, "systemctl", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("systemctl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// start starts the unit for this user, and the system's daemon if it does not run. systemd asks for permission.
func (m machine) start(ctx context.Context, daemon bool) error {
	if m.system && !daemon {
		if err := systemctl(ctx, "start", "toshy-daemon.service"); err != nil {
			return err
		}
	}
	return systemctl(ctx, "--user", "start", m.unit)
}

func (m machine) stop(ctx context.Context) error { return systemctl(ctx, "--user", "stop", m.unit) }

func (m machine) login(ctx context.Context, on bool) error {
	if on {
		return systemctl(ctx, "--user", "enable", m.unit)
	}
	return systemctl(ctx, "--user", "disable", m.unit)
}
