package archtest

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// parts are the types of which the engine consists, each with the records that only it uses. Their fields are used in their methods
// and where one is made (newX), and nowhere else: not in another part, and not in the engine.
var parts = map[string][]string{
	"clock":      nil,
	"scene":      {"device", "keyState"},
	"queue":      nil,
	"bounces":    {"bounce"},
	"typedWord":  nil,
	"chordState": nil,
	"hand":       {"slot", "suspendWindow"},
	"next":       {"mode", "oneShot", "onceLayer"},
	"runner":     {"frame", "tapCount", "delayedAction", "cycle", "steady"},
	"writer":     nil,
	"recorder":   {"recorded"},
	"layers":     nil,
	"ledger":     {"line", "claim", "claims", "codeList", "heldCombo", "bound"},
	"pacer":      {"burst", "pacedOut"},
}

// maxEngineFields keeps state out of the engine itself.
const maxEngineFields = 20

func TestPartsOwnTheirState(t *testing.T) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, s := range sources(t) {
		if s.folder == "remap" && !s.test() {
			f, err := parser.ParseFile(fset, s.fset.Position(s.file.Pos()).Filename, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
	}
	for _, w := range trespasses(t, fset, files) {
		t.Error(w)
	}
}

// The rule itself, tested on made-up code.
func TestTrespasses(t *testing.T) {
	for src, want := range map[string]int{
		"type hand struct{ n int }; func (h *hand) f() { h.n++ }":                                            0,
		"type hand struct{ n int }; func newHand() hand { return hand{n: 1} }":                               0,
		"type hand struct{ n int }; func f() hand { return hand{n: 1} }":                                     1,
		"type hand struct{ n int }; type queue struct{ h *hand }; func (q *queue) f() { q.h.n++ }":           1,
		"type slot struct{ n int }; type hand struct{ s []slot }; func (h *hand) f() { h.s[0].n++ }":         0,
		"type slot struct{ n int }; type Engine struct{ s slot }; func (e *Engine) f() int { return e.s.n }": 1,
		"type hand struct{}": 0,
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "x.go", "package x\n"+src, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := trespasses(nil, fset, []*ast.File{f}); len(got) != want {
			t.Errorf("%s: %v, want %d", src, got, want)
		}
	}
}

// trespasses finds the places where code uses a field of another part. With a test, it also checks that all parts exist and that the
// engine is small.
func trespasses(t *testing.T, fset *token.FileSet, files []*ast.File) (all []string) {
	info := &types.Info{Selections: map[*ast.SelectorExpr]*types.Selection{}, Uses: map[*ast.Ident]types.Object{}}
	// The types of other packages do not matter here, so their names may stay unknown.
	config := types.Config{Importer: importer.Default(), Error: func(error) {}}
	pkg, _ := config.Check("toshy/remap", fset, files, info)
	owner := map[types.Object]string{} // for each field, the part that owns it
	for part, records := range parts {
		for _, name := range append([]string{part}, records...) {
			object := pkg.Scope().Lookup(name)
			if object == nil {
				if t != nil {
					t.Errorf("the engine has no %s", name)
				}
				continue
			}
			s := object.Type().Underlying().(*types.Struct)
			for i := range s.NumFields() {
				owner[s.Field(i)] = part
			}
		}
	}
	if t != nil {
		if n := pkg.Scope().Lookup("Engine").Type().Underlying().(*types.Struct).NumFields(); n >= maxEngineFields {
			t.Errorf("the engine has %d fields of its own", n)
		}
	}
	for _, f := range files {
		for _, d := range f.Decls {
			place := partOf(d)
			ast.Inspect(d, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				if !ok {
					return true
				}
				if v, is := info.Uses[id].(*types.Var); is && owner[v] != "" && owner[v] != place {
					all = append(all, fmt.Sprintf("%s: %s belongs to %s, and only that part may use it", fset.Position(id.Pos()), id.Name, owner[v]))
				}
				return true
			})
		}
	}
	return all
}

// partOf returns the part that a declaration belongs to: the one whose method it is, or that it makes; "" for none.
func partOf(d ast.Decl) string {
	f, ok := d.(*ast.FuncDecl)
	if !ok {
		return ""
	}
	name, made := strings.CutPrefix(f.Name.Name, "new")
	if f.Recv != nil {
		e := f.Recv.List[0].Type
		if star, is := e.(*ast.StarExpr); is {
			e = star.X
		}
		name, made = e.(*ast.Ident).Name, true
	}
	for part, records := range parts {
		if made && (strings.EqualFold(part, name) || slices.Contains(records, name)) {
			return part
		}
	}
	return ""
}
