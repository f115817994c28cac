package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"toshy/remap"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// below reads files relative to a folder, so that messages name them without it.
type below string

func (d below) ReadFile(name string) ([]byte, error) {
	return Disk{}.ReadFile(filepath.Join(string(d), name))
}

func (d below) Glob(pattern string) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(string(d), pattern))
	for i := range names {
		names[i], _ = filepath.Rel(string(d), names[i])
	}
	return names, err
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", file, diff)
	}
}

func inputs(t *testing.T, folder string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.toml"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	return names
}

// Every file below testdata/bad is refused with the report in its golden file.
func TestBad(t *testing.T) {
	const folder = "testdata/bad"
	for _, name := range inputs(t, folder) {
		base := filepath.Base(name)
		t.Run(base, func(t *testing.T) {
			_, err := Load(base, Options{Files: below(folder)})
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			for _, p := range e.Problems {
				if p.Line == 0 && p.Severity == SeverityError {
					t.Errorf("no line: %v", p)
				}
			}
			golden(t, strings.TrimSuffix(name, ".toml")+".golden", e.Error()+"\n")
		})
	}
}

// Every file below testdata/good becomes the program in its golden file, and the engine accepts it.
func TestGood(t *testing.T) {
	const folder = "testdata/good"
	for _, name := range inputs(t, folder) {
		base := filepath.Base(name)
		t.Run(base, func(t *testing.T) {
			c, err := Load(base, Options{Files: below(folder), Facts: map[string]string{"host": "desk", "distro": "debian"}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := remap.Compile(c.Program); err != nil {
				t.Errorf("the engine refuses it: %v", err)
			}
			golden(t, strings.TrimSuffix(name, ".toml")+".golden", dump(c))
		})
	}
}
