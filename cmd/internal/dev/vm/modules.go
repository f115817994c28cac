package vm

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// moduleFiles finds kernel modules by name below dir and returns their files in loading order: each after those in its
// "depends=" line. It leaves out what is built into the kernel.
func moduleFiles(dir string, names []string) ([]string, error) {
	index := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, _ fs.DirEntry, err error) error {
		if name, ok := strings.CutSuffix(filepath.Base(p), ".ko"); ok {
			index[canonical(name)] = p
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	builtin, err := os.ReadFile(filepath.Join(dir, "modules.builtin"))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(builtin)) {
		index[canonical(strings.TrimSuffix(filepath.Base(strings.TrimSpace(line)), ".ko"))] = ""
	}
	var files []string
	seen := map[string]bool{}
	var add func(name string) error
	add = func(name string) error {
		name = canonical(name)
		if seen[name] {
			return nil
		}
		seen[name] = true
		path, ok := index[name]
		if !ok {
			return fmt.Errorf("no kernel module %s below %s", name, dir)
		}
		if path == "" {
			return nil
		}
		depends, err := dependencies(path)
		if err != nil {
			return err
		}
		for _, d := range depends {
			if err := add(d); err != nil {
				return err
			}
		}
		files = append(files, path)
		return nil
	}
	for _, n := range names {
		if err := add(n); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// canonical spells a module's name like the kernel: file names have dashes where depends= has underscores.
func canonical(name string) string { return strings.ReplaceAll(name, "-", "_") }

func dependencies(path string) ([]string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer f.Close()
	info := f.Section(".modinfo")
	if info == nil {
		return nil, fmt.Errorf("%s: no .modinfo section", path)
	}
	data, err := info.Data()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for field := range bytes.SplitSeq(data, []byte{0}) {
		if d, ok := strings.CutPrefix(string(field), "depends="); ok && d != "" {
			return strings.Split(d, ","), nil
		}
	}
	return nil, nil
}
