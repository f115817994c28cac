package importer

import (
	"fmt"
	"slices"
	"strings"

	"toshy/config"
)

// Nix is the configuration as services.toshy.settings of NixOS and Home Manager. Nix sorts the names of tables, and in
// toshy the first table wins. If that makes a difference, the names get numbers.
func (r *Result) Nix() (string, error) {
	root, err := config.ReadTree("result.toml", string(r.TOML))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("services.toshy = {\n  enable = true;\n")
	for _, k := range root.Kids {
		if k.Key == "extends" {
			fmt.Fprintf(&b, "  extends = %s;\n", nixValue(k, "  "))
		}
	}
	root.Kids = slices.DeleteFunc(root.Kids, func(k *config.Tree) bool { return k.Key == "extends" })
	for _, k := range root.Kids {
		if k.Key == "modmap" || k.Key == "keymap" || k.Key == "chord" {
			numbered(k)
		}
	}
	fmt.Fprintf(&b, "  settings = %s;\n};\n", nixValue(root, "  "))
	return b.String(), nil
}

// numbered gives tables names that sort in their original order.
func numbered(t *config.Tree) {
	byName := func(a, b *config.Tree) int { return strings.Compare(a.Key, b.Key) }
	if slices.IsSortedFunc(t.Kids, byName) {
		return
	}
	for i, k := range t.Kids {
		k.Key = fmt.Sprintf("%03d-%s", i+1, k.Key)
	}
}

func nixValue(t *config.Tree, indent string) string {
	inner := indent + "  "
	var b strings.Builder
	switch v := t.Value.(type) {
	case string:
		return nixString(v)
	case nil:
	default:
		return fmt.Sprint(v)
	}
	if t.List {
		if len(t.Kids) == 0 {
			return "[ ]"
		}
		b.WriteString("[\n")
		for _, k := range t.Kids {
			b.WriteString(inner + nixValue(k, inner) + "\n")
		}
		return b.String() + indent + "]"
	}
	if len(t.Kids) == 0 {
		return "{ }"
	}
	b.WriteString("{\n")
	for _, k := range t.Kids {
		fmt.Fprintf(&b, "%s%s = %s;\n", inner, nixName(k.Key), nixValue(k, inner))
	}
	return b.String() + indent + "}"
}

var plainNixName = pattern(`^[A-Za-z_][A-Za-z0-9_-]*$`)

func nixName(s string) string {
	if plainNixName().MatchString(s) && !slices.Contains([]string{"if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or"}, s) {
		return s
	}
	return nixString(s)
}

func nixString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", `\${`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}
