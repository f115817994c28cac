package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/keyboards"
	"toshy/cmd/internal/keycheck"
	"toshy/cmd/internal/program"
	"toshy/config"
	"toshy/evdev"
	"toshy/remap/key"
)

func newKeycheck() *cobra.Command {
	var f keycheckFlags
	c := &cobra.Command{
		Use: "keycheck", Short: "Find out the type of a keyboard from its keys", Args: cobra.NoArgs,
		Long: `Find out the type of a keyboard. The command asks you to press two or three keys, says what they are, and offers to
write the rule into your configuration. Use it for keyboards with a switch between Mac and Windows, and for keyboards
that report another maker's numbers. It looks only at the modifier keys that you press.`,
		Example:           "  toshy keycheck\n  toshy keycheck --write",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGTERM, syscall.SIGINT)
			defer stop()
			f.in, f.out = bufio.NewReader(c.InOrStdin()), c.OutOrStdout()
			return f.run(ctx)
		},
	}
	addConfigFlag(c, &f.config)
	c.Flags().BoolVarP(&f.write, "write", "y", false, "write the rule without asking")
	return c
}

type keycheckFlags struct {
	config string
	write  bool
	in     *bufio.Reader
	out    io.Writer
}

// keycheckTime is how long the user may take in all.
const keycheckTime = 2 * time.Minute

func (f *keycheckFlags) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, keycheckTime)
	defer cancel()
	found, err := evdev.List(nil)
	if err != nil {
		return fail(exitNoDevice, err)
	}
	presses, err := listen(ctx, found)
	if err != nil {
		return err
	}
	var check keycheck.Check
	for q := check.Question(); q != ""; q = check.Question() {
		if _, err := fmt.Fprintln(f.out, q); err != nil {
			return output(err)
		}
		if err := answer(ctx, &check, presses, f.out); err != nil {
			return err
		}
	}
	typ, info := check.Type(), keyboards.Named(found, check.Keyboard())
	if typ == "" {
		return fail(exitConfig, fmt.Errorf("no type of keyboard has %s to the left of the space bar", check.Seen()),
			"write a [modmap] for its keys, see docs/CONFIG.md")
	}
	return f.tell(typ, info, &check)
}

// answer waits for a key that answers the question.
func answer(ctx context.Context, check *keycheck.Check, presses <-chan keycheck.Press, out io.Writer) error {
	for {
		select {
		case <-ctx.Done():
			return fail(exitConfig, errors.New("no key was pressed"), "press the keys within two minutes")
		case p, open := <-presses:
			if !open {
				return fail(exitNoDaemon, errors.New("the daemon has ended"), "toshy status says what the daemon does")
			}
			done, err := check.Answer(p)
			switch {
			case errors.Is(err, keycheck.ErrOther):
				fmt.Fprintln(out, "That was another keyboard. Please use the same one as before.")
			case done:
				fmt.Fprintf(out, "  %s, on %s\n", p.Key, printable(p.Keyboard))
				return nil
			}
		}
	}
}

// listen reports the keys that go down on keyboards, from the daemon that has them, else from the keyboards themselves.
func listen(ctx context.Context, found []evdev.Found) (<-chan keycheck.Press, error) {
	presses := make(chan keycheck.Press, 16)
	report := func(name string, k key.Code) {
		select {
		case presses <- keycheck.Press{Keyboard: name, Key: k}:
		default: // more keys at once than anybody answers with
		}
	}
	if client, err := dial(); err == nil {
		context.AfterFunc(ctx, func() { client.Close() })
		listens := make(chan struct{}) // otherwise, earlier key presses would be lost
		go func() {
			defer close(presses)
			_ = client.Watch([]string{"in"}, func() error { close(listens); return nil }, func(e control.Event) error {
				if k, ok := key.Parse(e.Key); ok && e.Value == "down" {
					report(e.Device, k)
				}
				return nil
			})
		}()
		select {
		case <-listens:
			return presses, nil
		case <-presses:
			return nil, fail(exitNoDaemon, errors.New("the daemon does not say which keys are pressed"), "toshy status says what the daemon does")
		}
	}
	return presses, followKeyboards(ctx, found, func(p pressed) {
		if p.down {
			report(p.device, p.key)
		}
	})
}

// tell says what was found, and writes it where the user wants.
func (f *keycheckFlags) tell(typ string, info *evdev.Info, check *keycheck.Check) error {
	path := f.config
	if path == "" {
		path = program.Toshy.UserPath()
	}
	p, err := loadConfig(f.config)
	if err != nil {
		return err
	}
	fmt.Fprintf(f.out, "%s has the type %s.\n", printable(info.Name), typ)
	if keyboards.Type(info, p.Config) == typ {
		_, err := fmt.Fprintln(f.out, "toshy already uses this type; there is nothing to write.")
		return output(err)
	}
	rule := keycheck.Rule(keyboards.Identity(info), typ, check.Seen())
	fmt.Fprintf(f.out, "\n%s\n", rule)
	if path == "" {
		return fail(exitConfig, errors.New("HOME is not set, so there is no place for a configuration"), "name a file with -c")
	}
	if !f.write {
		fmt.Fprintf(f.out, "Write this to %s? [y/N] ", path)
		line, _ := f.in.ReadString('\n') // the end of the input means no
		if a := strings.ToLower(strings.TrimSpace(line)); a != "y" && a != "yes" {
			_, err := fmt.Fprintln(f.out, "Nothing was written.")
			return output(err)
		}
	}
	if err := appendRule(path, rule); err != nil {
		return err
	}
	_, err = fmt.Fprintf(f.out, "Written to %s. A running toshy uses it at once.\n", path)
	return output(err)
}

// appendRule adds a rule to the end of a configuration, or creates the file. If the result is not a valid configuration, it
// changes nothing.
func appendRule(path, rule string) error {
	before, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		before = []byte(program.Toshy.Beginning())
	case err != nil:
		return fail(exitConfig, err)
	}
	text := keycheck.Add(string(before), rule)
	if _, err := program.Parse(path, []byte(text), config.Disk{}); err != nil {
		return fail(exitConfig, fmt.Errorf("%s would not be valid with the rule: %w", path, err), "add it by hand, next to the other rules")
	}
	if to, err := filepath.EvalSymlinks(path); err == nil {
		path = to // keep a link
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fail(exitConfig, err)
	}
	next := path + ".new"
	mode := os.FileMode(0o644)
	if st, err := os.Stat(path); err == nil {
		mode = st.Mode().Perm()
	}
	if err := os.WriteFile(next, []byte(text), mode); err != nil {
		return fail(exitConfig, err, "add the rule by hand to the source of this configuration")
	}
	if err := os.Rename(next, path); err != nil {
		_ = os.Remove(next)
		return fail(exitConfig, err)
	}
	return nil
}
