package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"toshy/remap"
)

// counts of scenarios.
type counts struct {
	passed, failed int
	warts          int // not played
	wartsShown     int
	wartsAlike     int // of those shown: the result is as recorded
	devices        int // those of package evdev
}

func (c *counts) add(d counts) {
	c.passed += d.passed
	c.failed += d.failed
	c.warts += d.warts
	c.wartsShown += d.wartsShown
	c.wartsAlike += d.wartsAlike
	c.devices += d.devices
}

func (c counts) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d passed, %d failed, %d warts left out, of %d", c.passed, c.failed, c.warts, c.passed+c.failed+c.warts+c.wartsShown)
	if c.wartsShown > 0 {
		fmt.Fprintf(&b, " (%d warts shown, %d of them come out as recorded)", c.wartsShown, c.wartsAlike)
	}
	if c.devices > 0 {
		fmt.Fprintf(&b, " (and %d about devices, which package evdev tests)", c.devices)
	}
	return b.String()
}

// total is set by TestConformance. It is nil before that.
var total *counts

// TestMain prints the summary after everything that the tests print.
func TestMain(m *testing.M) {
	code := m.Run()
	if total != nil {
		fmt.Printf("conformance: %v\n", total)
	}
	os.Exit(code)
}

func TestConformance(t *testing.T) {
	dir := os.Getenv("TOSHY_CONFORMANCE")
	if dir == "" {
		dir = "testdata"
	}
	paths, err := vectorFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	total = &counts{}
	for _, path := range paths {
		f, err := readVectors(path)
		if err != nil {
			t.Error(err)
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			r := &runner{file: f, showWarts: os.Getenv("TOSHY_CONFORMANCE_WARTS") == "1", compiled: map[configKey]*compiledConfig{}}
			r.run(t)
			t.Logf("%s: %v", f.name, r.counts)
			total.add(r.counts)
		})
	}
}

// runner runs the scenarios of one file.
type runner struct {
	file      *vectorFile
	showWarts bool
	compiled  map[configKey]*compiledConfig
	counts    counts
}

type configKey struct {
	name string
	variant
}

type compiledConfig struct {
	plan     *plan
	compiled *remap.Compiled
	err      error
}

func (r *runner) run(t *testing.T) {
	if r.file.Kind == kindDeviceFilter {
		r.counts.devices = len(r.file.Scenarios)
		return
	}
	for i, raw := range r.file.Scenarios {
		var s scenario
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Errorf("scenario %d (%s): %v", i+1, s.Name, err)
			r.counts.failed++
			continue
		}
		if s.Wart && !r.showWarts {
			r.counts.warts++
			continue
		}
		t.Run(s.Name, func(t *testing.T) { r.scenario(t, &s) })
	}
}

func (r *runner) scenario(t *testing.T, s *scenario) {
	difference := r.check(s)
	switch {
	case s.Wart:
		r.counts.wartsShown++
		if difference == "" {
			r.counts.wartsAlike++
			t.Logf("wart %v, the result is as recorded", s.Tags)
		} else {
			t.Logf("wart %v %s\n%s", s.Tags, s.WartNote, difference)
		}
	case difference == "":
		r.counts.passed++
	default:
		r.counts.failed++
		t.Errorf("%s\n%sinput (ms):\n%s", s.Note, difference, describe(s))
	}
}

// check plays a scenario in every variant that matters for it, and returns what is wrong, or "".
func (r *runner) check(s *scenario) string {
	name := s.Config
	if name == "" {
		name = "main"
	}
	v := variant{busy: s.Clock == "busy"}
	c := r.config(name, v)
	if s.Expect.ConfigError != "" {
		if c.err == nil {
			return fmt.Sprintf("  configuration %q is accepted, want it refused as in %q\n", name, s.Expect.ConfigError)
		}
		return ""
	}
	problem := r.checkVariant(s, c, v)
	if problem == "" && c.err == nil && c.plan.hyper {
		v.hiddenHyper = true
		problem = r.checkVariant(s, r.config(name, v), v)
	}
	return problem
}

func (r *runner) checkVariant(s *scenario, c *compiledConfig, v variant) string {
	if c.err != nil {
		return fmt.Sprintf("  configuration: %v\n", c.err)
	}
	got, exit, err := play(remap.New(c.compiled), c.plan, s)
	f := newFilter(c.plan, v, s.Tags)
	problem := diff(f.apply(s.Expect.Out), f.apply(got))
	if err != nil {
		problem = fmt.Sprintf("  %v\n%s", err, problem)
	}
	if want := s.Expect.Exit != nil; want != exit {
		problem += fmt.Sprintf("  the engine asked to be ended: %v, want %v\n", exit, want)
	}
	return problem
}

// config translates and compiles a configuration once. All scenarios share the result, because engines may share a program.
// engines of a program may.
func (r *runner) config(name string, v variant) *compiledConfig {
	k := configKey{name, v}
	if c, ok := r.compiled[k]; ok {
		return c
	}
	c := &compiledConfig{}
	r.compiled[k] = c
	raw, ok := r.file.Configs[name]
	if !ok {
		c.err = errors.New("the file has no such configuration")
		return c
	}
	if c.plan, c.err = translate(raw, v); c.err == nil {
		c.compiled, c.err = remap.Compile(c.plan.program)
	}
	return c
}
