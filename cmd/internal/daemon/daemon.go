// Package daemon is the shell around the engine: it reads keyboards, calls the engine and writes to the virtual keyboard.
// It also handles all rare events: devices that come and go, the focus, reloads, signals. Only this package has a clock,
// goroutines and a log.
//
// Each grabbed keyboard has a goroutine that waits for its keys, and does everything for a key: read, match, write, without
// calls into Go's scheduler (evdev.Device.Follow). One lock (daemon.mu) protects the engine and the devices. Another
// goroutine, the loop, waits for everything else: deadlines, keyboards that are not grabbed yet, lights, and functions from
// others (post). Nothing that may wait is done while holding the lock.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"toshy/cmd/internal/control"
	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/key"
)

// ErrNoKeyboard says that there is no keyboard to grab, and the daemon does not wait for one.
var ErrNoKeyboard = errors.New("no keyboard to grab")

// ErrNoPermission says that there are input devices, but the daemon may not open any.
var ErrNoPermission = errors.New("no permission to read the keyboards in /dev/input")

// A Setup is what a configuration means for the daemon.
type Setup struct {
	Program      *remap.Compiled
	Judge        func(*evdev.Info) evdev.Verdict // whether to grab a device
	KeyboardType func(*evdev.Info) string
	Debounce     func(*evdev.Info) time.Duration // how long its switches may chatter; nil: none do
	// KeyboardTypes are the types in the configuration, for people who choose one.
	KeyboardTypes []string
	Name          string   // of the configuration, for people
	Watch         []string // files and folders whose change causes a reload
	NeedsPointer  bool     // the program moves the pointer or clicks

	// Owner is the user to whom the program belongs. If the owner changes, the daemon drops all state: keys, settings,
	// layers, window.
	Owner string
	User  string // the owner's name, for people; "" for the user who runs the daemon
	// Kept are the values of settings that the owner has changed while the daemon ran, by name without "settings.". They
	// override those of the program when the owner arrives; after that, the daemon's own values are newer.
	Kept map[string]string
	// Unused says why the configuration does not use some kept values. May be nil.
	Unused func(kept map[string]string) []string
	Taken  func() // called from the loop when the setup is in use; must not block. May be nil
	// Modifier returns the modifier for a word in a combo; nil: the configuration defines no words.
	Modifier func(name string) (key.Mod, bool)
	// Panic are chords of physical keys that give the keyboards back and take them again; empty: the defaults.
	Panic [][]key.Code
}

// Focus reports which window has the focus.
type Focus interface {
	// Run follows the focus until ctx ends and calls changed after each change.
	Run(ctx context.Context, changed func(w remap.Window)) error
}

// Layout reports which keyboard layout is active.
type Layout interface {
	// Run follows the layout until ctx ends and calls changed after each change; nil is the US layout. The name is for
	// people.
	// name is for people.
	Run(ctx context.Context, changed func(name string, l *remap.Layout)) error
}

// Options are the options of a daemon.
type Options struct {
	// Load reads the configuration. It is called at the start, and for each reload from a separate goroutine.
	Load func() (*Setup, error)
	// Reload requests a reload with each value. May be nil.
	Reload <-chan struct{}
	// Renew requests the same as the command reload with each value: Refresh, and then a reload. May be nil.
	Renew <-chan struct{}
	// Focus may be nil: then the window is never known.
	Focus Focus
	// Layout may be nil: then all keyboards are treated as US.
	Layout Layout
	// Typist may be nil: then nobody types what no key types.
	Typist Typist
	// Presence may be nil: then all keys belong to us.
	Presence Presence
	Begin    Place // used until Presence reports
	// Wait keeps a daemon without a keyboard waiting for one to be plugged in.
	Wait bool
	// Ready is called when the existing keyboards have been grabbed.
	Ready func()
	// Supervisor may be nil.
	Supervisor Supervisor
	// Do runs effects that the engine cannot: commands, notifications. It must not block.
	Do func(*remap.Effect)
	// Keep gets each changed setting, to keep it for the next start. It must not block. May be nil.
	Keep func(control.KeptSetting)
	// Flush waits until the settings passed to Keep are stored, and says why they are not. May be nil: then nobody knows.
	Flush func(ctx context.Context) error
	// Refresh fetches the configuration before a requested reload; Load then reads it. The error says why that failed. May
	// be nil.
	Refresh func(ctx context.Context) error
	// Typing is called from the loop while the user types, at most once per typingEvery: at the first key after a pause of
	// that length, and so on. It must not block, and may be nil.
	Typing func()
	// Describe adds to a status what other parts know. It must not block, and may be nil.
	Describe func(*control.Status)
	// Hung is called when the engine hung and the keyboards were given back. It must end the process, because nothing else
	// is reliable; err says where the engine hung. nil: os.Exit(ExitHung).
	Hung func(err error)
	// Control is the control socket; nil: none.
	Control *control.Server
	Version string // of the program, for status
	Log     *zap.Logger
}

