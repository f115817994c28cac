package seat

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/daemon"
	"toshy/cmd/internal/program"
	toshyconfig "toshy/config"
	"toshy/remap"
	"toshy/remap/window/logind"
)

const limit = time.Minute

const (
	root = 0
	ann  = 1000
	bob  = 1001
)

// A bench is a seat on a real socket. The test plays logind, the daemon, and the kernel's report on who connects.
type bench struct {
	t    testing.TB
	seat *Seat
	path string

	dialing sync.Mutex
	uid     atomic.Uint32 // the user who connects next
	session chan *logind.Session
	unknown chan string
	slow    chan struct{} // reading the configuration "slow" waits until this is closed

	mu     sync.Mutex
	setup  *daemon.Setup
	place  daemon.Place
	why    string
	window remap.Window
	layout string
	tables *remap.Layout
}

// Control implements control.Handler.
func (b *bench) Control(ctx context.Context, r control.Request) control.Response {
	if r.Command == "reload" {
		if err := b.seat.Refresh(ctx); err != nil {
			return control.Response{Error: err.Error()}
		}
	}
	st := &control.Status{}
	b.seat.Describe(st)
	return control.Response{OK: true, Status: st}
}

// Monitor implements control.Handler.
func (b *bench) Monitor(_ bool, report func(control.Event)) func() {
	report(control.Event{Kind: "in"})
	return func() {}
}

// Watch implements control.Handler.
func (b *bench) Watch(func(control.Event)) func() { return func() {} }

func newBench(t testing.TB, change ...func(*Options)) *bench {
	t.Helper()
	b := &bench{t: t, path: filepath.Join(t.TempDir(), "s"), session: make(chan *logind.Session), unknown: make(chan string), slow: make(chan struct{}), place: daemon.Elsewhere}
	options := Options{
		Log: zap.NewNop(), grace: time.Hour,
		Sessions: func(ctx context.Context, report func(*logind.Session, string)) {
			for {
				select {
				case s := <-b.session:
					report(s, "")
				case why := <-b.unknown:
					report(nil, why)
				case <-ctx.Done():
					return
				}
			}
		},
		System: func() (*program.Program, error) { return program.Parse("system.toml", []byte(`extends = "none"`), nil) },
		Read: func(_ context.Context, c *control.AgentConfig) (*program.Program, error) {
			switch c.Main {
			case "panic":
				panic("a bug")
			case "slow":
				<-b.slow
			}
			return program.Toshy.Load(c.Main, program.Around{Files: c.Source(), Facts: c.Facts})
		},
		Setup: func(mine, system *program.Program) *daemon.Setup {
			if mine == nil {
				mine = system
			}
			return &daemon.Setup{Program: mine.Compiled, Name: mine.Source()}
		},
	}
	for _, f := range change {
		f(&options)
	}
	seat, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	b.seat = seat
	server := &control.Server{Path: b.path, Identify: func(*net.UnixConn) (control.Peer, error) {
		return control.Peer{UID: b.uid.Load()}, nil
	}}
	seat.Serve(server)
	if err := server.Listen(b); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() { cancel(); running.Wait() })
	running.Go(func() { server.Serve(ctx) })
	running.Go(func() {
		_ = Presence{seat}.Run(ctx, func(p daemon.Place, why string) { b.set(func() { b.place, b.why = p, why }) })
	})
	running.Go(func() { _ = Focus{seat}.Run(ctx, func(w remap.Window) { b.set(func() { b.window = w }) }) })
	running.Go(func() {
		_ = Layout{seat}.Run(ctx, func(name string, l *remap.Layout) { b.set(func() { b.layout, b.tables = name, l }) })
	})
	running.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-seat.Reload():
				setup, _ := seat.Load()
				b.set(func() {
					if b.setup == nil || b.setup.Owner != setup.Owner {
						b.window, b.layout, b.tables = remap.Window{}, "", nil
					}
					b.setup = setup
				})
				setup.Taken()
			}
		}
	})
	return b
}

