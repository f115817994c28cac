package control

import (
	"errors"
	"io/fs"
	"path"
	"slices"

	"toshy/config"
)

// NoPermission is the reason for files that the user may not read.
const NoPermission = "permission denied"

// sentFiles are the files that an agent has sent. No other file can be read.
type sentFiles struct {
	config.Texts
	unreadable map[string]string
}

// Source has the files of a configuration in the form that package config reads. It opens no file.
func (c *AgentConfig) Source() config.Files {
	return sentFiles{c.Files, c.Unreadable}
}

// ReadFile implements config.Files.
func (f sentFiles) ReadFile(name string) ([]byte, error) {
	why, ok := f.unreadable[name]
	switch {
	case !ok:
		return f.Texts.ReadFile(name)
	case why == NoPermission:
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrPermission}
	}
	return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New(why)}
}

// Glob implements config.Files.
func (f sentFiles) Glob(pattern string) ([]string, error) {
	names, err := f.Texts.Glob(pattern)
	if err != nil {
		return nil, err
	}
	for name := range f.unreadable {
		if ok, _ := path.Match(pattern, name); ok { // Glob has checked the pattern
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}
