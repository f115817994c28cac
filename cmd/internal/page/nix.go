package page

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"toshy/config"
)

// Nix returns the change between two texts of a file as lines of a Nix configuration. Removed values of services.toshy begin
// with -, new ones with +. It returns no lines if a text is not valid TOML.
func Nix(before, after string) []string {
	lines := []string{}
	changes, err := config.Changes(before, after)
	if err != nil {
		return lines
	}
	for _, c := range changes {
		option := c.Path
		switch c.Path[0] {
		case "extends": // an option of its own
		case "keyboard": // an option of its own, and Nix joins all definitions of a list
			option = []string{"keyboards"}
			c.Before, c.After = without(c.Before, c.After), without(c.After, c.Before)
		default:
			option = append([]string{"settings"}, c.Path...)
		}
		line := func(sign string, value any) {
			if value != nil {
				lines = append(lines, fmt.Sprintf("%sservices.toshy.%s = %s;", sign, nixPath(option), nixValue(value)))
			}
		}
		line("-", c.Before)
		line("+", c.After)
	}
	return append(lines, order(before, after)...)
}

// order returns the lines that place new keymaps. In a file, the first keymap wins. Nix sorts keymaps by their number (order,
// usually 1000), then by name.
func order(before, after string) (lines []string) {
	old, err := config.FileKeymaps(before)
	all, err2 := config.FileKeymaps(after)
	if err != nil || err2 != nil || len(old) == 0 {
		return nil
	}
	for i, m := range all {
		if slices.ContainsFunc(old, func(o config.FileKeymap) bool { return o.Name == m.Name }) {
			continue
		}
		number := 500
		if i == len(all)-1 {
			number = 1500
		}
		lines = append(lines, fmt.Sprintf("+services.toshy.%s = %d;", nixPath([]string{"settings", "keymap", m.Name, "order"}), number))
	}
	return lines
}

// without returns a list of tables without those that are also in other, and nil if none is left. It returns any other value
// unchanged.
func without(list, other any) any {
	l, ok := list.([]map[string]any)
	o, ok2 := other.([]map[string]any)
	if !ok || !ok2 && other != nil {
		return list
	}
	var left []any
	for _, x := range l {
		if !slices.ContainsFunc(o, func(y map[string]any) bool { return reflect.DeepEqual(x, y) }) {
			left = append(left, x)
		}
	}
	if left == nil {
		return nil
	}
	return left
}

var nixName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_'-]*$`)

// nixWords are the keywords of Nix, which are not valid as names (Nix's manual, "Identifiers").
var nixWords = []string{"assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"}

// nixPath writes a path of attributes.
func nixPath(path []string) string {
	var names []string
	for _, p := range path {
		if !nixName.MatchString(p) || slices.Contains(nixWords, p) {
			p = nixText(p)
		}
		names = append(names, p)
	}
	return strings.Join(names, ".")
}

// nixValue writes a value of TOML in Nix.
func nixValue(value any) string {
	switch v := value.(type) {
	case string:
		return nixText(v)
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any:
		var b strings.Builder
		b.WriteString("{ ")
		for _, name := range slices.Sorted(maps.Keys(v)) {
			fmt.Fprintf(&b, "%s = %s; ", nixPath([]string{name}), nixValue(v[name]))
		}
		return b.String() + "}"
	case []any:
		var b strings.Builder
		b.WriteString("[ ")
		for _, x := range v {
			text := nixValue(x)
			if strings.HasPrefix(text, "-") { // a minus needs them in a list
				text = "(" + text + ")"
			}
			b.WriteString(text + " ")
		}
		return b.String() + "]"
	case []map[string]any:
		var list []any
		for _, x := range v {
			list = append(list, x)
		}
		return nixValue(list)
	}
	return nixText(fmt.Sprint(value)) // a date; no setting has one
}

// nixText writes a text as a string of Nix.
func nixText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", `\${`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}
