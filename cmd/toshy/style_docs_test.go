package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// riddles are phrases that docs/STYLE.md replaces by plain ones. Each of them once made a reader guess.
var riddles = regexp.MustCompile(`(?i)\b(` + strings.Join([]string{
	"that is nobody else", "a value that is none", "counts no more", "for whom nothing", "who comes from",
	"the one before stays in", "stands? in itself", "in silence", "whatever it is that", "that which", "one of which a", "there is hardly a",
	"does not come to an end", "what counts", "the first that is", "of which a", "be it", "at the least", "to be had", "cannot be had", "one that is none",
	"is none of", "their like", "its like", "it stands in", "for who wants", "for those who come from", "to come to rest", "by times of its own",
	"in vain", "anew", "goes on", "go on", "tells of", "told of", "all the same", "as ever", "that is there", "stands? (?:beside|before|behind|anywhere|nowhere|still)",
	"come to rest", "comes to rest", "counts no", "counts all", "who sits here", "has to be told", "what is not there", "that is not there", "is obeyed", "is none any more", "which is none",
}, "|") + `)\b`)

// TestStyle keeps these phrases out of documents, messages, comments, scenarios and scripts.
func TestStyle(t *testing.T) {
	const root = "../.."
	documents, sources := 0, 0
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		name := filepath.Base(path)
		switch {
		case err != nil:
			return err
		case e.IsDir() && path != root && strings.HasPrefix(name, "."), name == "node_modules":
			return fs.SkipDir
		case strings.HasSuffix(name, ".md") && name != "STYLE.md", strings.HasSuffix(name, ".txtar"), strings.HasSuffix(name, ".sh"): // STYLE.md shows them
			documents++
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			plain(t, path, string(text))
		case strings.HasSuffix(name, ".go") && name != "style_docs_test.go":
			sources++
			texts(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if documents < 90 || sources < 400 {
		t.Errorf("only %d documents and %d sources were found", documents, sources)
	}
}

// plain fails for each phrase of a text, also across lines.
func plain(t *testing.T, where, text string) {
	t.Helper()
	for _, riddle := range riddles.FindAllString(strings.Join(strings.Fields(text), " "), -1) {
		t.Errorf("%s says %q: docs/STYLE.md has plain words for it", where, riddle)
	}
}

// texts looks at the comments and the strings of a source file.
func texts(t *testing.T, path string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Comments {
		plain(t, set.Position(c.Pos()).String(), c.Text())
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.BasicLit); ok && s.Kind == token.STRING {
			if text, err := strconv.Unquote(s.Value); err == nil {
				plain(t, set.Position(s.Pos()).String(), text)
			}
		}
		return true
	})
}
