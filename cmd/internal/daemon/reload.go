package daemon

import (
	"context"
	"time"

	"go.uber.org/zap"

	"toshy/cmd/internal/filewatch"
	"toshy/cmd/internal/memory"
	"toshy/evdev"
	"toshy/remap"
)

// watchReload reads the configuration again when it changes or someone asks, until ctx ends.
func (d *daemon) watchReload(ctx context.Context, load *loader, files []string) {
	watcher := filewatch.New(d.log, "the configuration (SIGHUP reads it again)", filewatch.SettleTime)
	defer watcher.Close()
	watcher.Watch(files)
	if watcher.ChangedSince(d.since) { // between the first look and this
		_ = d.readAgain(ctx, load, watcher)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.options.Reload:
			_ = d.readAgain(ctx, load, watcher)
		case <-watcher.Changed:
			_ = d.readAgain(ctx, load, watcher)
		case answer := <-d.reloads:
			answer <- d.readAgain(ctx, load, watcher)
		}
	}
}

// renewLimit is how long one that Renew asks for may take.
const renewLimit = 10 * time.Second

// watchRenew does what Renew asks for, until ctx ends. To the supervisor all of it is one reload.
func (d *daemon) watchRenew(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.options.Renew:
		}
		if d.options.Supervisor != nil {
			d.options.Supervisor.Reloading()
		}
		limited, cancel := context.WithTimeout(ctx, renewLimit)
		if a := d.controlReload(limited, true); !a.OK {
			d.log.Warn("reload", zap.String("problem", a.Error))
		}
		cancel()
		if d.options.Supervisor != nil {
			d.options.Supervisor.Reloaded()
		}
	}
}

// readAgain reads the configuration and hands it to the loop.
func (d *daemon) readAgain(ctx context.Context, load *loader, watcher *filewatch.Watcher) error {
	if d.options.Supervisor != nil {
		d.options.Supervisor.Reloading()
	}
	setup, err := load.get(ctx, loadTime)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		watcher.Again()
		d.log.Error("the configuration is broken; the previous one stays in use", zap.Error(err))
		d.post(func() {
			d.broken(err.Error())
			d.counters.BrokenReloads++
		})
		return err
	}
	watcher.Watch(setup.Watch)
	if setup.NeedsPointer {
		d.needPointer()
	}
	opened, found := d.openNew(setup), d.answersOf(setup.Program)
	d.post(func() { d.reload(setup, opened, found) })
	return nil
}

// askReload has the configuration read again now, and says how that went.
func (d *daemon) askReload(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case d.reloads <- answer:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// openNew opens the keyboards that a new configuration wants and the one before did not.
func (d *daemon) openNew(s *Setup) map[string]*evdev.Device {
	var wanted []*evdev.Info
	d.lock()
	for path, i := range d.nodes {
		if d.byPath(path) == nil && s.Judge(i).Grab {
			wanted = append(wanted, i)
		}
	}
	d.unlock()
	opened := map[string]*evdev.Device{}
	for _, i := range wanted {
		if dev := d.open(i); dev != nil {
			opened[i.Path] = dev
		} else {
			d.post(func() { d.retry(i) })
		}
	}
	return opened
}

// reload takes over a new configuration. Keys that are down finish under the old one.
func (d *daemon) reload(s *Setup, opened map[string]*evdev.Device, found *answers) {
	was := d.setup
	d.setup = s
	d.broken("")
	d.counters.Reloads++
	d.chords.set(s.Panic)
	switch {
	case s.Owner != was.Owner:
		d.startAfresh()
	case s.Program != was.Program:
		d.endJobs(errReloaded)
		d.swap(found)
		d.useKept()
		d.tellKept()
	default:
		d.tellKept()
	}
	for _, k := range d.devices {
		if k == nil {
			continue
		}
		if !s.Judge(k.info).Grab {
			d.log.Info("keyboard is given back", zap.String("device", describe(k.info)))
			d.forget(k)
			continue
		}
		k.kind = d.kind(k.info)
		if k.grabbed {
			d.describeToEngine(k)
		}
	}
	d.adopt(opened)
	go memory.GiveBack() // what reading it took
	d.log.Info("configuration loaded", zap.Int("keyboards", d.grabbed()))
	if s.Taken != nil {
		s.Taken()
	}
}

// startAfresh takes an engine that knows nothing of the owner before: no key, setting, layer or window. It has no keys
// until Presence says that they are for its owner: where it says so already, that is about another one, who has gone and
// come back while the configuration was read.
func (d *daemon) startAfresh() {
	d.endJobs(errReloaded)
	if d.at == Here {
		d.place(Elsewhere, "the session changes")
	}
	now := evdev.Now()
	d.engine.ReleaseAll(now, d.out)
	d.send()
	d.changes += d.engine.Changes() + 1 // the new one counts from nothing
	d.engine = remap.New(d.setup.Program)
	if len(d.monitors) > 0 {
		d.engine.Trace(d.tellMatch)
	}
	d.wake = d.engine.SetPassthrough(d.at != Here, now, d.out)
	d.beginKept()
	d.engine.SetLayout(nil)
	d.window, d.windowAt, d.layoutName = remap.Window{}, time.Now(), ""
	clear(d.kinds)
	d.pause(false)
}

// adopt grabs keyboards that were opened outside the lock.
func (d *daemon) adopt(opened map[string]*evdev.Device) {
	for path, dev := range opened {
		if i := d.nodes[path]; i != nil && d.byPath(path) == nil {
			d.consider(i, dev)
		} else { // it went, or came again, in the meantime
			_ = dev.Close()
		}
	}
}
