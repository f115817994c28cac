package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// reportLimit is how long a program may take whose output is shown.
const reportLimit = 30 * time.Second

// firstConfiguration is what a new configuration file has in it.
const firstConfiguration = `# The configuration of toshy, upon the built-in one. docs/CONFIG.md describes the language, toshy check finds
# mistakes. toshy looks for this file when it starts: systemctl --user restart toshy
extends = "mac"

[settings]
`

// open shows a file in the program that the user has for it.
func open(path string) error {
	c := exec.Command("xdg-open", path)
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // an editor outlives the tray
	if err := c.Start(); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	go func() { _ = c.Wait() }() // xdg-open says itself what goes wrong
	return nil
}

// createConfiguration makes the user's configuration file, if there is none, and opens it.
func createConfiguration() error {
	dir, err := os.UserConfigDir()
	if err != nil {
		return fmt.Errorf("make a configuration: %w", err)
	}
	path := filepath.Join(dir, "toshy", "config.toml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make a configuration: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return open(path)
	case err != nil:
		return fmt.Errorf("make a configuration: %w", err)
	}
	_, err = f.WriteString(firstConfiguration)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("make a configuration: %w", err)
	}
	return open(path)
}

// openReport runs a program and shows what it says as a text: which terminal a desktop has cannot be known.
func openReport(ctx context.Context, name string, command string, args ...string) error {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return errors.New("XDG_RUNTIME_DIR is not set, so there is no place for what is to be shown")
	}
	path := filepath.Join(dir, "toshy-"+name+".txt")
	ctx, cancel := context.WithTimeout(ctx, reportLimit)
	defer cancel()
	out, err := exec.CommandContext(ctx, command, args...).CombinedOutput()
	var ended *exec.ExitError // with findings, for one
	if err != nil && !errors.As(err, &ended) {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := os.WriteFile(path, out, 0o600); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return open(path)
}

// beside finds a program of ours: in the folder of this one, else on PATH.
func beside(name string) string {
	if self, err := os.Executable(); err == nil {
		if path := filepath.Join(filepath.Dir(self), name); executable(path) {
			return path
		}
	}
	return name
}

func executable(path string) bool {
	i, err := os.Stat(path)
	return err == nil && i.Mode().IsRegular() && i.Mode()&0o111 != 0
}
