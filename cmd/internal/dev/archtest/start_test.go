package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// TestNoExpressionAtTheStart: a regular expression that a package compiles when the program starts delays each start by 50 to
// 150 µs. Compile it when it is first used (sync.OnceValue).
func TestNoExpressionAtTheStart(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || strings.HasPrefix(s.folder, "cmd/internal/dev") || s.folder == "remap/window/windowtest" || s.folder == "cmd/internal/page" {
			continue
		}
		for _, at := range compiledAtStart(s.file) {
			t.Errorf("%s: it is compiled when the program starts", s.fset.Position(at))
		}
	}
}

// compiledAtStart finds the regular expressions that are compiled for variables of the package, not in their functions.
func compiledAtStart(f *ast.File) (all []token.Pos) {
	for _, d := range f.Decls {
		vars, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		ast.Inspect(vars, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "regexp" && strings.HasPrefix(n.Sel.Name, "MustCompile") {
					all = append(all, n.Pos())
				}
			}
			return true
		})
	}
	return all
}

func TestCompiledAtStart(t *testing.T) {
	for src, want := range map[string]int{
		"var e = regexp.MustCompile(`x`)":                                           1,
		"var e, g = regexp.MustCompile(`x`), regexp.MustCompilePOSIX(`y`)":          2,
		"var c = conf{e: regexp.MustCompile(`x`)}":                                  1,
		"var e = sync.OnceValue(func() any { return regexp.MustCompile(`x`) })":     0,
		"func f() { e := regexp.MustCompile(`x`); _ = e }":                          0,
		"func f() { var e = regexp.MustCompile(`x`); _ = e }; var t *regexp.Regexp": 0,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+src, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := compiledAtStart(f); len(got) != want {
			t.Errorf("%s: found %d, want %d", src, len(got), want)
		}
	}
}
