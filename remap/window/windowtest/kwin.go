package windowtest

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// KWin is kwin_wayland with a virtual output, or kwin_x11 on Xvfb. The focus moves by KWin's own window runner, which KRunner uses,
// too.
type KWin struct {
	scripted
	Session   string // "x11", or "" for Wayland
	Xwayland  bool   // with an X server for X11 clients
	Layouts   string // keyboard layouts, such as "fr,ru"; "" leaves the default
	Variants  string // one for each layout, such as ",phonetic"
	Shortcuts bool   // with global shortcuts
	Outer     *X11   // the X server in whose window it runs, with a keyboard; nil for no screen
	Keyboard  bool   // with a keyboard that has all codes; see Key

	keyboard *fakeKeyboard
}

const kwinName = "org.kde.KWin"

// Launch starts the bus. Start starts KWin on it.
func (k *KWin) Launch(t testing.TB) *KWin {
	t.Helper()
	need(t, "dbus-daemon", "dbus-send")
	env := append(xwayland(t, k.Xwayland), "DESK_LAYOUTS="+k.Layouts, "DESK_VARIANTS="+k.Variants)
	if k.Session == "x11" {
		need(t, "kwin_x11", "Xvfb")
		env = append(env, "DESK_X11=1")
	} else {
		need(t, "kwin_wayland")
	}
	if k.Shortcuts {
		env = append(env, "DESK_SHORTCUTS=1")
	}
	if k.Outer != nil {
		env = append(env, "DESK_OUTER="+k.Outer.Display)
	}
	if k.Keyboard { // its protocol is for programs with a desktop file only
		env = append(env, "KWIN_WAYLAND_NO_PERMISSION_CHECKS=1")
	}
	k.launch(t, "kwin.sh", env)
	return k
}

// Start starts KWin with four virtual desktops.
func (k *KWin) Start(t testing.TB) {
	t.Helper()
	k.scripted.Start(t)
	if k.Keyboard {
		k.keyboard = plugFake(t, k.Socket())
	}
	for n := len(k.desktops(t)); n < 4; n++ {
		k.call(t, kwinName, "/VirtualDesktopManager", kwinName+".VirtualDesktopManager.createDesktop", nil, uint32(n), strconv.Itoa(n+1))
	}
}

// Version returns the major version of the running KWin.
func (k *KWin) Version(t testing.TB) (major int) {
	t.Helper()
	var about string
	k.call(t, kwinName, "/KWin", kwinName+".supportInformation", []any{&about})
	_, version, _ := strings.Cut(about, "KWin version: ")
	if _, err := fmt.Sscanf(version, "%d.", &major); err != nil {
		t.Fatalf("KWin does not tell its version: %v, %.200q", err, about)
	}
	return major
}

// SwitchLayout makes another keyboard layout the active one, like the panel's switch.
func (k *KWin) SwitchLayout(t testing.TB, group int) {
	t.Helper()
	var ok bool
	k.call(t, "org.kde.keyboard", "/Layouts", "org.kde.KeyboardLayouts.setLayout", []any{&ok}, uint32(group))
	if !ok {
		t.Fatalf("KWin has no layout %d", group)
	}
}

// RereadLayout makes KWin read kxkbrc again, as KDE's settings do after a change.
func (k *KWin) RereadLayout(t testing.TB) {
	t.Helper()
	if err := k.bus.Emit("/kxkbrc", "org.kde.kconfig.notify.ConfigChanged", map[string][][]byte{"Layout": {[]byte("Options")}}); err != nil {
		t.Fatal(err)
	}
}

// Key presses or releases a key of KWin's keyboard, by its kernel code.
func (k *KWin) Key(t testing.TB, code uint16, press bool) {
	t.Helper()
	k.keyboard.key(t, code, press)
}

type kwinDesktop struct {
	Position uint32
	ID, Name string
}

func (k *KWin) desktops(t testing.TB) (all []kwinDesktop) {
	t.Helper()
	var v dbus.Variant
	k.call(t, kwinName, "/VirtualDesktopManager", "org.freedesktop.DBus.Properties.Get", []any{&v}, kwinName+".VirtualDesktopManager", "desktops")
	if err := v.Store(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// Workspace goes to a virtual desktop.
func (k *KWin) Workspace(t testing.TB, name string) {
	t.Helper()
	n, err := strconv.Atoi(name)
	if err != nil {
		t.Fatal(err)
	}
	k.call(t, kwinName, "/VirtualDesktopManager", "org.freedesktop.DBus.Properties.Set", nil,
		kwinName+".VirtualDesktopManager", "current", dbus.MakeVariant(k.desktops(t)[n-1].ID))
}

// Open maps a window.
func (k *KWin) Open(t testing.TB, class, title string) Window {
	t.Helper()
	old := map[string]bool{}
	for _, id := range k.windows(t) {
		old[id] = true
	}
	w := &kwinWindow{k: k}
	if k.Session == "x11" {
		w.client = k.X11(t).OpenX(t, class, title)
	} else {
		w.client = openWayland(t, k.Socket(), class, title)
	}
	Until(t, "KWin knows the window", func() bool {
		for _, id := range k.windows(t) {
			if !old[id] {
				w.id = id
				return true
			}
		}
		return false
	})
	return w
}

// windows lists the ids with which the window runner activates windows.
func (k *KWin) windows(t testing.TB) (ids []string) {
	t.Helper()
	var found []struct {
		ID, Text, Icon string
		Type           int32
		Relevance      float64
		Properties     map[string]dbus.Variant
	}
	k.call(t, kwinName, "/WindowsRunner", "org.kde.krunner1.Match", []any{&found}, "")
	for _, f := range found {
		ids = append(ids, f.ID)
	}
	return ids
}

type kwinWindow struct {
	client
	k  *KWin
	id string
}

// A client is a window of this process.
type client interface {
	SetTitle(t testing.TB, title string)
	Close(t testing.TB)
}

func (w *kwinWindow) Focus(t testing.TB) {
	t.Helper()
	w.k.call(t, kwinName, "/WindowsRunner", "org.kde.krunner1.Run", nil, w.id, "")
}

// xwayland is the argument that makes a script start Xwayland.
func xwayland(t testing.TB, on bool) []string {
	t.Helper()
	if !on {
		return nil
	}
	need(t, "Xwayland")
	return []string{"DESK_XWAYLAND=1"}
}
