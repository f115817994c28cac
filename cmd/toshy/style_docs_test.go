package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// riddles are phrases that docs/STYLE.md replaces by plain ones. Each of them once made a reader guess.
var riddles = []string{
	"the first that is there", "that is nobody else", "a value that is none", "counts no more",
	"for whom nothing", "who comes from", "the one before stays",
}

// TestStyle keeps these phrases out of the documents.
func TestStyle(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, name := range append(files, "../../README.md", "../../CHANGELOG.md") {
		if filepath.Base(name) == "STYLE.md" {
			continue // it shows them
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		words := strings.ToLower(strings.Join(strings.Fields(string(text)), " "))
		for _, riddle := range riddles {
			if strings.Contains(words, riddle) {
				t.Errorf("%s says %q: docs/STYLE.md has plain words for it", name, riddle)
			}
		}
	}
}
