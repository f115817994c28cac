package gnome

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/internal/bus"
)

const (
	// The shell's own signal RunningApplicationsChanged is sent when another application gets the focus, even to programs
	// that may not ask which (js/misc/introspect.js of GNOME Shell).
	introspect     = "org.gnome.Shell.Introspect"
	introspectPath = dbus.ObjectPath("/org/gnome/Shell/Introspect")
)

// A published is an extension from extensions.gnome.org that answers questions.
type published struct {
	title string
	ask   func(*bus.Link) (window.Info, error)
}

var publishedOnes = []*published{
	{"Xremap", func(l *bus.Link) (window.Info, error) {
		// Not WMClass: it never answers if there is no window.
		return askJSON(l, "/com/k0kubun/Xremap", "com.k0kubun.Xremap.ActiveWindow")
	}},
	{"Window Calls Extended", askWindowsExt},
	{"Focused Window D-Bus", func(l *bus.Link) (window.Info, error) {
		i, err := askJSON(l, "/org/gnome/shell/extensions/FocusedWindow", "org.gnome.shell.extensions.FocusedWindow.Get")
		var e dbus.Error
		if errors.As(err, &e) && e.Error() == "No window in focus" { // before May 2023
			return window.Info{}, nil
		}
		return i, err
	}},
}

func askJSON(l *bus.Link, path dbus.ObjectPath, method string) (window.Info, error) {
	var text string
	if err := l.Call(path, method, []any{&text}); err != nil {
		return window.Info{}, err
	}
	var w struct { // each may be null
		Class string `json:"wm_class"`
		Title string `json:"title"`
		PID   int    `json:"pid"`
	}
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return window.Info{}, fmt.Errorf("%s: %w", method, err)
	}
	return window.Info{Class: w.Class, Title: w.Title, Exe: window.Exe(w.PID)}, nil
}

// askWindowsExt asks for the list, because class and title from two calls may belong to two windows.
func askWindowsExt(l *bus.Link) (window.Info, error) {
	const method = "org.gnome.Shell.Extensions.WindowsExt.List"
	var text string
	if err := l.Call("/org/gnome/Shell/Extensions/WindowsExt", method, []any{&text}); err != nil {
		return window.Info{}, err
	}
	var all []struct {
		Class string `json:"class"`
		Title string `json:"title"`
		PID   int    `json:"pid"`
		Focus bool   `json:"focus"`
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return window.Info{}, fmt.Errorf("%s: %w", method, err)
	}
	for _, w := range all {
		if w.Focus {
			return window.Info{Class: w.Class, Title: w.Title, Exe: window.Exe(w.PID)}, nil
		}
	}
	return window.Info{}, nil
}

// find returns the first published extension that answers, nil if none does.
func find(l *bus.Link) *published {
	for _, p := range publishedOnes {
		if _, err := p.ask(l); err == nil {
			return p
		}
	}
	return nil
}

// poll asks p, on each hint of the shell and at intervals, until our own extension reports.
func poll(l *bus.Link, p *published, hint <-chan struct{}, report func(window.Info)) error {
	if err := l.Match(introspectPath, introspect); err != nil {
		return fmt.Errorf("gnome: listen to the shell: %w", err)
	}
	arrived, err := l.Poll(hint, func() (window.Info, error) {
		i, err := p.ask(l)
		if err != nil {
			err = fmt.Errorf("gnome: the extension %s no longer answers: %w", p.title, err)
		}
		i.Desktop, i.Session, i.Source = "gnome", bus.SessionType(), name
		return window.Clip(i), err
	}, report)
	if arrived {
		return l.Follow(report)
	}
	return err
}
