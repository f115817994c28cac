package windowtest

import "testing"

// Cinnamon is Cinnamon 5.6 on Xvfb. Focus moves by EWMH messages, as pagers send them.
type Cinnamon struct {
	scripted
	x *X11
}

// Launch starts the bus and the X server; Start starts Cinnamon on them.
func (c *Cinnamon) Launch(t testing.TB) *Cinnamon {
	t.Helper()
	need(t, "cinnamon", "Xvfb", "dbus-daemon", "dbus-send")
	c.launch(t, "cinnamon.sh", nil)
	c.x = c.X11(t)
	return c
}

// Workspace goes to a workspace.
func (c *Cinnamon) Workspace(t testing.TB, name string) {
	t.Helper()
	c.x.Workspace(t, name)
}

// Open maps an X11 window.
func (c *Cinnamon) Open(t testing.TB, class, title string) Window {
	t.Helper()
	return c.x.Open(t, class, title)
}
