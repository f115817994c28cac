package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	toshyd "toshy/cmd/internal/daemon"
)

// Exit codes that docs/USAGE.md documents for scripts.
const (
	exitDone       = 0
	exitConfig     = 1 // a configuration, a script or a test contains a mistake
	exitUsage      = 2 // the command line is not valid
	exitPermission = 3
	exitNoDevice   = 4
	exitNoDaemon   = 5
	exitHung       = toshyd.ExitHung // the watchdog ended it
)

// A failure ends the program: what happened, what to do about it, and the exit code.
type failure struct {
	code    int
	details string // printed before the message, unchanged: places and carets
	err     error
	hints   []string
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func fail(code int, err error, hints ...string) error {
	return &failure{code: code, err: err, hints: hints}
}

// usageFailure makes a failure from an error that none of our commands made: it comes from cobra, and is about the command
// line of c.
func usageFailure(c *cobra.Command, err error) error {
	var f *failure
	if err == nil || errors.As(err, &f) {
		return err
	}
	var file *fs.PathError
	if errors.As(err, &file) { // of cobra's own output
		return output(err)
	}
	says := "lists the commands and flags"
	if c.HasParent() {
		says = "says what it accepts"
	}
	hints := []string{c.CommandPath() + " --help " + says}
	if plain := plainArguments(c, err); plain.Error() != err.Error() {
		err = plain
		if x := firstExample(c); x != "" {
			hints = append([]string{"for example: " + x}, hints...)
		}
	}
	return fail(exitUsage, err, hints...)
}

// report shows what went wrong, once, and returns the exit code.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	f := &failure{code: exitUsage, err: err}
	errors.As(err, &f)
	message := f.err.Error()
	if f.code == exitUsage {
		message = tidyUsage(message)
	}
	fmt.Fprintf(w, "%stoshy: %s\n", f.details, message)
	for _, h := range f.hints {
		fmt.Fprintf(w, "hint: %s\n", h)
	}
	return f.code
}

// tidyUsage makes cobra's message about an unknown command one line.
func tidyUsage(message string) string {
	first, rest, _ := strings.Cut(message, "\n")
	first = strings.TrimSuffix(first, ` for "toshy"`)
	if suggestions := strings.Fields(strings.TrimPrefix(strings.TrimSpace(rest), "Did you mean this?")); len(suggestions) > 0 {
		first += "; did you mean " + strings.Join(suggestions, " or ") + "?"
	}
	return first
}
