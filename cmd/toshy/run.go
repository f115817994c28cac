package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"golang.org/x/sys/unix"

	"toshy/cmd/internal/control"
	toshyd "toshy/cmd/internal/daemon"
	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/keyboards"
	"toshy/cmd/internal/memory"
	"toshy/cmd/internal/program"
	"toshy/cmd/internal/systemd"
	"toshy/config"
	"toshy/evdev"
	"toshy/remap/window/logind"
)

// runFlags are the flags of run, which the root command also has.
type runFlags struct {
	flavour     program.Flavour
	config      string
	devices     []string
	watch       bool
	noWatch     bool
	verbose     bool
	check       bool
	listDevices bool
	logFormat   string
	logLevel    string
}

func (f *runFlags) add(c *cobra.Command) {
	f.addDaemon(c)
	c.Flags().BoolVarP(&f.watch, "watch", "w", false, "wait for keyboards that are plugged in (always on)")
	c.Flags().BoolVar(&f.noWatch, "no-watch", false, "end with exit code 4 if there is no keyboard at the start")
	c.Flags().BoolVar(&f.check, "check", false, "check the configuration and end (same as toshy check)")
	c.Flags().BoolVar(&f.listDevices, "list-devices", false, "list the input devices and end (same as toshy devices)")
	_ = c.Flags().MarkHidden("watch")
}

// addDaemon adds the flags of commands that take keyboards.
func (f *runFlags) addDaemon(c *cobra.Command) {
	f.addService(c)
	c.Flags().StringArrayVarP(&f.devices, "device", "d", nil, "take only this `device` (name, path or id; may be repeated)")
}

// addService adds the flags of commands that run until they are stopped.
func (f *runFlags) addService(c *cobra.Command) {
	addConfigFlag(c, &f.config)
	addSocketFlag(c)
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "log what happens to devices and windows, not keys (same as --log-level debug)")
	c.Flags().StringVar(&f.logFormat, "log-format", "console", "`format` of the log: console or json")
	c.Flags().StringVar(&f.logLevel, "log-level", "info", "lowest `level` to log: debug, info, warn or error")
	_ = c.RegisterFlagCompletionFunc("device", completeDevice)
	_ = c.RegisterFlagCompletionFunc("log-format", cobra.FixedCompletions([]string{"console", "json"}, cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("log-level", cobra.FixedCompletions([]string{"debug", "info", "warn", "error"}, cobra.ShellCompDirectiveNoFileComp))
}

func newRun() *cobra.Command {
	f := runFlags{flavour: program.Toshy}
	c := &cobra.Command{
		Use:     "run",
		Example: "  toshy run -c my.toml\n  toshy run --device 'Apple Internal Keyboard' --verbose",
		Short:   "Remap the keyboards until interrupted (the default command)",
		Args:    cobra.NoArgs,
		RunE:    f.run,
	}
	f.add(c)
	return c
}

func (f *runFlags) run(c *cobra.Command, _ []string) error {
	switch {
	case f.check:
		return runCheck(c.Context(), c.OutOrStdout(), f.flavour, f.config, false, false)
	case f.listDevices:
		return runDevices(c.OutOrStdout(), f.flavour, f.config, f.devices, false)
	}
	return f.inSession(c, func(ctx context.Context, s *userSession) error { return f.remap(ctx, c.ErrOrStderr(), s) })
}

// remap runs a daemon for the user of the session until ctx ends.
func (f *runFlags) remap(ctx context.Context, stderr io.Writer, s *userSession) error {
	started := false
	load := func() (*toshyd.Setup, error) {
		path := f.flavour.Find(f.config) // each time: the file may be created or deleted while toshy runs
		p, err := f.flavour.Load(path, s.around())
		if err != nil {
			if started { // the log has one line per message; the first start shows mistakes as check does
				return nil, errors.New(f.brief(path, err))
			}
			return nil, configFailure(path, err)
		}
		started = true
		s.settings.Note(p.Settings)
		setup := f.setup(p)
		setup.Watch = append(setup.Watch, f.flavour.Places(f.config)...)
		setup.Kept = s.settings.Values()
		return setup, nil
	}
	return f.serve(ctx, stderr, toshyd.Options{
		Load: load, Reload: s.reload, Do: s.actor.Do, Log: s.log,
		Keep: s.settings.Keep, Flush: s.settings.Flush,
		Focus: s.focus, Layout: s.layout, Typist: s.typist,
		Presence: desktop.Presence{Log: s.log, Session: func(logind.Session) { s.kick() }},
		Control:  controlServer(s.log), Describe: s.describe,
	})
}

// settle is how long the start continues after the keyboards are grabbed, because toshy looks for desktops. If no desktop
// answers, it keeps looking at intervals until searched.
const (
	settle   = 300 * time.Millisecond
	searched = 150 * time.Second
)

// memoryLimit is when to collect garbage before taking more memory. It is below the limit of the daemon's unit
// (MemoryMax=256M), because many users may send configurations at once.
const memoryLimit = 160 << 20

// serve runs a daemon: the common part of run and daemon.
func (f *runFlags) serve(ctx context.Context, stderr io.Writer, o toshyd.Options) error {
	debug.SetMemoryLimit(memoryLimit)
	// With one processor, the Go scheduler gives it to another thread each time toshy waits for a keyboard. With two, a key
	// waits for one of them while a desktop reports much at once.
	runtime.GOMAXPROCS(max(4, runtime.GOMAXPROCS(0)))
	// Collecting garbage while reading the configuration would cost more than the garbage itself: a third of the start-up
	// time, for a megabyte. After the keyboards are grabbed, all of it is freed at once.
	debug.SetGCPercent(400)
	supervisor := systemd.New()
	o.Supervisor, o.Wait, o.Version = supervisor, !f.noWatch, versionLine()
	o.Hung = func(err error) { endHung(stderr, err) }
	o.Ready = func() {
		supervisor.Ready()
		memory.CollectByNeed(memoryLimit)
		time.AfterFunc(settle, memory.GiveBack)
		time.AfterFunc(searched, memory.GiveBack)
	}
	o.Log.Info(f.flavour.Name+" starts", zap.String("version", strings.TrimPrefix(versionLine(), "toshy ")))
	err := toshyd.Run(ctx, o)
	supervisor.Stopping()
	return runFailure(err)
}

// signals returns a context that ends on SIGTERM and SIGINT.
func signals(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
}

// onHangup calls f at each SIGHUP until ctx ends.
func onHangup(ctx context.Context, f func()) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangup:
				f()
			}
		}
	}()
}

