package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"toshy/cmd/internal/control"
	"toshy/evdev"
)

const (
	// controlLimit is how long a request may wait for the loop.
	controlLimit = 4 * time.Second
	// workLimit is how long paced typing may take, or reading a configuration for which a client waits.
	workLimit = 2 * time.Minute
	// reloadSoon is how long a client that does not wait is kept: reading a configuration usually takes less.
	reloadSoon = 2 * time.Second
)

// Control answers a request from the control socket (control.Handler).
func (d *daemon) Control(ctx context.Context, r control.Request) control.Response {
	switch r.Command {
	case "reload":
		return d.controlReload(ctx, r.Wait)
	case "type", "press":
		ctx, cancel := context.WithTimeout(ctx, workLimit)
		defer cancel()
		return d.work(ctx, r)
	}
	ctx, cancel := context.WithTimeout(ctx, controlLimit)
	defer cancel()
	var a control.Response
	if !d.ask(ctx, func() { a = d.command(r) }) {
		return control.Response{Error: "the daemon is ending or does not answer"}
	}
	if r.Command == "set" {
		return d.flushed(ctx, a)
	}
	return a
}

// ask makes the loop run f, and says whether it did so before ctx ended.
func (d *daemon) ask(ctx context.Context, f func()) bool {
	done := make(chan struct{})
	d.post(func() {
		defer close(done)
		f()
	})
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

// controlReload reads the configuration again. A client that waits gets its answer when the configuration is in use.
func (d *daemon) controlReload(ctx context.Context, wait bool) control.Response {
	limit := reloadSoon
	if wait {
		limit = workLimit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var err error
	if d.options.Refresh != nil {
		err = d.options.Refresh(ctx)
	}
	if err == nil {
		err = d.askReload(ctx)
	}
	switch {
	case ctx.Err() != nil && !wait:
		return control.Response{OK: true, Pending: true}
	case err != nil:
		return control.Response{Error: err.Error(), Hint: "the previous configuration stays in use", Kind: control.KindConfiguration}
	}
	// The loop runs this after the new configuration, which was posted before.
	if !d.ask(ctx, func() {}) {
		return control.Response{Error: "the configuration was read but is not in use yet"}
	}
	return control.Response{OK: true}
}

// command runs a request, on the loop.
func (d *daemon) command(r control.Request) control.Response {
	var err error
	switch r.Command {
	case "status":
		return control.Response{OK: true, Status: d.status(r.Keys)}
	case "pause":
		d.pause(true)
	case "resume":
		d.pause(false)
	case "toggle":
		d.pause(!d.paused)
	case "release":
		d.endJobs(errReleased)
		d.wake = d.engine.ReleaseAll(evdev.Now(), d.out)
	case "set":
		err = d.set(r)
	case "settings":
		return d.settings()
	case "keyboard-type":
		err = d.chooseType(r.Name, r.Value)
	case "layer":
		err = d.layer(r.Name, r.Value)
	default:
		return control.Response{
			Error: fmt.Sprintf("unknown command %q", r.Command), Kind: control.KindRequest,
			Hint: "status, pause, resume, toggle, reload, release, set, settings, layer, keyboard-type, type, press, monitor",
		}
	}
	if err != nil {
		return control.Response{Error: err.Error(), Kind: control.KindRequest}
	}
	return control.Response{OK: true}
}

// layer turns a layer on or off.
func (d *daemon) layer(name, value string) error {
	layers := d.setup.Program.Program().Layers
	i := slices.Index(layers, name)
	switch {
	case i < 0 && len(layers) == 0:
		return fmt.Errorf("no layer %q: the configuration has none", name)
	case i < 0:
		return fmt.Errorf("no layer %q; there are %s", name, strings.Join(layers, ", "))
	}
	on := value == "on"
	switch value {
	case "on", "off":
	case "toggle":
		on = !slices.Contains(d.engine.State(d.lastDevice).Layers, name)
	default:
		return fmt.Errorf("a layer takes on, off or toggle, not %q", value)
	}
	d.wake = d.engine.SetLayer(i, on, evdev.Now(), d.out)
	return nil
}
