// Package seat is the system daemon's view of who sits at the machine: which user's agent the daemon serves, and what this
// agent says about the focus, the layout and the configuration.
//
// Users can send anything over the socket. The data of a user who is not at the seat is stored, within limits, and not
// read. Each user's configuration is read on a separate goroutine, and no file named in it is opened. A user's commands go
// only to that user's agent: a program is only in use while its owner is served (see settle).
package seat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/daemon"
	"toshy/cmd/internal/program"
	"toshy/remap"
	"toshy/remap/window/logind"
)

// graceTime is how long a configuration stays in use after its agent has gone: the agent may only be restarting.
const graceTime = 60 * time.Second

// maxAgents is how many agents may be attached, except that the user at the seat always has a place: each keeps a configuration
// and a layout in memory, at worst ten megabytes.
const maxAgents = 8

// maxLines is the number of agents per minute that get a line in the journal.
const maxLines = 30

// Options are the parts from which a seat is made.
type Options struct {
	Log *zap.Logger
	// Sessions follows who is at the seat: it calls report with each change. A nil session means that this is not known,
	// with the reason; without a reason, the machine has no logind.
	Sessions func(ctx context.Context, report func(s *logind.Session, why string))
	// System reads the administrator's configuration, which is used for users without their own. Its lists of devices apply
	// to everybody.
	System func() (*program.Program, error)
	// Read makes a program from an agent's data. It opens no file, and ends early when its context does.
	Read func(context.Context, *control.AgentConfig) (*program.Program, error)
	// Setup is what a program means for the daemon.
	Setup func(user, system *program.Program) *daemon.Setup

	grace, silence, readTime time.Duration           // replaces graceTime and so on, in tests
	userName                 func(uid uint32) string // replaces the machine's database, in tests
}

// A Seat serves the agents of all users. Its methods may be called from any goroutine.
type Seat struct {
	options Options
	log     *zap.Logger
	server  *control.Server
	reload  chan struct{} // for the daemon: Load has a new result
	work    chan struct{} // for read: a configuration waits

	mu      sync.Mutex
	known   bool
	session *logind.Session
	unknown string // why session is nil
	agents  map[uint32]*agent
	coming  map[uint32]bool    // users whose agents have a place and are not attached yet
	logged  time.Time          // when counting lines began
	lines   int                // about agents
	users   map[uint32]*config // data of users who are attached, or were recently
	system  *program.Program
	inUse   string // owner of the program that the daemon uses
	serial  uint64
	leaving *time.Timer // of the active user's agent, which has gone
	told    told
	lost    bool // the latest effect reached no agent

	place  func(daemon.Place, string)
	window func(remap.Window)
	layout func(string, *remap.Layout)
	types  func(bool)
	typed  func(uint64, remap.TypingResult)
}

// An agent is an attached agent.
type agent struct {
	link   *control.Link
	uid    uint32
	user   string // the name, for people
	active bool   // as the agent was told
	window remap.Window
	layout layout
	away   bool

	types   bool   // its desktop types what no key types
	asksFor uint64 // the serial of the last request to type; 0: it is answered

	asked  *time.Timer // runs while waiting for the answer to a ping
	silent bool        // no answer came in time
}

type layout struct {
	name   string
	tables *remap.Layout
}

// A config is a user's configuration.
type config struct {
	sent    *control.AgentConfig // not read yet
	reading bool                 // an older one is being read
	program *program.Program     // the last good one; nil: none yet
	problem string               // in a later one
	kept    map[string]string    // settings that the user has changed
	waiting []waiter
}

// A waiter waits for the configuration that answers a request to read it again.
type waiter struct {
	serial uint64
	result chan error
}

var errAgentGone = errors.New("the agent is gone")

// answer tells those who wait for a configuration up to a serial what the result is. Under mu.
func (c *config) answer(serial uint64, err error) {
	c.waiting = slices.DeleteFunc(c.waiting, func(w waiter) bool {
		if w.serial > serial {
			return false
		}
		w.result <- err
		return true
	})
}

// New makes a seat, and reads the administrator's configuration.
func New(o Options) (*Seat, error) {
	system, err := o.System()
	if err != nil {
		return nil, err
	}
	if o.userName == nil {
		o.userName = userName
	}
	return &Seat{
		options: o, log: o.Log, system: system,
		reload: make(chan struct{}, 1), work: make(chan struct{}, 1),
		agents: map[uint32]*agent{}, coming: map[uint32]bool{}, users: map[uint32]*config{},
	}, nil
}

// Serve sets a server's policy to the seat's.
func (s *Seat) Serve(server *control.Server) {
	s.server = server
	server.Access, server.Allow, server.Attach = s.access, s.allow, s.attach
}

// Reload receives a value when Load has a new result.
func (s *Seat) Reload() <-chan struct{} { return s.reload }

// owner names a user in a daemon.Setup.
func owner(uid uint32) string { return strconv.FormatUint(uint64(uid), 10) }

