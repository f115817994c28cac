package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"toshy/cmd/internal/control"
)

// controlServer is the control socket of a daemon that its user runs; nil, with a word in the log, where
// there is no place for it.
func controlServer(log *zap.Logger) *control.Server {
	path, err := control.SocketPath()
	if err != nil {
		log.Debug("no control socket", zap.Error(err))
		return nil
	}
	return &control.Server{Path: path}
}

const socketName = "socket"

// addSocketFlag is the flag of every command that uses the control socket.
func addSocketFlag(c *cobra.Command) {
	c.Flags().Var(socketFlag{}, socketName, "`path` of the control socket (default: $TOSHY_SOCKET, else as docs/CONTROL.md says)")
	_ = c.MarkFlagFilename(socketName) // fails only for a flag that is not there
}

// socketFlag sets the variable that says the same: commands that the agent starts find the same daemon.
type socketFlag struct{}

func (socketFlag) String() string        { return "" }
func (socketFlag) Type() string          { return "path" }
func (socketFlag) Set(path string) error { return os.Setenv(control.SocketVariable, path) }

// ask sends one request to the running daemon.
func ask(r control.Request) (*control.Response, error) {
	c, err := dial()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	a, err := c.Do(r)
	switch {
	case err == nil:
		return a, nil
	case errors.Is(err, control.ErrTooLong):
		return nil, fail(exitUsage, err)
	case a == nil:
		return nil, fail(exitNoDaemon, err)
	}
	return nil, refusal(a, err)
}

// refusal is what the daemon does not do, and why.
func refusal(a *control.Response, err error) error {
	code := exitConfig
	switch a.Kind {
	case control.KindRequest:
		code = exitUsage
	case control.KindAccess:
		code = exitPermission
	}
	if a.Hint == "" {
		return fail(code, err)
	}
	return fail(code, err, a.Hint)
}

func dial() (*control.Client, error) {
	c, err := control.Open()
	switch {
	case errors.Is(err, os.ErrPermission):
		return nil, fail(exitNoDaemon, err)
	case errors.Is(err, control.ErrNoDaemon):
		if path := os.Getenv(control.SocketVariable); path != "" {
			return nil, fail(exitNoDaemon, control.ErrNoDaemon, "nothing answers on "+path+", which --socket or $"+control.SocketVariable+" names")
		}
		return nil, fail(exitNoDaemon, control.ErrNoDaemon, "toshy run starts one; toshy doctor says how a service stands")
	}
	return c, err
}

// newControls are the commands that speak to the running daemon.
func newControls() []*cobra.Command {
	var all []*cobra.Command
	for _, x := range []struct{ name, short, long string }{
		{
			"pause", "Give the keyboards back until toshy resume",
			"Give the keyboards back: everything types as if toshy did not run. What it holds down goes up first.",
		},
		{
			"resume", "Take the keyboards again after a pause or a panic chord",
			"Take the keyboards again. One of which a key is down is taken when all of its keys are up.",
		},
		{"toggle", "Pause, or resume", "Pause when the keyboards are taken, resume when they are given back."},
		{
			"release", "Lift every key that is down on the virtual keyboard",
			"Lift every key that is down on the virtual keyboard, end macros, and turn all layers off.",
		},
	} {
		all = append(all, &cobra.Command{
			Use: x.name, Short: x.short, Long: x.long, Args: cobra.NoArgs, ValidArgsFunction: cobra.NoFileCompletions,
			RunE: func(*cobra.Command, []string) error {
				_, err := ask(control.Request{Command: x.name})
				return err
			},
		})
	}
	all = append(all, newReload(), newSet(), newSettings(), newLayer(), newType(), newPress(), newStatus(), newMonitor(), newLog(), newDump())
	for _, c := range all {
		addSocketFlag(c)
	}
	return all
}