func (b *bench) set(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

// until polls what the daemon has received. The seat calls the bench while it holds its own lock, so ok must not call the seat: use
// untilSeat for that.
func (b *bench) until(what string, ok func() bool) {
	b.t.Helper()
	b.poll(what, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return ok()
	})
}

// untilSeat polls the seat's tables.
func (b *bench) untilSeat(what string, ok func() bool) {
	b.t.Helper()
	b.poll(what, func() bool {
		b.seat.mu.Lock()
		defer b.seat.mu.Unlock()
		return ok()
	})
}

// poll asks until the answer is yes. It holds no lock.
func (b *bench) poll(what string, ok func() bool) {
	b.t.Helper()
	for end := time.Now().Add(limit); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.t.Fatalf("waited, but not: %s; place %v (%s), window %+v, setup %+v", what, b.place, b.why, b.window, b.setup)
		}
	}
}

func (b *bench) at(p daemon.Place) {
	b.t.Helper()
	b.until(fmt.Sprintf("the place is %d", p), func() bool { return b.place == p })
}

// uses waits until a user's configuration is in use and keys are mapped with it.
func (b *bench) uses(name string) {
	b.t.Helper()
	b.until(name+" is in use", func() bool { return b.setup != nil && b.setup.Name == name && b.place == daemon.Here })
}

// sits makes a user's session the active one.
func (b *bench) sits(uid uint32, change ...func(*logind.Session)) {
	s := &logind.Session{ID: fmt.Sprint(uid), UID: uid, User: fmt.Sprint("user", uid), Seat: "seat0", Class: "user", State: "active"}
	for _, f := range change {
		f(s)
	}
	b.session <- s
}

// as connects as a user.
func (b *bench) as(uid uint32) (*control.Client, error) {
	b.t.Helper()
	b.dialing.Lock()
	defer b.dialing.Unlock()
	b.uid.Store(uid)
	c, err := control.Dial(b.path)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { c.Close() })
	if _, err := c.Do(control.Request{Command: "status"}); err != nil { // now the seat knows who it is
		return nil, err
	}
	return c, nil
}

// The agent of a test.
type testAgent struct {
	*control.Attached
	t testing.TB
}

func (b *bench) attach(uid uint32) *testAgent {
	b.t.Helper()
	b.dialing.Lock()
	defer b.dialing.Unlock()
	b.uid.Store(uid)
	a, err := control.Attach(b.path)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { a.Close() })
	return &testAgent{a, b.t}
}

func (a *testAgent) send(m control.AgentMessage) {
	a.t.Helper()
	if err := a.Send(m); err != nil {
		a.t.Fatal(err)
	}
}

// config sends a configuration that consists of one file.
func (a *testAgent) config(name, text string, serial uint64) {
	a.t.Helper()
	a.send(control.AgentMessage{Kind: "config", Config: &control.AgentConfig{
		Serial: serial, Main: name, Files: toshyconfig.Texts{name: []byte(text)},
	}})
}

func (a *testAgent) focus(app string) {
	a.t.Helper()
	a.send(control.AgentMessage{Kind: "window", Window: &control.AgentWindow{App: app}})
}

// gets waits for a message of this kind; "" means any.
func (a *testAgent) gets(kind string) *control.DaemonMessage {
	a.t.Helper()
	timer := time.AfterFunc(limit, func() { a.Close() })
	defer timer.Stop()
	for {
		m, err := a.Receive()
		if err != nil {
			a.t.Fatalf("waiting for %q: %v", kind, err)
		}
		if m.Kind == kind || kind == "" {
			return m
		}
	}
}

const good = "extends = \"none\"\n[keymap.k.keys]\nF1 = \"A\"\n"

// working returns a bench on which ann works.
func working(t testing.TB) (*bench, *testAgent) {
	t.Helper()
	b := newBench(t)
	b.sits(ann)
	a := b.attach(ann)
	a.config("ann.toml", good, 0)
	b.uses("ann.toml")
	return b, a
}

