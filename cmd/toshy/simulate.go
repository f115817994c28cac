package main

import (
	_ "embed"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/program"
	"toshy/cmd/internal/scenario"
	"toshy/remap/sim"
)

// demo shows the main purpose: what Mac-like shortcuts become in a browser and in a terminal.
//
//go:embed demo.sim
var demo string

func newSimulate() *cobra.Command {
	var s simulation
	c := &cobra.Command{
		Use:     "simulate [SCRIPT]",
		Example: "  toshy simulate --app kitty -e '+leftalt +c -c -leftalt'\n  toshy simulate -c my.toml script.sim",
		Short:   "Run key events through a configuration, without a keyboard",
		Long: `Run a script of key events through a configuration in virtual time and print what would be
typed. SCRIPT is a file, or - for standard input. Without a script, a demonstration runs on the
built-in configuration. docs/USAGE.md describes the notation. In short:

    app firefox
    +leftmeta +c -c 200ms -leftmeta`,
		Args: cobra.MaximumNArgs(1),
		RunE: s.run,
	}
	addConfigFlag(c, &s.config)
	s.addFlags(c)
	f := c.Flags()
	f.StringArrayVarP(&s.events, "events", "e", nil, "a `line` of the script, instead of a file; repeat for more lines")
	f.StringVar(&s.format, "format", "auto", "`form` of the output: table (input and output side by side), script (one event a line), row, or auto: a table on a terminal and for the demonstration, else script")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"auto", "table", "script", "row"}, cobra.ShellCompDirectiveNoFileComp)) // only fails if the flag does not exist
	return c
}

type simulation struct {
	assumed
	config string
	events []string
	format string
}

func (s *simulation) run(c *cobra.Command, args []string) error {
	name, text, err := s.script(c.InOrStdin(), args)
	if err != nil {
		return err
	}
	out := c.OutOrStdout()
	format, width := s.format, 0
	isDemo := name == demoName
	switch w, ok := terminal(out); {
	case format == "auto" && (ok || isDemo), format == "table":
		format, width = "table", w
	case format == "auto":
		format = "script"
	case format != "script" && format != "row":
		return fail(exitUsage, fmt.Errorf("there is no output format %q", format), "the formats are auto, table, script and row")
	}
	script, err := sim.Parse(name, text)
	if err != nil {
		return withCombos(scriptFailure(name, err), s.events)
	}
	var p *program.Program
	if isDemo && s.config == "" {
		p, err = program.Load("")
		if err != nil {
			return configFailure("", err)
		}
	} else if p, err = loadConfig(s.config); err != nil {
		return err
	}
	if p, err = scenario.ForScript(p, script); err != nil {
		return configFailure(p.Path, err)
	}
	if err := s.check(p); err != nil {
		return err
	}
	if note := aboutModifiers(p, text); note != "" {
		fmt.Fprintln(c.ErrOrStderr(), "note:", note)
	}
	options := scenario.Options(p)
	options.Window, options.Device = s.window, s.device
	if s.keyboard != "" {
		options.KeyboardType = func(string) string { return s.keyboard }
	}
	result, err := sim.Run(p.Compiled, script, options)
	if err != nil {
		return scriptFailure(name, err)
	}
	var printed string
	switch format {
	case "table":
		printed = sim.Table(sim.Rows(script, result), width, tableStyle(out))
	case "row":
		printed = sim.Compact(result.Steps())
	default:
		printed = sim.Format(result.Steps())
	}
	if held := result.HeldText(); held != "" {
		printed += "# " + held + "\n"
	}
	_, err = io.WriteString(out, printed)
	return output(err)
}

// demoName is the name of the embedded script in messages.
const demoName = "demonstration"

// script returns the script that the arguments name.
func (s *simulation) script(stdin io.Reader, args []string) (name, text string, err error) {
	switch {
	case len(s.events) > 0 && len(args) > 0:
		return "", "", fail(exitUsage, fmt.Errorf("both a script and --events are given"), "leave one of them out")
	case len(s.events) > 0:
		return "events", strings.Join(s.events, "\n"), nil
	case len(args) == 0:
		return demoName, demo, nil
	}
	return readInput(args[0], stdin)
}

// readInput reads a file that the command line names; - is standard input. It also returns the name for messages.
func readInput(file string, stdin io.Reader) (name, text string, err error) {
	const most = 16 << 20 // bytes; people write scripts by hand
	name = file
	r := stdin
	if file == "-" {
		name = "stdin"
	} else {
		f, err := os.Open(file)
		if err != nil {
			return "", "", fail(exitUsage, err)
		}
		defer f.Close()
		r = f
	}
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && len(b) > most {
		err = fmt.Errorf("%s is larger than %d MiB", name, most>>20)
	}
	if err != nil {
		return "", "", fail(exitUsage, err)
	}
	return name, string(b), nil
}
