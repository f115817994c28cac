package windowtest

import (
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

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

// Open maps an X11 window, and returns when it has had the focus: Cinnamon gives that to a new window
// some time after it manages it, which would undo what a test asks for in between.
func (c *Cinnamon) Open(t testing.TB, class, title string) Window {
	t.Helper()
	w := c.x.OpenX(t, class, title)
	var asked time.Time
	Until(t, "the new window has the focus", func() bool {
		if v := c.x.property(t, c.x.root, "_NET_ACTIVE_WINDOW").Value; len(v) >= 4 && xproto.Window(xgb.Get32(v)) == w.id {
			return true
		}
		if time.Since(asked) > 200*time.Millisecond { // a window that is not shown yet is refused
			asked = time.Now()
			w.Focus(t)
		}
		return false
	})
	return w
}
