package setup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// String shows the plan, for people.
func (p *Plan) String() string {
	var b strings.Builder
	commands := func(list [][]string) {
		verb := "run"
		if p.options.Root != "" {
			verb = "(not run below " + p.options.Root + ")"
		}
		for _, c := range list {
			fmt.Fprintf(&b, "%-7s %s\n", verb, strings.Join(c, " "))
		}
	}
	commands(p.Before)
	for _, f := range p.Remove {
		fmt.Fprintf(&b, "remove  %s\n", p.options.at(f))
	}
	for _, f := range p.Files {
		verb := "make"
		if now, err := p.options.current(f.Path); err == nil && now != "" {
			verb = "renew"
		}
		fmt.Fprintf(&b, "%-7s %s\n", verb, p.options.at(f.Path))
	}
	if p.closes() {
		for _, n := range p.options.nodes() {
			fmt.Fprintf(&b, "close   %s\n", n)
		}
	}
	commands(p.After)
	for _, n := range p.Notes {
		fmt.Fprintf(&b, "note    %s\n", n)
	}
	return b.String()
}

// Do carries out the plan. run runs a command; below another root, no command runs. The record is written before the files
// and removed after them, so that a removal finds all of them, whatever happened in between.
func (p *Plan) Do(run func(args []string) error) error {
	if p.options.Root != "" {
		run = func([]string) error { return nil }
	}
	for _, c := range p.Before {
		if err := run(c); err != nil && !p.removal {
			return failed(c, err)
		}
	}
	if !p.removal {
		if err := p.record(); err != nil {
			return err
		}
	}
	for _, f := range p.Remove {
		if err := os.Remove(p.options.at(f)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, f := range p.Files {
		if err := p.options.write(f); err != nil {
			return err
		}
	}
	if p.removal {
		if err := p.forget(); err != nil {
			return err
		}
	}
	var all []error
	if p.closes() {
		all = append(all, p.options.closeNodes())
	}
	for _, c := range p.After { // do what is possible: a machine need not have everything
		if err := run(c); err != nil {
			all = append(all, failed(c, err))
		}
	}
	return errors.Join(all...)
}

func failed(command []string, err error) error {
	return fmt.Errorf("%s: %w", strings.Join(command, " "), err)
}

// record notes what the machine will contain.
func (p *Plan) record() error {
	for _, f := range append(slices.Clone(p.Files), File{Path: record}) {
		if err := p.folder(path.Dir(f.Path)); err != nil {
			return err
		}
	}
	b, err := json.MarshalIndent(p.made, "", "  ")
	if err != nil {
		return err
	}
	return p.options.write(File{record, append(b, '\n'), 0o644})
}

// folder creates a folder, and notes which of its parents did not exist.
func (p *Plan) folder(dir string) error {
	var missing []string
	for d := dir; d != "/"; d = path.Dir(d) {
		if _, err := os.Stat(p.options.at(d)); err == nil {
			break
		}
		missing = append(missing, d)
	}
	slices.Reverse(missing)
	for _, d := range missing {
		if !slices.Contains(p.made.Folders, d) {
			p.made.Folders = append(p.made.Folders, d)
		}
	}
	return os.MkdirAll(p.options.at(dir), 0o755)
}

// forget removes the record and the created folders that are empty.
func (p *Plan) forget() error {
	if err := os.Remove(p.options.at(record)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, d := range slices.Backward(p.made.Folders) {
		_ = os.Remove(p.options.at(d)) // someone else may have put something there
	}
	return nil
}

// write replaces a file in one step: nobody sees half of it, and a running program keeps the old one.
func (o *Options) write(f File) error {
	to := o.at(f.Path)
	t, err := os.CreateTemp(filepath.Dir(to), ".toshy-*")
	if err != nil {
		return err
	}
	_, err = t.Write(f.Text)
	err = errors.Join(err, t.Chmod(f.Mode), t.Sync(), t.Close())
	if err == nil {
		err = os.Rename(t.Name(), to)
	}
	if err != nil {
		_ = os.Remove(t.Name())
		return fmt.Errorf("write %s: %w", to, err)
	}
	return nil
}
