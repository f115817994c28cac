package daemon

import (
	"context"

	"go.uber.org/zap"

	"toshy/evdev"
)

// A Place says who gets the keys of the keyboards.
type Place uint8

// Places. toshy does not touch other users' keys: during their sessions it closes the keyboards, so that it reads nothing
// and their own remapper can take them.
const (
	Here      Place = iota // for the session that we serve, which is in use
	NotMapped              // for a greeter, a locked screen or another machine: keys pass unchanged
	Elsewhere              // for another user's session
)

// Presence says who gets the keys.
type Presence interface {
	// Run calls changed after each change until ctx ends. Until the first call, the place is Here. why is a reason for the
	// log.
	Run(ctx context.Context, changed func(p Place, why string)) error
}

// attend follows who gets the keys, until ctx ends.
func (d *daemon) attend(ctx context.Context, p Presence) {
	err := p.Run(ctx, func(p Place, why string) { d.post(func() { d.place(p, why) }) })
	if err != nil && ctx.Err() == nil {
		d.log.Warn("toshy no longer notices locked screens and other users' sessions", zap.Error(err))
		d.post(func() { d.place(Here, "no longer known") })
	}
}

// place sets who gets the keys.
func (d *daemon) place(p Place, why string) {
	was := d.at
	if p != was || p != Here && why != d.why { // while it is Here, nobody sees why
		d.changes++
	}
	d.why = why
	if p == was {
		return
	}
	d.at = p
	if p != Here {
		d.endJobs(errNotHere)
	}
	switch p {
	case Here:
		d.log.Info("keys are mapped again", zap.String("why", why))
	case NotMapped:
		d.log.Info("keys pass through", zap.String("why", why))
	case Elsewhere:
		d.log.Info("the keyboards are given back", zap.String("why", why))
	}
	d.wake = d.engine.SetPassthrough(p != Here, evdev.Now(), d.out)
	switch {
	case p == Elsewhere:
		d.leave()
	case was == Elsewhere:
		d.readers.Go(d.comeBack)
	}
}

// leave closes the keyboards.
func (d *daemon) leave() {
	d.wake = d.engine.ReleaseAll(evdev.Now(), d.out)
	d.send() // before the keyboards are given back, which takes some milliseconds each
	for _, k := range d.devices {
		if k != nil {
			d.forget(k)
		}
	}
}

// comeBack opens the keyboards again. logind gave us permission before it reported that we are back.
func (d *daemon) comeBack() {
	d.lock()
	setup := d.setup
	d.unlock()
	opened := d.openNew(setup)
	d.post(func() {
		d.adopt(opened)
		if d.keyboards() == 0 && d.denied() > 0 {
			d.log.Error(ErrNoPermission.Error())
		}
	})
}

// elsewhere says whether no keyboard may be opened. Do not call it under the lock.
func (d *daemon) elsewhere() bool {
	d.lock()
	defer d.unlock()
	return d.at == Elsewhere
}
