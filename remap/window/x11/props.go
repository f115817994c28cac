package x11

import (
	"bytes"
	"os"
	"strings"

	"toshy/remap/window"
)

// describe reads the reported properties of a window.
func (f *follower) describe(w uint32) (window.Info, error) {
	class, _, err := f.wire.property(w, atomWMClass, 8, 2*window.MaxClass)
	if err != nil {
		return window.Info{}, err
	}
	info := window.Info{Class: className(class)}
	if info.Title, err = f.title(w); err != nil {
		return window.Info{}, err
	}
	if info.Exe, err = f.exe(w); err != nil {
		return window.Info{}, err
	}
	return window.Clip(info), nil
}

// className takes the class from WM_CLASS: instance NUL class NUL. If a window sets only one of them, that is its class.
func className(b []byte) string {
	instance, rest, _ := bytes.Cut(b, []byte{0})
	class, _, _ := bytes.Cut(rest, []byte{0})
	if len(class) == 0 {
		class = instance
	}
	return string(class)
}

func (f *follower) title(w uint32) (string, error) {
	// Four more bytes than are reported, so that the cut finds the start of the last rune.
	v, _, err := f.wire.property(w, f.atoms.wmName, 8, window.MaxTitle+4)
	if err != nil || v != nil {
		return string(v), err
	}
	v, typ, err := f.wire.property(w, atomWMName, 8, window.MaxTitle+4)
	if err != nil {
		return "", err
	}
	switch typ {
	case f.atoms.utf8:
		return string(v), nil
	case f.atoms.compoundText, atomString:
		return compoundText(v), nil
	}
	return "", nil
}

// compoundText decodes the form that Xlib writes for most texts: Latin-1, and UTF-8 between ESC % G and ESC % @ (Compound
// Text Encoding 1.1, section 5). A STRING is Latin-1 without escapes.
func compoundText(b []byte) string {
	var s strings.Builder
	for len(b) > 0 {
		if rest, ok := bytes.CutPrefix(b, []byte("\x1b%G")); ok {
			utf, after, _ := bytes.Cut(rest, []byte("\x1b%@"))
			s.Write(utf)
			b = after
			continue
		}
		s.WriteRune(rune(b[0]))
		b = b[1:]
	}
	return s.String()
}

// exe finds the executable of a window of this machine.
func (f *follower) exe(w uint32) (string, error) {
	pid, err := f.wire.cardinal(w, f.atoms.pid)
	if err != nil || pid == 0 || pid > 1<<22 { // PID_MAX_LIMIT
		return "", err
	}
	machine, _, err := f.wire.property(w, atomWMClientMachine, 8, window.MaxClass)
	if err != nil {
		return "", err
	}
	if here, herr := os.Hostname(); len(machine) > 0 && (herr != nil || here != string(machine)) {
		return "", nil
	}
	return window.Exe(int(pid)), nil
}