// active is the user at the seat, if known. Under mu.
func (s *Seat) active() (uid uint32, ok bool) {
	if !s.known || s.session == nil || s.session.ID == "" || !works(s.session.Class) {
		return 0, false
	}
	return s.session.UID, true
}

// works says whether a person works in sessions of a class. Nobody serves a greeter's user.
func works(class string) bool { return logind.Session{ID: "-", Class: class}.Working() }

// nobody says why there is no active user. Under mu.
func (s *Seat) nobody() string {
	switch {
	case !s.known:
		return "it is not known yet who sits at the machine"
	case s.session == nil && s.unknown != "":
		return s.unknown
	case s.session == nil:
		return "there is no logind to say who sits at the machine; toshy daemon --user names the user to serve"
	case s.session.ID == "":
		return "nobody is logged in at " + s.seatName()
	}
	return "a " + s.session.Class + " is shown at " + s.seatName()
}

// seatName is the seat of the session. If nobody is there, logind names none. Under mu.
func (s *Seat) seatName() string { return cmp.Or(s.session.Seat, logind.DefaultSeat) }

// access is the policy of the socket (control.Server.Access).
func (s *Seat) access(p control.Peer, command string) error {
	if command == "attach" || p.UID == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	uid, ok := s.active()
	switch {
	case s.console() != "" || strings.HasPrefix(s.inUse, consolePrefix):
		return errors.New(errConsole)
	case !ok:
		return errors.New(s.nobody())
	case uid != p.UID:
		return fmt.Errorf("the active session on %s belongs to someone else", s.seatName())
	}
	return nil
}

// allow is what the administrator allows users to request (control.Server.Allow).
func (s *Seat) allow(p control.Peer, r *control.Request) error {
	if p.UID == 0 {
		return nil
	}
	s.mu.Lock()
	d := s.system.Config.Daemon
	s.mu.Unlock()
	switch {
	case d.NoKeys && r.Keys && (r.Command == "monitor" || r.Command == "status"):
		return errors.New("the administrator of this machine lets nobody see which letters and digits are typed")
	case d.NoType && r.Command == "type", d.NoPress && r.Command == "press":
		return fmt.Errorf("the administrator of this machine has switched %s off", r.Command)
	}
	return nil
}

// Load is what the daemon must use now (daemon.Options.Load).
func (s *Seat) Load() (*daemon.Setup, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var mine *program.Program
	for_ := s.wanted()
	users := for_ != "" && !strings.HasPrefix(for_, consolePrefix)
	if users {
		mine = s.users[s.session.UID].program
	}
	setup := s.options.Setup(mine, s.system)
	if setup.Owner = for_; users {
		setup.User = s.name(s.session.UID)
		setup.Kept = maps.Clone(s.users[s.session.UID].kept) // keep changes it
	}
	setup.Taken = func() {
		s.settle(func() {
			if for_ != s.inUse { // the daemon has forgotten what it was told
				s.inUse, s.told.window, s.told.layout, s.told.types = for_, remap.Window{}, layout{}, false
			}
		})
	}
	return setup, nil
}

// changed tells the daemon that Load has something new.
func (s *Seat) changed() {
	select {
	case s.reload <- struct{}{}:
	default:
	}
}

// settle changes what is known, and tells everyone concerned: the daemon, clients, agents. change runs under mu.
func (s *Seat) settle(change func()) {
	s.mu.Lock()
	before, had := s.active()
	shown := s.console()
	change()
	uid, ok := s.active()
	if before != uid || had != ok {
		s.switched()
	} else if ok && s.agents[uid] == nil && !s.session.Working() { // a user who comes back finds their agent there, or none
		s.endGrace()
		s.forget(uid)
	}
	s.tellAgents()
	if c := s.users[uid]; ok && c != nil && c.sent != nil {
		s.wakeReader()
	}
	if s.wanted() != s.inUse {
		s.changed()
	}
	s.report()
	switches := before != uid || had != ok || shown != s.console()
	s.mu.Unlock()
	if switches && s.server != nil {
		s.server.Recheck()
	}
}

// wanted is the owner of the result of Load. Under mu.
func (s *Seat) wanted() string {
	if uid, ok := s.active(); ok {
		if c := s.users[uid]; c != nil && c.program != nil {
			return owner(uid)
		}
	}
	return s.console()
}

// switched forgets users who have gone: their time of grace was for their own session. Under mu.
func (s *Seat) switched() {
	s.endGrace()
	for uid := range s.users {
		if s.agents[uid] == nil {
			s.forget(uid)
		}
	}
}

func (s *Seat) endGrace() {
	if s.leaving != nil {
		s.leaving.Stop()
		s.leaving = nil
	}
}

// forget drops a user's configuration. Under mu.
func (s *Seat) forget(uid uint32) {
	if c := s.users[uid]; c != nil {
		c.answer(^uint64(0), errAgentGone)
		delete(s.users, uid)
	}
}

// tellAgents tells agents whether the daemon serves them. Under mu.
func (s *Seat) tellAgents() {
	uid, ok := s.active()
	for _, a := range s.agents {
		if now := ok && a.uid == uid; now != a.active {
			a.active = now
			a.link.Send(control.DaemonMessage{Kind: "active", Active: now, Why: s.whyActive(now)})
		}
	}
}

