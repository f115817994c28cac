package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"toshy/remap"
)

// Identity is what is known about an input device.
type Identity struct {
	Vendor, Product, Bus uint16 // as in struct input_id of linux/input.h
	Name, Phys           string
}

// A DeviceMatch selects devices: those that meet all its parts. An empty list allows everything.
type DeviceMatch struct {
	Vendor, Product, Bus []uint16
	Name, Phys           []TextMatch
	Machine              []TextMatch // makers of the machine; nil: any
	elsewhere            bool        // it tests for another machine
}

// TextMatch is an exact text or a regular expression. Both ignore case.
type TextMatch struct {
	Text   string
	Regexp *regexp.Regexp // instead of Text
}

// Match says whether s matches.
func (t TextMatch) Match(s string) bool {
	if t.Regexp != nil {
		return t.Regexp.MatchString(s)
	}
	return strings.EqualFold(s, t.Text)
}

// Match says whether a device matches.
func (m *DeviceMatch) Match(id Identity) bool {
	number := func(list []uint16, n uint16) bool { return len(list) == 0 || slices.Contains(list, n) }
	text := func(list []TextMatch, s string) bool {
		return len(list) == 0 || slices.ContainsFunc(list, func(t TextMatch) bool { return t.Match(s) })
	}
	return !m.elsewhere && number(m.Vendor, id.Vendor) && number(m.Product, id.Product) && number(m.Bus, id.Bus) && text(m.Name, id.Name) && text(m.Phys, id.Phys)
}

// rank orders the rules of one file: hardware ids come before names, and names before a rule for all keyboards.
func (m *DeviceMatch) rank() int {
	switch {
	case len(m.Vendor)+len(m.Product) > 0:
		return 0
	case len(m.Name)+len(m.Phys)+len(m.Bus) > 0:
		return 1
	}
	return 2
}

// A KeyboardRule sets the type or the debounce time of keyboards.
type KeyboardRule struct {
	Match DeviceMatch
	Type  string // "": the rule sets no type
	// Debounce is how long switches may chatter; 0: the rule does not set it.
	Debounce time.Duration
	Origin   remap.Origin
	layer    int
}

// Devices say which keyboards to take. A device in Ignore is never taken, even if another list has it. With an Allow list,
// only its devices are taken. Devices in Also are taken in addition to the keyboards, whatever they are.
type Devices struct {
	Allow, Also, Ignore []DeviceMatch
}

// Wants says whether to take a keyboard.
func (d *Devices) Wants(id Identity) bool {
	means := func(list []DeviceMatch) bool {
		return slices.ContainsFunc(list, func(m DeviceMatch) bool { return m.Match(id) })
	}
	return !means(d.Ignore) && (len(d.Allow) == 0 || means(d.Allow) || means(d.Also))
}

// KeyboardType returns the type of a keyboard and the rule that sets it; "" and nil if no rule does.
func (c *Config) KeyboardType(id Identity) (string, *KeyboardRule) {
	for i := range c.Keyboards {
		if r := &c.Keyboards[i]; r.Type != "" && r.Match.Match(id) {
			return r.Type, r
		}
	}
	return "", nil
}

// Debounce returns how long the switches of a keyboard may chatter, 0 if no rule sets it.
func (c *Config) Debounce(id Identity) time.Duration {
	for i := range c.Keyboards {
		if r := &c.Keyboards[i]; r.Debounce > 0 && r.Match.Match(id) {
			return r.Debounce
		}
	}
	return 0
}

// buildKeyboards reads [[keyboard]]. The rules of the user's files come first.
func (b *builder) buildKeyboards() {
	for _, d := range b.docs {
		for _, n := range b.tables(d.root, "keyboard", "keyboard") {
			b.checkKeys(n, "[[keyboard]]", keyboardTable.names()...)
			r := KeyboardRule{Origin: origin(n.keySpan()), layer: d.layer}
			ok := true
			if m := n.get("match"); m != nil {
				r.Match, ok = b.deviceMatch(m)
			}
			t, debounce := n.get("type"), n.get("debounce")
			if debounce != nil {
				errs := b.ps.errors
				r.Debounce = b.debounce(debounce)
				ok = ok && b.ps.errors == errs
			}
			if t == nil && debounce == nil {
				b.ps.error(n.keySpan(), `type = "apple", or debounce = "5ms"`, "a keyboard rule needs a type or a debounce")
				continue
			}
			if t == nil {
				if ok {
					b.config.Keyboards = append(b.config.Keyboards, r)
				}
				continue
			}
			if !b.is(t, kindString, "type") {
				continue
			}
			if !identifier(t.str()) {
				b.ps.error(t.valueSpan(), "use letters, digits and _", "a type cannot be named %q", t.str())
				continue
			}
			if r.Type = strings.ToLower(t.str()); !slices.Contains(b.types, r.Type) {
				if len(b.types) == maxTypes {
					b.ps.error(t.valueSpan(), "", "more than %d types of keyboards", maxTypes)
					return
				}
				b.types = append(b.types, r.Type)
			}
			if ok {
				b.config.Keyboards = append(b.config.Keyboards, r)
			}
		}
	}
	slices.SortStableFunc(b.config.Keyboards, func(x, y KeyboardRule) int {
		if d := x.layer - y.layer; d != 0 {
			return d
		}
		return x.Match.rank() - y.Match.rank()
	})
}

