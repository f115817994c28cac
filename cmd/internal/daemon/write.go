package daemon

import (
	"go.uber.org/zap"

	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/key"
)

// write sends the engine's output, with one system call per device that gets some. Then it runs the effects: what they cause
// comes after the keys.
//
// Each key is a separate frame, but consecutive changes of modifiers share one, as on a keyboard that sends all of its
// modifiers in one report. Frames are expensive: each one wakes every reader of the virtual keyboard.
func (d *daemon) write() error {
	events := d.out.Events
	d.counters.Out += uint64(len(events))
	begin, pointing := -1, false // where the keyboard's open frame begins in events; whether the pointer has one
	var err error
	for i := range events {
		switch o := &events[i]; {
		case o.Type == remap.TypeSyn:
			if begin >= 0 && !joins(events, begin, i) {
				err, begin = first(err, d.keyboard.Add(evdev.EvSyn, evdev.SynReport, 0)), -1
			}
			if pointing {
				err, pointing = first(err, d.pointer.Add(evdev.EvSyn, evdev.SynReport, 0)), false
			}
		case o.Type == remap.TypeKey && evdev.IsKeyboardKey(uint16(o.Code)):
			if begin < 0 {
				begin = i
			}
			err = first(err, d.keyboard.Add(evdev.EvKey, uint16(o.Code), o.Value))
		case o.Type == remap.TypeRel, o.Type == remap.TypeKey && evdev.IsPointerButton(uint16(o.Code)):
			if d.pointer != nil { // otherwise, no keyboard with a pointer is grabbed and the program uses none
				err, pointing = first(err, d.pointer.Add(o.Type, uint16(o.Code), o.Value)), true
			}
		}
	}
	if begin >= 0 {
		err = first(err, d.keyboard.Add(evdev.EvSyn, evdev.SynReport, 0))
	}
	if pointing { // the frame of a device that sends its SYN with the next read
		err = first(err, d.pointer.Add(evdev.EvSyn, evdev.SynReport, 0))
	}
	if len(d.monitors) > 0 && d.at == Here {
		for _, o := range events {
			if o.Type == remap.TypeKey {
				d.tell("out", o.Code, o.Value, "")
			}
		}
	}
	if d.pointer != nil {
		if err := d.pointer.Flush(); err != nil {
			d.log.Warn("virtual pointer", zap.Error(err))
		}
	}
	err = first(err, d.keyboard.Flush())
	if len(d.out.Effects) > 0 {
		d.effects()
	}
	if d.out.Typing != nil {
		d.askTypist(d.out.Typing)
	}
	d.out.Reset()
	return err
}

func first(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// joins says whether the frame that began at begin continues after its SYN at end: all its keys and the next one are
// modifiers, and the next one is not among them, so that readers who look at frames lose no change.
func joins(events []remap.Out, begin, end int) bool {
	if end+1 >= len(events) {
		return false
	}
	next := &events[end+1]
	if next.Type != remap.TypeKey || !isModifier(next.Code) {
		return false
	}
	for i := begin; i < end; i++ {
		if o := &events[i]; o.Type == remap.TypeKey && (o.Code == next.Code || !isModifier(o.Code)) {
			return false
		}
	}
	return true
}

func isModifier(c key.Code) bool {
	switch c {
	case key.LeftCtrl, key.RightCtrl, key.LeftShift, key.RightShift, key.LeftAlt, key.RightAlt, key.LeftMeta, key.RightMeta:
		return true
	}
	return false
}