type daemon struct {
	options  Options
	log      *zap.Logger
	poller   *evdev.Poller
	keyboard *evdev.Keyboard
	readers  sync.WaitGroup

	watchdog *watchdog // over mu

	mu      sync.Mutex // protects everything below; see lock
	pointer *evdev.Pointer
	engine  *remap.Engine
	setup   *Setup

	searcher *searcher

	out     *remap.Output
	events  []remap.Event // of one read
	batched int           // how many of events hold something
	leds    []evdev.LED
	wake    time.Duration // of the engine
	sleep   time.Duration // until then the loop sleeps
	typing  time.Duration // the next key is reported to Options.Typing
	typed   bool          // it must be reported

	devices    [remap.MaxDevices]*device
	nodes      map[string]*evdev.Info // all existing devices, by path
	failures   map[string]int         // how often reading an existing keyboard failed, by path
	locks      evdev.LEDs             // the lights that the desktop shows on its keyboards
	locksKnown bool
	chords     chords
	paused     bool
	kept       map[string]string // settings that were changed, see Setup.Kept
	at         Place
	why        string // why keys have this place
	scanned    bool
	looked     chan struct{} // closed when the keyboards that existed at the start are grabbed
	fatal      error         // ends the loop
	finished   bool          // the user asked to exit
	ended      bool          // the keyboards are given back, and nothing more happens

	// For people who ask.
	since       time.Time
	window      remap.Window
	windowAt    time.Time
	layoutName  string
	types       bool // what no key types is typed by the session
	lastDevice  uint8
	configError string
	told        state         // for the supervisor
	aliveAt     time.Duration // when to tell it that the loop runs
	monitors    []*monitor
	watchers    []*watcher        // of the status
	kinds       map[string]string // types chosen for keyboards, by their ids
	changes     uint64            // of the status, not counting the engine's
	toldChanges uint64            // those that the watchers know
	latency     histogram
	reads       uint64
	counters    control.Counters

	jobs   []*job        // what clients have asked to type
	jobDue time.Duration // when the next step of the first may come

	forgetting atomic.Bool // forgetSoon has begun

	reloads chan chan error // requests from the control socket

	posting sync.Mutex
	posted  []func()
}

// ids in the poller: devices have their index.
const keyboardID = remap.MaxDevices

