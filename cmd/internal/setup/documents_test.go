package setup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// setup installs the documents next to the program, from a source folder and from an unpacked archive.
func TestDocuments(t *testing.T) {
	for name, c := range map[string]struct{ program, documents string }{
		"sources": {"toshy", ""},
		"archive": {"usr/bin/toshy", "usr/share/doc/toshy"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			doc := filepath.Join(root, c.documents)
			for _, dir := range []string{filepath.Join(doc, "docs/recipes"), filepath.Dir(filepath.Join(root, c.program))} {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			for path, text := range map[string]string{
				"README.md": "see [the tray](docs/../cmd), [START](docs/START.md) and [LICENSE](LICENSE)", "docs/START.md": "[code](../cmd/toshy/main.go)",
				"docs/tutorial.toml": "extends = \"mac\"\n", "docs/recipes/caps.toml": "", "secret": "not a document",
			} {
				if err := os.WriteFile(filepath.Join(doc, path), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink("../secret", filepath.Join(doc, "docs/link.md")); err != nil {
				t.Fatal(err)
			}
			files, err := Documents(filepath.Join(root, c.program), "/to")
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, f := range files {
				got[f.Path] = string(f.Text)
			}
			for _, want := range []string{"/to/README.md", "/to/docs/START.md", "/to/docs/tutorial.toml", "/to/docs/recipes/caps.toml"} {
				if _, ok := got[want]; !ok {
					t.Errorf("%s is missing in %v", want, got)
				}
			}
			if len(got) != 4 {
				t.Errorf("not only the documents: %v", got)
			}
			if got["/to/docs/START.md"] != "code" || strings.Contains(got["/to/README.md"], "(LICENSE)") {
				t.Errorf("links to sources are left: %v", got)
			}
		})
	}
	if files, err := Documents(filepath.Join(t.TempDir(), "toshy"), "/to"); err != nil || len(files) > 0 {
		t.Errorf("a program without documents: %v, %v", files, err)
	}
}
