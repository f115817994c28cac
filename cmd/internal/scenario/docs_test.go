package scenario

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"toshy/cmd/internal/program"
	"toshy/config"
)

const root = "../../.."

// names are everything that a document can refer to: FILE/SCENARIO, and every test of the project.
func names(t *testing.T) map[string]bool {
	all := make(map[string]bool)
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		f, _ := readFile(t, path)
		for _, c := range f.Cases {
			all[strings.TrimSuffix(filepath.Base(path), ".txtar")+"/"+strings.TrimPrefix(c.Name, path+":")] = true
		}
	}
	test := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case e != nil && e.IsDir() && strings.HasPrefix(e.Name(), ".") && path != root:
			return fs.SkipDir // caches, which other tests may be using
		case err != nil || !strings.HasSuffix(path, "_test.go"):
			return err
		}
		data, err := os.ReadFile(path)
		for _, m := range test.FindAllSubmatch(data, -1) {
			all[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every scenario and test that a document names exists.
func TestDocumentsNameWhatExists(t *testing.T) {
	all := names(t)
	scenarios := 0
	for _, doc := range []string{"ENGINE.md", "COMPARISON.md"} {
		text := document(t, doc)
		for _, m := range regexp.MustCompile("`([a-z0-9-]+/[a-z0-9-]+|Test[A-Z]\\w+)`").FindAllStringSubmatch(text, -1) {
			if !all[m[1]] {
				t.Errorf("%s names %s, which is neither a scenario nor a test", doc, m[1])
			}
			scenarios++
		}
	}
	if scenarios < 200 {
		t.Errorf("only %d names of scenarios found", scenarios)
	}
}

// Every wart and question has its line, and every scenario about them is named there.
func TestDocumentsAreComplete(t *testing.T) {
	text := document(t, "ENGINE.md")
	for n := 1; n <= 27; n++ {
		if !strings.Contains(text, "\n| W"+strconv.Itoa(n)+" | ") {
			t.Errorf("no line for W%d", n)
		}
	}
	for n := 1; n <= 11; n++ {
		if !strings.Contains(text, "\n**Q"+strconv.Itoa(n)+". ") {
			t.Errorf("no answer to Q%d", n)
		}
	}
	for name := range names(t) {
		if strings.Contains(name, "/") && !strings.Contains(text+document(t, "COMPARISON.md"), "`"+name+"`") {
			t.Errorf("the scenario %s is named nowhere", name)
		}
	}
}

func document(t *testing.T, name string) string {
	data, err := os.ReadFile(filepath.Join(root, "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A configuration that cannot work is refused when it is read, with the place of the mistake: W9, W19.
func TestRefusedConfigurations(t *testing.T) {
	for text, want := range map[string]string{
		`keymap.k.keys.F1 = { text = "a\u0007" }`:     "control character",
		`keymap.k.keys.F1 = "Ctrl-LeftCtrl-A"`:        "modifier written twice",
		`keymap.k.keys.F1 = "LeftAlt-RightAlt-A"`:     "the left and the right key of one modifier",
		`keymap.k.keys.LeftCtrl = "A"`:                "modifier",
		`keymap.k.keys.Ctrl = "A"`:                    "modifier",
		`keymap.k.keys.F1 = [{ "C" = 1 }]`:            "cannot be",
		`keymap.k.keys.F1 = 7`:                        "cannot be",
		`keymap.k.keys.F1 = { hold = "A" }`:           "first modifier",
		`modifiers.Hyper = { carrier = ["F23"] }`:     "a key is a string",
		`modmap.m.keys.A = { tap = "B", hold = "B" }`: "the same key",
		`chord.c.keys."J" = "A"`:                      "2 to 8 keys",
		`keymap.k.keys.F1 = { layer = "none" }`:       "no layer",
	} {
		_, err := program.Parse("t.toml", []byte("extends = \"none\"\n"+text+"\n"), config.Texts{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "t.toml:2:") {
			t.Errorf("%s: got %v, want t.toml:2: and %q", text, err, want)
		}
	}
}

// docs/MIGRATING.md names every setting and its values.
func TestMigrating(t *testing.T) {
	text, err := os.ReadFile("../../../docs/MIGRATING.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range builtin(t, [2]string{}).Settings {
		if !strings.Contains(string(text), "`"+s.Name+"`") {
			t.Errorf("the setting %s is not in docs/MIGRATING.md", s.Name)
		}
		for _, v := range s.Values {
			if !s.Bool && !strings.Contains(string(text), "`"+v+"`") {
				t.Errorf("the value %s of %s is not in docs/MIGRATING.md", v, s.Name)
			}
		}
	}
}
