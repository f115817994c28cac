package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// reportLimit is how long a program whose output is shown may take.
const reportLimit = 30 * time.Second

// firstConfiguration is the content of a new configuration file.
const firstConfiguration = `# Your rules for toshy, on top of the built-in ones. toshy reads this file when you save it.
# "toshy check" names mistakes, "toshy explain Cmd-K" says what a combo does, "man 5 toshy" describes the language.
extends = "mac"

[settings]

# An example: Command-K in Firefox goes to the address bar. Remove the # from these lines to use it.
# [keymap.mine]
# when = 'app == "firefox"'
# keys.Cmd-K = "Ctrl-L"
`

// open opens a file in the user's program for it.
func open(path string) error {
	c := exec.Command("xdg-open", path)
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // an editor outlives the tray
	if err := c.Start(); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	go func() { _ = c.Wait() }() // xdg-open itself reports what goes wrong
	return nil
}

// openPage shows the page of toshy ui, with the shortcuts of an application, until the page is closed.
func openPage(socket, app string) error {
	c := exec.Command(beside("toshy-ui"))
	if socket != "" {
		c.Args = append(c.Args, "--socket", socket)
	}
	if app != "" {
		c.Args = append(c.Args, "--app", app)
	}
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // the page outlives the tray
	says, err := os.CreateTemp(os.Getenv("XDG_RUNTIME_DIR"), "toshy-ui-*.log")
	if err != nil {
		return fmt.Errorf("open the page: %w", err)
	}
	defer says.Close()
	_ = os.Remove(says.Name())
	c.Stderr = says // a pipe would end with the tray, and with it the page
	err = c.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		why := make([]byte, 2048)
		n, _ := says.ReadAt(why, 0) // fewer bytes are also an error
		err = errors.New(cmp.Or(strings.TrimSpace(strings.TrimPrefix(string(why[:n]), "toshy: ")), ended.Error()))
	}
	if err != nil {
		return fmt.Errorf("open the page: %w", err)
	}
	return nil
}

// createConfiguration creates the user's configuration file, if there is none, and opens it.
func createConfiguration() error {
	path, err := ownConfiguration()
	if err != nil {
		return err
	}
	return open(path)
}

// ownConfiguration returns the path of the user's configuration file, and creates the file if it does not exist.
func ownConfiguration() (path string, err error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("make a configuration: %w", err)
	}
	path = filepath.Join(dir, "toshy", "config.toml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("make a configuration: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return path, nil
	case err != nil:
		return "", fmt.Errorf("make a configuration: %w", err)
	}
	_, err = f.WriteString(firstConfiguration)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("make a configuration: %w", err)
	}
	return path, nil
}

// documents are the places where packages install docs/START.md.
var documents = []string{"/usr/share/doc/toshy/docs", "/usr/local/share/doc/toshy/docs", "/run/current-system/sw/share/doc/toshy/docs"}

// openHelp opens the page for beginners. If it is not installed, it shows the output of "toshy help".
func openHelp(ctx context.Context) error {
	for _, dir := range documents {
		page := filepath.Join(dir, "START.md")
		if _, err := os.Stat(page); err == nil {
			return open(page)
		}
	}
	return openReport(ctx, "help", beside("toshy"), "help")
}

// openReport runs a program and shows its output as a text file, because the tray cannot know which terminal a desktop has.
func openReport(ctx context.Context, name string, command string, args ...string) error {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return errors.New("XDG_RUNTIME_DIR is not set, so there is no place for the text to show")
	}
	path := filepath.Join(dir, "toshy-"+name+".txt")
	ctx, cancel := context.WithTimeout(ctx, reportLimit)
	defer cancel()
	out, err := exec.CommandContext(ctx, command, args...).CombinedOutput()
	var ended *exec.ExitError // for example, it has findings
	if err != nil && !errors.As(err, &ended) {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := os.WriteFile(path, out, 0o600); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return open(path)
}

// beside finds one of toshy's programs: in the folder of this one, else on PATH.
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
