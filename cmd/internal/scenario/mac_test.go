package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"toshy/cmd/internal/program"
	"toshy/config"
	"toshy/remap"
	"toshy/remap/sim"
)

// This file runs the built-in configuration through everything from TOML to the output: the tables (table_test.go) and the archives in
// testdata/mac. The sections and scenarios have the numbers that docs/MIGRATING.md gives to the maps of Toshy.

// builtin returns the built-in configuration on a machine with these facts: distro, desktop_version.
func builtin(t testing.TB, facts [2]string) *program.Program {
	t.Helper()
	p, err := loaded(facts)()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	loadedMu sync.Mutex
	loadedBy = map[[2]string]func() (*program.Program, error){}
)

func loaded(facts [2]string) func() (*program.Program, error) {
	loadedMu.Lock()
	defer loadedMu.Unlock()
	if loadedBy[facts] == nil {
		loadedBy[facts] = sync.OnceValues(func() (*program.Program, error) { return load(facts) })
	}
	return loadedBy[facts]
}

func load(facts [2]string) (*program.Program, error) {
	c, err := config.Builtin(program.Builtin, config.Options{Facts: map[string]string{"distro": facts[0], "desktop_version": facts[1]}})
	if err != nil {
		return nil, err
	}
	compiled, err := remap.Compile(c.Program)
	return &program.Program{Config: c, Compiled: compiled}, err
}

func macTables(t *testing.T) table {
	t.Helper()
	all := tables(t, "testdata/mac/*.table")
	apple, _, _ := appleTable(t)
	return append(all, apple...)
}

// tables reads the tables that match a pattern.
func tables(t *testing.T, pattern string) table {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var all table
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, readTable(t, filepath.Base(f), string(text))...)
	}
	return all
}

// Each archived scenario names its configuration: the built-in one, or one that extends it.
type archived struct {
	Case
	program *program.Program
	own     bool
}

func macArchives(t *testing.T) []archived {
	t.Helper()
	files, err := filepath.Glob("testdata/mac/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var all []archived
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		file, err := Read(filepath.Base(f), text)
		if err != nil {
			t.Fatal(err)
		}
		p, err := file.Program(loaded([2]string{}))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range file.Cases {
			all = append(all, archived{c, p, file.HasConfig()})
		}
	}
	return all
}

// tableLayouts are the layouts for the statement layout in tables: one with a third level, and one without.
var tableLayouts = sync.OnceValues(func() (map[string]*remap.Layout, error) {
	german, err := Layout("key y z\nkey z y\ntext @ rightalt-q\ntext € rightalt-e\ntext q q\ntext u u\ntext 2 2\ntext 0 0\n")
	if err != nil {
		return nil, err
	}
	plain, err := Layout("text q q\ntext Q shift-q\n")
	return map[string]*remap.Layout{"german": german, "plain": plain}, err
})

func play(p *program.Program, compiled *remap.Compiled, name, text string) (*sim.Result, error) {
	script, err := sim.Parse(name, text)
	if err != nil {
		return nil, err
	}
	options := Options(p)
	if options.Layouts, err = tableLayouts(); err != nil {
		return nil, err
	}
	return sim.Run(compiled, script, options)
}

func TestMacTables(t *testing.T) {
	for _, r := range macTables(t) {
		r.check(t, builtin(t, r.facts))
	}
}

// check plays a row on all its keyboards.
func (r *row) check(t *testing.T, p *program.Program) {
	t.Helper()
	want := r.wanted()
	waits := slices.ContainsFunc(want, isWait)
	for _, k := range r.types {
		text := r.text(k)
		out, err := play(p, p.Compiled, r.at, text)
		if err != nil {
			t.Errorf("%s (%s, %s): %v", r.at, r.section, k, err)
			continue
		}
		got := seen(out.Steps(), waits)
		switch {
		case !slices.Equal(got, want):
			t.Errorf("%s: %s on %s: %s\n got %q\nwant %q\n%s%s", r.at, r.section, k, strings.Join(r.press, " "), got, want, text, sim.Compact(out.Steps()))
		case len(r.want) > 0 && r.want[0] == "hold" && !keptDown(out.Steps(), r.want[1]):
			t.Errorf("%s: %s on %s: %s let its modifier go: %s", r.at, r.section, k, r.want[1], sim.Compact(out.Steps()))
		case len(out.Held) > 0:
			t.Errorf("%s: %s on %s: %s", r.at, r.section, k, out.HeldText())
		}
	}
}

func TestMacArchives(t *testing.T) {
	for _, c := range macArchives(t) {
		t.Run(c.Name, func(t *testing.T) {
			r, err := c.Run(c.program)
			if err != nil {
				t.Fatal(err)
			}
			if !r.OK {
				t.Error(sim.Columns(r.Diff), r.Held)
			}
		})
	}
}

// lastMap has the highest number of a map for each kind.
var lastMap = map[string]int{"M": 32, "X": 12, "K": 154}

// Every map of Toshy has a scenario. go test -run MacCoverage prints those without one.
func TestMacCoverageOfNumbers(t *testing.T) {
	named := map[string]bool{}
	number := regexp.MustCompile(`\b([MXK])(\d+)(?:-[MXK](\d+))?\b`)
	name := func(title string) {
		for _, m := range number.FindAllStringSubmatch(title, -1) {
			var from, to int
			fmt.Sscan(m[2], &from)
			if to = from; m[3] != "" {
				fmt.Sscan(m[3], &to)
			}
			for i := from; i <= to; i++ {
				named[fmt.Sprint(m[1], i)] = true
			}
		}
	}
	for _, r := range macTables(t) {
		name(r.section)
	}
	for _, c := range macArchives(t) {
		_, title, _ := strings.Cut(c.Name, ":")
		name(title)
	}
	for kind, last := range lastMap {
		for i := 1; i <= last; i++ {
			if n := fmt.Sprint(kind, i); !named[n] {
				t.Errorf("no scenario for %s", n)
			}
		}
	}
}