func run(arg string) *remap.Effect { return &remap.Effect{Kind: remap.EffectRun, Args: []string{arg}} }

func TestNobodyIsServedUnasked(t *testing.T) {
	b := newBench(t)
	b.at(daemon.Elsewhere)
	b.session <- nil
	b.until("it says that there is no logind", func() bool { return strings.Contains(b.why, "--user") })
	b.sits(ann)
	b.until("it says that there is no agent", func() bool { return strings.Contains(b.why, "no agent of user1000") })
	a := b.attach(ann)
	b.until("it says that there is no configuration", func() bool { return strings.Contains(b.why, "no configuration of user1000") })
	a.config("ann.toml", "nonsense", 0)
	if m := a.gets("refused"); len(m.Problems) == 0 || m.Problems[0].File != "ann.toml" || m.Problems[0].Line != 1 {
		t.Errorf("refused with %+v", m)
	}
	b.until("it says that it is broken", func() bool { return strings.Contains(b.why, "is broken") && b.place == daemon.Elsewhere })
	a.config("ann.toml", good, 0)
	a.gets("accepted")
	b.uses("ann.toml")
}

// The seat accepts what an agent reports about an application, as far as it can be true.
func TestCategories(t *testing.T) {
	b, a := working(t)
	names := []string{"TerminalEmulator", "no name", "", strings.Repeat("x", 65), "X-Mine"}
	for i := range 100 {
		names = append(names, fmt.Sprint("Y", i))
	}
	a.send(control.AgentMessage{Kind: "window", Window: &control.AgentWindow{App: "foot", Categories: names}})
	var got []string
	b.until("the window is known", func() bool {
		got = remap.CategoryNames(b.window.Categories)
		return b.window.App == "foot"
	})
	if len(got) != 32 || got[0] != "TerminalEmulator" || got[1] != "X-Mine" || got[31] != "Y29" {
		t.Errorf("%d categories: %q", len(got), got)
	}
}

// TestUnknown: toshy no longer knows who is at the seat.
func TestUnknown(t *testing.T) {
	b, a := working(t)
	monitor, err := b.as(ann)
	if err != nil {
		t.Fatal(err)
	}
	ended, began := make(chan error, 1), make(chan struct{}, 1)
	go func() { ended <- monitor.Monitor(true, func(control.Event) error { began <- struct{}{}; return nil }) }()
	<-began
	b.unknown <- "logind does not answer"
	select {
	case <-ended:
	case <-time.After(limit):
		t.Fatal("a monitor did not end")
	}
	b.until("nobody gets the keyboards", func() bool { return b.place == daemon.Elsewhere && b.why == "logind does not answer" })
	for m := a.gets("active"); m.Active; m = a.gets("active") {
		continue
	}
	if c, err := b.as(ann); err == nil {
		if r, err := c.Do(control.Request{Command: "type", Text: "x"}); err == nil {
			t.Errorf("ann types: %+v", r)
		}
	} else if err.Error() != "logind does not answer" {
		t.Error(err)
	}
	b.sits(ann)
	b.until("ann is served again", func() bool { return b.place == daemon.Here })
}

