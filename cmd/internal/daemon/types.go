package daemon

import (
	"fmt"
	"slices"
	"strings"

	"toshy/evdev"
)

// kind is the type of a keyboard: the one that someone chose, else the configuration's.
func (d *daemon) kind(i *evdev.Info) string {
	if chosen := d.kinds[i.ID()]; chosen != "" {
		return chosen
	}
	return d.setup.KeyboardType(i)
}

// chooseType sets the type of the keyboards with an id until the next start; "" restores the configuration's.
func (d *daemon) chooseType(id, kind string) error {
	if kind != "" && !slices.Contains(d.setup.KeyboardTypes, kind) {
		return fmt.Errorf("the configuration has no keyboard type %q; it has %s", kind, strings.Join(d.setup.KeyboardTypes, ", "))
	}
	found := false
	for _, k := range d.devices {
		if k == nil || k.info.ID() != id {
			continue
		}
		found = true
		d.kinds[id] = kind
		d.changes++
		k.kind = d.kind(k.info)
		if k.grabbed {
			d.describeToEngine(k)
		}
	}
	if !found {
		return fmt.Errorf("no keyboard %q is taken; toshy devices lists ids", id)
	}
	return nil
}
