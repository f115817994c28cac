package windowtest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Cinnamon is Cinnamon on Xvfb. The focus moves by EWMH messages, as pagers send them; on Wayland, by the functions that Cinnamon's
// window list calls.
type Cinnamon struct {
	scripted
	Wayland bool   // as a compositor, from version 6.6 on
	Layouts string // keyboard layouts, such as "us,de"; "" leaves the default
	x       *X11   // the X server on which it runs
	n       int    // windows so far
}

// Launch starts the bus and the X server. Start starts Cinnamon on them.
func (c *Cinnamon) Launch(t testing.TB) *Cinnamon {
	t.Helper()
	need(t, "cinnamon", "Xvfb", "dbus-daemon", "dbus-send")
	env := []string{"DESK_LAYOUTS=" + c.Layouts}
	if c.Wayland {
		env = append(env, "DESK_WAYLAND=1")
	}
	c.launch(t, "cinnamon.sh", env)
	c.x = connectServer(t, "Cinnamon", c.Env("DISPLAY")) // Cinnamon is started later
	return c
}

// Key presses or releases a key of Cinnamon's keyboard, by its kernel code.
func (c *Cinnamon) Key(t testing.TB, code uint16, press bool) {
	t.Helper()
	c.x.Key(t, code, press)
}

// eval makes Cinnamon evaluate an expression and reads its value.
func (c *Cinnamon) eval(t testing.TB, value any, format string, args ...any) {
	t.Helper()
	var ok bool
	var result string
	js := fmt.Sprintf(format, args...)
	c.call(t, "org.Cinnamon", "/org/Cinnamon", "org.Cinnamon.Eval", []any{&ok, &result}, js)
	if !ok {
		t.Fatalf("%s: %s", js, result)
	}
	if value != nil {
		if err := json.Unmarshal([]byte(result), value); err != nil {
			t.Fatalf("%s: %q: %v", js, result, err)
		}
	}
}

// Takers are the parts of the desktop that take the keyboard from windows; see [Shower].
func (c *Cinnamon) Takers() []string { return []string{"overview", "expo", "run dialog", "menu"} }

// Show opens a part of the desktop: one of Takers, or "switcher", which is that of Alt-Tab.
func (c *Cinnamon) Show(t testing.TB, what string) {
	t.Helper()
	c.part(t, what, "overview.show()", "expo.show()", "getRunDialog().open()", "open(true)")
}

// Hide closes the part that Show opened.
func (c *Cinnamon) Hide(t testing.TB, what string) {
	t.Helper()
	c.part(t, what, "overview.hide()", "expo.hide()", "getRunDialog().close()", "close(true)")
}

func (c *Cinnamon) part(t testing.TB, what, overview, expo, dialog, menu string) {
	t.Helper()
	const main = "imports.ui.main."
	// Cinnamon aborts if the overview shows a window that has a new size but is not laid out yet, as on a busy computer: the overview
	// destroys its picture of the window (refreshClone in Cinnamon's workspace.js) while Clutter maps it. To ask where a window is makes
	// Cinnamon lay it out.
	const layOut = "global.get_window_actors().forEach(a => a.get_allocation_box())"
	js := map[string]string{
		"overview": main + overview, "expo": main + expo, "run dialog": main + dialog,
		"menu": "imports.ui.appletManager.getRunningInstancesForUuid('menu@cinnamon.org')[0].menu." + menu,
	}[what]
	c.eval(t, nil, "%s; %s; true", layOut, js)
}

// Workspace goes to a workspace.
func (c *Cinnamon) Workspace(t testing.TB, name string) {
	t.Helper()
	if !c.Wayland {
		c.x.Workspace(t, name)
		return
	}
	n, err := strconv.Atoi(name)
	if err != nil {
		t.Fatal(err)
	}
	c.eval(t, nil, "global.workspace_manager.get_workspace_by_index(%d).activate(global.get_current_time()); true", n-1)
}

// SwitchLayout makes another keyboard layout the active one, like the panel's menu.
func (c *Cinnamon) SwitchLayout(t testing.TB, index int) {
	t.Helper()
	c.eval(t, nil, "imports.ui.keyboardManager.getInputSourceManager().activateInputSourceIndex(%d); true", index)
}

// Open maps a window, and returns when it has had the focus. Cinnamon gives a new window the focus some time after it starts to manage
// it, which would undo what a test asks for in between.
func (c *Cinnamon) Open(t testing.TB, class, title string) Window {
	t.Helper()
	if c.Wayland {
		return c.openWayland(t, class, title)
	}
	w := c.x.OpenX(t, class, title)
	c.untilFocused(t, w, func() bool {
		v := c.x.property(t, c.x.root, "_NET_ACTIVE_WINDOW").Value
		return len(v) >= 4 && xproto.Window(xgb.Get32(v)) == w.id
	})
	return w
}

// untilFocused asks for the focus until the window has it. A window that is not shown yet does not get it.
func (c *Cinnamon) untilFocused(t testing.TB, w Window, has func() bool) {
	t.Helper()
	var asked time.Time
	Until(t, "the new window has the focus", func() bool {
		if has() {
			return true
		}
		if time.Since(asked) > 200*time.Millisecond {
			asked = time.Now()
			w.Focus(t)
		}
		return false
	})
}

type cinnamonWindow struct {
	*waylandWindow
	c  *Cinnamon
	id string // Cinnamon's number for the window
}

const cinnamonWindows = "global.get_window_actors().map(a => a.meta_window)"

func (c *Cinnamon) openWayland(t testing.TB, class, title string) Window {
	t.Helper()
	c.n++
	mark := fmt.Sprintf("new window %d", c.n)
	w := &cinnamonWindow{waylandWindow: openWayland(t, c.Socket(), class, mark), c: c}
	Until(t, "Cinnamon knows the window", func() bool {
		var ids []uint32
		c.eval(t, &ids, "%s.filter(w => w.get_title() === '%s').map(w => w.get_stable_sequence())", cinnamonWindows, mark)
		if len(ids) == 1 {
			w.id = strconv.FormatUint(uint64(ids[0]), 10)
		}
		return w.id != ""
	})
	c.untilFocused(t, w, func() bool {
		var has bool
		c.eval(t, &has, "(w => !!w && String(w.get_stable_sequence()) === '%s')(global.display.focus_window)", w.id)
		return has
	})
	w.SetTitle(t, title)
	Until(t, "Cinnamon knows the title", func() bool { // otherwise a source that starts now would get the mark
		var is string
		c.eval(t, &is, "%s.filter(w => String(w.get_stable_sequence()) === '%s').map(w => w.get_title() || '').join()", cinnamonWindows, w.id)
		return is == title
	})
	return w
}

func (w *cinnamonWindow) Focus(t testing.TB) {
	t.Helper()
	w.c.eval(t, nil, strings.ReplaceAll("%s.filter(w => String(w.get_stable_sequence()) === '@').forEach(w => imports.ui.main.activateWindow(w)); true", "@", w.id), cinnamonWindows)
}