func TestUserSwitch(t *testing.T) {
	b, a := working(t)
	a.focus("kitty")
	b.until("the window is known", func() bool { return b.window.App == "kitty" })
	other := b.attach(bob)
	if m := other.gets("active"); m.Active || m.Why == "" {
		t.Errorf("the agent of a user who is not at the seat got: %+v", m)
	}
	other.config("bob.toml", good, 0)
	other.focus("firefox")
	other.send(control.AgentMessage{Kind: "away", Away: true})
	other.send(control.AgentMessage{Kind: "away"})
	b.seat.Do(run("anns"))
	if m := a.gets("run"); !slices.Equal(m.Args, []string{"anns"}) {
		t.Errorf("run %q", m.Args)
	}

	monitor, err := b.as(ann)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	began := make(chan struct{}, 1)
	go func() { ended <- monitor.Monitor(true, func(control.Event) error { began <- struct{}{}; return nil }) }()
	<-began
	b.sits(bob)
	select {
	case <-ended: // ann does not see bob's keys
	case <-time.After(limit):
		t.Fatal("a monitor continues in another user's session")
	}
	b.uses("bob.toml")
	b.until("the window is bob's", func() bool { return b.window.App == "firefox" })
	if m := other.gets("active"); !m.Active {
		t.Errorf("the agent of the user at the seat got: %+v", m)
	}
	a.focus("gimp") // this is ignored
	b.seat.Do(run("bobs"))
	if m := other.gets("run"); !slices.Equal(m.Args, []string{"bobs"}) {
		t.Errorf("run %q", m.Args)
	}
	if _, err := b.as(ann); err == nil {
		t.Error("ann may use commands in bob's session")
	}
	b.sits(ann)
	b.uses("ann.toml")
	b.until("the window is ann's", func() bool { return b.window.App == "gimp" })
	if m := a.gets("active"); m.Active {
		t.Error("ann was not told that bob had the seat")
	}
}