func newReload() *cobra.Command {
	var wait bool
	c := &cobra.Command{
		Use: "reload", Short: "Read the configuration again and say whether it can be used", Args: cobra.NoArgs,
		Long: `Read the configuration again. A broken one is refused with its first mistake and exit code 1, and the
one before stays in use. Keys that are down finish under the old one.

The daemon also reads it by itself when a file of it changes.`,
		Example:           "  toshy reload --wait && toshy status",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := ask(control.Request{Command: "reload", Wait: wait})
			if err != nil {
				return err
			}
			if a.Pending {
				_, err = fmt.Fprintln(c.OutOrStdout(), "the configuration is still being read; toshy status shows how that goes")
				return output(err)
			}
			if !wait {
				return nil
			}
			a, err = ask(control.Request{Command: "status"})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "in force: %s, %s taken\n", a.Status.Configuration, plural(grabbedKeyboards(a.Status), "keyboard"))
			return output(err)
		},
	}
	c.Flags().BoolVar(&wait, "wait", false, "wait until it is in force, however long that takes, and say so")
	return c
}

func grabbedKeyboards(s *control.Status) (n int) {
	for _, k := range s.Keyboards {
		if k.Grabbed {
			n++
		}
	}
	return n
}

func newLayer() *cobra.Command {
	return &cobra.Command{
		Use: "layer [NAME on|off|toggle]", Short: "List the layers, or turn one on or off",
		Long: `Without arguments list the layers of the configuration and whether each is on. Else turn one on or off:
it stays so until a key, toshy release or this command changes it.`,
		Example:           "  toshy layer\n  toshy layer navigation toggle",
		ValidArgsFunction: completeLayerCommand,
		Args: func(_ *cobra.Command, args []string) error {
			if n := len(args); n != 0 && n != 2 {
				return fmt.Errorf("a layer and on, off or toggle are needed, or nothing at all; there %s", isAre(n, "argument"))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 2 {
				_, err := ask(control.Request{Command: "layer", Name: args[0], Value: args[1]})
				return err
			}
			a, err := ask(control.Request{Command: "status"})
			if err != nil {
				return err
			}
			return output(printLayers(c.OutOrStdout(), a.Status))
		},
	}
}

func isAre(n int, noun string) string {
	if n == 1 {
		return "is 1 " + noun
	}
	return "are " + plural(n, noun)
}

func newType() *cobra.Command {
	return &cobra.Command{
		Use: "type TEXT...", Short: "Type a text into the focused window", Args: cobra.MinimumNArgs(1),
		Long: `Type a text through the virtual keyboard, with the active keyboard layout; several arguments with a blank
between. - reads it from standard input, so that it is in no list of processes. What the layout has no key
for is entered as the configuration says. All of a text can be typed, or none of it is: that is exit code 2.

What you type meanwhile is not held up. When another application gets the focus, the rest is not typed; that
is exit code 1, and so it is when keys are not mapped: the screen is locked, or toshy is paused. The text is
in no log.`,
		Example:           "  toshy type 'Kind regards'\n  pass show mail | head -n 1 | tr -d '\\n' | toshy type -",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			text := strings.Join(args, " ")
			if len(args) == 1 && args[0] == "-" {
				var err error
				if text, err = readText(c.InOrStdin()); err != nil {
					return err
				}
			}
			_, err := ask(control.Request{Command: "type", Text: text})
			return err
		},
	}
}

func newPress() *cobra.Command {
	return &cobra.Command{
		Use: "press COMBO...", Short: "Press combos, one after the other", Args: cobra.MinimumNArgs(1),
		Long: `Press and release combos on the virtual keyboard, one after the other, as the output of a keymap would
be: they are not mapped again. Combos are written as in a configuration, and checked before the first one
is pressed. Nothing stays down, whatever happens to this command. It ends early as toshy type does.`,
		Example:           "  toshy press Ctrl-T\n  toshy press Ctrl-L Ctrl-C Esc",
		ValidArgsFunction: completeKey,
		RunE: func(_ *cobra.Command, args []string) error {
			_, err := ask(control.Request{Command: "press", Combos: args})
			return err
		},
	}
}

// readText reads what is to be typed. One byte more than a request has shows that it is too long.
func readText(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, control.MaxRequest+1))
	if err != nil {
		return "", fail(exitConfig, fmt.Errorf("read the text: %w", err))
	}
	return string(b), nil
}