// debounce reads how long switches may chatter.
func (b *builder) debounce(n *node) time.Duration {
	errs := b.ps.errors
	d := b.duration(n, 0, time.Hour)
	if b.ps.errors == errs && (d < time.Millisecond || d > remap.LongestDebounce) {
		b.ps.error(n.valueSpan(), `debounce = "5ms" is enough for most switches; a switch that chatters longer is broken`, "debounce must lie between 1ms and %v: a longer time would swallow a key that you press twice quickly", remap.LongestDebounce)
	}
	return d
}

// buildDevices reads [devices]. The lists of all files are joined.
func (b *builder) buildDevices() {
	for _, d := range b.docs {
		t := d.root.get("devices")
		if t == nil || !b.is(t, kindTable, "devices") {
			continue
		}
		b.checkKeys(t, "[devices]", devicesTable.names()...)
		for _, k := range t.kids {
			to := map[string]*[]DeviceMatch{"allow": &b.config.Devices.Allow, "also": &b.config.Devices.Also, "ignore": &b.config.Devices.Ignore}[k.key]
			if to == nil {
				continue
			}
			for _, e := range list(k) {
				if e.kind == kindTable {
					if m, ok := b.deviceMatch(e); ok {
						*to = append(*to, m)
					}
				} else if t, ok := b.textMatch(e); ok {
					*to = append(*to, DeviceMatch{Name: []TextMatch{t}})
				}
			}
		}
	}
}

// buses are the names of bus types of linux/input.h.
var buses = map[string]uint16{"pci": 0x01, "usb": 0x03, "bluetooth": 0x05, "virtual": 0x06, "i8042": 0x11, "ps2": 0x11, "adb": 0x17, "i2c": 0x18, "host": 0x19, "spi": 0x1c}

var busNames = slices.Sorted(maps.Keys(buses))

func (b *builder) deviceMatch(n *node) (DeviceMatch, bool) {
	var m DeviceMatch
	if !b.is(n, kindTable, "match") {
		return m, false
	}
	errs := b.ps.errors
	b.checkKeys(n, "a device", deviceTable.names()...)
	for _, k := range n.kids {
		if k.key == "machine" {
			m.Machine = b.machines(k)
			m.decide(b.opts.Facts)
			continue
		}
		for _, e := range list(k) {
			switch k.key {
			case "name", "phys":
				to := &m.Name
				if k.key == "phys" {
					to = &m.Phys
				}
				if t, ok := b.textMatch(e); ok {
					*to = append(*to, t)
				}
			case "bus":
				if i, ok := buses[e.str()]; ok {
					m.Bus = append(m.Bus, i)
					continue
				} else if e.kind == kindString {
					b.ps.error(e.valueSpan(), didYouMean(e.str(), busNames), "unknown bus %q", e.str())
					continue
				}
				m.Bus = b.id(m.Bus, e)
			case "vendor":
				m.Vendor = b.id(m.Vendor, e)
			case "product":
				m.Product = b.id(m.Product, e)
			}
		}
	}
	return m, b.ps.errors == errs
}

// machines reads makers of machines.
func (b *builder) machines(n *node) []TextMatch {
	makers := []TextMatch{}
	for _, e := range list(n) {
		if t, ok := b.textMatch(e); ok {
			makers = append(makers, t)
		}
	}
	return makers
}

// id reads a number of 16 bits.
func (b *builder) id(list []uint16, n *node) []uint16 {
	i, ok := n.value.(int64)
	if !ok || i < 0 || i > 0xffff {
		b.ps.error(n.valueSpan(), `"toshy devices" shows the numbers: vendor = 0x05ac`, "write a hardware number between 0x0000 and 0xffff, without quotes")
		return list
	}
	return append(list, uint16(i))
}

func (b *builder) textMatch(n *node) (TextMatch, bool) {
	if !b.is(n, kindString, "a device's name") {
		return TextMatch{}, false
	}
	if re, ok := asRegexp(n.str()); ok {
		r := b.regexp(re, remap.FieldDevice, n.within(1, len(n.str())-1))
		return TextMatch{Regexp: r}, r != nil
	}
	return TextMatch{Text: n.str()}, true
}
