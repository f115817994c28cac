package daemon

import (
	"context"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/zap"

	"toshy/evdev"
)

// settleTime is how long the configuration has to be left alone before it is read again: editors
// write a file in several steps.
const settleTime = 100 * time.Millisecond

// watchReload reads the configuration again when it changes or someone asks, until ctx ends.
func (d *daemon) watchReload(ctx context.Context) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		d.log.Warn("the configuration is not watched for changes", zap.Error(err))
		watcher = &fsnotify.Watcher{}
	} else {
		defer watcher.Close()
	}
	d.watch(watcher, d.setup.Watch)
	files := d.setup.Watch
	settle := time.NewTimer(settleTime)
	settle.Stop()
	defer settle.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.options.Reload:
			settle.Reset(0)
		case err := <-watcher.Errors:
			d.log.Debug("watching the configuration", zap.Error(err))
		case ev := <-watcher.Events:
			if concerns(ev.Name, files) {
				settle.Reset(settleTime)
			}
		case <-settle.C:
			setup, err := d.options.Load()
			if err != nil {
				d.log.Error("the configuration is broken; the one before stays in use", zap.Error(err))
				continue
			}
			files = setup.Watch
			d.watch(watcher, files)
			d.post(func() { d.reload(setup) })
		}
	}
}

// watch watches the folders of files: editors replace a file rather than write to it.
func (d *daemon) watch(w *fsnotify.Watcher, files []string) {
	for _, f := range files {
		if err := w.Add(filepath.Dir(f)); err != nil {
			d.log.Debug("watching the configuration", zap.Error(err))
		}
	}
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
func (d *daemon) reload(s *Setup) {
	d.setup = s
	d.wake = d.engine.Swap(s.Program, evdev.Now(), d.out)
	if s.NeedsPointer {
		d.needPointer()
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
		k.kind = s.KeyboardType(k.info)
		if k.grabbed {
			d.describeToEngine(k)
		}
	}
	for path, i := range d.nodes {
		if d.byPath(path) == nil && len(path) > 0 {
			d.consider(i)
		}
	}
	d.log.Info("configuration loaded", zap.Int("keyboards", d.grabbed()))
}