// watched are the keymaps in which every entry needs a scenario.
var watched = []string{
	"firefox", "chrome", "browsers", "jetbrains", "wordwise", "vscode", "sublime", "file-managers", "terminals", "general", "emacs-keys", "gui-others",
	"gui-chromebook-ibm", "desktop-terminals", "launcher", "launcher-swapped", "input-source", "input-source-terminals", "special-us", "special-abc",
	"screenshots", "screenshots-area",
}

// The scenarios touch every table of the configuration: in each keymap and each dead key, at least one entry wins in a scenario (in
// the watched keymaps, every entry), and without a modmap at least one scenario has another result.
func TestMacCoverage(t *testing.T) {
	tables, archives := macTables(t), macArchives(t)
	marks := map[string]bool{} // every entry
	won := map[string]bool{}   // those that won
	byFacts := map[[2]string]*remap.Compiled{}
	plain := builtin(t, [2]string{})
	instrumented := func(facts [2]string) *remap.Compiled {
		if byFacts[facts] == nil {
			p, err := load(facts)
			if err != nil {
				t.Fatal(err)
			}
			mark(p.Config.Program, func(m string) { marks[m] = true })
			c, err := remap.Compile(p.Config.Program)
			if err != nil {
				t.Fatal(err)
			}
			byFacts[facts] = c
		}
		return byFacts[facts]
	}
	run := func(facts [2]string, name, text string) {
		out, err := play(plain, instrumented(facts), name, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range out.Steps() {
			if m, ok := strings.CutPrefix(s.Text, markPrefix); s.Kind == sim.Notify && ok {
				won[m] = true
			}
		}
	}
	for _, r := range tables {
		run(r.facts, r.at, r.text(r.types[0])) // TestMacTables runs the other types
	}
	archives = slices.DeleteFunc(archives, func(c archived) bool { return c.own })
	for _, c := range archives {
		run([2]string{}, c.Name, c.text)
	}
	touched := map[string]bool{}
	for m := range marks {
		name, _, _ := strings.Cut(m, " ")
		touched[name] = touched[name] || won[m]
		if !won[m] && slices.Contains(watched, name) {
			t.Errorf("no scenario for the entry %s", m)
		}
	}
	for name, yes := range touched {
		if !yes {
			t.Errorf("no scenario for [%s]", name)
		}
	}
	for _, name := range untouched(t, plain, tables, archives) {
		t.Errorf("no scenario for [modmap.%s]", name)
	}
	t.Logf("%d keymaps and dead keys, %d entries, %d rows, %d archived scenarios", len(touched), len(marks), len(tables), len(archives))
}

const markPrefix = "winner: "

// mark makes every entry of keymaps and dead keys report that it won.
func mark(p *remap.Program, each func(string)) {
	entry := func(name string, e *remap.Entry) {
		m := name + " " + e.Combo.String()
		each(m)
		say := &remap.Action{Kind: remap.DoEffect, Effect: &remap.Effect{Kind: remap.EffectNotify, Text: markPrefix + m}}
		e.Action = remap.List(say, e.Action)
	}
	done := map[*remap.Nested]bool{}
	for i := range p.Keymaps {
		m := &p.Keymaps[i]
		if m.Level3 {
			m.Entries = append(remap.Level3Entries(), m.Entries...)
			m.Level3 = false
		}
		for j := range m.Entries {
			if n := m.Entries[j].Action.Nested; n != nil && n.Name != "" && !done[n] {
				done[n] = true
				for k := range n.Entries {
					entry(n.Name, &n.Entries[k])
				}
			}
			entry(m.Name, &m.Entries[j])
		}
	}
}

// untouched returns the modmaps and tap-hold maps that no scenario needs.
func untouched(t *testing.T, p *program.Program, tables table, archives []archived) []string {
	type script struct{ name, text string }
	var scripts []script
	for _, c := range archives {
		scripts = append(scripts, script{c.Name, c.text})
	}
	for _, r := range tables {
		if strings.HasPrefix(r.section, "M") || strings.HasPrefix(r.section, "X") {
			for _, k := range r.types {
				scripts = append(scripts, script{r.at, r.text(k)})
			}
		}
	}
	output := func(c *remap.Compiled, s script) string {
		out, err := play(p, c, s.name, s.text)
		if err != nil {
			t.Fatal(err)
		}
		return sim.Compact(out.Steps())
	}
	usual := make([]string, len(scripts))
	for i, s := range scripts {
		usual[i] = output(p.Compiled, s)
	}
	var names []string
	for _, m := range p.Program.Modmaps {
		without := *p.Config.Program
		is := func(name string) bool { return name == m.Name }
		without.Modmaps = slices.DeleteFunc(slices.Clone(without.Modmaps), func(x remap.Modmap) bool { return is(x.Name) })
		without.TapHolds = slices.DeleteFunc(slices.Clone(without.TapHolds), func(x remap.TapHoldMap) bool { return is(x.Name) })
		c, err := remap.Compile(&without)
		if err != nil {
			t.Fatal(err)
		}
		noticed := false
		for i, s := range scripts {
			if noticed = output(c, s) != usual[i]; noticed {
				break
			}
		}
		if !noticed {
			names = append(names, m.Name)
		}
	}
	return names
}
