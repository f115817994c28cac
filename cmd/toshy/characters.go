package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/characters"
	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/doctor"
	"toshy/cmd/internal/program"
	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/window/layout"
)

type charactersFlags struct {
	config  string
	dryRun  bool
	layouts characters.Layout
}

func newCharacters() *cobra.Command {
	c := &cobra.Command{
		Use:   "characters",
		Short: "Give the keymap the characters that it lacks, so that every application gets them",
		Long: `Put characters that your keyboard layout lacks on key codes that no keyboard uses. Then toshy types each
of them by a plain key press, which every application understands. Without this, toshy enters such a
character by its number, which only some applications understand.

install writes files into ~/.config/xkb and switches on the option toshy:characters of the keyboard
layout. It compiles everything first, and undoes everything if something fails. remove takes
all of it away. docs/CHARACTERS.md says how this works, and what to do if you cannot log in.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var f charactersFlags
	install := &cobra.Command{
		Use: "install", Short: "Put the characters of the configuration into your keymap", Args: cobra.NoArgs,
		Example: "  toshy characters install --dry-run\n  toshy characters install\n  toshy characters install --layout us,de --variant ,neo",
		RunE: func(c *cobra.Command, _ []string) error {
			return f.install(c.Context(), c.OutOrStdout())
		},
	}
	addConfigFlag(install, &f.config)
	fl := install.Flags()
	fl.BoolVarP(&f.dryRun, "dry-run", "n", false, "compile everything, show what would be done, and do nothing")
	fl.StringVar(&f.layouts.Layouts, "layout", "", "your XKB layouts, separated by commas (default: what the desktop says)")
	fl.StringVar(&f.layouts.Variants, "variant", "", "their variants, separated by commas")
	fl.StringVar(&f.layouts.Options, "options", "", "your other XKB options, separated by commas")
	status := &cobra.Command{
		Use: "status", Short: "Say whether the characters are in your keymap", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return statusCharacters(c.Context(), c.OutOrStdout()) },
	}
	remove := &cobra.Command{
		Use: "remove", Short: "Take the characters out of your keymap again", Args: cobra.NoArgs,
		Example: "  toshy characters remove --dry-run\n  toshy characters remove",
		RunE:    func(c *cobra.Command, _ []string) error { return f.remove(c.Context(), c.OutOrStdout()) },
	}
	remove.Flags().BoolVarP(&f.dryRun, "dry-run", "n", false, "show what would be done, and do nothing")
	c.AddCommand(install, status, remove)
	return c
}

// userOnly refuses root, who has no keymap.
func userOnly() error {
	if os.Geteuid() == 0 && os.Getenv("XDG_RUNTIME_DIR") == "" {
		return fail(exitUsage, errors.New("the characters are for a user's keymap, and this is root"), "run it as the user of the desktop, without sudo")
	}
	return nil
}

// interrupted returns a context that ends when the user interrupts the command or closes its terminal. Neither must leave half a change.
func interrupted(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
}

func (f *charactersFlags) install(ctx context.Context, out io.Writer) error {
	if err := userOnly(); err != nil {
		return err
	}
	ctx, stop := interrupted(ctx)
	defer stop()
	home, err := characters.NewHome()
	if err != nil {
		return fail(exitConfig, err)
	}
	old, err := characters.Look(home)
	if err != nil {
		return fail(exitConfig, err, otherRecord)
	}
	wanted, err := f.wanted()
	if err != nil {
		return err
	}
	around := desktop.Surroundings()
	if around.Session == "x11" {
		return fail(exitConfig, errors.New("an X11 session does not read ~/.config/xkb: characters can be installed on Wayland only"), "docs/CHARACTERS.md says what each desktop can do")
	}
	place := characters.Places[around.Desktop]
	layouts := []characters.Layout{{Layouts: "us"}}
	switch {
	case f.layouts.Layouts != "":
		layouts = append(layouts, f.layouts.Spread()...)
	case place == nil:
		return fail(exitUsage, fmt.Errorf("the desktop %q does not say which layouts you use", around.Desktop), "name them: toshy characters install --layout us,de [--variant ,neo] [--options ctrl:nocaps]")
	}
	if place != nil {
		l, err := place.Layout(ctx, runTool)
		switch {
		case err == nil:
			layouts = append(layouts, l.Spread()...)
		case f.layouts.Layouts == "":
			return fail(exitConfig, err, "run this in the session of the desktop", "or set the option yourself: toshy characters install --layout us,de")
		default: // the user must set the option
			fmt.Fprintln(out, "note:   "+err.Error())
			place = nil
		}
	}
	plan, err := characters.Prepare(ctx, home, wanted, layouts)
	switch {
	case err != nil && ctx.Err() != nil:
		return fail(exitConfig, errors.New("interrupted; nothing was changed"))
	case errors.Is(err, characters.ErrNoCompiler):
		return fail(exitConfig, err, "install it: Debian, Ubuntu and Fedora have it in the package libxkbcommon-tools or libxkbcommon-utils, Arch in libxkbcommon")
	case err != nil:
		return fail(exitConfig, fmt.Errorf("%w; nothing was changed", err))
	}
	n := plan.Count()
	if _, err := fmt.Fprintf(out, "%d characters compile with your layouts; X11 programs get %d of them, Chromium and Electron %d\n", n.All, n.X11, n.Chromium); err != nil {
		return output(err)
	}
	if n := len(plan.Left); n > 0 {
		fmt.Fprintf(out, "there is no room for %s: toshy types these as before\n", plural(n, "more character"))
	}
	for _, path := range plan.Files() {
		fmt.Fprintf(out, "write   %s\n", path)
	}
	if place != nil {
		fmt.Fprintf(out, "set     the option %s of %s\n", characters.Option, place.Name)
	}
	if f.dryRun {
		_, err := fmt.Fprintln(out, "nothing was changed (--dry-run)")
		return output(err)
	}
	if place == nil {
		if err := plan.Install(); err != nil {
			return fail(exitConfig, err)
		}
		_, err := fmt.Fprintf(out, "next:   set the option %s: %s\n", characters.Option, whereToSet(around.Desktop))
		return output(err)
	}
	later, err := plan.Apply(ctx, place, runTool, old, func(ctx context.Context, has bool) error { return taken(ctx, &plan.Assignment, has) })
	var capable capableError
	switch {
	case errors.As(err, &capable):
		return fail(exitConfig, err, forCapable(string(capable), home))
	case err != nil:
		return fail(exitConfig, err)
	}
	done := "the keymap of your session has the characters"
	if later {
		done = "next:   log out and log in again. " + place.Name + " looks for ~/.config/xkb only when it starts, and this folder is new"
	}
	_, err = fmt.Fprintln(out, done)
	return output(err)
}

// otherRecord is the hint for a record of the installation that toshy cannot read.
const otherRecord = "move that file away, then run toshy characters install again"

func whereToSet(name string) string {
	if line, ok := characters.Where[name]; ok {
		return line
	}
	return "where your desktop has the options of its keyboard layout, in addition to the existing ones"
}

// wanted are the characters to install: first those of the user's configuration, then those of the built-in one.
func (f *charactersFlags) wanted() ([]rune, error) {
	p, err := loadConfig(f.config)
	if err != nil {
		return nil, err
	}
	all := remap.Characters(p.Program)
	builtIn, err := program.Load("")
	if err != nil {
		return nil, fail(exitConfig, err)
	}
	for _, r := range remap.Characters(builtIn.Program) {
		if !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return all, nil
}

// takenLimit is how long a desktop may take to send its new keymap.
const (
	takenLimit = 30 * time.Second
	takenAgain = time.Second
)

// taken waits until the desktop's own keymap has a character on its new code, or no character on such a code if want is false.
func taken(ctx context.Context, a *characters.Assignment, want bool) error {
	ctx, cancel := context.WithTimeout(ctx, takenLimit)
	defer cancel()
	told := false
	for ctx.Err() == nil {
		is := false
		again, stop := context.WithTimeout(ctx, takenAgain) // KWin does not report a new keymap to a client without the focus
		_ = desktop.NewLayouts().Run(again, func(l layout.Layout) {
			told = true
			if want && hasSpare(l, a) || !want && !hasAnySpare(l) {
				is = true
				stop()
			}
		}, nil)
		stop()
		if is {
			return nil
		}
	}
	if !told {
		return errors.New("the desktop does not report its keymap, so toshy cannot see whether it took the characters")
	}
	if name := blind(context.WithoutCancel(ctx)); name != "" {
		return fmt.Errorf("the desktop has not taken the characters into its keymap: %w", capableError(name))
	}
	return errors.New("the desktop has not taken the characters into its keymap: it reads another folder, or its libxkbcommon does not read ~/.config/xkb")
}

// blind is the name of a compositor whose file capabilities keep it from reading the user's folder, else "". Of the desktops that toshy
// knows, this is Hyprland: others with capabilities tell libxkbcommon to read it (XKB_CONTEXT_NO_SECURE_GETENV).
func blind(ctx context.Context) string {
	if desktop.Surroundings().Desktop != "hyprland" {
		return ""
	}
	return desktop.Capable(ctx)
}

// A capableError is the name of a compositor that does not read the user's folder.
type capableError string

func (name capableError) Error() string {
	return string(name) + " has file capabilities, and libxkbcommon in such a program reads " + systemFolder + " and not ~/.config/xkb"
}

// forCapable says how an administrator has such a compositor take the characters, see docs/CHARACTERS.md.
func forCapable(name string, home characters.Home) string {
	do := "sudo ln -s " + filepath.Join(home.Config, "xkb") + " " + systemFolder
	if _, err := os.Lstat(systemFolder); err == nil { // someone's own files
		do = "sudo setcap -r $(command -v " + name + "), then log out and log in again"
	}
	return do + ", then toshy characters install"
}

const systemFolder = "/etc/xkb"

// hasSpare says whether a layout types some character with its spare code.
func hasSpare(l layout.Layout, a *characters.Assignment) bool {
	for _, c := range a.Codes {
		for _, r := range c.Runes {
			if s := l.Strokes[r]; len(s) == 1 && s[0].Key == uint16(c.Code) {
				return true
			}
		}
	}
	return false
}

// hasAnySpare says whether a layout types some character with a spare code.
func hasAnySpare(l layout.Layout) bool {
	for _, s := range l.Strokes {
		if len(s) == 1 && key.IsSpare(key.Code(s[0].Key)) {
			return true
		}
	}
	return false
}

// runTool runs a program of the desktop.
func runTool(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for toshy, which restores everything
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w %s", args[0], err, strings.TrimSpace(errs.String()))
	}
	return out.String(), nil
}

func (f *charactersFlags) remove(ctx context.Context, out io.Writer) error {
	if err := userOnly(); err != nil {
		return err
	}
	home, err := characters.NewHome()
	if err != nil {
		return fail(exitConfig, err)
	}
	in, err := characters.Look(home)
	if err != nil {
		return fail(exitConfig, err, otherRecord+", and then toshy characters remove")
	}
	if in == nil {
		_, err := fmt.Fprintln(out, "toshy characters has installed nothing here")
		return output(err)
	}
	var place *characters.Place
	for _, p := range characters.Places {
		if p.Name == in.Place() {
			place = p
		}
	}
	if f.dryRun {
		_, err := fmt.Fprintf(out, "would take out the option %s and the files in ~/.config/xkb; nothing was changed (--dry-run)\n", characters.Option)
		return output(err)
	}
	ctx, stop := interrupted(ctx) // nothing waits here, so it is finished
	defer stop()
	if place != nil { // first, so that no desktop has an option without its files
		if err := place.Switch(context.WithoutCancel(ctx), runTool, false); err != nil {
			return fail(exitConfig, err, "run this in the session of "+place.Name)
		}
	}
	if err := in.Remove(home); err != nil {
		return fail(exitConfig, err)
	}
	if place == nil {
		fmt.Fprintf(out, "next: take the option %s out of your desktop's configuration\n", characters.Option)
	}
	_, err = fmt.Fprintln(out, "removed")
	return output(err)
}

func statusCharacters(ctx context.Context, out io.Writer) error {
	f := characterFinding(ctx)
	if f.Fix != "" {
		return fail(exitConfig, errors.New(f.Text), f.Fix)
	}
	_, err := fmt.Fprintln(out, f.Text)
	return output(err)
}

// characterFinding reports the state of the characters.
func characterFinding(ctx context.Context) doctor.Finding {
	const name, again = "characters", "toshy characters install; or toshy characters remove"
	home, err := characters.NewHome()
	if err != nil {
		return doctor.Finding{Check: name, Level: doctor.Note, Text: err.Error()}
	}
	in, err := characters.Look(home)
	switch {
	case err != nil:
		return doctor.Finding{Check: name, Level: doctor.Warning, Text: err.Error(), Fix: otherRecord}
	case in == nil:
		return doctor.Finding{Check: name, Text: "no characters are installed in the keymap: toshy enters those that your layout lacks by their number"}
	case len(in.Trouble) > 0:
		return doctor.Finding{Check: name, Level: doctor.Warning, Text: strings.Join(in.Trouble, "; "), Fix: again}
	}
	if err := in.Check(ctx, home); err != nil {
		return doctor.Finding{Check: name, Level: doctor.Broken, Text: "your next login may fail, because your keymap does not compile: " + err.Error(), Fix: "toshy characters remove, before you log out"}
	}
	text := fmt.Sprintf("%d characters are installed, %d of them for X11 programs, too, and %d for Chromium and Electron", in.All, in.X11, in.Chromium)
	if in.Missing > 0 {
		text += fmt.Sprintf("; %d had no room", in.Missing)
	}
	switch has, reported := keymapHasSpare(ctx); {
	case !reported:
		return doctor.Finding{Check: name, Level: doctor.Note, Text: text + "; the desktop has not reported its keymap, so toshy cannot see whether it has them"}
	case !has:
		text += "; the keymap of this session does not have them"
		fix := "set the option " + characters.Option + " of the keyboard layout: " + whereToSet(desktop.Surroundings().Desktop)
		if in.Place() != "" { // toshy has set it: another program has changed the options, or this is KWin before the next login
			fix = "log out and log in again if you have not done this since the installation; if you have: toshy characters install"
		}
		if name := blind(ctx); name != "" {
			text, fix = text+": "+capableError(name).Error(), forCapable(name, home)
		}
		return doctor.Finding{Check: name, Level: doctor.Warning, Text: text, Fix: fix}
	}
	if p, err := loadConfig(""); err == nil { // a configuration with a mistake has its own finding
		if n := len(in.New(remap.Characters(p.Program))); n > 0 {
			return doctor.Finding{Check: name, Level: doctor.Note, Text: text + "; your configuration types " + plural(n, "character") + " that it did not type when you installed them", Fix: "toshy characters install"}
		}
	}
	return doctor.Finding{Check: name, Text: text}
}

// keymapHasSpare says whether the active keymap has characters on spare codes, if the desktop reports its keymap.
func keymapHasSpare(ctx context.Context) (has, reported bool) {
	ctx, cancel := context.WithTimeout(ctx, desktop.LayoutTime)
	defer cancel()
	_ = desktop.NewLayouts().Run(ctx, func(l layout.Layout) { // ended by ctx
		reported = true
		for _, s := range l.Strokes {
			has = has || len(s) == 1 && key.IsSpare(key.Code(s[0].Key))
		}
		cancel()
	}, nil)
	return has, reported
}
