package main

import (
	"strings"

	"fyne.io/systray"
)

// A shown is an entry as the desktop has it. Only differences are sent, because each change makes the desktop request the
// menu again.
type shown struct {
	entry entry
	item  *systray.MenuItem
	sub   []*shown
}

// A menu shows entries with systray. Only one goroutine uses it.
type menu struct {
	shown  []*shown
	clicks chan *shown
}

// show updates the menu. The top level always has the same entries, so only submenus change their structure.
func (m *menu) show(entries []entry) {
	if m.shown == nil {
		for _, e := range entries {
			m.shown = append(m.shown, m.add(nil, e))
		}
		return
	}
	for i, e := range entries {
		m.update(m.shown[i], e)
	}
}

func (m *menu) add(parent *systray.MenuItem, e entry) *shown {
	s := &shown{entry: entry{label: e.label, kind: e.kind, checked: e.checked}}
	label := shownLabel(e)
	switch {
	case e.kind == separator: // only at the top
		systray.AddSeparator()
		return s
	case parent == nil && e.kind == check:
		s.item = systray.AddMenuItemCheckbox(label, "", e.checked)
	case parent == nil:
		s.item = systray.AddMenuItem(label, "")
	case e.kind == check:
		s.item = parent.AddSubMenuItemCheckbox(label, "", e.checked)
	default:
		s.item = parent.AddSubMenuItem(label, "")
	}
	go func() { // until the item is removed
		for range s.item.ClickedCh {
			m.clicks <- s
		}
	}()
	m.update(s, e)
	return s
}

func (m *menu) update(s *shown, e entry) {
	if s.item == nil {
		return
	}
	was := s.entry
	s.entry = e
	if was.label != e.label || e.kind == radio && was.checked != e.checked {
		s.item.SetTitle(shownLabel(e))
	}
	if was.checked != e.checked && e.kind == check {
		if e.checked {
			s.item.Check()
		} else {
			s.item.Uncheck()
		}
	}
	if was.disabled != e.disabled {
		if e.disabled {
			s.item.Disable()
		} else {
			s.item.Enable()
		}
	}
	if was.hidden != e.hidden {
		if e.hidden {
			s.item.Hide()
		} else {
			s.item.Show()
		}
	}
	m.below(s, e.sub)
}

// below updates a submenu. It recreates all items from the first one with a different form.
func (m *menu) below(s *shown, entries []entry) {
	same := 0
	for same < len(s.sub) && same < len(entries) && alike(s.sub[same].entry, entries[same]) {
		m.update(s.sub[same], entries[same])
		same++
	}
	for _, x := range s.sub[same:] {
		x.item.Remove()
	}
	s.sub = s.sub[:same]
	for _, e := range entries[same:] {
		s.sub = append(s.sub, m.add(s.item, e))
	}
}

// alike says whether one entry can become another: systray cannot change these properties.
func alike(a, b entry) bool { return a.kind == b.kind && (len(a.sub) == 0) == (len(b.sub) == 0) }

// shownLabel is an entry's label in the form for the desktop.
func shownLabel(e entry) string {
	switch {
	case e.kind == radio && e.checked:
		return "● " + escaped(e.label)
	case e.kind == radio:
		return "○ " + escaped(e.label)
	}
	return escaped(e.label)
}

// escaped keeps underscores from becoming access keys (com.canonical.dbusmenu, property label).
func escaped(label string) string { return strings.ReplaceAll(label, "_", "__") }
