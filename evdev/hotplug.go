package evdev

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// ChangeKind says what happened to a device node.
type ChangeKind uint8

// The kinds of Change.
const (
	Appeared ChangeKind = iota // Info says what it is, or in Info.Err why it cannot be opened
	Vanished                   // the node is gone, renamed or moved away
	Scanned                    // all devices that existed at the start have been reported
)

// Change is one report from a Hotplug.
type Change struct {
	Kind ChangeKind
	Path string // empty with Scanned
	Info *Info  // only with Appeared
	// Denied is the number of nodes that may not be opened yet; only with Scanned. They are reported when they may be
	// opened, or after PermissionLimit.
	Denied int
}

// PermissionLimit is how long to wait before reporting a node that may not be opened: the kernel creates it for root, and
// udev sets its mode some time later. The wait continues after the report.
const PermissionLimit = 3 * time.Second

// Hotplug watches for devices that appear and disappear.
type Hotplug struct {
	dir    string
	probe  func(path string) *Info
	limit  time.Duration
	report func(Change)

	watcher *dirWatch
	found   bool // it watches dir, not a parent
	modes   bool // watcher also reports changes of modes
	done    chan struct{}

	known   map[string]bool      // reported nodes; true if they could be opened
	waiting map[string]time.Time // nodes that may not be opened yet, and when to report that
}

// WatchDevices reports the devices in /dev/input: first each existing one, by number, then Scanned, then changes. A node
// that may not be opened is reported when it can be opened, or after three seconds with the error, and again if it can be
// opened later. If the directory is missing, WatchDevices waits for it.
//
// report is called from one goroutine, in order, and never after Close has returned. It must not call Close.
func WatchDevices(report func(Change)) (*Hotplug, error) {
	return watchDevices(InputDir, PermissionLimit, Probe, report)
}

func watchDevices(dir string, limit time.Duration, probe func(string) *Info, report func(Change)) (*Hotplug, error) {
	w, err := newDirWatch()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w; when the limit of inotify instances is reached, raise fs.inotify.max_user_instances", dir, err)
	}
	h := &Hotplug{
		dir: filepath.Clean(dir), probe: probe, limit: limit, report: report, watcher: w,
		done: make(chan struct{}), known: map[string]bool{}, waiting: map[string]time.Time{},
	}
	if err := h.watch(); err != nil {
		_ = w.close()
		return nil, err
	}
	go h.run()
	return h, nil
}

// Close ends the watch and waits until report has returned. Closing again does nothing.
func (h *Hotplug) Close() error {
	err := h.watcher.close()
	<-h.done
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// watch watches the directory or, while that is missing, its nearest existing parent.
func (h *Hotplug) watch() error {
	missing := ""
	for dir := h.dir; ; {
		err := h.watcher.watch(dir, h.modes)
		switch {
		case err == nil && missing != "" && exists(missing): // created before the watch, so no event reports it
			dir, missing = h.dir, ""
			continue
		case err == nil:
			h.found = dir == h.dir
			return nil
		case !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir):
			return fmt.Errorf("watch %s: %w", dir, err)
		}
		missing, dir = dir, filepath.Dir(dir)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func (h *Hotplug) run() {
	defer close(h.done)
	h.scan()
	h.watchModes()
	h.report(Change{Kind: Scanned, Denied: len(h.waiting)})
	for {
		c, err := h.watcher.next(h.nextLimit())
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			h.expire(time.Now())
		case err != nil: // closed
			return
		default:
			h.event(c)
		}
		h.watchModes()
	}
}

// watchModes asks for changes of modes exactly while a node cannot be opened, see dirWatch.
func (h *Hotplug) watchModes() {
	for want := h.refused(); want != h.modes; want = h.refused() {
		h.modes = want
		if h.watch() != nil {
			h.modes = !want
			return
		}
		if want {
			h.scan() // a mode may have changed before the watch
		}
	}
}

// refused says whether some node cannot be opened.
func (h *Hotplug) refused() bool {
	for _, opened := range h.known {
		if !opened {
			return true
		}
	}
	return len(h.waiting) > 0
}

func (h *Hotplug) event(c dirChange) {
	if !h.found || c.name == "" {
		// The directory or one of its parents was created, removed or renamed, or so much happened that reports were lost.
		h.rewatch()
		return
	}
	if _, ok := nodeNumber(c.name); !ok {
		return
	}
	path := filepath.Join(h.dir, c.name)
	if c.gone {
		h.vanish(path)
	} else {
		h.try(path)
	}
}

// rewatch looks for the directory again, and for its content.
func (h *Hotplug) rewatch() {
	if err := h.watch(); err != nil {
		return // not even the root directory can be watched; events continue for the watch that is left
	}
	h.scan()
}

// scan updates what was reported to the current state.
func (h *Hotplug) scan() {
	paths, err := nodes(h.dir)
	if err != nil {
		paths = nil
	}
	for _, gone := range h.reported() {
		if !slices.Contains(paths, gone) {
			h.vanish(gone)
		}
	}
	for _, p := range paths {
		h.try(p)
	}
}

// reported lists the nodes that are known or waiting.
func (h *Hotplug) reported() []string {
	var paths []string
	for p := range h.known {
		paths = append(paths, p)
	}
	for p := range h.waiting {
		if _, ok := h.known[p]; !ok {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}

// try opens a node and reports it, unless it was reported before.
func (h *Hotplug) try(path string) {
	if h.known[path] {
		return
	}
	info := h.probe(path)
	switch {
	case info.Err == nil:
		h.appear(path, info)
	case errors.Is(info.Err, fs.ErrPermission):
		if _, known := h.known[path]; known {
			return
		}
		if _, ok := h.waiting[path]; !ok {
			h.waiting[path] = time.Now().Add(h.limit)
		}
	case errors.Is(info.Err, fs.ErrNotExist), IsGone(info.Err):
		// gone again; its removal is on the way
	default:
		if _, known := h.known[path]; !known {
			h.appear(path, info)
		}
	}
}

func (h *Hotplug) appear(path string, info *Info) {
	delete(h.waiting, path)
	h.known[path] = info.Err == nil
	h.report(Change{Kind: Appeared, Path: path, Info: info})
}

func (h *Hotplug) vanish(path string) {
	delete(h.waiting, path)
	if _, ok := h.known[path]; ok {
		delete(h.known, path)
		h.report(Change{Kind: Vanished, Path: path})
	}
}

// nextLimit is when the first node has waited long enough, zero if none waits.
func (h *Hotplug) nextLimit() (next time.Time) {
	for _, t := range h.waiting {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	return next
}

// expire reports the nodes that have waited long enough.
func (h *Hotplug) expire(now time.Time) {
	for _, path := range h.reported() {
		limit, ok := h.waiting[path]
		if !ok || now.Before(limit) {
			continue
		}
		info := h.probe(path)
		if errors.Is(info.Err, fs.ErrNotExist) || IsGone(info.Err) {
			delete(h.waiting, path)
			continue
		}
		h.appear(path, info)
	}
}
