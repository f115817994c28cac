package daemon

import (
	"context"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/zap"

	"toshy/evdev"
)

// settleTime is how long the configuration has to be left alone before it is read again: editors
// write a file in several steps.
const settleTime = 100 * time.Millisecond

// watchReload reads the configuration again when it changes or someone asks, until ctx ends.
func (d *daemon) watchReload(ctx context.Context, files []string) {
	var changes chan fsnotify.Event
	var errs chan error
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		d.log.Warn("the configuration is not watched for changes; SIGHUP reads it again", zap.Error(err))
	} else {
		defer watcher.Close()
		changes, errs = watcher.Events, watcher.Errors
	}
	places := d.watch(watcher, files)
	settle := time.NewTimer(settleTime)
	settle.Stop()
	defer settle.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.options.Reload:
			settle.Reset(0)
		case err := <-errs:
			d.log.Debug("watching the configuration", zap.Error(err))
		case ev := <-changes:
			if concerns(ev.Name, places) {
				settle.Reset(settleTime)
			}
		case answer := <-d.reloads:
			err := d.readAgain(&files, func() { places = d.watch(watcher, files) })
			answer <- err
		case <-settle.C:
			_ = d.readAgain(&files, func() { places = d.watch(watcher, files) })
		}
	}
}

// readAgain reads the configuration and hands it to the loop. Before that it calls watch, with files being what is to be
// watched from now on: also where the configuration is broken, links may lead elsewhere, or a folder be made anew.
func (d *daemon) readAgain(files *[]string, watch func()) error {
	if d.options.Supervisor != nil {
		d.options.Supervisor.Reloading()
	}
	setup, err := d.options.Load()
	if err == nil {
		*files = setup.Watch
	}
	watch()
	if err != nil {
		d.log.Error("the configuration is broken; the one before stays in use", zap.Error(err))
		d.post(func() {
			d.broken(err.Error())
			d.counters.BrokenReloads++
		})
		return err
	}
	if setup.NeedsPointer {
		d.needPointer()
	}
	opened := d.openNew(setup)
	d.post(func() { d.reload(setup, opened) })
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
		}
	}
	return opened
}

// watch watches the folders of files, since editors replace a file rather than write to it, and says which
// paths there concern us.
func (d *daemon) watch(w *fsnotify.Watcher, files []string) []string {
	files = located(files)
	if w == nil {
		return files
	}
	for _, f := range files {
		if err := w.Add(filepath.Dir(f)); err != nil {
			d.log.Debug("watching the configuration", zap.Error(err))
		}
	}
	return files
}

// concerns says whether a change in a watched folder is about one of the files or patterns.
func concerns(name string, files []string) bool {
	for _, f := range files {
		if ok, err := filepath.Match(f, name); name == f || ok && err == nil {
			return true
		}
	}
	return false
}

// reload takes over a new configuration. Keys that are down finish under the old one.
func (d *daemon) reload(s *Setup, opened map[string]*evdev.Device) {
	d.setup = s
	d.broken("")
	d.counters.Reloads++
	d.endJobs(errReloaded)
	d.chords.set(s.Panic)
	d.wake = d.engine.Swap(s.Program, evdev.Now(), d.out)
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
	go debug.FreeOSMemory() // what reading it took
	d.log.Info("configuration loaded", zap.Int("keyboards", d.grabbed()))
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