// Run runs a daemon until ctx ends, the eject key is pressed (nil), or it cannot continue. Whatever ends it, even a panic,
// every key that it holds down is lifted and the keyboards are given back.
func Run(ctx context.Context, o Options) (err error) {
	made := makeKeyboard()
	began := time.Now()
	load := &loader{load: o.Load}
	setup, err := load.get(ctx, 0)
	if err != nil {
		if m := <-made; m.err == nil {
			_ = m.Close()
		}
		if ctx.Err() != nil { // the caller has ended it
			return nil
		}
		return err
	}
	d := &daemon{
		options: o, log: o.Log, setup: setup, looked: make(chan struct{}),
		engine: remap.New(setup.Program), out: remap.NewOutput(), wake: remap.Never, jobDue: remap.Never,
		events:   make([]remap.Event, 0, 256),
		searcher: newSearcher(), kinds: map[string]string{}, nodes: map[string]*evdev.Info{}, failures: map[string]int{}, reloads: make(chan chan error), since: began, windowAt: time.Now(),
		at: o.Begin, aliveAt: remap.Never,
	}
	d.chords.set(setup.Panic)
	d.log.Info("these keys together give the keyboards back, and take them again", zap.String("panic chords", panicText(setup.Panic)))
	if o.Supervisor != nil && o.Supervisor.Interval() > 0 {
		d.aliveAt = evdev.Now() + o.Supervisor.Interval()
	}
	d.engine.SetPassthrough(d.at != Here, evdev.Now(), d.out)
	d.beginKept()
	if d.poller, err = evdev.NewPoller(); err != nil {
		return err
	}
	defer d.poller.Close()
	if d.watchdog, err = newWatchdog(); err != nil {
		return err
	}
	defer d.watchdog.close()
	go d.watchdog.run(d.hung)
	hotplug, err := evdev.WatchDevices(d.hotplug)
	if err != nil {
		return err
	}
	defer hotplug.Close()
	m := <-made
	if m.err != nil {
		return m.err
	}
	d.keyboard = m.Keyboard
	defer d.keyboard.Close()
	if err := d.poller.Add(d.keyboard.FD(), keyboardID); err != nil {
		return err
	}
	d.log.Debug("virtual keyboard", zap.String("node", d.keyboard.Node()))

	ctx, cancel := context.WithCancel(ctx)
	var others sync.WaitGroup
	defer d.waitAtEnd(&others)
	defer d.readers.Wait()
	defer d.giveBack() // before the readers end: they wait for keys
	defer func() {     // in parallel: the kernel takes some tens of milliseconds for each
		cancel()
		go hotplug.Close()
	}()
	defer func() {
		if r := recover(); r != nil {
			err = d.bug(r)
		}
	}()
	context.AfterFunc(ctx, func() { d.post(func() { d.finished = true }) })

	if setup.NeedsPointer {
		d.needPointer()
	}
	if o.Control != nil {
		switch err := o.Control.Listen(d); {
		case errors.Is(err, control.ErrRunning), err != nil && o.Control.Attach != nil: // without agents it has no use
			return err
		case err != nil: // keys are still mapped
			d.log.Warn("toshy status and the like will not reach this daemon", zap.Error(err))
		default:
			others.Go(func() { o.Control.Serve(ctx) })
		}
	}
	// The existing keyboards come first: everything else that starts takes as long as looking for them.
	later := func(f func()) {
		others.Go(func() {
			select {
			case <-d.looked:
				f()
			case <-ctx.Done():
			}
		})
	}
	later(func() { d.watchReload(ctx, load, setup.Watch) })
	if o.Renew != nil {
		later(func() { d.watchRenew(ctx) })
	}
	if o.Focus != nil {
		later(func() {
			others.Go(func() { d.search(ctx) })
			err := o.Focus.Run(ctx, d.searcher.look)
			if err != nil && ctx.Err() == nil {
				d.log.Warn("the focus is no longer followed", zap.Error(err))
			}
		})
	}
	if o.Layout != nil {
		later(func() {
			set := newest(d, func(set func()) { set() })
			err := o.Layout.Run(ctx, func(name string, l *remap.Layout) {
				set(func() { d.engine.SetLayout(l); d.layoutName = name })
			})
			if err != nil && ctx.Err() == nil {
				d.log.Warn("the keyboard layout is no longer followed", zap.Error(err))
			}
		})
	}
	if o.Typist != nil {
		later(func() { d.hearTypist(ctx) })
	}
	if o.Presence != nil {
		later(func() { d.attend(ctx, o.Presence) })
	}
	return d.loop()
}

type madeKeyboard struct {
	*evdev.Keyboard
	err error
}

