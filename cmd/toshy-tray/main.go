// Command toshy-tray shows in the desktop's panel what toshy does, with a menu to change it. It is a client of the control
// socket. It is a separate program so that the daemon contains none of it. docs/USAGE.md describes it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/session"
	"toshy/remap/window/sessionbus"
)

// busName belongs to the only tray icon of a session.
const busName = "io.github.toshy.Tray"

func main() {
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), "usage: toshy-tray [--socket PATH]\n\nShows an icon in the desktop's panel: what toshy does, and a menu to change it.\n\n")
		flag.PrintDefaults()
	}
	socket := flag.String("socket", "", "the daemon's control `socket` (default: as for toshy status)")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "toshy: unknown argument %q\nhint: toshy tray --help\n", flag.Arg(0))
		os.Exit(2)
	}
	if err := run(*socket); err != nil {
		fmt.Fprintf(os.Stderr, "toshy: %v\n", err)
		os.Exit(4)
	}
}

func run(socket string) error {
	bus, err := sessionBus()
	if err != nil {
		return fmt.Errorf("a tray icon needs a desktop's session bus: %w\nhint: start it in the session of the desktop, as its user", err)
	}
	switch reply, err := bus.RequestName(busName, dbus.NameFlagDoNotQueue); {
	case err != nil:
		return fmt.Errorf("session bus: %w", err)
	case reply != dbus.RequestNameReplyPrimaryOwner:
		fmt.Fprintln(os.Stderr, "toshy: this session has toshy's icon already")
		return nil
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	defer bus.Close()
	lost := false
	context.AfterFunc(bus.Context(), func() { // the session ends
		lost = ctx.Err() == nil
		stop()
	})
	t := &tray{
		watch: &watch{socket: socket}, menu: &menu{clicks: make(chan *shown, 16)}, facts: make(chan facts), quit: stop,
	}
	t.watch.show = func(f facts) {
		select {
		case t.facts <- f:
		case <-ctx.Done():
		}
	}
	systray.SetTitle("toshy") // also the icon's id
	t.draw(facts{})           // the menu must have its entries before the desktop asks for it
	start, _ := systray.RunWithExternalLoop(nil, nil)
	start() // changes made while it exports the icon would be lost
	go t.watch.run(ctx)
	t.run(ctx)
	if lost {
		return errors.New("the session bus has ended")
	}
	return nil
}

// sessionBus connects to the session bus. systray uses the same connection, as godbus's shared one.
func sessionBus() (*dbus.Conn, error) {
	address, end, err := sessionbus.Relay(context.Background())
	if err != nil {
		return nil, err
	}
	defer end()
	const variable = "DBUS_SESSION_BUS_ADDRESS"
	if own, ok := os.LookupEnv(variable); ok {
		defer os.Setenv(variable, own)
	} else {
		defer os.Unsetenv(variable)
	}
	if err := os.Setenv(variable, address); err != nil {
		return nil, err
	}
	return dbus.SessionBus()
}

// A tray is the icon with its menu.
type tray struct {
	watch *watch
	menu  *menu
	facts chan facts
	quit  func()

	icon    *byte
	tooltip string
}

// run shows the daemon's state and handles clicks, until ctx ends.
func (t *tray) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-t.facts:
			t.draw(f)
		case s := <-t.menu.clicks:
			if do := s.entry.do; !s.entry.disabled && !do.none() {
				go func() { // it may be slow
					if err := t.do(ctx, do); err != nil {
						t.complain(ctx, err)
					}
				}()
			}
		}
	}
}

func (t *tray) draw(f facts) {
	p := look(f)
	if t.icon != &p.icon[0] {
		t.icon = &p.icon[0]
		systray.SetIcon(p.icon)
	}
	if t.tooltip != p.tooltip {
		t.tooltip = p.tooltip
		systray.SetTooltip(p.tooltip)
	}
	t.menu.show(p.menu)
}

func (t *tray) do(ctx context.Context, a action) error {
	switch a.own {
	case openFile:
		return open(a.path)
	case createFile:
		return createConfiguration()
	case showLog:
		return openReport(ctx, "log", beside("toshy"), "log", "--lines=1000")
	case showDoctor:
		return openReport(ctx, "doctor", beside("toshy"), "doctor")
	case showMistake:
		return openReport(ctx, "check", beside("toshy"), "check")
	case showHelp:
		return openHelp(ctx)
	case reportProblem:
		return openReport(ctx, "report", beside("toshy"), "dump")
	case usePreset:
		return choosePreset(a.path)
	case startService, stopService, startAtLogin, stopAtLogin:
		return t.service(ctx, a.own)
	case showPage:
		return openPage(t.watch.socket, t.watch.front())
	case quit:
		t.quit()
		return nil
	}
	_, err := t.watch.ask(a.request)
	if errors.Is(err, control.ErrNoDaemon) {
		return control.ErrNoDaemon // the name of the socket does not help here
	}
	return err
}

// service starts or stops toshy, now or at login, and shows the result.
func (t *tray) service(ctx context.Context, o own) error {
	m := here()
	err := error(nil)
	switch o {
	case startService:
		_, none := t.watch.ask(control.Request{Command: "status"})
		err = m.start(ctx, none == nil)
	case stopService:
		err = m.stop(ctx)
	default:
		err = m.login(ctx, o == startAtLogin)
	}
	t.watch.refresh()
	return err
}

// here is how toshy is installed on this machine.
func here() machine {
	home, err := os.UserConfigDir()
	if err != nil {
		return machine{}
	}
	return lookAround("/", home)
}

// complain tells the user what a click could not do.
func (t *tray) complain(ctx context.Context, err error) {
	if session.Notify(ctx, err.Error()) != nil {
		fmt.Fprintf(os.Stderr, "toshy: %v\n", err)
	}
}
