// Package agent is the user's side of a system daemon: it tells the daemon which window has the focus and which layout is
// active, sends the user's configuration, and does what the engine cannot do itself.
package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.uber.org/zap"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/daemon"
	"toshy/cmd/internal/filewatch"
	"toshy/cmd/internal/program"
	"toshy/config"
	"toshy/remap"
)

// ErrReplaced says that a later agent of the same user has taken over.
var ErrReplaced = errors.New("another agent of this user has taken over")

// Options are the parts from which an agent is made.
type Options struct {
	Log  *zap.Logger
	Dial func() (*control.Attached, error)
	// Socket is the path where Dial finds the daemon. It is watched, so that a daemon that starts is found at once.
	Socket string
	// Find returns the path of the user's configuration, or "" if the user has none (yet, at Expect).
	Find   func() string
	Expect string
	// System returns the path of the administrator's configuration, for users without one.
	System func() string
	// Read reads and compiles a configuration. The daemon does so again and decides; here the result is only used for the
	// names of the files and for the commands.
	Read func(path string, around program.Around) (*program.Program, error)
	// Around is the environment for which it is read.
	Around func() program.Around
	// Reload sends the configuration again at each receive.
	Reload <-chan struct{}
	Focus  daemon.Focus
	Layout daemon.Layout
	// Typist types what no key types. May be nil.
	Typist daemon.Typist
	// Away reports whether the pointer is on another machine, until ctx ends.
	Away func(ctx context.Context, changed func(bool))
	// Do runs effects that the engine cannot: commands, notifications. It must not block.
	Do func(*remap.Effect)
	// Kept are the settings that the user has changed, and Keep stores a change. Neither may block.
	Kept func() map[string]string
	Keep func(control.KeptSetting)
	// Active is called when the daemon starts or stops serving this agent. May be nil.
	Active func(bool)
	// Ready is called when the agent is attached for the first time. May be nil.
	Ready func()

	pause time.Duration // the first pause between attempts to attach, for tests; 0: the default
}

// An agent runs once.
type agent struct {
	Options
	watcher *filewatch.Watcher
	dirty   chan struct{}
	wanted  chan struct{} // the configuration

	mu     sync.Mutex
	window message
	layout message
	away   message
	types  message
	typed  message // the answer to the newest request
	pong   message
	config message
	serial uint64 // of the latest request for it
	nth    int    // connection
	// allowed are the commands of the newest configuration and of the previous one.
	allowed [2]commands

	refused bool   // the latest command was refused
	said    string // about the connection
	judge   string // what the daemon said about the configuration
}

// A message is the newest one of its kind, sent or not.
type message struct {
	control.AgentMessage
	due bool
}

