package conformance

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// A machine is what a scenario runs on: *remap.Engine, or a simple one in the tests of this adapter.
type machine interface {
	Handle(ev remap.Event, out *remap.Output) time.Duration
	Tick(now time.Duration, out *remap.Output) time.Duration
	SetWindow(w remap.Window, now time.Duration, out *remap.Output) time.Duration
	SetDevice(id uint8, d remap.Device, now time.Duration, out *remap.Output) time.Duration
	SetVar(i int, value int32, now time.Duration, out *remap.Output) time.Duration
	SetPassthrough(on bool, now time.Duration, out *remap.Output) time.Duration
	SetLayout(l *remap.Layout)
	PointerActivity(now time.Duration, out *remap.Output) time.Duration
	ReleaseAll(now time.Duration, out *remap.Output) time.Duration
}

// An event is a key event with its time.
type event struct {
	at    time.Duration
	code  key.Code
	value int32
}

// A player plays one scenario.
type player struct {
	machine machine
	plan    *plan
	out     *remap.Output
	wake    time.Duration
	window  remap.Window
	names   []string // names of the devices; the number of a device is its index
	devices []remap.Device

	events []event
	ended  bool // shut down or ejected
	exit   bool // ejected
	err    error
}

// Limits for what a scenario may make an engine do, so that one that wakes for ever fails.
const (
	maxTicks       = 100_000
	maxTicksAtOnce = 1_000
)

