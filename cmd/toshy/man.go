package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"toshy/config"
)

// manualPages are the manual pages by file name: one for each user command, and toshy(5).
func manualPages(root *cobra.Command) map[string][]byte {
	pages := map[string][]byte{"toshy.5": []byte(languagePage())}
	addPages(root, pages)
	return pages
}

func addPages(c *cobra.Command, pages map[string][]byte) {
	if c.Hidden {
		return
	}
	pages[pageName(c)+".1"] = []byte(commandPage(c))
	for _, sub := range c.Commands() {
		addPages(sub, pages)
	}
}

func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// pageDate is the day of the build: SOURCE_DATE_EPOCH's day if it is set, else the commit's, else today.
func pageDate() string {
	t := time.Now()
	if epoch, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		t = time.Unix(epoch, 0)
	} else if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if at, err := time.Parse(time.RFC3339, s.Value); s.Key == "vcs.time" && err == nil {
				t = at
			}
		}
	}
	return t.UTC().Format(time.DateOnly)
}

func title(name, section string) string {
	return fmt.Sprintf(".TH %s %s %s \"toshy %s\" \"toshy\"\n", strings.ToUpper(name), section, pageDate(), strings.TrimSpace(release))
}

// commandPage is the page of a command, in a form that both groff and mandoc read without a warning.
func commandPage(c *cobra.Command) string {
	c.InitDefaultHelpFlag()
	var b bytes.Buffer
	b.WriteString(title(pageName(c), "1"))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(pageName(c)), roff(c.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n\\fB%s\\fP\n", roff(c.UseLine()))
	b.WriteString(".SH DESCRIPTION\n")
	if about := strings.TrimSpace(c.Long); about != "" {
		prose(&b, about)
	} else {
		prose(&b, c.Short+".")
	}
	options(&b, "OPTIONS", c.NonInheritedFlags())
	options(&b, "OPTIONS OF ALL COMMANDS", c.InheritedFlags())
	b.WriteString(places() + status())
	if c.Example != "" {
		b.WriteString(".SH EXAMPLES\n")
		example(&b, strings.Split(strings.TrimRight(c.Example, "\n"), "\n"))
	}
	b.WriteString(".SH SEE ALSO\n\\fBtoshy\\fP(5)")
	for _, other := range relatives(c) {
		fmt.Fprintf(&b, ",\n\\fB%s\\fP(1)", roff(other))
	}
	b.WriteString("\n")
	return b.String()
}

// relatives are the pages of a command's parent and children.
func relatives(c *cobra.Command) []string {
	var names []string
	for _, sub := range c.Commands() {
		if !sub.Hidden {
			names = append(names, pageName(sub))
		}
	}
	slices.Sort(names)
	if c.HasParent() {
		names = slices.Insert(names, 0, pageName(c.Parent()))
	}
	return names
}

// prose writes paragraphs, which are separated by blank lines. A paragraph of indented lines is an example.
func prose(b *bytes.Buffer, text string) {
	for i, paragraph := range strings.Split(text, "\n\n") {
		lines := strings.Split(strings.Trim(paragraph, "\n"), "\n")
		indented := !slices.ContainsFunc(lines, func(l string) bool { return !strings.HasPrefix(l, "  ") && !strings.HasPrefix(l, "\t") })
		switch {
		case indented:
			b.WriteString(".PP\n")
			example(b, lines)
			continue
		case i > 0:
			b.WriteString(".PP\n")
		}
		for _, l := range lines {
			b.WriteString(roff(strings.Join(strings.Fields(l), " ")) + "\n")
		}
	}
}

// example writes lines unchanged.
func example(b *bytes.Buffer, lines []string) {
	b.WriteString(".EX\n")
	for _, l := range lines {
		b.WriteString(roff(strings.TrimRight(l, " ")) + "\n")
	}
	b.WriteString(".EE\n")
}

// options writes a section of flags, or nothing if there are none.
func options(b *bytes.Buffer, name string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	fmt.Fprintf(b, ".SH %s\n", name)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Deprecated != "" {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		b.WriteString(".TP\n")
		if f.Shorthand != "" {
			fmt.Fprintf(b, "\\fB\\-%s\\fP, ", roff(f.Shorthand))
		}
		fmt.Fprintf(b, "\\fB%s\\fP", roff("--"+f.Name))
		if value != "" {
			fmt.Fprintf(b, " \\fI%s\\fP", roff(value))
		}
		b.WriteString("\n" + roff(usage))
		if v := f.DefValue; v != "" && v != "false" && v != "0" && v != "[]" && v != "0s" && !strings.Contains(usage, "default") {
			b.WriteString(roff(" (default: " + v + ")"))
		}
		b.WriteString("\n")
	})
}

// roff escapes a text so that nothing in it is a request or an escape.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "~", `\(ti`, "^", `\(ha`, "`", `\(ga`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

func item(term, text string) string { return ".TP\n\\fB" + roff(term) + "\\fP\n" + roff(text) + "\n" }

func places() string {
	return ".SH FILES\n" +
		item("~/.config/toshy/config.toml", "Your configuration. If XDG_CONFIG_HOME is set, it replaces ~/.config.") +
		item("/etc/toshy/users/NAME/config.toml", "The configuration of the user NAME, if there is no file of the user's own.") +
		item("/etc/toshy/config.toml", "The configuration of the machine, if there is neither.") +
		item("~/.local/state/toshy/settings.toml", "Settings that were changed while toshy ran. If XDG_STATE_HOME is set, it replaces ~/.local/state.") +
		item("$XDG_RUNTIME_DIR/toshy.sock, /run/toshy/toshy.sock", "The control socket of your own daemon, and of the system's.") +
		item("/usr/share/doc/toshy, /usr/local/share/doc/toshy", "Documents, recipes, and the built-in configuration.") +
		".SH ENVIRONMENT\n" +
		item("TOSHY_SOCKET", "The control socket, for all commands.") +
		item("XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_RUNTIME_DIR, HOME", "Where the files above are.") +
		item("XDG_CURRENT_DESKTOP, XDG_SESSION_TYPE, WAYLAND_DISPLAY, DISPLAY", "Which desktop runs.") +
		item("NO_COLOR, TERM", "Output has no colours if NO_COLOR is set, or if TERM is dumb.")
}

func status() string {
	return ".SH EXIT STATUS\n" +
		item("0", "Done.") +
		item("1", "A configuration, a script or a test contains a mistake, or the command cannot run now.") +
		item("2", "The command line is wrong.") +
		item("3", "No permission.") +
		item("4", "No device, another toshy that has them, or no desktop that can be followed.") +
		item("5", "No daemon.") +
		item("6", "toshy run hung, and its watchdog gave the keyboards back.")
}

// languagePage is toshy(5), made from the same tables as the parser.
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
docs/CONFIG.md in /usr/share/doc/toshy describes the language at length.
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
	b.WriteString(places())
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
	return b.String()
}
