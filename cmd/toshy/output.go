package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/term"

	"toshy/remap/sim"
)

// output makes a failure from a write error.
func output(err error) error {
	if err != nil {
		return fail(exitConfig, fmt.Errorf("write the output: %w", err))
	}
	return nil
}

// printJSON writes a value for other programs.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return output(e.Encode(v))
}

// plural is "1 error" or "2 errors".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// printable escapes control characters as Go does in a string. Programs and hardware choose the names of windows and
// devices, and a terminal would obey such characters.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

// terminal returns the width of the terminal w, false if w is not a terminal.
func terminal(w io.Writer) (width int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	return width, true
}

// colored says whether to use colours on w (see no-color.org).
func colored(w io.Writer) bool {
	_, ok := terminal(w)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// tableStyle is the style of a table of input and output on w.
func tableStyle(w io.Writer) sim.Style {
	if !colored(w) {
		return sim.Style{}
	}
	sgr := func(code string) func(string) string {
		return func(s string) string { return "\x1b[" + code + "m" + s + "\x1b[0m" }
	}
	return sim.Style{Heading: sgr("1"), Input: sgr("36"), Output: sgr("32"), Wait: sgr("2")}
}
