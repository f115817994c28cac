// Package scenario reads files of scenarios with expected output and runs them through a whole configuration. It is the
// core of `toshy test`, and also tests the built-in configuration.
//
// A file is one script with a line --- (see package sim), or a txtar archive of several:
//
//	Comment at the top.
//	-- config.toml --
//	extends = "mac"
//	-- a browser --
//	app firefox
//	+leftmeta +c -c -leftmeta
//	---
//	+leftctrl +c -c -leftctrl
//
// config.toml is the configuration of all scenarios in the file; it can include other *.toml files, and the statement
// reload can use them. Without config.toml, the scenarios run on the caller's configuration. NAME.layout is a keyboard
// layout for the statement layout (see Layout). Every other file of the archive is a scenario named by its title. A
// scenario of two files has the titles "input" and "want".
//
// A configuration, FILE.toml, has its scenarios in comments, which show what the lines before them do:
//
//	keys.F1 = "Ctrl-A"
//
//	#: select all
//	#: +f1 -f1
//	#: ---
//	#: +leftctrl +a -a -leftctrl
package scenario

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/tools/txtar"

	"toshy/cmd/internal/program"
	"toshy/config"
	"toshy/remap"
	"toshy/remap/sim"
)

// A Case is one scenario of a file.
type Case struct {
	Name string // FILE, or FILE:TITLE in an archive
	text string
	file *File
}

// A File is a parsed file of scenarios.
type File struct {
	Cases []Case

	name    string
	configs config.Texts // nil: the caller's configuration
	itself  []byte       // the file is a configuration
	layouts map[string]*remap.Layout
}

// configName is the archive's file that is the configuration.
const configName = "config.toml"

// Read parses a file. Mistakes in its scripts are reported when they run.
func Read(name string, data []byte) (*File, error) {
	f := &File{name: name, layouts: make(map[string]*remap.Layout)}
	if strings.HasSuffix(name, ".toml") {
		return f, f.inComments(data)
	}
	archive := txtar.Parse(data)
	if len(archive.Files) == 0 {
		f.Cases = []Case{{name, string(data), f}}
		return f, nil
	}
	for i := 0; i < len(archive.Files); i++ {
		part := archive.Files[i]
		title := name + ":" + part.Name
		switch {
		case strings.HasSuffix(part.Name, ".toml"):
			if f.configs == nil {
				f.configs = make(config.Texts)
			}
			f.configs[part.Name] = part.Data
		case strings.HasSuffix(part.Name, ".layout"):
			l, err := Layout(string(part.Data))
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", name, part.Name, err)
			}
			f.layouts[strings.TrimSuffix(part.Name, ".layout")] = l
		case part.Name == "input":
			if i++; i == len(archive.Files) || archive.Files[i].Name != "want" {
				return nil, fmt.Errorf("%s: no file \"want\" after \"input\"", name)
			}
			f.Cases = append(f.Cases, Case{title, string(part.Data) + "---\n" + string(archive.Files[i].Data), f})
		default:
			f.Cases = append(f.Cases, Case{title, string(part.Data), f})
		}
	}
	if _, ok := f.configs[configName]; f.configs != nil && !ok {
		return nil, fmt.Errorf("%s: there are .toml files, but none is named %s", name, configName)
	}
	if len(f.Cases) == 0 {
		return nil, fmt.Errorf("%s: no scenario in the archive", name)
	}
	return f, nil
}

// Program is the configuration of the file's scenarios; otherwise is called if it has none.
func (f *File) Program(otherwise func() (*program.Program, error)) (*program.Program, error) {
	if f.itself != nil {
		return program.Parse(f.name, f.itself, nil)
	}
	if f.configs == nil {
		return otherwise()
	}
	return program.Parse(configName, f.configs[configName], f.configs)
}

// A Result is the outcome of a scenario.
type Result struct {
	Got  []sim.Step // actual output
	Diff []sim.Diff // expected and actual output, side by side
	Held string     // the message about keys that stayed down, "" if none
	OK   bool       // there is no difference, and no key is down
}

// ErrNoWant says that a scenario has no expected output.
var ErrNoWant = errors.New("no expected output; expected a line --- and what should come out after it")

// Run runs one scenario. An error is a mistake in the script itself; see sim.Parse and sim.Run.
func (c *Case) Run(p *program.Program) (*Result, error) {
	script, err := sim.Parse(c.Name, c.text)
	if err != nil {
		return nil, err
	}
	if !script.HasWant {
		return nil, fmt.Errorf("%s: %w", c.Name, ErrNoWant)
	}
	if p, err = ForScript(p, script); err != nil {
		return nil, err
	}
	options := Options(p)
	options.Layouts = c.file.layouts
	if options.Programs, err = c.file.programs(script); err != nil {
		return nil, err
	}
	out, err := sim.Run(p.Compiled, script, options)
	if err != nil {
		return nil, err
	}
	r := &Result{Got: out.Steps(), Held: out.HeldText()}
	r.Diff, r.OK = sim.Compare(script.Want, r.Got)
	r.OK = r.OK && r.Held == ""
	return r, nil
}

// programs reads the configurations that a script loads with reload.
func (f *File) programs(s *sim.Script) (map[string]*remap.Compiled, error) {
	all := make(map[string]*remap.Compiled)
	for _, step := range s.Input {
		text, ok := f.configs[step.Text]
		if step.Kind != sim.Reload || !ok {
			continue
		}
		p, err := program.Parse(step.Text, text, f.configs)
		if err != nil {
			return nil, err
		}
		all[step.Text] = p.Compiled
	}
	return all, nil
}

// ForScript is the configuration for the machine that a script describes.
func ForScript(p *program.Program, s *sim.Script) (*program.Program, error) {
	m := s.Machine()
	if m.Empty() {
		return p, nil
	}
	return p.For(program.Around{Facts: m.Facts, Actions: m.Shortcuts})
}

// Options are a script's environment as a configuration describes it.
func Options(p *program.Program) sim.Options {
	return sim.Options{Vars: p.Program.Vars, KeyboardType: p.TypeByName, Debounce: p.DebounceByName}
}

// HasConfig says whether the file contains its own configuration.
func (f *File) HasConfig() bool { return f.configs != nil || f.itself != nil }

// ConfigName names the configuration of the file in messages.
func (f *File) ConfigName() string {
	if f.itself != nil {
		return f.name
	}
	return configName + " of " + f.name
}

// inComments finds the scenarios in a configuration: consecutive lines that begin with #:, the first of them a title.
func (f *File) inComments(data []byte) error {
	f.itself = data
	open, n := false, 0
	for line := range strings.Lines(string(data)) {
		n++
		text, ok := strings.CutPrefix(strings.TrimSpace(line), "#:")
		switch {
		case ok && open:
			f.Cases[len(f.Cases)-1].text += strings.TrimPrefix(text, " ") + "\n"
		case ok: // as many empty lines as come before it, so that messages have the right line numbers
			f.Cases = append(f.Cases, Case{f.name + ":" + strings.TrimSpace(text), strings.Repeat("\n", n), f})
		}
		open = ok
	}
	if len(f.Cases) == 0 {
		return fmt.Errorf("%s: no scenario in the configuration; one begins with a line #: TITLE", f.name)
	}
	return nil
}
