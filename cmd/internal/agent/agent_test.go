package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/program"
	"toshy/config"
	"toshy/remap"
)

// limit is how long a test waits before it fails.
const limit = time.Minute

// refusing refuses every request: here, only agents use the daemon's socket.
type refusing struct{}

func (refusing) Control(context.Context, control.Request) control.Response { return control.Response{} }
func (refusing) Monitor(bool, func(control.Event)) func()                  { return func() {} }
func (refusing) Watch(func(control.Event)) func()                          { return func() {} }

// A link is the daemon's side of one connection to the agent.
type link struct {
	*control.Link
	got chan control.AgentMessage // closed when the connection ends
}

// A bench is an agent on a real socket. The test plays the daemon, the desktop and the session.
type bench struct {
	t      testing.TB
	dir    string
	links  chan *link
	window chan remap.Window // the focused window
	typist *fakeTypist
	reload chan struct{}
	done   chan error // why the agent ended
	log    *observer.ObservedLogs
	serial uint64

	mu      sync.Mutex
	effects []remap.Effect
	kept    []control.KeptSetting
	dials   []time.Time
	stop    func() // stops the daemon
	end     func() // ends the agent
	hangs   chan struct{}
}

// hang makes whoever reads the configuration wait until the channel is closed, as a network does that does not answer.
func (b *bench) hang() chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hangs = make(chan struct{})
	return b.hangs
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

func (b *bench) write(name, text string) string {
	b.t.Helper()
	if err := os.WriteFile(b.path(name), []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
	return b.path(name)
}

// daemon starts the daemon's side.
func (b *bench) daemon() {
	b.t.Helper()
	server := &control.Server{Path: b.path("socket"), Attach: func(_ context.Context, l *control.Link) error {
		if err := l.Accept(); err != nil {
			return nil
		}
		x := &link{l, make(chan control.AgentMessage, 1000)}
		defer close(x.got)
		b.links <- x
		for {
			m, err := l.Receive()
			if err != nil {
				return nil
			}
			x.got <- *m
		}
	}}
	if err := server.Listen(refusing{}); err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() { server.Serve(ctx); close(served) }()
	b.stop = func() { cancel(); <-served }
}

// Run implements daemon.Focus.
func (b *bench) Run(ctx context.Context, changed func(remap.Window)) error {
	for {
		select {
		case w := <-b.window:
			changed(w)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// start starts an agent. config is its user's configuration; "" means that the user has no file.
func start(t testing.TB, text string) *bench {
	t.Helper()
	b := &bench{
		t: t, dir: t.TempDir(), links: make(chan *link, 10), window: make(chan remap.Window),
		reload: make(chan struct{}, 1), done: make(chan error, 1), typist: newFakeTypist(),
	}
	core, log := observer.New(zap.InfoLevel)
	b.log = log
	if text != "" {
		b.write("config.toml", text)
	}
	b.daemon()
	ctx, cancel := context.WithCancel(context.Background())
	b.end = func() { cancel(); <-b.done }
	t.Cleanup(func() { b.end(); b.stop() })
	expect := b.path("config.toml")
	go func() {
		b.done <- Run(ctx, Options{
			Log: zap.New(core), Focus: b, Typist: b.typist, Reload: b.reload, Expect: expect, Read: program.Toshy.Load,
			Dial: func() (*control.Attached, error) {
				b.mu.Lock()
				b.dials = append(b.dials, time.Now())
				b.mu.Unlock()
				return control.Attach(b.path("socket"))
			},
			Socket: b.path("socket"),
			Find: func() string {
				b.mu.Lock()
				hangs := b.hangs
				b.mu.Unlock()
				if hangs != nil {
					<-hangs
				}
				if _, err := os.Stat(expect); err != nil {
					return ""
				}
				return expect
			},
			System: func() string { return b.path("system.toml") },
			Around: func() program.Around { return program.Around{Facts: map[string]string{"host": "h"}} },
			Kept:   func() map[string]string { return map[string]string{"mode": "us"} },
			Keep: func(k control.KeptSetting) {
				b.mu.Lock()
				defer b.mu.Unlock()
				b.kept = append(b.kept, k)
			},
			Do: func(x *remap.Effect) {
				b.mu.Lock()
				defer b.mu.Unlock()
				b.effects = append(b.effects, *x)
			},
		})
		close(b.done)
	}()
	return b
}

// until polls until a condition is true.
func (b *bench) until(what string, ok func() bool) {
	b.t.Helper()
	for end := time.Now().Add(limit); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("waited, but not:  %s; log: %v", what, b.log.All())
		}
	}
}

// did returns what the agent has carried out.
func (b *bench) did() (all []remap.Effect) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.effects)
}