// nudge sends on a channel unless a value already waits there.
func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// hideMemory keeps what was typed out of core dumps, and hides the memory from other processes of the same user: no core is
// written, and no such process may attach to this one (prctl(2), PR_SET_DUMPABLE). This does not affect programs that it
// starts. For the same reason, a crash shows no stacks, whose arguments are keys, unless everything is logged.
func hideMemory(log *zap.Logger) {
	if !log.Core().Enabled(zap.DebugLevel) {
		debug.SetTraceback("none")
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		log.Warn("a core dump of toshy would contain what was typed", zap.Error(err))
	}
}

// endHung ends the process, even if nobody reads why.
func endHung(w io.Writer, err error) {
	said := make(chan struct{})
	go func() {
		report(w, fail(exitHung, err, "the service starts it again; by hand: toshy run"))
		close(said)
	}()
	select {
	case <-said:
	case <-time.After(100 * time.Millisecond):
	}
	os.Exit(exitHung)
}

// brief is the first mistake of a configuration, on one line.
func (f *runFlags) brief(path string, err error) string {
	if list := config.Problems(err); len(list) > 0 {
		return fmt.Sprintf("%s (all: toshy check %s)", list[0].Error(), path)
	}
	return err.Error()
}

// setup is what a configuration means for the daemon.
func (f *runFlags) setup(p *program.Program) *toshyd.Setup {
	return &toshyd.Setup{
		Program:       p.Compiled,
		Name:          p.Source(),
		Judge:         func(i *evdev.Info) evdev.Verdict { return keyboards.Verdict(i, p.Config, f.devices) },
		KeyboardType:  func(i *evdev.Info) string { return keyboards.Type(i, p.Config) },
		Debounce:      func(i *evdev.Info) time.Duration { return keyboards.Debounce(i, p.Config) },
		KeyboardTypes: keyboards.Types(p.Config),
		Watch:         append(append([]string{}, p.Files...), p.Patterns...),
		NeedsPointer:  p.Compiled.UsesPointer(),
		Modifier:      p.Modifier,
		Panic:         p.PanicChords,
		Unused:        func(kept map[string]string) []string { return config.Unused(p.Settings, kept) },
	}
}

// runFailure says what to do about an error that ended the daemon.
func runFailure(err error) error {
	var listen *net.OpError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, toshyd.ErrNoPermission):
		return fail(exitPermission, err, permissionHint)
	case errors.Is(err, control.ErrRunning):
		return fail(exitNoDevice, err, "toshy status says what it does; run either toshy run or the service on a machine, not both")
	case errors.As(err, &listen) && listen.Op == "listen":
		return fail(exitNoDevice, err, "its folder must exist and belong to the user of this process, see docs/SERVICE.md; --socket names another place")
	case errors.Is(err, evdev.ErrUinputPermission):
		return fail(exitPermission, err, permissionHint)
	case errors.Is(err, toshyd.ErrNoKeyboard):
		return fail(exitNoDevice, err, "toshy devices lists the devices and says why toshy does not take them")
	case errors.Is(err, evdev.ErrNoUinput), errors.Is(err, evdev.ErrNoInputDir):
		return fail(exitNoDevice, err)
	}
	var f *failure
	if errors.As(err, &f) {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return fail(exitNoDevice, err)
}
