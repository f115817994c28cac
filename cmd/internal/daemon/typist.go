package daemon

import (
	"context"

	"go.uber.org/zap"

	"toshy/evdev"
	"toshy/remap"
)

// A Typist types in the user's session what no key types.
type Typist interface {
	// Run says until ctx ends whether the session can type such characters, and what came of each request.
	Run(ctx context.Context, can func(bool), typed func(serial uint64, result remap.TypingResult)) error
	// Type asks for a text. It must not block. The answer comes by Run's typed, from any goroutine.
	Type(remap.Typing)
}

// hearTypist lets the engine hear of the typist until ctx ends.
func (d *daemon) hearTypist(ctx context.Context) {
	set := newest(d, func(can bool) {
		d.wake = d.engine.SetTypes(can, evdev.Now(), d.out)
		d.types = can
		d.changes++
	})
	err := d.options.Typist.Run(ctx, set, func(serial uint64, result remap.TypingResult) {
		d.post(func() { d.wake = d.engine.Typed(serial, result, evdev.Now(), d.out) })
	})
	if err != nil && ctx.Err() == nil {
		d.log.Warn("characters without a key are no longer typed by the desktop", zap.Error(err))
	}
}

// askTypist hands the engine's request on. What was asked for is in no log. Nothing is typed when the keys belong to nobody, or
// to a screen that is locked.
func (d *daemon) askTypist(q *remap.Typing) {
	if d.options.Typist != nil && d.at == Here {
		d.options.Typist.Type(*q)
		return
	}
	serial := q.Serial
	d.post(func() { d.wake = d.engine.Typed(serial, remap.TypingFailed, evdev.Now(), d.out) })
}
