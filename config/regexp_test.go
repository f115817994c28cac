package config

import (
	"regexp"
	"strings"
	"testing"

	"toshy/remap"
)

// A regular expression that becomes a comparison gives the same results.
func FuzzPlainMatch(f *testing.F) {
	for _, re := range []string{"^firefox", "kitty$", "^a$", "ghostty", `org\.gnome\.x`, "a-b", "Kelvin", "^", "$", "", `\d`, "a$b", "x{2}", "ß"} {
		f.Add(re, "org.gnome.x firefox GHOSTTY")
		f.Add(re, re)
		f.Add(re, "x"+strings.ToUpper(re)+"y")
	}
	f.Fuzz(func(t *testing.T, re, s string) {
		op, text, ok := plainMatch(re)
		if !ok || strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) {
			return
		}
		r, err := regexp.Compile("(?i)" + re)
		if err != nil {
			t.Fatalf("%q is taken for %q, and is wrong: %v", re, text, err)
		}
		low, want := strings.ToLower(s), strings.ToLower(text)
		got := map[remap.CondOp]bool{
			remap.CondEqual: low == want, remap.CondPrefix: strings.HasPrefix(low, want), remap.CondSuffix: strings.HasSuffix(low, want), remap.CondWithin: strings.Contains(low, want),
		}[op]
		if got != r.MatchString(s) {
			t.Errorf("%q on %q: %v as %v %q", re, s, got, op, text)
		}
	})
}
