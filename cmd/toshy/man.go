//go:build man

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"toshy/config"
)

// The generator of manual pages links a Markdown renderer, so it is not in the program that people
// run: go run -tags man ./cmd/toshy man DIR
func init() {
	generators = append(generators, func() *cobra.Command {
		return &cobra.Command{
			Use:    "man DIR",
			Short:  "Write the manual pages to a directory",
			Hidden: true, // it is in no program that people run, so it has no place in the manual
			Args:   cobra.ExactArgs(1),
			RunE: func(c *cobra.Command, args []string) error {
				if err := os.MkdirAll(args[0], 0o755); err != nil {
					return output(err)
				}
				root := c.Root()
				root.DisableAutoGenTag = true // a build is the same whenever it is made
				if err := writePages(root, args[0]); err != nil {
					return output(err)
				}
				return output(os.WriteFile(filepath.Join(args[0], "toshy.5"), []byte(languagePage()), 0o644))
			},
		}
	})
}

// pageDate is the day of the build, by SOURCE_DATE_EPOCH where that is said.
func pageDate() string {
	t := time.Now()
	if epoch, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		t = time.Unix(epoch, 0)
	}
	return t.UTC().Format(time.DateOnly)
}

func title(name, section string) string {
	return fmt.Sprintf(".TH %s %s %s \"toshy %s\" \"toshy\"\n", strings.ToUpper(name), section, pageDate(), strings.TrimSpace(release))
}

// writePages writes a page for each command that people may run.
func writePages(c *cobra.Command, dir string) error {
	if c.Hidden {
		return nil
	}
	for _, sub := range c.Commands() {
		if err := writePages(sub, dir); err != nil {
			return err
		}
	}
	name := strings.ReplaceAll(c.CommandPath(), " ", "-")
	c.InitDefaultHelpFlag()
	var b bytes.Buffer
	if err := doc.GenMan(c, &doc.GenManHeader{Section: "1"}, &b); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name+".1"), []byte(page(name, b.String())), 0o644)
}

var (
	headLine   = regexp.MustCompile(`(?s)\A.*?\n\.SH NAME`)
	optionLine = regexp.MustCompile(`(?m)(?:^\.PP\n)?^(\\fB-.*)\n\t(.*)$`)
	optionForm = regexp.MustCompile(`(?m)^(\\fB-.*?)(\[=[^\n]*\]|=(?:\[\]|"")?)$`)
	blankLines = regexp.MustCompile(`\n{2,}`)
)

// page makes a page of what cobra writes: sections that it does not have, and the form that mandoc and groff want.
func page(name, text string) string {
	text = headLine.ReplaceAllLiteralString(text, title(name, "1")+".SH NAME")
	text = optionLine.ReplaceAllString(text, ".TP\n$1\n$2")
	text = optionForm.ReplaceAllString(text, "$1")
	text = strings.ReplaceAll(text, ".SH OPTIONS INHERITED FROM PARENT COMMANDS", ".SH OPTIONS OF ALL COMMANDS")
	if name == "toshy" && !strings.Contains(text, ".SH EXAMPLE") {
		text = strings.Replace(text, ".SH SEE ALSO", ".SH EXAMPLE\n"+examples+"\n.SH SEE ALSO", 1)
	}
	text = strings.ReplaceAll(text, ".SH EXAMPLE\n", ".SH EXAMPLES\n")
	more := places + status
	if i := strings.Index(text, ".SH EXAMPLES"); i >= 0 {
		text = text[:i] + more + text[i:]
	} else if i := strings.Index(text, ".SH SEE ALSO"); i >= 0 {
		text = text[:i] + more + text[i:]
	}
	if name == "toshy" {
		text = strings.Replace(text, ".SH SEE ALSO\n", ".SH SEE ALSO\n\\fBtoshy\\fP(5), ", 1)
	} else {
		text = strings.Replace(text, ".SH SEE ALSO\n", ".SH SEE ALSO\n\\fBtoshy\\fP(5), ", 1)
	}
	return tidy(text)
}

