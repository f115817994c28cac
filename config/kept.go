package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// MaxKept is the largest size of the file of kept settings, in bytes.
const MaxKept = 256 << 10

// keptHead explains the file to people who find it.
const keptHead = `# Settings that were changed while toshy ran: by toshy set, the icon in the panel, or a key.
# They have priority over those of the configuration. toshy settings shows both, and
# toshy set NAME --default goes back to the configuration's.
[settings]
`

// FormatKept writes kept values, by the names of their settings, as a file that ParseKept reads.
func FormatKept(values map[string]string) []byte {
	b := []byte(keptHead)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := values[name]
		if !slices.Contains(booleans, v) {
			v = quoteTOML(v)
		}
		if !bareKey(name) {
			name = quoteTOML(name)
		}
		b = fmt.Appendf(b, "%s = %s\n", name, v)
	}
	return b
}

// ParseKept reads such a file. An error names the line.
func ParseKept(text []byte) (map[string]string, error) {
	if len(text) > MaxKept {
		return nil, fmt.Errorf("more than %d KiB", MaxKept>>10)
	}
	if e := measure(string(text), MaxKept); e.what != "" {
		return nil, fmt.Errorf("line %d: %s", 1+strings.Count(string(text[:e.deep]), "\n"), e.what)
	}
	var file map[string]any
	if _, err := toml.Decode(string(text), &file); err != nil {
		var pe toml.ParseError
		if errors.As(err, &pe) { // its own text already has the line
			return nil, fmt.Errorf("line %d: %s", pe.Position.Line, pe.Message)
		}
		return nil, err
	}
	values := map[string]string{}
	for key, v := range file {
		table, isTable := v.(map[string]any)
		if key != "settings" || !isTable {
			return nil, fmt.Errorf("%q is not the table [settings]", key)
		}
		for name, v := range table {
			switch v := v.(type) {
			case string:
				values[name] = v
			case bool:
				values[name] = strconv.FormatBool(v)
			default:
				return nil, fmt.Errorf("the value of %q is neither text nor true or false", name)
			}
		}
	}
	return values, nil
}

// Unused says, for each kept value that a configuration does not use, why, in order.
func Unused(settings []Setting, kept map[string]string) []string {
	var notes []string
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		i := slices.IndexFunc(settings, func(s Setting) bool { return s.Name == name })
		switch {
		case i < 0:
			notes = append(notes, fmt.Sprintf("%s: the configuration has no such setting", name))
		case !slices.Contains(settings[i].Values, kept[name]):
			notes = append(notes, fmt.Sprintf("%s: %q is not one of its values: %s", name, kept[name], strings.Join(settings[i].Values, ", ")))
		}
	}
	return notes
}

// bareKey says whether a key of TOML needs no quotes.
func bareKey(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r == '_' || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	})
}

// quoteTOML writes a basic string of TOML. What is not UTF-8, which TOML cannot hold, becomes U+FFFD.
func quoteTOML(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
