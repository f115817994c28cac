// Package session does in the user's session what the engine requests and cannot do: it starts the user's commands and
// shows notifications. It runs with the user's rights only.
package session

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"
	"go.uber.org/zap"

	"toshy/remap"
	"toshy/remap/window/sessionbus"
)

// An Actor runs effects, in order and one at a time, while no key waits.
type Actor struct {
	log   *zap.Logger
	queue chan *remap.Effect
}

// waitingEffects bounds the queue: a user who holds a key that starts a program does not want a thousand of them.
const waitingEffects = 16

// New makes an Actor; Run makes it work.
func New(log *zap.Logger) *Actor {
	return &Actor{log: log, queue: make(chan *remap.Effect, waitingEffects)}
}

// Do queues an effect. It never waits; if too many are waiting, it drops the effect.
func (a *Actor) Do(x *remap.Effect) {
	select {
	case a.queue <- x:
	default:
		a.log.Warn("too many commands and notifications at once; dropping one")
	}
}

// Run works until ctx ends.
func (a *Actor) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case x := <-a.queue:
			switch x.Kind {
			case remap.EffectRun:
				a.start(x.Args)
			case remap.EffectDesktop:
				a.notify(ctx, "This desktop has no shortcut for "+x.Text+": see toshy doctor")
			case remap.EffectNotify:
				a.notify(ctx, x.Text)
			}
		}
	}
}

// notify shows a text, or logs it if the desktop does not show it.
func (a *Actor) notify(ctx context.Context, text string) {
	if Notify(ctx, text) != nil {
		a.log.Info(text)
	}
}

// start starts a program without a shell, in a separate session, so that it outlives the daemon.
func (a *Actor) start(args []string) {
	if os.Geteuid() == 0 {
		a.log.Warn("toshy runs as root and does not start commands: run it as your user", zap.String("command", args[0]))
		return
	}
	c := exec.Command(args[0], args[1:]...)
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	c.Env = slices.DeleteFunc(os.Environ(), isOurs)
	if err := c.Start(); err != nil {
		a.log.Warn("command", zap.Error(err))
		return
	}
	go func() { _ = c.Wait() }() // how it ends does not matter
}

// isOurs says whether a variable is the service manager's message for toshy alone (sd_notify(3)): a program that finds it
// would think that it is the service.
func isOurs(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	switch name {
	case "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM", "INVOCATION_ID":
		return true
	}
	return false
}

// notifyLimit is how long the desktop may take to show a notification.
const notifyLimit = 2 * time.Second

// Notify shows a text with the desktop's notification service (org.freedesktop.Notifications).
func Notify(ctx context.Context, text string) error {
	ctx, cancel := context.WithTimeout(ctx, notifyLimit)
	defer cancel()
	conn, err := sessionbus.Connect(ctx)
	if err != nil {
		return fmt.Errorf("notification: %w", err)
	}
	defer conn.Close()
	service := conn.Object("org.freedesktop.Notifications", "/org/freedesktop/Notifications")
	var can []string
	if err := service.CallWithContext(ctx, "org.freedesktop.Notifications.GetCapabilities", 0).Store(&can); err != nil {
		return fmt.Errorf("notification: %w", err)
	}
	if slices.Contains(can, "body-markup") { // then < and & are special
		text = markup.Replace(text)
	}
	call := service.CallWithContext(ctx, "org.freedesktop.Notifications.Notify", 0,
		"toshy", uint32(0), "input-keyboard", "toshy", text, []string{}, map[string]dbus.Variant{}, int32(-1))
	if call.Err != nil {
		return fmt.Errorf("notification: %w", call.Err)
	}
	return nil
}

// markup escapes a text so that the Desktop Notifications Specification's markup shows it unchanged.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
