// Package kwin follows the focus in KWin, the window manager of KDE Plasma 5 and 6.
//
// KWin reports the focus only to scripts that it runs itself. So Run makes KWin load a small script over D-Bus (/Scripting
// of org.kde.KWin), which calls us back. The user installs nothing. The script ends when Run ends, and with KWin.
package kwin

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/internal/bus"
)

//go:embed focus.js
var script string

// BusName is on the session bus while the desktop runs.
const BusName = "org.kde.KWin"

const (
	name      = "kwin"
	scripting = dbus.ObjectPath("/Scripting")
	iface     = "org.kde.kwin.Scripting."

	// The interface that the script calls. The destination is our unique name, which nobody else ever gets. So a script that
	// outlives us informs nobody.
	callPath  = dbus.ObjectPath("/org/toshy/Focus")
	callIface = "org.toshy.Focus"

	// slots is how many programs may follow KWin at once (the daemon, toshy windows, toshy doctor). Whoever owns the bus
	// name of a slot owns the script of that name. If the script is already loaded, a process that was killed left it
	// behind.
	slots     = 8
	slotName  = "org.toshy.Focus.KWin"
	slotsFull = "all %d slots for KWin scripts are taken (bus names %s0-%d): end the other toshy processes"

	// silence is how long a script may take until its first report. loadScript succeeds even for a file with a syntax error,
	// or one that KWin may not read; only silence shows this.
	silence = 3 * time.Second
)

// Source follows KWin. The zero value is ready to use.
type Source struct {
	Address string // of the session bus; "" is the user's own bus

	script  string        // instead of the embedded one
	silence time.Duration // instead of silence
}

// Name implements window.Source.
func (s *Source) Name() string { return name }

// Detect says whether KWin is on the bus. It asks the bus, and does not wait for KWin. If KWin is missing, the error wraps
// window.ErrUnavailable.
func (s *Source) Detect(ctx context.Context) error {
	return bus.Detect(ctx, bus.Options{Address: s.Address, Name: BusName, Desktop: "KWin"})
}

func noScripting(err error) error {
	if bus.Missing(err) {
		return fmt.Errorf("%w: KWin offers no scripting over D-Bus: %w", window.ErrUnavailable, err)
	}
	return fmt.Errorf("kwin: ask for the focus script: %w", err)
}

// Run implements window.Source.
func (s *Source) Run(ctx context.Context, report func(window.Info)) error {
	opt := bus.Options{Address: s.Address, Name: BusName, Desktop: "KWin", Take: take}
	return bus.Follow(ctx, opt, func(l *bus.Link) error { return s.follow(l, report) })
}

func (s *Source) follow(l *bus.Link, report func(window.Info)) error {
	session := sessionType(l.PID())
	// The calls are handled before godbus looks for a method; this one gives KWin its answers.
	err := l.Conn.ExportMethodTable(map[string]any{"Report": func(_, _, _, _ string) *dbus.Error { return nil }}, callPath, callIface)
	if err != nil {
		return fmt.Errorf("kwin: %w", err)
	}
	plugin, err := claim(l)
	if err != nil {
		return err
	}
	remove, err := s.load(l, plugin)
	defer l.CallLast(time.Second, scripting, iface+"unloadScript", plugin)
	defer remove()
	if err != nil {
		return err
	}
	limit := s.silence
	if limit == 0 {
		limit = silence
	}
	if !l.Wait(limit) {
		if err := l.Err(); err != nil {
			return err
		}
		return window.TimeoutError(fmt.Sprintf("kwin: KWin loaded the focus script but it reported nothing within %v: "+
			"see KWin's log (journalctl --user -t kwin_wayland -t kwin_x11) for lines with %q", limit, plugin))
	}
	remove() // KWin has read it
	return l.Follow(func(i window.Info) {
		i.Session = session
		report(i)
	})
}