// attached waits for the agent to connect.
func (b *bench) attached() *link {
	b.t.Helper()
	select {
	case l := <-b.links:
		return l
	case <-time.After(limit):
		b.t.Fatal("the agent did not attach")
		return nil
	}
}

// gets waits for the next message of this kind.
func (b *bench) gets(l *link, kind string) control.AgentMessage {
	b.t.Helper()
	for timeout := time.After(limit); ; {
		select {
		case m, ok := <-l.got:
			if !ok {
				b.t.Fatalf("the connection ended without %q", kind)
			}
			if m.Kind == kind {
				return m
			}
		case <-timeout:
			b.t.Fatalf("no %q arrived", kind)
		}
	}
}

// config waits for the configuration that ok accepts. The agent may send several, because files are written in steps.
func (b *bench) config(l *link, wanted func(*control.AgentConfig) bool) *control.AgentConfig {
	b.t.Helper()
	for {
		if c := b.gets(l, "config").Config; wanted(c) {
			return c
		}
	}
}

// again makes the agent read and send the configuration again.
func (b *bench) again(l *link) *control.AgentConfig {
	b.t.Helper()
	b.serial++
	l.Send(control.DaemonMessage{Kind: "reload", Serial: b.serial})
	return b.config(l, func(c *control.AgentConfig) bool { return c.Serial == b.serial })
}

func (b *bench) logged(text string) int { return b.log.FilterMessageSnippet(text).Len() }

const runs = "extends = \"none\"\n[keymap.k.keys]\nF1 = { run = [\"%s\", \"an argument\"] }\n"

func running(what string) string { return fmt.Sprintf(runs, what) }

func ask(what string) control.DaemonMessage {
	return control.DaemonMessage{Kind: "run", Args: []string{what, "an argument"}}
}

// flush waits until the agent has handled everything that it was sent. It handles messages in order.
func (b *bench) flush(l *link) {
	b.t.Helper()
	l.Send(control.DaemonMessage{Kind: "ping"})
	b.gets(l, "pong")
}

func (b *bench) ran(want ...string) {
	b.t.Helper()
	var got []string
	for _, x := range b.did() {
		if x.Kind == remap.EffectRun {
			got = append(got, x.Args[0])
		}
	}
	if !slices.Equal(got, want) {
		b.t.Errorf("the agent started %q, want %q", got, want)
	}
}

func TestCommandsOfOthersAreRefused(t *testing.T) {
	b := start(t, running("mine"))
	l := b.attached()
	b.gets(l, "config")
	l.Send(ask("mine"))
	for range 10 {
		l.Send(ask("theirs"))
	}
	for _, args := range [][]string{nil, {"mine"}, {"mine", "an", "argument"}, {"mine", "an argument", ""}, {`mine" "an argument`}} {
		l.Send(control.DaemonMessage{Kind: "run", Args: args})
	}
	l.Send(control.DaemonMessage{Kind: "notify", Text: "anything"})
	b.flush(l)
	b.ran("mine")
	if n := b.logged("does not have"); n != 1 {
		t.Errorf("logged %d times", n)
	}
	if all := b.did(); all[len(all)-1].Text != "anything" {
		t.Errorf("did %+v", all)
	}
}

// Commands may be anywhere in a configuration.
func TestCommandsInsideOthers(t *testing.T) {
	b := start(t, `extends = "none"
[keymap.k.keys]
F1 = ["A", { run = ["in a list"] }]
F2 = { "A" = { run = ["in a sequence"] } }
F3 = { taps = ["A", { run = ["at the second tap"] }] }
[chord.c.keys]
"J-K" = { run = ["of a chord"] }
`)
	l := b.attached()
	b.gets(l, "config")
	want := []string{"in a list", "in a sequence", "at the second tap", "of a chord"}
	for _, what := range want {
		l.Send(control.DaemonMessage{Kind: "run", Args: []string{what}})
	}
	b.flush(l)
	b.ran(want...)
}

