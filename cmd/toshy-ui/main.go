// Command toshy-ui shows in the browser what toshy does: the shortcuts of an application, keys as you press them, rules and
// settings. It serves one page on the loopback address to its own user's browser, and is a client of the control socket.
// docs/UI.md describes it.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"toshy/cmd/internal/control"
)

func main() {
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), "usage: toshy-ui [--socket PATH] [--config FILE] [--app CLASS] [--no-browser]\n\nShows in the browser what toshy does, and changes it.\n\n")
		flag.PrintDefaults()
	}
	socket := flag.String("socket", "", "the daemon's control `socket` (default: as for toshy status)")
	path := flag.String("config", "", "configuration `file` (default: as for toshy)")
	app := flag.String("app", "", "show the shortcuts of this application `class`, not of the focused window")
	quiet := flag.Bool("no-browser", false, "start no browser; print the address and the code that opens the page")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "toshy: unknown argument %q\nhint: toshy ui --help\n", flag.Arg(0))
		os.Exit(2)
	}
	if *socket != "" {
		os.Setenv(control.SocketVariable, *socket) // for the programs that it starts, too
	}
	if err := run(*path, *app, *quiet); err != nil {
		fmt.Fprintf(os.Stderr, "toshy: %v\n", err)
		os.Exit(4)
	}
}

func run(path, app string, quiet bool) error {
	if os.Geteuid() == 0 && os.Getenv("SUDO_USER") != "" {
		return fmt.Errorf("the page belongs to the user whose keys it shows, not to root\nhint: start it without sudo")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	defer stop()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("serve the page on the loopback address: %w", err)
	}
	s := newServer(listener.Addr().String(), path, app)
	s.stop = stop
	address := fmt.Sprintf("http://%s/ code %s", s.guard.host, s.guard.token)
	if quiet {
		fmt.Println(address)
		return s.serve(ctx, listener)
	}
	if a, err := ask(control.Request{Command: "status"}); err == nil && a.Status != nil {
		s.front.Store(&a.Status.Window)
	}
	remove, err := browse(s.guard.host, s.guard.token)
	if err != nil {
		fmt.Fprintf(os.Stderr, "toshy: no browser was started: %v\nOpen this address in a browser on this machine within %d minutes, and enter the code:\n", err, int(s.times.first.Minutes()))
		fmt.Println(address)
		return s.serve(ctx, listener)
	}
	defer remove()
	fmt.Fprintf(os.Stderr, "If no window opens: http://%s/ in a browser, and the code %s\n", s.guard.host, s.guard.token)
	return s.serve(ctx, listener)
}

// times has the time limits of a page.
type times struct {
	first   time.Duration // how long the first page may take to open
	last    time.Duration // how long the program continues after the last page; a reloaded page is back sooner
	request time.Duration // how long a request may take to arrive
}

var usual = times{first: 3 * time.Minute, last: 6 * time.Second, request: 10 * time.Second}

// oneLine is an error's message without line breaks, for a log.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