// Run serves until ctx ends or another agent of the user takes over.
func Run(ctx context.Context, o Options) error {
	a := &agent{Options: o, watcher: filewatch.New(o.Log, "the configuration (SIGHUP reads it again)", filewatch.SettleTime), dirty: make(chan struct{}, 1), wanted: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(ctx)
	var others sync.WaitGroup
	defer others.Wait()
	defer a.watcher.Close()
	defer cancel()
	follow := func(what string, run func() error) {
		others.Go(func() {
			if err := run(); err != nil && ctx.Err() == nil {
				a.Log.Warn(what+" is no longer followed", zap.Error(err))
			}
		})
	}
	if a.Focus != nil {
		follow("the focus", func() error { return a.Focus.Run(ctx, a.setWindow) })
	}
	if a.Layout != nil {
		follow("the keyboard layout", func() error { return a.Layout.Run(ctx, a.setLayout) })
	}
	if a.Typist != nil {
		follow("what the desktop types", func() error { return a.Typist.Run(ctx, a.setTypes, a.setTyped) })
	}
	if a.Away != nil {
		others.Go(func() { a.Away(ctx, a.setAway) })
	}
	others.Go(func() { a.followConfig(ctx) })
	return a.connect(ctx)
}

// A socket is bound before the daemon listens on it, and its folder is made before it.
const socketSettle = 5 * time.Millisecond

// A connection that lasted this long was good: the next attempts follow each other quickly.
const heldLong = 5 * time.Second

// connect attaches, again and again.
func (a *agent) connect(ctx context.Context) error {
	wait := &backoff.ExponentialBackOff{
		InitialInterval: 100 * time.Millisecond, Multiplier: 2, RandomizationFactor: 0.3, MaxInterval: time.Minute,
	}
	if a.pause != 0 {
		wait.InitialInterval = a.pause
	}
	socket := filewatch.New(a.Log, "the daemon's socket", socketSettle)
	defer socket.Close()
	socket.Watch([]string{a.Socket})
	for {
		conn, err := a.Dial()
		if err == nil {
			a.Log.Info("attached to the daemon")
			a.said = ""
			began := time.Now()
			err = a.serve(ctx, conn)
			if errors.Is(err, ErrReplaced) {
				return err
			}
			if time.Since(began) > heldLong {
				wait.Reset()
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if err.Error() != a.said {
			a.said = err.Error()
			a.Log.Warn("not attached to the daemon; trying again", zap.Error(err))
		}
		if a.rest(ctx, wait.NextBackOff(), socket) {
			wait.Reset()
		}
		if ctx.Err() != nil {
			return nil
		}
	}
}

// rest waits before the next attempt to reach the daemon: for a time, or until its socket appears, which it returns.
func (a *agent) rest(ctx context.Context, long time.Duration, socket *filewatch.Watcher) (made bool) {
	over := time.NewTimer(long)
	defer over.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-over.C:
			return false
		case <-socket.Changed:
			socket.Again() // its folder may be new
			if _, err := os.Stat(a.Socket); err == nil {
				return true
			}
		}
	}
}

// serve serves one connection until it ends.
func (a *agent) serve(ctx context.Context, conn *control.Attached) error {
	ctx, cancel := context.WithCancel(ctx)
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	var sending sync.WaitGroup
	defer sending.Wait()
	defer cancel()
	defer conn.Close()
	a.mu.Lock()
	a.window.due, a.layout.due, a.away.due, a.types.due = a.window.Kind != "", a.layout.Kind != "", a.away.Kind != "", a.types.Kind != ""
	a.typed.due, a.pong.due, a.config, a.serial = false, false, message{}, 0
	a.nth++
	a.mu.Unlock()
	wake(a.dirty)
	wake(a.wanted)
	sending.Go(func() { a.send(ctx, conn) })
	if a.Ready != nil {
		a.Ready()
		a.Ready = nil
	}
	active := false
	defer func() {
		if active && a.Active != nil {
			a.Active(false)
		}
	}()
	for {
		m, err := conn.Receive()
		if err != nil {
			return fmt.Errorf("the daemon is gone: %w", err)
		}
		switch m.Kind {
		case "active":
			active = m.Active
			a.Log.Info("in use by the daemon", zap.Bool("active", m.Active), zap.String("why", m.Why))
			if a.Active != nil {
				a.Active(m.Active)
			}
		case "accepted", "refused":
			a.judged(m)
		case "reload":
			a.mu.Lock()
			a.serial = m.Serial
			a.mu.Unlock()
			wake(a.wanted)
		case "run":
			a.run(m.Args)
		case "ping":
			a.set(&a.pong, control.AgentMessage{Kind: "pong"})
		case "notify":
			a.Do(&remap.Effect{Kind: remap.EffectNotify, Text: m.Text})
		case "action":
			a.Do(&remap.Effect{Kind: remap.EffectDesktop, Text: m.Text})
		case "type":
			a.typeText(m.Typing)
		case "setting":
			if m.Setting != nil {
				a.Keep(*m.Setting)
			}
		case "replaced":
			return ErrReplaced
		}
	}
}

// judged logs the daemon's verdict on the configuration, once.
func (a *agent) judged(m *control.DaemonMessage) {
	text := m.Kind
	for _, p := range m.Problems {
		text += "\n" + p.Error()
	}
	if text == a.judge {
		return
	}
	a.judge = text
	for _, p := range m.Problems {
		if p.Severity == config.SeverityError {
			a.Log.Error(p.Error())
		} else {
			a.Log.Warn(p.Error())
		}
	}
	if m.More > 0 {
		a.Log.Warn("there are more; toshy check shows all", zap.Int("more", m.More))
	}
	if m.Kind == "accepted" {
		a.Log.Info("the configuration is in use")
		return
	}
	a.Log.Error("the configuration is broken; the previous one stays in use")
	if len(m.Problems) > 0 {
		a.Do(&remap.Effect{Kind: remap.EffectNotify, Text: "The configuration is broken; the previous one stays in use.\n" + m.Problems[0].Error()})
	}
}

// wake makes whoever waits for the channel look again: send for messages that are due, followConfig for the configuration.
func wake(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// send sends due messages until ctx ends.
func (a *agent) send(ctx context.Context, conn *control.Attached) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.dirty:
		}
		for {
			m := a.next()
			if m == nil {
				break
			}
			err := conn.Send(*m)
			if control.TooLong(err) && m.Config != nil && len(m.Config.Files) > 0 {
				err = conn.Send(tooLarge(m.Config, err))
			}
			if control.TooLong(err) {
				a.Log.Error("too large for the daemon", zap.Error(err))
			} else if err != nil {
				_ = conn.Close() // serve reports it
				return
			}
		}
	}
}

// next returns a message that is due. Those that a key may depend on come first: the answer to a request to type, and the focus.
func (a *agent) next() *control.AgentMessage {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, m := range []*message{&a.typed, &a.pong, &a.away, &a.window, &a.layout, &a.types, &a.config} {
		if m.due {
			m.due = false
			sent := m.AgentMessage
			if m == &a.config { // large, and read again for each connection
				*m = message{}
			}
			return &sent
		}
	}
	return nil
}

// set stores a message.
func (a *agent) set(to *message, m control.AgentMessage) {
	a.mu.Lock()
	*to = message{m, true}
	a.mu.Unlock()
	wake(a.dirty)
}

func (a *agent) setWindow(w remap.Window) {
	a.set(&a.window, control.AgentMessage{Kind: "window", Window: &control.AgentWindow{
		App: w.App, Title: w.Title, Exe: w.Exe, Desktop: w.Desktop, Session: w.Session, Categories: remap.CategoryNames(w.Categories),
	}})
}

func (a *agent) setAway(away bool) { a.set(&a.away, control.AgentMessage{Kind: "away", Away: away}) }

func (a *agent) setLayout(name string, l *remap.Layout) {
	m := &control.AgentLayout{Name: name, US: l == nil}
	if l != nil {
		m.Map, m.Symbols = make(map[uint16]uint16, len(l.Map)), make(map[string][]control.AgentStep, len(l.Symbols))
		for from, to := range l.Map {
			m.Map[uint16(from)] = uint16(to)
		}
		for c, steps := range l.Symbols {
			strokes := make([]control.AgentStep, len(steps))
			for i, s := range steps {
				strokes[i].Key = uint16(s.Key)
				for _, mod := range s.Mods {
					strokes[i].Mods = append(strokes[i].Mods, uint16(mod))
				}
			}
			m.Symbols[c] = strokes
		}
	}
	a.set(&a.layout, control.AgentMessage{Kind: "layout", Layout: m})
}
