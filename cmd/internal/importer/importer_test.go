package importer

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// converters by the end of the file's name.
var converters = []struct {
	end     string
	convert func(string, []byte) (*Result, error)
}{{".py", Python}, {".yml", Xremap}, {".conf", Keyd}}

func convert(t testing.TB, name string, source []byte) *Result {
	t.Helper()
	for _, c := range converters {
		if strings.HasSuffix(name, c.end) {
			r, err := c.convert(name, source)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	t.Fatalf("%s is of no known kind", name)
	return nil
}

func notesText(r *Result) string {
	var b strings.Builder
	for _, n := range r.Notes {
		what := "note"
		if n.Lost {
			what = "lost"
		}
		fmt.Fprintf(&b, "%d: %s: %s\n", n.Line, what, n.Reason)
	}
	return b.String()
}

// Each sample becomes the configuration and the list of the rest that its golden files have, and toshy
// takes it.
func TestSamples(t *testing.T) {
	names, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range names {
		if strings.HasSuffix(name, ".toml") || strings.HasSuffix(name, ".notes") {
			continue
		}
		n++
		t.Run(filepath.Base(name), func(t *testing.T) {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			r := convert(t, filepath.Base(name), source)
			for end, got := range map[string]string{".toml": string(r.TOML), ".notes": notesText(r)} {
				if *update {
					if err := os.WriteFile(name+end, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(name + end)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("%s differs (-want +got):\n%s", name+end, diff)
				}
			}
			for _, p := range refused(string(r.TOML)) {
				t.Errorf("toshy refuses the result: %v", p)
			}
			lines := strings.Count(string(source), "\n")
			for _, n := range r.Notes {
				if n.Line < 0 || n.Line > lines {
					t.Errorf("line %d of %d: %s", n.Line, lines, n.Reason)
				}
			}
		})
	}
	if n < 5 {
		t.Errorf("only %d samples", n)
	}
}
