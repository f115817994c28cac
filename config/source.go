package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits for files. People write configurations by hand; anything larger is a mistake.
const (
	MaxFileSize = 1 << 20 // bytes of one file
	MaxFiles    = 256     // files of one configuration
	maxNesting  = 64      // brackets inside each other, and parts of a dotted key
)

// Files is a source of a configuration's files.
type Files interface {
	// ReadFile returns the content of a file. It may stop one byte after MaxFileSize.
	ReadFile(name string) ([]byte, error)
	// Glob returns the files that match a pattern as in path.Match, sorted.
	Glob(pattern string) ([]string, error)
}

// Disk reads files of the operating system. It only opens regular files, so that a pipe or a device cannot hang or flood
// the program.
type Disk struct{}

// ReadFile implements Files.
func (Disk) ReadFile(name string) ([]byte, error) {
	st, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var b bytes.Buffer
	b.Grow(int(min(st.Size(), MaxFileSize)) + bytes.MinRead)
	_, err = b.ReadFrom(io.LimitReader(f, MaxFileSize+1))
	return b.Bytes(), err
}

// Glob implements Files.
func (Disk) Glob(pattern string) ([]string, error) { return filepath.Glob(pattern) }

// Texts are files by name that someone else has read. The session agent sends them to the daemon, which opens no file of a
// user.
type Texts map[string][]byte

// ReadFile implements Files.
func (t Texts) ReadFile(name string) ([]byte, error) {
	if b, ok := t[name]; ok {
		return b, nil
	}
	return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
}

// Glob implements Files.
func (t Texts) Glob(pattern string) ([]string, error) {
	var names []string
	for n := range t {
		ok, err := path.Match(pattern, n)
		if err != nil {
			return nil, err
		}
		if ok {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names, nil
}

// source is the text of one file, with what is needed to report places in it.
type source struct {
	name  string
	text  string
	lines []int // offset of each line; nil: the file could not be read
	last  int   // index of the line that position found last: most calls are for that one or the next
}

const bom = "\xef\xbb\xbf"

func newSource(name string, data []byte) *source {
	s := &source{name: name, text: strings.TrimPrefix(string(data), bom)}
	s.lines = append(make([]int, 0, 2+strings.Count(s.text, "\n")), 0)
	for i := 0; ; {
		n := strings.IndexByte(s.text[i:], '\n')
		if n < 0 {
			return s
		}
		i += n + 1
		s.lines = append(s.lines, i)
	}
}

// position returns the line and column of an offset, both from 1, and the line's text.
func (s *source) position(off int) (line, col int, text string) {
	off = max(0, min(off, len(s.text)))
	i := s.last
	if i+1 < len(s.lines) && s.lines[i+1] <= off {
		i++
	}
	if off < s.lines[i] || i+1 < len(s.lines) && s.lines[i+1] <= off {
		var exact bool
		if i, exact = slices.BinarySearch(s.lines, off); !exact {
			i--
		}
	}
	s.last = i
	text = s.text[s.lines[i]:]
	if i+1 < len(s.lines) {
		text = s.text[s.lines[i] : s.lines[i+1]-1]
	}
	return i + 1, 1 + utf8.RuneCountInString(s.text[s.lines[i]:off]), strings.TrimSuffix(text, "\r")
}

// describe says why a file could not be read, in the user's words, and what to do.
func describe(err error) (message, hint string) {
	var pe *fs.PathError
	why := err
	if errors.As(err, &pe) {
		why = pe.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "file not found", "check the path; a path in include and extends is relative to the file that names it"
	case errors.Is(err, fs.ErrPermission):
		return "no permission to read the file", "make it readable for the user who runs toshy (chmod a+r)"
	}
	return fmt.Sprintf("file cannot be read: %v", why), ""
}