// The agent still accepts commands of the configuration before, but not of older ones.
func TestCommandsAfterAChange(t *testing.T) {
	b := start(t, running("first"))
	l := b.attached()
	b.gets(l, "config")
	again := func(text string) {
		b.write("config.toml", text)
		b.again(l)
	}
	again(running("second"))
	l.Send(ask("first"))
	l.Send(ask("second"))
	again(running("second") + "# no other commands\n")
	again("broken")
	l.Send(ask("first"))
	again(running("third"))
	l.Send(ask("second"))
	l.Send(ask("third"))
	l.Send(ask("first"))
	b.flush(l)
	b.ran("first", "second", "first", "second", "third")
}

// A user without a configuration gets the administrator's.
func TestCommandsOfTheAdministrator(t *testing.T) {
	b := start(t, "")
	l := b.attached()
	if m := b.gets(l, "config"); m.Config.Main != "" {
		t.Errorf("sent %+v", m.Config)
	}
	l.Send(ask("administrators"))
	b.flush(l)
	b.ran()
	b.write("system.toml", running("administrators"))
	b.again(l)
	l.Send(ask("administrators"))
	b.flush(l)
	b.ran("administrators")
}

func TestReconnects(t *testing.T) {
	b := start(t, running("x"))
	l := b.attached()
	b.window <- remap.Window{App: "kitty", Categories: remap.CategoryList([]string{"A", "B"})}
	b.gets(l, "window")
	b.stop()
	b.until("it tries several times", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.dials) >= 5
	})
	b.mu.Lock()
	pause := b.dials[4].Sub(b.dials[3]) // the pauses are 100, 200, 400 and then 800 ms, each 30 % more or less
	b.mu.Unlock()
	if pause < 500*time.Millisecond {
		t.Errorf("the fourth pause was %v", pause)
	}
	if n := b.logged("not attached to the daemon"); n > 2 { // once for the lost connection, once for the missing daemon
		t.Errorf("logged %d times", n)
	}
	b.daemon()
	l = b.attached()
	if m := b.gets(l, "window"); m.Window.App != "kitty" || !slices.Equal(m.Window.Categories, []string{"A", "B"}) {
		t.Errorf("window %+v", m.Window)
	}
	if m := b.gets(l, "config"); m.Config.Main != b.path("config.toml") {
		t.Errorf("configuration %+v", m.Config)
	}
}

// When a daemon starts, the agent notices its socket, even in a new folder, and does not wait for the next attempt.
func TestFindsTheDaemonThatComes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "toshy", "socket")
	dialed, done := make(chan struct{}, 100), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		done <- Run(ctx, Options{
			Log: zap.NewNop(), Socket: path, pause: time.Hour,
			Dial: func() (*control.Attached, error) {
				dialed <- struct{}{}
				return control.Attach(path)
			},
			Find: func() string { return "" }, System: func() string { return "" }, Read: program.Toshy.Load,
			Around: func() program.Around { return program.Around{} }, Kept: func() map[string]string { return nil },
		})
	}()
	defer func() { cancel(); <-done }()
	<-dialed
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	select {
	case <-dialed:
	case <-time.After(limit):
		t.Fatal("the agent did not find the daemon")
	}
}

func TestReplaced(t *testing.T) {
	b := start(t, running("x"))
	l := b.attached()
	l.Send(control.DaemonMessage{Kind: "replaced"})
	select {
	case err := <-b.done:
		if !errors.Is(err, ErrReplaced) {
			t.Errorf("the agent ended with %v", err)
		}
	case <-time.After(limit):
		t.Fatal("the agent did not end")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.dials) != 1 {
		t.Errorf("the agent connected %d times", len(b.dials))
	}
}

