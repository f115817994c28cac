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

// controlServer is the control socket of a daemon that its user runs; nil, with a line in the log, if there is no place for
// it.
func controlServer(log *zap.Logger) *control.Server {
	path, err := control.SocketPath()
	if err != nil {
		log.Debug("no control socket", zap.Error(err))
		return nil
	}
	return &control.Server{Path: path}
}

const socketName = "socket"

// addSocketFlag adds the flag of every command that uses the control socket.
func addSocketFlag(c *cobra.Command) {
	c.Flags().Var(socketFlag{}, socketName, "`path` of the control socket (default: $TOSHY_SOCKET, else see docs/CONTROL.md)")
	_ = c.MarkFlagFilename(socketName) // only fails if the flag does not exist
}

// socketFlag sets the variable with the same meaning, so that commands started by the agent find the same daemon.
type socketFlag struct{}

func (socketFlag) String() string        { return "" }
func (socketFlag) Type() string          { return "path" }
func (socketFlag) Set(path string) error { return os.Setenv(control.SocketVariable, path) }

// ask sends a request to the running daemon.
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

// refusal is what the daemon refused, and why.
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
		return nil, fail(exitNoDaemon, control.ErrNoDaemon, "toshy doctor says how to start one on this machine")
	}
	return c, err
}

// newControls are the commands that talk to the running daemon.
func newControls() []*cobra.Command {
	var all []*cobra.Command
	for _, x := range []struct{ name, short, long string }{
		{
			"pause", "Give the keyboards back until toshy resume",
			"Give the keyboards back: you type as if toshy were not running. toshy first lifts all keys that it holds down.",
		},
		{
			"resume", "Take the keyboards again after a pause or a panic chord",
			"Take the keyboards again. If a key of a keyboard is down, toshy takes that keyboard when you have released it.",
		},
		{"toggle", "Pause, or resume", "Pause if toshy has the keyboards, resume if it has given them back."},
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
		Use: "reload", Short: "Read the configuration again and say whether it is valid", Args: cobra.NoArgs,
		Long: `Make the daemon read the configuration again. If it contains a mistake, the command shows the first one with
exit code 1, and the previous configuration stays in use. Keys that are down finish under the old one.

The daemon also reads the configuration by itself whenever one of its files changes.`,
		Example:           "  toshy reload --wait && toshy status",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := ask(control.Request{Command: "reload", Wait: wait})
			if err != nil {
				return err
			}
			if a.Pending {
				_, err = fmt.Fprintln(c.OutOrStdout(), "the daemon is still reading the configuration; toshy status shows the result")
				return output(err)
			}
			if !wait {
				return nil
			}
			a, err = ask(control.Request{Command: "status"})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "in use: %s, %s taken\n", a.Status.Configuration, plural(grabbedKeyboards(a.Status), "keyboard"))
			return output(err)
		},
	}
	c.Flags().BoolVar(&wait, "wait", false, "wait until the new configuration is in use, and say so")
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
		Long: `Without arguments, list the layers of the configuration and whether each is on. With arguments, turn a layer
on or off. It stays that way until a key, toshy release or this command changes it.`,
		Example:           "  toshy layer\n  toshy layer navigation toggle",
		ValidArgsFunction: completeLayerCommand,
		Args: func(_ *cobra.Command, args []string) error {
			if n := len(args); n != 0 && n != 2 {
				return fmt.Errorf("give a layer and on, off or toggle, or no arguments; there %s", isAre(n, "argument"))
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
		Use: "type TEXT...", Short: "Type text into the focused window", Args: cobra.MinimumNArgs(1),
		Long: `Type text through the virtual keyboard, with the active keyboard layout. Several arguments are joined by blanks.
- reads the text from standard input, so that it does not appear in the list of processes. Characters that the
layout has no key for are entered as the configuration says. If toshy cannot type one of the characters, it
types nothing (exit code 2).

Keys that you press meanwhile are not delayed. toshy stops typing (exit code 1) if another application gets the
focus, the screen is locked or toshy is paused. The text appears in no log.`,
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
		Long: `Press and release combos on the virtual keyboard, one after the other. Like the output of a keymap, they are not
mapped again. Write combos as in a configuration; toshy checks all of them before it presses the first one.
Nothing stays down, whatever happens to this command. It stops early in the same cases as toshy type.`,
		Example:           "  toshy press Ctrl-T\n  toshy press Ctrl-L Ctrl-C Esc",
		ValidArgsFunction: completeCombo,
		RunE: func(_ *cobra.Command, args []string) error {
			_, err := ask(control.Request{Command: "press", Combos: args})
			return err
		},
	}
}

// readText reads the text to type. If it is one byte longer than the limit of a request, it is too long.
func readText(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, control.MaxRequest+1))
	if err != nil {
		return "", fail(exitConfig, fmt.Errorf("read the text: %w", err))
	}
	return string(b), nil
}
