package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/setup"
)

type setupFlags struct {
	shared                             func(program string) ([]setup.File, error)
	dryRun, yes, system, remove, force bool
	root, init, bin, fnKeys            string
}

func newSetup() *cobra.Command {
	var f setupFlags
	c := &cobra.Command{
		Use: "setup", Short: "Install toshy on a machine without a package", Args: cobra.NoArgs,
		Long: `Install toshy on a machine that has no package of it: the program, units, udev rules, the list of modules to load,
the libinput quirk, completions, manual pages, and the documents if they are next to the program. The command first
shows what it will do, and asks. It never changes files that it did not create.

Without --system, whoever sits at the machine gets access to its keyboards, and toshy runs as that user. Every
program of that user can then read the keyboards. With --system, a daemon running as a dedicated user holds the
keyboards, and an agent in each session sends it the focus and the configuration.

--remove removes everything again.`,
		Example:           "  toshy setup --dry-run\n  sudo toshy setup\n  sudo toshy setup --system\n  sudo toshy setup --remove",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			f.shared = func(program string) ([]setup.File, error) { return sharedFiles(c.Root(), program) }
			return f.run(c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	fl := c.Flags()
	fl.BoolVarP(&f.dryRun, "dry-run", "n", false, "show what would be done, and do nothing")
	fl.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	fl.BoolVar(&f.system, "system", false, "install the daemon and the agent")
	fl.BoolVar(&f.remove, "remove", false, "remove what this command has installed")
	fl.BoolVar(&f.force, "force", false, "with --remove: also remove files that were changed since")
	fl.StringVar(&f.root, "root", "", "install below this `folder`, for images; no command is run")
	fl.StringVar(&f.init, "init", "", "`name` of the service manager: systemd, openrc, runit or other (default: detected)")
	fl.StringVar(&f.fnKeys, "fn-keys", "", "what the top row of an Apple keyboard does without Fn: `media` or function (default: unchanged)")
	_ = c.RegisterFlagCompletionFunc("fn-keys", cobra.FixedCompletions([]string{"media", "function"}, noFiles))
	fl.StringVar(&f.bin, "bin", "", "`folder` for the program, if /usr/local/bin is read-only (default: /usr/local/bin)")
	_ = c.MarkFlagDirname("bin")
	_ = c.MarkFlagDirname("root") // only fails if the flag does not exist
	_ = c.RegisterFlagCompletionFunc("init", cobra.FixedCompletions(inits, noFiles))
	c.MarkFlagsMutuallyExclusive("system", "remove")
	return c
}

var inits = []string{string(setup.Systemd), string(setup.OpenRC), string(setup.Runit), string(setup.Other)}

func (f *setupFlags) run(in io.Reader, out, errs io.Writer) error {
	plan, err := f.plan()
	if err != nil {
		return err
	}
	if plan.Empty() && f.remove {
		_, err := fmt.Fprintln(out, "toshy setup has installed nothing on this machine")
		return output(err)
	}
	if _, err := io.WriteString(out, plan.String()); err != nil {
		return output(err)
	}
	if f.dryRun {
		_, err := fmt.Fprintln(out, "nothing was changed (--dry-run)")
		return output(err)
	}
	if f.root == "" && os.Geteuid() != 0 {
		return fail(exitPermission, errors.New("only root can do this"), f.asRoot())
	}
	if !f.yes {
		fmt.Fprint(out, "Continue? [y/N] ")
		answer, _ := bufio.NewReader(in).ReadString('\n') // the end of the input means no
		if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
			return fail(exitConfig, errors.New("nothing was changed"), "--yes does not ask")
		}
	}
	err = plan.Do(func(args []string) error {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Stdout, cmd.Stderr = errs, errs
		return cmd.Run()
	})
	if err != nil {
		return fail(exitConfig, err, "run toshy setup again to continue, or toshy setup --remove to undo it")
	}
	fmt.Fprintln(out, "done")
	for _, n := range plan.Left() {
		if _, err := fmt.Fprintln(out, "note:", n); err != nil {
			return output(err)
		}
	}
	for _, n := range plan.Next {
		if _, err := fmt.Fprintln(out, "next:", n); err != nil {
			return output(err)
		}
	}
	return nil
}

// asRoot is the same command with sudo, which does not have the user's PATH. It must not install the other way.
func (f *setupFlags) asRoot() string {
	self, err := os.Executable()
	if err != nil {
		self = "toshy"
	}
	command := "sudo " + self + " setup"
	for _, x := range []struct {
		set  bool
		flag string
	}{{f.system, " --system"}, {f.remove, " --remove"}, {f.force, " --force"}, {f.root != "", " --root " + f.root}, {f.init != "", " --init " + f.init}, {f.bin != "", " --bin " + f.bin}, {f.fnKeys != "", " --fn-keys " + f.fnKeys}} {
		if x.set {
			command += x.flag
		}
	}
	return command
}

func (f *setupFlags) plan() (*setup.Plan, error) {
	if f.force && !f.remove {
		return nil, fail(exitUsage, errors.New("--force needs --remove"), "toshy setup never overwrites files that it did not create")
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fail(exitConfig, err)
	}
	o := setup.Options{Root: f.root, System: f.system, Program: self, Init: setup.Init(f.init), FnKeys: f.fnKeys, Bin: f.bin}
	if _, ok := setup.FnKeys[f.fnKeys]; !ok && f.fnKeys != "" {
		return nil, unknown("top row", f.fnKeys, []string{"media", "function"})
	}
	if f.init == "" {
		o.Init = setup.Detect(f.root)
	} else if !slices.Contains(inits, f.init) {
		return nil, unknown("init", f.init, inits)
	}
	if !f.remove {
		if o.Shared, err = f.shared(self); err != nil {
			return nil, fail(exitConfig, err)
		}
	}
	var p *setup.Plan
	if f.remove {
		p, err = setup.Uninstall(o, f.force)
	} else {
		p, err = setup.Install(o)
	}
	var inTheWay *setup.InTheWay
	switch {
	case err == nil:
		return p, nil
	case errors.As(err, &inTheWay) && f.remove:
		return nil, fail(exitConfig, err, "save what you want to keep, then run: toshy setup --remove --force")
	case errors.As(err, &inTheWay):
		return nil, fail(exitConfig, err, "move them away, then run toshy setup again")
	case errors.Is(err, setup.ErrManaged):
		return nil, fail(exitConfig, err, "services.toshy.enable = true; see docs/NIXOS.md")
	case errors.Is(err, os.ErrPermission):
		return nil, fail(exitPermission, err, f.asRoot())
	}
	return nil, fail(exitConfig, err)
}
