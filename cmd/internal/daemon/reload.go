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

// watchReload reads the configuration again when it changes or someone requests it, until ctx ends.
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
		case <-load.late():
			_ = d.takeSetup(ctx, load.takeLate, watcher)
		case <-d.options.Reload:
			_ = d.readAgain(ctx, load, watcher)
		case <-watcher.Changed:
			_ = d.readAgain(ctx, load, watcher)
		case answer := <-d.reloads:
			answer <- d.readAgain(ctx, load, watcher)
		}
	}
}

// renewLimit is how long a reload for Renew may take.
const renewLimit = 10 * time.Second

// watchRenew does what Renew requests, until ctx ends. For the supervisor, all of it is one reload.
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

// readAgain reads the configuration and passes it to the loop.
func (d *daemon) readAgain(ctx context.Context, load *loader, watcher *filewatch.Watcher) error {
	return d.takeSetup(ctx, load.get, watcher)
}

// takeSetup gets a configuration from the loader and passes it to the loop.
func (d *daemon) takeSetup(ctx context.Context, get func(context.Context, time.Duration) (*Setup, error), watcher *filewatch.Watcher) error {
	if d.options.Supervisor != nil {
		d.options.Supervisor.Reloading()
	}
	setup, err := get(ctx, loadTime)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		defer watcher.Again() // last: it waits for files
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

// askReload reads the configuration again now, and returns the result.
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

// openNew opens keyboards that a new configuration wants and the previous one did not.
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

// reload puts a new configuration into use. Keys that are down finish under the old one.
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
	go memory.GiveBack() // the memory for reading it
	d.log.Info("configuration loaded", zap.Int("keyboards", d.grabbed()))
	if s.Taken != nil {
		s.Taken()
	}
}

// startAfresh starts an engine that knows nothing of the previous owner: no key, setting, layer or window. It gets no keys
// until Presence says that they belong to its owner. If Presence says so already, that is about someone else, who has gone
// and come back while the configuration was read.
func (d *daemon) startAfresh() {
	d.endJobs(errReloaded)
	if d.at == Here {
		d.place(Elsewhere, "the session changes")
	}
	now := evdev.Now()
	d.engine.ReleaseAll(now, d.out)
	d.send()
	d.changes += d.engine.Changes() + 1 // the new one starts counting at zero
	d.engine = remap.New(d.setup.Program)
	if len(d.monitors) > 0 {
		d.engine.Trace(d.tellMatch)
	}
	d.wake = d.engine.SetPassthrough(d.at != Here, now, d.out)
	d.beginKept()
	d.engine.SetLayout(nil)
	d.window, d.windowAt, d.layoutName = remap.Window{}, time.Now(), ""
	d.types = false
	clear(d.kinds)
	d.pause(false)
}

// adopt grabs keyboards that were opened outside the lock.
func (d *daemon) adopt(opened map[string]*evdev.Device) {
	for path, dev := range opened {
		if i := d.nodes[path]; i != nil && d.byPath(path) == nil {
			d.consider(i, dev)
		} else { // it disappeared, or reappeared, meanwhile
			_ = dev.Close()
		}
	}
}
