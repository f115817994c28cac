package daemon

import (
	"sync"

	"toshy/evdev"
	"toshy/remap"
)

// togglePause is what a panic chord does.
func (d *daemon) togglePause() {
	d.pause(!d.paused)
	if d.paused {
		d.log.Warn("press the panic chord again to resume")
	}
}

// pause gives the keyboards back, or takes them again.
func (d *daemon) pause(on bool) {
	if on == d.paused {
		return
	}
	now := evdev.Now()
	d.paused = on
	d.changes++
	if !d.paused {
		d.log.Info("taking the keyboards again")
		for _, k := range d.devices {
			if k != nil {
				d.step(k, now) // keyboards with keys down are followed once these are up
			}
		}
		return
	}
	d.log.Warn("the keyboards are given back")
	d.counters.Pauses++
	d.endJobs(errPaused)
	d.wake = d.engine.ReleaseAll(now, d.out)
	d.send()                   // before the keyboards are given back, which takes the kernel some milliseconds
	var ungrabs sync.WaitGroup // in parallel, so that many keyboards take no longer than one
	defer ungrabs.Wait()
	for _, k := range d.devices {
		switch {
		case k == nil:
		case k.grabbed:
			k.grabbed = false
			ungrabs.Go(func() { _ = k.dev.Ungrab() })
		case !k.following: // it was about to be grabbed; now it may be the one with which the user resumes
			d.follow(k)
		default:
			k.grabber, k.due = nil, remap.Never
		}
	}
}