// claim takes a slot and returns the plugin name that belongs to it.
func claim(l *bus.Link) (string, error) {
	for i := range slots {
		r, err := l.Conn.RequestName(slotName+strconv.Itoa(i), dbus.NameFlagDoNotQueue)
		if err != nil {
			return "", fmt.Errorf("kwin: own the bus name %s%d: %w", slotName, i, err)
		}
		if r == dbus.RequestNameReplyPrimaryOwner || r == dbus.RequestNameReplyAlreadyOwner {
			return "toshy-focus-" + strconv.Itoa(i), nil
		}
	}
	return "", fmt.Errorf("kwin: "+slotsFull, slots, slotName, slots-1)
}

// load makes KWin load and start the script. The returned function removes the file, which KWin may still be reading.
func (s *Source) load(l *bus.Link, plugin string) (remove func(), err error) {
	remove = func() {}
	var loaded bool
	if err := l.Call(scripting, iface+"isScriptLoaded", []any{&loaded}, plugin); err != nil {
		return remove, noScripting(err)
	}
	if loaded {
		if err := l.Call(scripting, iface+"unloadScript", nil, plugin); err != nil {
			return remove, fmt.Errorf("kwin: unload the script %s that a killed process left: %w", plugin, err)
		}
	}
	file, err := s.write(plugin, l.UniqueName())
	if err != nil {
		return remove, err
	}
	remove = func() { os.Remove(file) }
	// The returned id is the number of loaded scripts, and useless: after an unload, another script may have the same. Only
	// its sign means something.
	var id int32
	if err := l.Call(scripting, iface+"loadScript", []any{&id}, file, plugin); err != nil {
		return remove, fmt.Errorf("kwin: load the focus script: %w", err)
	}
	if id < 0 {
		return remove, fmt.Errorf("kwin: KWin refused the focus script: a script named %s is loaded already", plugin)
	}
	// start runs each loaded script that does not run yet, in Plasma 5 and 6.
	if err := l.Call(scripting, iface+"start", nil); err != nil {
		return remove, fmt.Errorf("kwin: start the focus script: %w", err)
	}
	return remove, nil
}

// write puts the script where KWin, which runs as the same user, can read it.
func (s *Source) write(plugin, unique string) (string, error) {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		dir = "/run/user/" + strconv.Itoa(os.Geteuid())
	}
	js := s.script
	if js == "" {
		js = script
	}
	js = strings.NewReplacer("@SERVICE@", unique, "@PATH@", string(callPath), "@INTERFACE@", callIface).Replace(js)
	f, err := os.CreateTemp(dir, plugin+"-*.js") // mode 0600
	if err != nil {
		return "", fmt.Errorf("kwin: write the focus script for KWin to read: %w; set XDG_RUNTIME_DIR to the session's folder", err)
	}
	_, err = f.WriteString(js)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", fmt.Errorf("kwin: write the focus script: %w", err)
	}
	return f.Name(), nil
}

// take makes a report from a call of the script.
func take(m *dbus.Message) (bus.Report, bool) {
	in, member := bus.Names(m)
	if m.Type != dbus.TypeMethodCall || member != "Report" || in != callIface || len(m.Body) != 4 {
		return bus.Report{}, false
	}
	var a [4]string
	for i, v := range m.Body {
		var ok bool
		if a[i], ok = v.(string); !ok {
			return bus.Report{}, false
		}
	}
	serial, err := strconv.ParseUint(a[0], 10, 64)
	if err != nil {
		return bus.Report{}, false
	}
	pid, _ := strconv.Atoi(a[3])
	return bus.Report{Serial: serial, Info: window.Info{
		Class: a[1], Title: a[2], Exe: window.Exe(pid),
		Desktop: "kde", Source: name,
	}}, true
}

// sessionType depends on the program that owns the name: kwin_wayland and kwin_x11 are different programs. NixOS wraps them
// (".kwin_wayland-w", cut to 15 bytes by the kernel).
func sessionType(pid int) string {
	comm, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
	switch {
	case err != nil:
	case strings.Contains(string(comm), "kwin_wayland"):
		return "wayland"
	case strings.Contains(string(comm), "kwin_x11"):
		return "x11"
	}
	return bus.SessionType()
}