// If a daemon refuses agents, or the socket belongs to something else, the agent tries again and again.
func TestStrangeDaemons(t *testing.T) {
	for name, text := range map[string]string{
		"hangs up": "", "garbage": "\x00\xff\n", "refuses": `{"version":1,"ok":false,"error":"no"}` + "\n",
		"then garbage": `{"version":1,"ok":true}` + "\nhello\n", "deep": `{"version":1,"ok":true}` + "\n" + strings.Repeat("[", 100_000) + "\n",
		"unknown message": `{"version":1,"ok":true}` + "\n" + `{"kind":"root"}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			l, err := net.Listen("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				done <- Run(ctx, Options{
					Log: zap.NewNop(), Dial: func() (*control.Attached, error) { return control.Attach(path) },
					Find: func() string { return "" }, System: func() string { return "" }, Read: program.Toshy.Load,
					Around: func() program.Around { return program.Around{} }, Kept: func() map[string]string { return nil }, Do: func(x *remap.Effect) { t.Errorf("did %+v", x) },
				})
			}()
			for range 2 {
				c, err := l.Accept()
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprint(c, text)
				c.Close()
			}
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestConfigurationChanges(t *testing.T) {
	b := start(t, "extends = \"none\"\ninclude = [\"more.toml\", \"conf.d/*.toml\"]\n")
	l := b.attached()
	comes := func(names ...string) {
		t.Helper()
		b.config(l, func(c *control.AgentConfig) bool {
			var got []string
			for name := range c.Files {
				got = append(got, filepath.Base(name))
			}
			slices.Sort(got)
			return slices.Equal(got, names)
		})
	}
	comes("config.toml")
	b.write("more.toml", "")
	comes("config.toml", "more.toml")
	b.write("config.toml", "nonsense") // the agent sends it unchanged
	b.config(l, func(c *control.AgentConfig) bool { return string(c.Files[b.path("config.toml")]) == "nonsense" })
	if c := b.again(l); c.Facts["host"] != "h" {
		t.Errorf("the daemon was asked for %+v", c)
	}
	if err := os.Remove(b.path("config.toml")); err != nil {
		t.Fatal(err)
	}
	comes()
	b.write("config.toml", "extends = \"none\"\n") // the agent also watches for a file that does not exist yet
	comes("config.toml")
	b.reload <- struct{}{}
	comes("config.toml")
}

func TestFilesThatCannotBeSent(t *testing.T) {
	big := "# " + strings.Repeat("x", 1_000_000) + "\n" // the limit for one file
	includes := "extends = \"none\"\ninclude = [\"1.toml\", \"2.toml\", \"3.toml\", \"4.toml\"]\n"
	b := start(t, "extends = \"none\"\ninclude = [\"folder\"]\n")
	if err := os.Mkdir(b.path("folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	l := b.attached()
	b.gets(l, "config")
	again := func(text string) *control.AgentConfig {
		b.write("config.toml", text)
		return b.again(l)
	}
	// problem waits for a configuration with a problem, and returns it.
	problem := func(c *control.AgentConfig) string {
		_, err := program.Toshy.Load(c.Main, program.Around{Files: c.Source(), Facts: c.Facts})
		return fmt.Sprint(err)
	}
	if got := problem(again("extends = \"none\"\ninclude = [\"folder\"]\n# again\n")); !strings.Contains(got, "not a regular file") {
		t.Errorf("a folder: %s", got)
	}
	if got := problem(again("extends = \"none\"\n" + big + big)); !strings.Contains(got, "larger than") {
		t.Errorf("a large file: %s", got)
	}
	for n := range 4 {
		b.write(fmt.Sprintf("%d.toml", n+1), big)
	}
	c := again(includes)
	if got := problem(c); !strings.Contains(got, "all files together are too large") {
		t.Errorf("large files: %s", got)
	}
	b.flush(l) // and everything still works
}

func TestJudgement(t *testing.T) {
	b := start(t, "nonsense")
	l := b.attached()
	b.gets(l, "config")
	_, err := program.Toshy.Load(b.path("config.toml"), program.Around{})
	refused := control.DaemonMessage{Kind: "refused", Problems: config.Problems(err), More: 3}
	for range 3 {
		l.Send(refused)
	}
	b.flush(l)
	if all := b.did(); len(all) != 1 || all[0].Kind != remap.EffectNotify || !strings.Contains(all[0].Text, "config.toml:1:") {
		t.Errorf("the user was told %+v", all)
	}
	if n := b.logged("is broken"); n != 1 {
		t.Errorf("logged %d times", n)
	}
	l.Send(control.DaemonMessage{Kind: "accepted"})
	l.Send(refused)
	b.flush(l)
	if n := len(b.did()); n != 2 {
		t.Errorf("broken again: the user was told %d times", n)
	}
}

// However fast windows change, the agent soon sends the newest one, and skips those that nobody would read.
func TestFocusFlood(t *testing.T) {
	b := start(t, running("x"))
	l := b.attached()
	b.gets(l, "config")
	const many = 20_000
	for i := range many {
		b.window <- remap.Window{App: fmt.Sprint(i), Title: strings.Repeat("x", 1000)}
	}
	b.window <- remap.Window{App: "last"}
	n := 0
	for b.gets(l, "window").Window.App != "last" {
		n++
	}
	if n > many/2 {
		t.Errorf("%d of %d windows were sent", n, many)
	}
	b.flush(l)
}