// play runs a scenario. It returns the output, and whether the engine asked to end. If the engine panics, the scenario has an error.
func play(m machine, p *plan, s *scenario) (events []event, exit bool, err error) {
	pl := &player{machine: m, plan: p, out: remap.NewOutput(), wake: remap.Never, window: remap.Window{App: "app", Title: "title"}}
	defer func() {
		events, exit = pl.events, pl.exit
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	pl.begin(s)
	for in := s.In; len(in) > 0 && !pl.ended && pl.err == nil; {
		now := in[0].at
		pl.runTimers(now - 1)
		for len(in) > 0 && in[0].at == now && !pl.ended && pl.err == nil {
			in = in[pl.step(in):]
		}
		if !pl.ended {
			pl.runTimers(now)
		}
	}
	if !pl.ended {
		pl.runTimers(remap.Never - 1)
	}
	return pl.events, pl.exit, pl.err
}

// begin tells the engine the state of the world at time 0.
func (p *player) begin(s *scenario) {
	for _, in := range s.In {
		name := in.device
		if in.world != nil {
			name = in.world.Device
		}
		if name != "" && name != pointerDevice {
			p.names = appendNew(p.names, name)
		}
	}
	if p.plan.layout != nil {
		p.machine.SetLayout(p.plan.layout)
	}
	p.after(0, p.machine.SetWindow(p.window, 0, p.out))
	for i, name := range p.names {
		p.devices = append(p.devices, remap.Device{Name: name})
		p.after(0, p.machine.SetDevice(uint8(i), p.devices[i], 0, p.out))
	}
}

// runTimers runs everything that is due until then, each at its own time.
func (p *player) runTimers(until time.Duration) {
	last, same := time.Duration(-1), 0
	for ticks := 0; p.wake <= until && p.err == nil; ticks++ {
		now := p.wake
		if same++; now > last {
			last, same = now, 0
		}
		if ticks > maxTicks || same > maxTicksAtOnce {
			p.err = fmt.Errorf("the engine keeps asking to be woken: it still wants to be woken at %v", now)
			return
		}
		p.after(now, p.machine.Tick(now, p.out))
	}
}

// step gives the engine the first input, together with those that come in the same read, and returns how many these were.
func (p *player) step(in []input) int {
	now := in[0].at
	switch {
	case in[0].world != nil:
		p.change(in[0].world, now)
		return 1
	case in[0].device == pointerDevice:
		// Motion and presses are activity; a release is not.
		if in[0].value != remap.Release || !strings.HasPrefix(in[0].key, "BTN_") {
			p.after(now, p.machine.PointerActivity(now, p.out))
		}
		return 1
	}
	var batch []remap.Event
	n := 0
	for n < len(in) && in[n].at == now && in[n].world == nil && in[n].device == in[0].device {
		ev, err := p.event(&in[n])
		if err != nil {
			p.err = err
			return n + 1
		}
		batch = append(batch, ev)
		n++
	}
	for _, ev := range remap.DropStaleRepeats(batch) {
		if p.after(now, p.machine.Handle(ev, p.out)); p.ended {
			break
		}
	}
	return n
}

// The axes that vectors name, as in linux/input-event-codes.h.
var axes = map[string]key.Code{
	"REL_X": 0x00, "REL_Y": 0x01, "REL_Z": 0x02, "REL_HWHEEL": 0x06, "REL_DIAL": 0x07, "REL_WHEEL": 0x08,
	"REL_WHEEL_HI_RES": 0x0b, "REL_HWHEEL_HI_RES": 0x0c,
	"ABS_X": 0x00, "ABS_Y": 0x01, "ABS_MT_POSITION_X": 0x35, "ABS_MT_POSITION_Y": 0x36,
}

const typeAbs uint16 = 0x03 // EV_ABS

func (p *player) event(in *input) (remap.Event, error) {
	ev := remap.Event{At: in.at, Type: remap.TypeKey, Value: in.value, Device: uint8(slices.Index(p.names, in.device))}
	if c, ok := axes[in.key]; ok {
		ev.Type, ev.Code = remap.TypeRel, c
		if strings.HasPrefix(in.key, "ABS_") {
			ev.Type = typeAbs
		}
		return ev, nil
	}
	var err error
	ev.Code, err = keyCode(in.key)
	return ev, err
}

// change changes the world.
func (p *player) change(w *world, now time.Duration) {
	if w.Class != nil || w.Title != nil {
		if w.Class != nil {
			p.window.App = *w.Class
		}
		if w.Title != nil {
			p.window.Title = *w.Title
		}
		p.after(now, p.machine.SetWindow(p.window, now, p.out))
	}
	if w.Error != nil {
		p.after(now, p.machine.SetPassthrough(*w.Error, now, p.out))
	}
	for i := range p.devices {
		d := &p.devices[i]
		if w.CapsLock == nil && w.NumLock == nil || w.Device != "" && w.Device != d.Name {
			continue
		}
		if w.CapsLock != nil {
			d.CapsLock = *w.CapsLock
		}
		if w.NumLock != nil {
			d.NumLock = *w.NumLock
		}
		p.after(now, p.machine.SetDevice(uint8(i), *d, now, p.out))
	}
	for _, name := range slices.Sorted(maps.Keys(w.Flags)) {
		i, ok := p.plan.flags[name]
		if !ok {
			continue // nothing reads it
		}
		value := int32(0)
		if w.Flags[name] {
			value = 1
		}
		p.after(now, p.machine.SetVar(i, value, now, p.out))
	}
	if len(w.Correction) > 0 {
		t := translator{plan: plan{correct: p.plan.correct}}
		p.machine.SetLayout(t.layoutOf(w.Correction))
		p.err = errors.Join(append(t.errs, p.err)...)
	}
	if w.Shutdown {
		p.after(now, p.machine.ReleaseAll(now, p.out))
		p.ended = true
	}
}

// after records the output of a call.
func (p *player) after(now, wake time.Duration) {
	p.wake = wake
	inFrame := false
	for _, o := range p.out.Events {
		switch o.Type {
		case remap.TypeSyn:
			inFrame = false
		case remap.TypeKey:
			if inFrame {
				p.err = fmt.Errorf("%v: %s shares a frame with another key event", now, o.Code)
			}
			inFrame = true
			p.events = append(p.events, event{now, o.Code, o.Value})
		}
	}
	if inFrame {
		p.err = fmt.Errorf("%v: the last key event is not ended by a SYN", now)
	}
	eject := slices.ContainsFunc(p.out.Effects, func(e *remap.Effect) bool { return e.Kind == remap.EffectEject })
	p.out.Reset()
	if eject && !p.ended {
		p.exit, p.ended = true, true
		p.after(now, p.machine.ReleaseAll(now, p.out))
	}
}
