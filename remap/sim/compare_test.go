package sim

import (
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name, want, got string
		ok              bool
		columns         string
	}{
		{"equal", "+a -a", "+a -a", true, ""},
		{"waits that nobody asked for", "+a -a", "10ms +a 20ms -a", true, ""},
		{"waits that are right", "10ms +a 20ms -a", "10ms +a 5ms 15ms -a", true, ""},
		{"nothing expected, nothing came", "", "", true, ""},
		{"no time may pass", "+a 0ms -a", "+a -a", true, ""},
		{"time passed", "+a 0ms -a", "+a 1ms -a", false, `
  expected  got
  a down    a down
! 0s        1ms
  a up      a up
`},
		{"wrong wait", "+a 30ms -a", "+a 20ms -a", false, `
  expected  got
  a down    a down
! 30ms      20ms
  a up      a up
`},
		{"another key", "+leftmeta +c -c", "+leftmeta +d -c", false, `
  expected       got
  leftmeta down  leftmeta down
! c down         d down
  c up           c up
`},
		{"one missing, one too many", "+a -a +b -b", "-a +b -b +c", false, `
  expected  got
- a down
  a up      a up
  b down    b down
  b up      b up
+           c down
`},
		{"a wait at the end", "+a 10ms", "+a", false, `
  expected                   got
  a down                     a down
- 10ms (no output after it)
`},
		{"comments", "# x\n+a", "+a", true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Parse("x", c.got+"\n---\n"+c.want)
			if err != nil {
				t.Fatal(err)
			}
			diff, ok := Compare(s.Want, s.Input)
			if ok != c.ok {
				t.Errorf("ok is %v", ok)
			}
			if got := Columns(diff); !ok && got != strings.TrimPrefix(c.columns, "\n") {
				t.Errorf("got\n%swant%s", got, c.columns)
			}
		})
	}
}