// Once another user is at the seat, effects of the first user's program are not carried out, even before the daemon has changed its
// program.
func TestEffectOfTheUserBefore(t *testing.T) {
	b, a := working(t)
	other := b.attach(bob)
	other.config("bob.toml", good, 0)
	b.seat.mu.Lock()
	b.seat.session = &logind.Session{ID: "x", UID: bob, Seat: "seat0", Class: "user", State: "active"}
	b.seat.mu.Unlock()
	b.seat.Do(run("anns"))
	b.sits(bob)
	for _, x := range []struct {
		agent  *testAgent
		active bool
	}{{a, false}, {other, true}} {
		for m := x.agent.gets(""); m.Kind != "active" || m.Active != x.active; m = x.agent.gets("") {
			if m.Kind == "run" {
				t.Errorf("run %q is sent to an agent (bob's: %v)", m.Args, x.active)
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	b, a := working(t)
	for _, x := range []struct {
		name   string
		change func(*logind.Session)
		want   daemon.Place
	}{
		{"locked", func(s *logind.Session) { s.Locked = true }, daemon.NotMapped},
		{"unlocked", func(*logind.Session) {}, daemon.Here},
		{"closing", func(s *logind.Session) { s.State = "closing" }, daemon.NotMapped},
		{"again", func(*logind.Session) {}, daemon.Here},
		{"a greeter", func(s *logind.Session) { s.Class, s.UID = "greeter", 120 }, daemon.Elsewhere},
		{"back", func(*logind.Session) {}, daemon.Here},
		{"nobody", func(s *logind.Session) { *s = logind.Session{Seat: "seat0"} }, daemon.Elsewhere},
		{"back again", func(*logind.Session) {}, daemon.Here},
	} {
		b.sits(ann, x.change)
		b.until(x.name, func() bool { return b.place == x.want })
	}
	a.send(control.AgentMessage{Kind: "away", Away: true})
	b.at(daemon.NotMapped)
	a.send(control.AgentMessage{Kind: "away"})
	b.at(daemon.Here)
}

func TestAgentGone(t *testing.T) {
	b, a := working(t)
	a.focus("kitty")
	b.until("the window is known", func() bool { return b.window.App == "kitty" })
	a.Close()
	b.until("the window is forgotten", func() bool { return b.window == remap.Window{} })
	b.uses("ann.toml")
	a = b.attach(ann) // in time
	a.focus("kitty")
	b.until("the window is known again", func() bool { return b.window.App == "kitty" })
	b.uses("ann.toml")

	a.Close()
	b.until("the window is forgotten", func() bool { return b.window == remap.Window{} })
	b.sits(ann, func(s *logind.Session) { s.Locked = true })
	b.at(daemon.Elsewhere) // the user who unlocks it may have no agent

	b.seat.mu.Lock()
	b.seat.options.grace = 10 * time.Millisecond
	b.seat.mu.Unlock()
	b.sits(ann)
	a = b.attach(ann)
	a.config("ann.toml", good, 0)
	b.uses("ann.toml")
	a.Close()
	b.at(daemon.Elsewhere)
	b.until("the configuration is forgotten", func() bool { return b.setup.Owner == "" })
}

func TestTwoAgents(t *testing.T) {
	b, first := working(t)
	second := b.attach(ann)
	first.gets("replaced")
	if _, err := first.Receive(); err == nil {
		t.Error("the first agent's connection stays open")
	}
	second.focus("kitty")
	b.until("the second is heard", func() bool { return b.window.App == "kitty" })
	b.uses("ann.toml")
	st := &control.Status{}
	b.seat.Describe(st)
	if len(st.Agents) != 1 || st.Agents[0] != (control.AgentStatus{UID: ann, User: "user1000", Active: true}) {
		t.Errorf("agents %+v", st.Agents)
	}
}

func TestReload(t *testing.T) {
	b, a := working(t)
	client, err := b.as(ann)
	if err != nil {
		t.Fatal(err)
	}
	answer := make(chan error, 1)
	ask := func() {
		go func() { _, err := client.Do(control.Request{Command: "reload"}); answer <- err }()
	}
	ask()
	n := a.gets("reload").Serial
	a.config("ann.toml", "older", n-1) // it was on its way already, and is not the answer
	a.gets("refused")
	select {
	case err := <-answer:
		t.Fatalf("answered by an older configuration: %v", err)
	default:
	}
	a.config("ann.toml", good, n)
	if err := <-answer; err != nil {
		t.Error(err)
	}
	ask()
	a.config("ann.toml", good+"F1 = \"B\"\n", a.gets("reload").Serial)
	if err := <-answer; err == nil || !strings.Contains(err.Error(), "ann.toml:4:1") {
		t.Errorf("a broken one: %v", err)
	}
	st := &control.Status{}
	if b.seat.Describe(st); !strings.Contains(st.ConfigError, "ann.toml:4:1") {
		t.Errorf("status: %q", st.ConfigError)
	}
	b.uses("ann.toml")
	ask()
	a.gets("reload")
	a.Close() // instead of an answer
	if err := <-answer; err == nil {
		t.Error("the reload succeeded without an agent")
	}
}

func TestAccess(t *testing.T) {
	b, _ := working(t)
	for uid, want := range map[uint32]string{root: "", ann: "", bob: "the active session on seat0 belongs to someone else"} {
		_, err := b.as(uid)
		if got := fmt.Sprint(err); (want == "") != (err == nil) || want != "" && got != want {
			t.Errorf("%d: %v", uid, err)
		}
	}
}

// A user's name is read from files, which may take long. Nothing waits for that, least of all a key.
func TestNamesAreNotReadWhileOthersWait(t *testing.T) {
	b, _ := working(t)
	reading, read := make(chan struct{}), make(chan struct{})
	b.seat.options.userName = func(uint32) string {
		reading <- struct{}{}
		<-read
		return "bob"
	}
	done := make(chan error, 1)
	go func() {
		b.dialing.Lock()
		defer b.dialing.Unlock()
		b.uid.Store(bob)
		_, err := control.Attach(b.path)
		done <- err
	}()
	<-reading
	st := &control.Status{}
	b.seat.Describe(st) // would hang if it waited
	if len(st.Agents) != 1 {
		t.Errorf("agents: %+v", st.Agents)
	}
	close(read)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	b.poll("bob's agent is there, with its name", func() bool {
		st := &control.Status{}
		b.seat.Describe(st)
		return len(st.Agents) == 2 && st.Agents[1].User == "bob"
	})
}
