package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"toshy/cmd/internal/program"
	"toshy/cmd/internal/scenario"
)

// blocks returns the indented code blocks of a Markdown file, without their indent.
func blocks(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	inside := false
	for line := range strings.Lines(string(text)) {
		code, ok := strings.CutPrefix(line, "    ")
		switch {
		case ok && inside:
			list[len(list)-1] += code
		case ok:
			list = append(list, code)
		case inside && strings.TrimSpace(line) == "":
			list[len(list)-1] += "\n"
			continue
		}
		inside = ok
	}
	return list
}

// readmeConfig is the configuration that README.md shows.
func readmeConfig(t *testing.T) *program.Program {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "```toml\n")
	if !ok {
		t.Fatal("README.md shows no configuration")
	}
	code, _, _ := strings.Cut(rest, "```")
	p, err := program.Parse("README.md", []byte(code), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The tests that docs/USAGE.md shows pass with the configuration that README.md shows.
func TestUsageExamples(t *testing.T) {
	usual := readmeConfig(t)
	ran := 0
	for _, b := range blocks(t, "../../docs/USAGE.md") {
		if !strings.Contains(b, "\n---\n") {
			continue
		}
		f, err := scenario.Read("docs/USAGE.md", []byte(b))
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Program(func() (*program.Program, error) { return usual, nil })
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Cases {
			if ok, text := runCase(&f.Cases[i], p); !ok {
				t.Error(text)
			}
			ran++
		}
	}
	if ran < 3 {
		t.Errorf("only %d examples found", ran)
	}
}

// The demonstration prints what README.md shows of it.
func TestReadmeShowsTheDemonstration(t *testing.T) {
	var out, errs bytes.Buffer
	if code := execute([]string{"simulate"}, strings.NewReader(""), &out, &errs); code != exitDone {
		t.Fatal(code, errs.String())
	}
	printed := make(map[string]bool)
	for line := range strings.Lines(out.String()) {
		printed[strings.Join(strings.Fields(line), " ")] = true
	}
	shown := 0
	for _, b := range blocks(t, "../../README.md") {
		if !strings.Contains(b, "+leftalt") {
			continue
		}
		for line := range strings.Lines(b) {
			words := strings.Join(strings.Fields(line), " ")
			if words != "" && !printed[words] {
				t.Errorf("README.md shows %q, which the demonstration does not print", words)
			}
			shown++
		}
	}
	if shown < 6 {
		t.Errorf("only %d lines found", shown)
	}
}

// docs/tutorial.toml has no mistakes, and does what its scenarios say.
func TestTutorial(t *testing.T) {
	const name = "../../docs/tutorial.toml"
	var out, errs bytes.Buffer
	if code := execute([]string{"check", name}, strings.NewReader(""), &out, &errs); code != exitDone || out.String() != name+": no errors, 0 warnings\n" {
		t.Fatal(code, out.String(), errs.String())
	}
	out.Reset()
	if code := execute([]string{"test", name}, strings.NewReader(""), &out, &errs); code != exitDone || out.String() != "20 scenarios passed\n" {
		t.Fatal(code, out.String(), errs.String())
	}
}
