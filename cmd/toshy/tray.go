package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
)

// trayProgram is a separate program: the daemon sees all keys, so it should be small.
const trayProgram = "toshy-tray"

func newTray() *cobra.Command {
	c := &cobra.Command{
		Use: "tray", Example: "  toshy tray", Short: "Show an icon in the panel, with a menu", Args: cobra.NoArgs,
		Long: "Show an icon in the desktop's panel that says what toshy does, with a menu to pause it, change settings, and more.\n" +
			"The command runs toshy-tray, which must be next to toshy or on PATH.",
		RunE: func(*cobra.Command, []string) error {
			path, err := findProgram(trayProgram)
			if err != nil {
				return err
			}
			return fail(exitNoDevice, fmt.Errorf("start %s: %w", path, syscall.Exec(path, []string{path}, os.Environ())))
		},
	}
	addSocketFlag(c) // and with it the environment
	return c
}

// findProgram looks for one of toshy's programs in the folder of this one, even if a link started it, and then on PATH.
func findProgram(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	folders := []string{filepath.Dir(self)}
	if real, err := filepath.EvalSymlinks(self); err == nil {
		folders = append(folders, filepath.Dir(real))
	}
	for _, dir := range folders {
		path, err := exec.LookPath(filepath.Join(dir, name))
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fail(exitPermission, fmt.Errorf("start %s: %w", name, err))
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fail(exitUsage, fmt.Errorf("there is no %s in %s, nor on PATH", name, folders[0]),
			"it is part of toshy's packages; by hand: go build -o "+filepath.Join(folders[0], name)+" ./cmd/"+name)
	}
	return path, nil
}