func (s *Seat) whyActive(now bool) string {
	if now {
		return "your session is the active one"
	}
	if _, ok := s.active(); !ok {
		return s.nobody()
	}
	return "the active session on " + s.seatName() + " belongs to someone else"
}

// told is what the daemon was told last.
type told struct {
	place  daemon.Place
	why    string
	window remap.Window
	layout layout
	types  bool
}

// report tells the daemon the current state, if it differs from what the daemon knows. Under mu: the functions only post.
func (s *Seat) report() {
	now := told{layout: s.told.layout} // it stays when an agent goes: the keyboard is the same
	now.place, now.why = s.decide()
	if uid, ok := s.active(); ok && s.inUse == owner(uid) && s.agents[uid] != nil {
		a := s.agents[uid]
		if now.layout = a.layout; !a.silent {
			now.window, now.types = a.window, a.types
		}
	}
	if s.layout != nil && now.layout != s.told.layout {
		s.layout(now.layout.name, now.layout.tables)
	}
	if s.window != nil && now.window != s.told.window {
		s.window(now.window)
	}
	if s.types != nil && now.types != s.told.types {
		s.types(now.types)
	}
	if s.place != nil && (now.place != s.told.place || now.why != s.told.why) {
		s.place(now.place, now.why)
	}
	s.told = now
}

// decide says who gets the keys. Under mu.
func (s *Seat) decide() (daemon.Place, string) {
	uid, ok := s.active()
	switch console := s.console(); {
	case console != "" && s.inUse == console:
		return daemon.Here, "a text console or login screen is shown, and the system's configuration maps its keys"
	case console != "":
		return daemon.Elsewhere, "the session changes"
	case !ok:
		return daemon.Elsewhere, s.nobody()
	}
	name := s.name(uid)
	a := s.agents[uid]
	switch {
	case s.inUse != "" && s.inUse != owner(uid):
		return daemon.Elsewhere, "the session changes"
	case a == nil && s.leaving == nil:
		return daemon.Elsewhere, "no agent of " + name + " is attached"
	case s.inUse != owner(uid) && s.users[uid] != nil && s.users[uid].problem != "":
		return daemon.Elsewhere, "the configuration of " + name + " is broken"
	case s.inUse != owner(uid):
		return daemon.Elsewhere, "there is no configuration of " + name + " yet"
	case s.session.Locked:
		return daemon.NotMapped, "the screen is locked"
	case s.session.State == "closing":
		return daemon.NotMapped, "the session ends"
	case a != nil && a.away:
		return daemon.NotMapped, "the pointer is on another machine"
	case a == nil:
		return daemon.Here, "the agent of " + name + " is gone; its configuration stays for a moment"
	}
	return daemon.Here, "the session of " + name + " is in use"
}

// name is a user's name for people. Under mu.
func (s *Seat) name(uid uint32) string {
	if s.session != nil && s.session.UID == uid && s.session.User != "" {
		return s.session.User
	}
	if a := s.agents[uid]; a != nil {
		return a.user
	}
	return owner(uid)
}

// userName looks a user up. It reads files, so do not call it under mu, for which a key may wait.
func userName(uid uint32) string {
	if u, err := user.LookupId(owner(uid)); err == nil {
		return u.Username
	}
	return owner(uid)
}

// Describe adds the agents to a status (daemon.Options.Describe).
func (s *Seat) Describe(status *control.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	status.Mode = "system"
	for _, a := range s.agents {
		status.Agents = append(status.Agents, control.AgentStatus{UID: a.uid, User: s.name(a.uid), Active: a.active, Silent: a.silent})
	}
	slices.SortFunc(status.Agents, func(a, b control.AgentStatus) int { return int(a.UID) - int(b.UID) })
	if uid, ok := s.active(); ok {
		if c := s.users[uid]; c != nil && c.problem != "" {
			status.ConfigError = c.problem
		}
	}
}

// Do passes an effect to the agent whose program requested it (daemon.Options.Do). It never waits.
func (s *Seat) Do(x *remap.Effect) {
	var m control.DaemonMessage
	switch x.Kind {
	case remap.EffectRun:
		m = control.DaemonMessage{Kind: "run", Args: x.Args}
	case remap.EffectNotify:
		m = control.DaemonMessage{Kind: "notify", Text: x.Text}
	case remap.EffectDesktop:
		m = control.DaemonMessage{Kind: "action", Text: x.Text}
	default:
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	uid, ok := s.active()
	if !ok || s.inUse != owner(uid) { // from a program that is about to be replaced
		return
	}
	a := s.agents[uid]
	if a != nil && !a.silent && a.link.Send(m) { // a silent agent would do all of it later, when nobody expects it
		s.lost = false
		return
	}
	if !s.lost { // once: a key that repeats requests it again and again
		s.lost = true
		s.log.Warn("a command is not carried out", zap.Bool("agent attached", a != nil))
	}
}