// tidy breaks long lines of text, and leaves no lines without text, which roff takes for paragraphs.
func tidy(text string) string {
	var b strings.Builder
	example := false
	for line := range strings.Lines(blankLines.ReplaceAllString(text, "\n")) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == ".EX":
			example = true
		case line == ".EE":
			example = false
		case line == "" && !example:
			continue
		case strings.HasPrefix(line, "\t"):
			line = "  " + strings.TrimLeft(line, "\t")
		}
		if example || strings.HasPrefix(line, ".") {
			b.WriteString(line + "\n")
			continue
		}
		at := 0
		for i, w := range strings.Fields(line) {
			switch {
			case i == 0:
			case at+1+len(w) > 78 && !strings.HasPrefix(w, ".") && !strings.HasPrefix(w, "'"):
				b.WriteByte('\n')
				at = 0
			default:
				b.WriteByte(' ')
				at++
			}
			b.WriteString(w)
			at += len(w)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// roff writes a text so that nothing in it is a request or an escape.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "~", `\(ti`, "^", `\(ha`, "`", `\(ga`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

func item(term, text string) string { return ".TP\n\\fB" + roff(term) + "\\fP\n" + roff(text) + "\n" }

var places = ".SH FILES\n" +
	item("~/.config/toshy/config.toml", "Your configuration. $XDG_CONFIG_HOME stands for ~/.config.") +
	item("/etc/toshy/users/NAME/config.toml", "The configuration of the user NAME, if there is no file of the user's own.") +
	item("/etc/toshy/config.toml", "The configuration of the machine, if there is neither.") +
	item("~/.local/state/toshy/settings.toml", "Settings that were changed while toshy ran. $XDG_STATE_HOME stands for ~/.local/state.") +
	item("$XDG_RUNTIME_DIR/toshy.sock, /run/toshy/toshy.sock", "The control socket of your own daemon, and of the system's.") +
	item("/usr/share/doc/toshy", "Documents, recipes, and the built-in configuration.") +
	".SH ENVIRONMENT\n" +
	item("TOSHY_SOCKET", "The control socket, for all commands.") +
	item("XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_RUNTIME_DIR, HOME", "Where the files above are.") +
	item("XDG_CURRENT_DESKTOP, XDG_SESSION_TYPE, WAYLAND_DISPLAY, DISPLAY", "Which desktop runs.") +
	item("NO_COLOR, TERM", "Output has no colours if NO_COLOR is set, or if TERM is dumb.")

var status = ".SH EXIT STATUS\n" +
	item("0", "Done.") +
	item("1", "A configuration, a script or a test is wrong, or what is asked for cannot be done now.") +
	item("2", "The command line is wrong.") +
	item("3", "No permission.") +
	item("4", "No device, another toshy that has them, or no desktop that can be followed.") +
	item("5", "No daemon.") +
	item("6", "toshy run hung, and its watchdog gave the keyboards back.")

const examples = `.EX
toshy simulate                       # try it without a keyboard
toshy doctor                         # what is missing on this machine
toshy explain Cmd\-C \-\-app firefox     # what a combo does, and why
toshy shortcuts                      # all shortcuts of the window in front
toshy config show keymap.terminals   # what a built\-in table says
.EE`

// languagePage is toshy(5), made of the tables that reading a configuration asks.
func languagePage() string {
	var b strings.Builder
	b.WriteString(title("toshy", "5"))
	b.WriteString(`.SH NAME
toshy \- the configuration language of toshy
.SH DESCRIPTION
A configuration is a TOML file.
It builds on a built\-in configuration, unless it says
\fBextends = "none"\fP.
Of two active keymaps that have the same combo, the first one wins, and your own file comes before what it builds on.
.PP
\fBtoshy check\fP names every mistake with its line.
\fBtoshy config show\fP prints the built\-in configuration.
/usr/share/doc/toshy/docs/CONFIG.md describes the language at length.
.SH COMBOS AND KEYS
A combo is modifiers and a key, joined by hyphens: \fBCtrl\-Shift\-T\fP.
\fBCmd\fP, \fBOpt\fP and others are names that the built\-in configuration gives to modifiers.
\fBtoshy keys\fP lists the names of keys.
.SH ACTIONS
An action is a combo, a list of actions, one of the words \fB"block"\fP (nothing happens), \fB"pass"\fP (the combo itself),
\fB"nothing"\fP and \fB"unset"\fP (takes an entry of another file away), or a table:
`)
	table := func(t config.ReferenceTable) {
		for _, f := range t.Fields {
			b.WriteString(item(f.Name, f.Doc))
		}
	}
	reference := config.Reference()
	for _, t := range reference {
		if t.Name == "" {
			b.WriteString(".SH TOP LEVEL\n")
		} else if t.Name == config.ActionsReference {
			table(t)
			continue
		} else {
			b.WriteString(".SH " + strings.ToUpper(roff(t.Name)) + "\n")
		}
		table(t)
	}
	b.WriteString(".SH CONDITIONS\nA condition compares\n")
	b.WriteString(roff(strings.Join(config.ConditionNames(), ", ")) + ",\n\\fBsettings.NAME\\fP, \\fBstate.NAME\\fP and names of [groups]\nwith ==, !=, in, matches, contains, startsWith and endsWith, joined by and, or, not.\n")
	b.WriteString(strings.Replace(places, ".SH ENVIRONMENT", ".SH ENVIRONMENT", 1))
	b.WriteString(`.SH EXAMPLES
.EX
extends = "mac"

[keymap.mine]
when = \(aqapp == "firefox"\(aq
keys.Cmd\-K = "Ctrl\-L"

[modmap.mine.keys]
CapsLock = { tap = "Esc", hold = "LeftCtrl" }
.EE
.SH SEE ALSO
\fBtoshy\fP(1), \fBtoshy\-check\fP(1), \fBtoshy\-config\-show\fP(1), \fBtoshy\-explain\fP(1), \fBtoshy\-keys\fP(1)
`)
	return tidy(b.String())
}
