// Package keyboards decides which input devices to take, and which type each has. It combines what package evdev knows
// about devices with the configuration.
package keyboards

import (
	"os"
	"slices"
	"time"

	"toshy/config"
	"toshy/evdev"
)

// Verdict says whether to grab a device. only, from the command line, replaces the lists of the configuration; its rules
// are those of evdev.Filter.
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
		f.Allow = []string{""} // a list that does not contain it: the empty rule names nothing
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

// seat is our seat; logind tells processes of a session. A system service belongs to the first seat.
func seat() string { return os.Getenv("XDG_SEAT") }

// Type is the type that the configuration gives to a keyboard, "" if it gives none.
func Type(info *evdev.Info, c *config.Config) string {
	t, _ := c.KeyboardType(Identity(info))
	return t
}

// Named is the keyboard with a name. If it is gone, only its name is known.
func Named(found []evdev.Found, name string) *evdev.Info {
	for i := range found {
		if found[i].Name == name && found[i].Caps.Kind() == evdev.KindKeyboard {
			return &found[i].Info
		}
	}
	return &evdev.Info{Identity: evdev.Identity{Name: name}}
}

// Debounce is how long the switches of a keyboard may chatter, 0 if the configuration does not set it.
func Debounce(info *evdev.Info, c *config.Config) time.Duration { return c.Debounce(Identity(info)) }

// Identity is what a configuration can match about a device.
func Identity(info *evdev.Info) config.Identity {
	return config.Identity{Vendor: info.Vendor, Product: info.Product, Bus: info.Bus, Name: info.Name, Phys: info.Phys}
}

// Types are the types of keyboards in a configuration, in alphabetical order.
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
