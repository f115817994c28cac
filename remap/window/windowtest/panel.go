package windowtest

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// A Panel is Xfce's panel, with nothing in it except a status tray (StatusNotifierHost and StatusNotifierWatcher).
type Panel struct {
	X       *X11
	Address string // the address of its session bus
	Dark    bool   // dark colours, from the next StartPanel on

	bus, panel *process
}

const panelSettings = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="icon-size" type="int" value="0"/>
      <property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
`

// Start starts the session and the panel.
func (p *Panel) Start(t testing.TB) {
	t.Helper()
	need(t, "xfce4-panel")
	p.StartSession(t)
	channels := filepath.Join(p.X.Dir, "xfce4", "xfconf", "xfce-perchannel-xml")
	if err := os.MkdirAll(channels, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(channels, "xfce4-panel.xml"), []byte(panelSettings), 0o600); err != nil {
		t.Fatal(err)
	}
	p.StartPanel(t)
}

// StartSession starts an X server with openbox and a session bus, without the panel.
func (p *Panel) StartSession(t testing.TB) {
	t.Helper()
	need(t, "dbus-daemon", "import")
	p.X = &X11{Manager: "openbox"}
	p.X.Start(t)
	dir := p.X.Dir
	p.Address = "unix:path=" + filepath.Join(dir, "bus")
	p.bus = start(t, dir, []string{"DISPLAY=" + p.X.Display}, "dbus-daemon", "--session", "--nofork", "--nopidfile", "--address="+p.Address)
	p.bus.untilReady(t, "the bus listens", func() bool {
		_, err := os.Stat(filepath.Join(dir, "bus"))
		return err == nil
	})
}

// StartPanel starts the panel alone, after KillPanel.
func (p *Panel) StartPanel(t testing.TB) {
	t.Helper()
	p.panel = start(t, p.X.Dir, p.Env(), "xfce4-panel", "--disable-wm-check")
}

// KillPanel kills the panel, like a crash.
func (p *Panel) KillPanel() { p.panel.kill() }

// Env is the environment of programs in this session.
func (p *Panel) Env() []string {
	theme := map[bool]string{true: "Adwaita:dark", false: "Adwaita"}[p.Dark]
	return []string{"DISPLAY=" + p.X.Display, "DBUS_SESSION_BUS_ADDRESS=" + p.Address, "GTK_THEME=" + theme}
}

// Run starts a program in this session, and returns a function that kills it.
func (p *Panel) Run(t testing.TB, name string, args ...string) (kill func()) {
	t.Helper()
	need(t, name)
	return start(t, p.X.Dir, p.Env(), name, args...).kill
}

// Screenshot returns a picture of the screen.
func (p *Panel) Screenshot(t testing.TB) (img image.Image, data []byte) {
	t.Helper()
	data, err := exec.Command("import", "-display", p.X.Display, "-window", "root", "png:-").Output()
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	img, err = png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img, data
}

// Click clicks at a place on the screen.
func (x *X11) Click(t testing.TB, at image.Point) {
	t.Helper()
	if err := xtest.Init(x.c); err != nil {
		t.Fatal(err)
	}
	for _, e := range []struct{ kind, detail byte }{{xproto.MotionNotify, 0}, {xproto.ButtonPress, 1}, {xproto.ButtonRelease, 1}} {
		err := xtest.FakeInputChecked(x.c, e.kind, e.detail, 0, x.root, int16(at.X), int16(at.Y), 0).Check()
		if err != nil {
			t.Fatal(err)
		}
	}
}
