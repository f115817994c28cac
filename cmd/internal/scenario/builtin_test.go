package scenario

import (
	"strings"
	"testing"

	"toshy/cmd/internal/program"
	"toshy/config"
	"toshy/remap"
	"toshy/remap/sim"
)

// TestOtherConfigurations runs the built-in configurations other than mac: every row of their tables. Every entry must win in at least
// one row.
func TestOtherConfigurations(t *testing.T) {
	for _, name := range []string{"mac-minimal", "windows"} {
		t.Run(name, func(t *testing.T) {
			read := func() *program.Program {
				c, err := config.Builtin(name, config.Options{})
				if err != nil {
					t.Fatal(err)
				}
				for _, w := range c.Warnings {
					if !strings.HasSuffix(w.Message, "is used nowhere") { // they contain all names of applications
						t.Error(w)
					}
				}
				return &program.Program{Config: c}
			}
			compile := func(p *program.Program) *program.Program {
				var err error
				if p.Compiled, err = remap.Compile(p.Config.Program); err != nil {
					t.Fatal(err)
				}
				return p
			}
			plain := compile(read())
			marks, won := map[string]bool{}, map[string]bool{}
			marked := read()
			mark(marked.Config.Program, func(m string) { marks[m] = true })
			compile(marked)
			for _, r := range tables(t, "testdata/"+name+"/*.table") {
				r.check(t, plain)
				out, err := play(plain, marked.Compiled, r.at, r.text(r.types[0]))
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range out.Steps() {
					if m, ok := strings.CutPrefix(s.Text, markPrefix); s.Kind == sim.Notify && ok {
						won[m] = true
					}
				}
			}
			for m := range marks {
				if !won[m] {
					t.Errorf("no scenario for the entry %s", m)
				}
			}
		})
	}
}
