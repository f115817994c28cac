package config

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"toshy/remap"
	"toshy/remap/key"
)

// keyCall compiles held("A") and last("Space"). The keys are physical, as in the lists of a key with two meanings. A
// modifier without a side means either side.
func (w *conditions) keyCall(n ast.Node, function string, args []ast.Node) *remap.Cond {
	if len(args) != 1 {
		return w.wrong(n, functionHints[function]+`; several keys: held("A") or held("B")`, "%s asks for one key", function)
	}
	text, ok := args[0].(*ast.StringNode)
	if !ok {
		return w.wrong(args[0], functionHints[function], "%s is not the name of a key in quotes", w.source(args[0]))
	}
	c, ok := key.Parse(text.Value)
	mod, isMod := w.lookupMod(text.Value)
	if _, is := key.ModOf(c); !isMod && (is || !ok) {
		mod, isMod = key.ParseMod(text.Value) // "a" is also short for Alt
	}
	switch {
	case isMod && function == "last":
		return w.wrong(args[0], `a modifier is asked for by held: held("`+text.Value+`")`, "a modifier is never the last key")
	case isMod && mod.IsGeneric():
		left := mod.Left()
		return w.cond(n, remap.Cond{Op: remap.CondAny, Kids: []*remap.Cond{
			w.cond(n, remap.Cond{Op: remap.CondHeld, Value: int32(w.modKey(left))}), w.cond(n, remap.Cond{Op: remap.CondHeld, Value: int32(w.modKey(left + 1))}),
		}})
	}
	if isMod {
		c, ok = w.modKey(mod), true
	}
	if ok && !c.IsKey() && !isMod {
		return w.wrong(args[0], functionHints[function], "%q is not a key of a keyboard", text.Value)
	}
	if !ok {
		hint := w.keyHint(text.Value)
		if strings.ContainsAny(text.Value, "-+") {
			hint = `it asks for one key: held("LeftCtrl") and held("A")`
		} else if word := keyWords[strings.ToLower(text.Value)]; word != "" {
			hint = "write " + word
		}
		return w.wrong(args[0], hint, "unknown key %q", text.Value)
	}
	op := remap.CondHeld
	if function == "last" {
		op = remap.CondLast
	}
	return w.cond(n, remap.Cond{Op: op, Value: int32(c)})
}
