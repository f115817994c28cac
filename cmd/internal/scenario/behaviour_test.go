package scenario

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"toshy/cmd/internal/program"
	"toshy/remap/sim"
)

var update = flag.Bool("update", false, "write the output into the scenarios; read the difference before you commit it")

// TestScenarios runs every scenario in testdata. docs/ENGINE.md and docs/COMPARISON.md refer to them as FILE/SCENARIO.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 1 {
		t.Fatalf("%d files of scenarios: %v", len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { testFile(t, path) })
	}
}

// readFile reads a file of scenarios.
func readFile(t *testing.T, path string) (f *File, data []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if f, err = Read(path, data); err != nil {
		t.Fatal(err)
	}
	return f, data
}

func testFile(t *testing.T, path string) {
	f, data := readFile(t, path)
	p, err := f.Program(func() (*program.Program, error) { return program.Load("") })
	if err != nil {
		t.Fatal(err)
	}
	archive := txtar.Parse(data)
	for _, c := range f.Cases {
		title := strings.TrimPrefix(c.Name, path+":")
		t.Run(title, func(t *testing.T) {
			if strings.Trim(title, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
				t.Errorf("a scenario is named by small letters, digits and hyphens")
			}
			r, err := c.Run(p)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case r.OK:
			case *update:
				write(archive, title, r)
			default:
				t.Errorf("%s\n%s\n%s", c.text, sim.Columns(r.Diff), r.Held)
			}
		})
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(archive), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// write puts a result into an archive as the expected one.
func write(a *txtar.Archive, title string, r *Result) {
	for i := range a.Files {
		if f := &a.Files[i]; f.Name == title {
			input, _, _ := strings.Cut("\n"+string(f.Data), "\n---\n")
			f.Data = []byte(strings.TrimPrefix(input, "\n") + "\n---\n" + sim.Compact(r.Got))
		}
	}
}

func TestLayoutErrors(t *testing.T) {
	for text, want := range map[string]string{
		"key q":            `line 1: "key q" is neither`,
		"# x\n\nkey q qq":  `line 3: unknown key`,
		"text é 2\ntext e": `line 2: "text e" is neither`,
		"text é hyper-2":   `line 1: unknown modifier`,
	} {
		if _, err := Layout(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	f, err := Read("x.txtar", []byte("-- config.toml --\nextends = \"none\"\n-- a --\nreload b.toml\n---\n-- b --\nlayout french\n---\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Program(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`unknown configuration "b.toml"`, `unknown layout "french"`} {
		var e *sim.Error
		if _, err := f.Cases[i].Run(p); !errors.As(err, &e) || e.Message != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
