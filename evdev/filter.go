package evdev

import (
	"path/filepath"
	"strings"
)

// Filter selects devices by lists. A rule is a name (exact), a path (toshy resolves symbolic links if it begins with a
// slash), a serial number or Bluetooth address, or one of Identity's ID, SyntheticID, SyntheticIDAt and HardwareID. Ignore
// overrides Allow. With an Allow list, only its devices are grabbed. The zero value and nil select nothing.
type Filter struct {
	Allow  []string
	Ignore []string
	Seat   string // the seat whose devices are grabbed; "" is DefaultSeat
}

// hasAllow says whether there is an allow list.
func (f *Filter) hasAllow() bool { return f != nil && len(f.Allow) > 0 }

func (f *Filter) allowed(info *Info) (rule string, ok bool) {
	if f == nil {
		return "", false
	}
	return match(f.Allow, &info.Identity)
}

func (f *Filter) ignored(info *Info) (rule string, ok bool) {
	if f == nil {
		return "", false
	}
	return match(f.Ignore, &info.Identity)
}

// match finds the first rule that names the device.
func match(rules []string, id *Identity) (rule string, ok bool) {
	for _, r := range rules {
		if Matches(r, id) {
			return r, true
		}
	}
	return "", false
}

// Matches says whether a rule names the device. An empty rule names no device.
func Matches(rule string, id *Identity) bool {
	switch {
	case rule == "":
		return false
	case rule[0] == '/':
		return rule == id.Path || resolve(rule) == resolve(id.Path)
	}
	return rule == id.Name || rule == id.Uniq || rule == id.ID() || rule == id.SyntheticID() ||
		rule == id.SyntheticIDAt() || strings.EqualFold(rule, id.HardwareID())
}

func resolve(path string) string {
	if p, err := filepath.EvalSymlinks(path); err == nil {
		return p
	}
	return filepath.Clean(path)
}
