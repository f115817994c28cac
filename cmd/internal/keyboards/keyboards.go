// Package keyboards decides which input devices to take, and what type each is: what package evdev
// knows of devices meets what the configuration says of them.
package keyboards

import (
	"os"
	"slices"
	"time"

	"toshy/config"
	"toshy/evdev"
)

// Verdict says whether a device is to be grabbed. only, from the command line, replaces the lists of
// the configuration; its rules are those of evdev.Filter.
func Verdict(info *evdev.Info, c *config.Config, only []string) evdev.Verdict {
	if len(only) > 0 {
		return evdev.Classify(info, &evdev.Filter{Allow: only, Seat: seat()})
	}
	id := Identity(info)
	means := func(list []config.DeviceMatch) bool {
		return slices.ContainsFunc(list, func(m config.DeviceMatch) bool { return m.Match(id) })
	}
	f := evdev.Filter{Seat: seat()}
	switch {
	case means(c.Devices.Ignore):
		f.Ignore = []string{info.Path}
	case means(c.Devices.Allow), means(c.Devices.Also):
		f.Allow = []string{info.Path}
	case len(c.Devices.Allow) > 0:
		f.Allow = []string{""} // a list that does not name it: the empty rule names nothing
	}
	v := evdev.Classify(info, &f)
	switch v.Reason {
	case evdev.ReasonIgnored:
		v.Text = "ignored by the configuration"
	case evdev.ReasonAllowed:
		v.Text = "listed in the configuration"
	}
	return v
}

// seat is where we are; logind tells processes of a session. A service of the machine is at the first seat.
func seat() string { return os.Getenv("XDG_SEAT") }

// Type is the type that the configuration gives to a keyboard, "" when it says nothing of it.
func Type(info *evdev.Info, c *config.Config) string {
	t, _ := c.KeyboardType(Identity(info))
	return t
}

// Named is the keyboard of a name. One that is no longer there has only its name.
func Named(found []evdev.Found, name string) *evdev.Info {
	for i := range found {
		if found[i].Name == name && found[i].Caps.Kind() == evdev.KindKeyboard {
			return &found[i].Info
		}
	}
	return &evdev.Info{Identity: evdev.Identity{Name: name}}
}

// Debounce is how long the switches of a keyboard may chatter, 0 if the configuration says nothing of it.
func Debounce(info *evdev.Info, c *config.Config) time.Duration { return c.Debounce(Identity(info)) }

// Identity is what a configuration can match of a device.
func Identity(info *evdev.Info) config.Identity {
	return config.Identity{Vendor: info.Vendor, Product: info.Product, Bus: info.Bus, Name: info.Name, Phys: info.Phys}
}

// Types are the types of keyboards that a configuration knows, in order of the alphabet.
func Types(c *config.Config) []string {
	var all []string
	for _, r := range c.Keyboards {
		if r.Type != "" {
			all = append(all, r.Type)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
