package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	toshyd "toshy/cmd/internal/daemon"
)

// Exit codes, as docs/USAGE.md promises them to scripts.
const (
	exitDone       = 0
	exitConfig     = 1 // a configuration, a script or a test is wrong
	exitUsage      = 2 // the command line is wrong
	exitPermission = 3
	exitNoDevice   = 4
	exitNoDaemon   = 5
	exitHung       = toshyd.ExitHung // the watchdog ended it
)

// A failure ends the program: what happened, what to do about it, and the exit code.
type failure struct {
	code    int
	details string // printed before the message as it is: places and carets
	err     error
	hints   []string
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func fail(code int, err error, hints ...string) error {
	return &failure{code: code, err: err, hints: hints}
}

// report tells people what went wrong, once, and returns the exit code. Errors that no command of
// ours made come from cobra and are about the command line.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	f := &failure{code: exitUsage, err: err, hints: []string{"toshy --help lists the commands and flags"}}
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

// tidyUsage makes one line of cobra's message about an unknown command.
func tidyUsage(message string) string {
	first, rest, _ := strings.Cut(message, "\n")
	first = strings.TrimSuffix(first, ` for "toshy"`)
	if suggestions := strings.Fields(strings.TrimPrefix(strings.TrimSpace(rest), "Did you mean this?")); len(suggestions) > 0 {
		first += "; did you mean " + strings.Join(suggestions, " or ") + "?"
	}
	return first
}
