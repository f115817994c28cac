package setup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// DocumentPatterns are the installed documents, as patterns below the source folder. They keep their relative places, so
// that links between them work.
var DocumentPatterns = []string{
	"README.md", "docs/*.md", "docs/*.toml", "docs/*.svg", "docs/recipes/*.toml", "docs/screens/*.png", "nix/examples/*",
}

var toSources = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\[([^\]]*)\]\((?:\.\./(?:cmd|remap|config|systemd)/[^)]*|LICENSE)\)`)
})

// WithoutSources removes links to source files from a document: these are not installed.
func WithoutSources(text []byte) []byte {
	return toSources().ReplaceAll(text, []byte("$1"))
}

// Documents finds the documents next to a program: in the source folder, or where an unpacked archive or an earlier setup
// put them. The files go below a folder. If the program is alone, it finds none.
func Documents(program, to string) ([]File, error) {
	bin := filepath.Dir(program)
	for _, dir := range []string{bin, filepath.Join(bin, "../share/doc/toshy")} {
		if _, err := os.Lstat(filepath.Join(dir, "docs/START.md")); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var files []File
		for _, pattern := range append([]string{"CHANGELOG.md", "changelog.gz"}, DocumentPatterns...) {
			found, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				return nil, err
			}
			for _, f := range found {
				if info, err := os.Lstat(f); err != nil || !info.Mode().IsRegular() {
					continue // a link could lead anywhere, and everyone may read the copy
				}
				text, err := os.ReadFile(f)
				if err != nil {
					return nil, err
				}
				if strings.HasSuffix(f, ".md") {
					text = WithoutSources(text)
				}
				files = append(files, File{filepath.Join(to, strings.TrimPrefix(f, dir)), text, 0o644})
			}
		}
		return files, nil
	}
	return nil, nil
}