// makeKeyboard makes the virtual keyboard in parallel with the rest of the start: it takes 35 ms, during most of which the
// kernel waits (RCU grace periods).
func makeKeyboard() <-chan madeKeyboard {
	made := make(chan madeKeyboard, 1)
	go func() {
		k, err := evdev.NewKeyboard()
		made <- madeKeyboard{k, err}
	}()
	runtime.Gosched() // it first: otherwise it would wait for a processor that reads the configuration
	return made
}

// post makes the loop run f soon.
func (d *daemon) post(f func()) {
	d.posting.Lock()
	d.posted = append(d.posted, f)
	d.posting.Unlock()
	d.poller.Wake()
}

// newest turns f into a function that others may call at any rate: the loop only gets the newest value.
func newest[T any](d *daemon, f func(T)) func(T) {
	var mu sync.Mutex
	var value T
	waiting := false
	return func(v T) {
		mu.Lock()
		defer mu.Unlock()
		value = v
		if waiting {
			return
		}
		waiting = true
		d.post(func() {
			mu.Lock()
			v := value
			waiting = false
			mu.Unlock()
			f(v)
		})
	}
}

func (d *daemon) runPosted() {
	d.posting.Lock()
	fs := d.posted
	d.posted = nil
	d.posting.Unlock()
	for _, f := range fs {
		f()
	}
}

// giveBack lifts everything and gives the keyboards back.
func (d *daemon) giveBack() {
	var closing sync.WaitGroup // each takes some tens of milliseconds in the kernel
	d.lock()
	d.ended = true
	func() {
		defer func() { _ = recover() }() // after a bug in the engine; closing the virtual keyboard also lifts its keys
		d.out.Reset()
		d.engine.ReleaseAll(evdev.Now(), d.out)
		if err := d.write(); err != nil {
			d.log.Debug("last write", zap.Error(err))
		}
	}()
	closing.Go(func() { _ = d.keyboard.Close() })
	for _, k := range d.devices {
		if k != nil {
			closing.Go(k.close)
		}
	}
	if d.pointer != nil {
		closing.Go(func() { _ = d.pointer.Close() })
	}
	d.unlock() // readers need it to end, and meanwhile close their keyboards
	closing.Wait()
}

// focus sets the focused window.
func (d *daemon) focus(w remap.Window) {
	d.log.Debug("focus", zap.String("app", w.App), zap.String("title", w.Title))
	if w.App != d.window.App {
		d.endJobs(errFocusMoved)
	}
	d.wake = d.engine.SetWindow(w, evdev.Now(), d.out)
	d.window, d.windowAt = w, time.Now()
	d.counters.Focus++
	for _, m := range d.monitors {
		m.report(control.Event{Kind: "focus", Window: &control.Window{App: w.App, Title: w.Title, Exe: w.Exe, Desktop: w.Desktop, Categories: remap.CategoryNames(w.Categories)}})
	}
}

// fail ends the loop with an error.
func (d *daemon) fail(err error) {
	if d.fatal == nil {
		d.fatal = err
	}
}

// effects runs what the engine asked for.
func (d *daemon) effects() {
	for _, x := range d.out.Effects {
		switch x.Kind {
		case remap.EffectEject:
			d.log.Info("eject key: giving the keyboards back")
			d.finished = true
		case remap.EffectVar:
			d.keepChanged(x)
		case remap.EffectDump:
			d.log.Info("state", zap.Int("keyboards", d.grabbed()), zap.Bool("paused", d.paused))
		case remap.EffectRefused:
			d.counters.Refused++
			d.log.Warn(x.Text)
		default:
			if d.options.Do != nil {
				d.options.Do(x)
			}
		}
	}
}

func (d *daemon) grabbed() (n int) {
	for _, k := range d.devices {
		if k != nil && k.grabbed {
			n++
		}
	}
	return n
}

// describe names a device in messages.
func describe(i *evdev.Info) string { return fmt.Sprintf("%s (%s)", i.Name, i.Path) }
