package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each recipe has no mistakes and does what its scenarios say, and RECIPES.md names it.
func TestRecipes(t *testing.T) {
	files, err := filepath.Glob("../../docs/recipes/*.toml")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	list, err := os.ReadFile("../../docs/RECIPES.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			if !bytes.Contains(list, []byte("(recipes/"+filepath.Base(name)+")")) {
				t.Error("RECIPES.md does not name it")
			}
			for _, command := range []string{"check", "test"} {
				var out, errs bytes.Buffer
				if code := execute([]string{command, name}, strings.NewReader(""), &out, &errs); code != exitDone || strings.Contains(out.String(), "warning:") {
					t.Errorf("toshy %s: exit code %d\n%s%s", command, code, out.String(), errs.String())
				}
			}
		})
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	fence   = regexp.MustCompile("(?ms)^```.*?^```")
)

// anchors are the places in a Markdown file to which a link can point, as GitHub derives them from headings.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		name := strings.ToLower(regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(m[1], "$1"))
		name = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(name, "")
		all[strings.ReplaceAll(name, " ", "-")] = true
	}
	return all
}

// Every link between the documents leads somewhere.
func TestLinksOfDocuments(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, "../../README.md", "../../CHANGELOG.md")
	followed := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(string(text), ""), -1) {
			to, place, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			target := name
			if to != "" {
				target = filepath.Join(filepath.Dir(name), to)
			}
			other, err := os.ReadFile(target)
			if info, statErr := os.Stat(target); statErr == nil && info.IsDir() {
				err = nil
			}
			if err != nil {
				t.Errorf("%s links to %s, which does not exist", name, m[1])
				continue
			}
			if place != "" && !anchors(string(other))[place] {
				t.Errorf("%s links to %s: there is no such heading", name, m[1])
			}
			followed++
		}
	}
	if followed < 50 {
		t.Errorf("only %d links found", followed)
	}
}
