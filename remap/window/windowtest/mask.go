package windowtest

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/godbus/dbus/v5"
)

// Kernel codes of keys that can hide a modifier, and of the keys for their tests.
const (
	keyEsc      = 1
	keyX        = 45
	keyY        = 21
	keyF9       = 67
	keyLeftMeta = 125
	keyHome     = 102
	keyUnknown  = 240
)

// A mask is a key that is tapped to hide a modifier.
type mask struct {
	name string
	key  uint16
}

var masks = []mask{
	{"nothing", 0}, // shows that something opens then
	{"LeftCtrl", keyLeftCtrl},
	{"Unknown", keyUnknown},
}

// lone presses a modifier, and taps the mask before the modifier goes up.
func (m mask) lone(t testing.TB, key func(testing.TB, uint16, bool), modifier uint16) {
	t.Helper()
	key(t, modifier, true)
	if m.key != 0 {
		tap(t, key, m.key)
	}
	key(t, modifier, false)
}

// A Launching desktop opens its launcher, its menu or its overview if Super is tapped alone.
type Launching interface {
	Key(t testing.TB, code uint16, press bool)
	// Launches returns how often it has opened that, and how often Super-F9 was pressed. It is called until one of them changes.
	Launches(t testing.TB) (opened, marks int)
	// Dismiss closes it.
	Dismiss(t testing.TB)
}

// Masks checks that LeftCtrl and Unknown, a key without a symbol, each hide a lone Super if one of them is tapped before it goes up.
func Masks(t *testing.T, d Launching) {
	t.Helper()
	for range 3 {
		for _, mask := range masks {
			opened, marks := d.Launches(t)
			mask.lone(t, d.Key, keyLeftMeta)
			if mask.key == 0 {
				Until(t, "Super opens the launcher", func() bool { now, _ := d.Launches(t); return now == opened+1 })
				d.Dismiss(t)
				continue
			}
			mark(t, d.Key)
			var now, m int
			Until(t, "the mark comes, or the launcher, in which there is no mark", func() bool {
				now, m = d.Launches(t)
				return now != opened || m != marks
			})
			if now != opened {
				t.Fatalf("Super, then a tap of %s: the launcher opens", mask.name)
			}
		}
	}
}

// mark presses Super-F9.
func mark(t testing.TB, key func(testing.TB, uint16, bool)) {
	t.Helper()
	key(t, keyLeftMeta, true)
	tap(t, key, keyF9)
	key(t, keyLeftMeta, false)
}

func tap(t testing.TB, key func(testing.TB, uint16, bool), code uint16) {
	t.Helper()
	key(t, code, true)
	key(t, code, false)
}

// released is what menuPage adds to its text when Alt goes up, after Firefox itself has handled that: a page gets keys before it.
const released = "|"

var menuPage = strings.Replace(browserPage, "</script>", `
addEventListener('keyup', async event => {
	if (event.key !== 'Alt') return
	await fetch('/')
	field.value += '`+released+`'
	tell()
})
</script>`, 1)

// MenuBars checks that LeftCtrl and Unknown each hide a lone Alt from programs with a menu bar. Only Firefox on Wayland opens its menu
// in spite of Unknown. The programs are of "qt5", "qt" (6) and "firefox"; GTK's own menu bars ignore a lone Alt. key presses keys for the
// program; env says where the display is.
func MenuBars(t *testing.T, key func(testing.TB, uint16, bool), toolkit string, wayland bool, env ...string) {
	t.Helper()
	if wayland {
		env = onWayland(env)
	} else {
		env = onX11(env)
	}
	var e *Entry
	if toolkit == "firefox" {
		e = openFirefox(t, menuPage, env...)
	} else {
		e = openScript(t, toolkit, []string{"menu"}, env...)
	}
	defer e.Close()
	text := func() string { return strings.TrimPrefix(e.Text(), "ready") }
	want := ""
	for range 3 {
		for _, mask := range masks {
			mask.lone(t, key, keyLeftAlt)
			if toolkit == "firefox" {
				want += released
				Until(t, "Firefox has heard of the release", func() bool { return text() == want })
			}
			// An open menu bar takes the X, and Escape closes it.
			for _, code := range []uint16{keyX, keyEsc, keyY} {
				tap(t, key, code)
			}
			var now string // one reading: between two, a key can arrive
			Until(t, "the last key arrives", func() bool { now = text(); return strings.HasSuffix(now, "y") && len(now) > len(want) })
			opened := now == want+"y"
			want = now
			if opens := mask.key == 0 || mask.key == keyUnknown && toolkit == "firefox" && wayland; opened != opens {
				t.Errorf("%s: Alt and a tap of %s: the menu bar opens: %v", toolkit, mask.name, opened)
			}
		}
	}
}

// Launches: see [Launching]. The keyboard must be there.
func (g *GNOME) Launches(t testing.TB) (opened, marks int) {
	t.Helper()
	var a, b uint32
	g.call(t, shellName, helperPath, helperIface+"Launches", []any{&a, &b})
	return int(a), int(b)
}

// Grab makes the shell count another shortcut instead of Super-F9, in GTK's notation. The keyboard must be there.
func (g *GNOME) Grab(t testing.TB, accelerator string) {
	t.Helper()
	g.call(t, shellName, helperPath, helperIface+"Grab", nil, accelerator)
}

// Dismiss closes the overview.
func (g *GNOME) Dismiss(t testing.TB) {
	t.Helper()
	g.Hide(t, "overview")
	Until(t, "the overview is closed", func() bool {
		var open dbus.Variant
		g.call(t, shellName, "/org/gnome/Shell", "org.freedesktop.DBus.Properties.Get", []any{&open}, shellName, "OverviewActive")
		return open.Value() == false
	})
}

// A CinnamonMenu counts launches of Cinnamon's menu.
type CinnamonMenu struct{ *Cinnamon }

// Menu makes Cinnamon count launches.
func (c *Cinnamon) Menu(t testing.TB) CinnamonMenu {
	t.Helper()
	c.eval(t, nil, `(() => {
		const seen = global._toshyMask = {opened: 0, marks: 0};
		imports.ui.appletManager.getRunningInstancesForUuid('menu@cinnamon.org')[0].menu.connect('open-state-changed', (menu, open) => { if (open) seen.opened++; });
		imports.ui.main.keybindingManager.addHotKey('toshy-mark', '<Super>F9', () => { seen.marks++; });
	})(); true`)
	m := CinnamonMenu{c}
	Until(t, "Cinnamon takes the new shortcut", func() bool { // some time later
		mark(t, c.Key)
		_, marks := m.Launches(t)
		return marks > 0
	})
	return m
}

// Launches: see [Launching].
func (c CinnamonMenu) Launches(t testing.TB) (opened, marks int) {
	t.Helper()
	var seen struct{ Opened, Marks int }
	c.eval(t, &seen, "global._toshyMask")
	return seen.Opened, seen.Marks
}

// Dismiss closes the menu.
func (c CinnamonMenu) Dismiss(t testing.TB) {
	t.Helper()
	c.Hide(t, "menu")
}

// SwayLauncher counts bindings of sway.
type SwayLauncher struct {
	*VirtualKeyboard
	opened, marks atomic.Int32
}

// SwayBindings are the lines of sway's configuration that Launcher needs.
const SwayBindings = "bindsym --release Super_L nop launcher\nbindsym Mod4+F9 nop mark"

// Launcher makes sway report what a keyboard starts.
func (s *Sway) Launcher(t testing.TB, k *VirtualKeyboard) *SwayLauncher {
	t.Helper()
	l := &SwayLauncher{VirtualKeyboard: k}
	c, err := net.Dial("unix", s.IPC())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	const subscribe, binding = 2, 1<<31 | 5
	payload := `["binding"]`
	head := binary.NativeEndian.AppendUint32([]byte("i3-ipc"), uint32(len(payload)))
	if _, err := c.Write(append(binary.NativeEndian.AppendUint32(head, subscribe), payload...)); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	read := func() (kind uint32, body []byte, err error) {
		head := make([]byte, 14)
		if _, err := io.ReadFull(r, head); err != nil {
			return 0, nil, err
		}
		body = make([]byte, binary.NativeEndian.Uint32(head[6:]))
		_, err = io.ReadFull(r, body)
		return binary.NativeEndian.Uint32(head[10:]), body, err
	}
	if _, answer, err := read(); err != nil || !strings.Contains(string(answer), "true") {
		t.Fatalf("sway reports no bindings: %q, %v", answer, err)
	}
	go func() {
		for {
			kind, body, err := read()
			if err != nil {
				return
			}
			var event struct{ Binding struct{ Command string } }
			if kind != binding || json.Unmarshal(body, &event) != nil {
				continue
			}
			switch event.Binding.Command {
			case "nop launcher":
				l.opened.Add(1)
			case "nop mark":
				l.marks.Add(1)
			}
		}
	}()
	return l
}

// Launches: see [Launching].
func (l *SwayLauncher) Launches(testing.TB) (opened, marks int) {
	return int(l.opened.Load()), int(l.marks.Load())
}

// Dismiss: nothing was opened.
func (l *SwayLauncher) Dismiss(testing.TB) {}

// HyprlandLauncher counts shortcuts of Hyprland.
type HyprlandLauncher struct {
	key           func(t testing.TB, code uint16, press bool)
	opened, marks atomic.Int32
}

// HyprlandBinds are the lines of Hyprland's configuration that Launcher needs.
const HyprlandBinds = `hl.bind("SUPER + Super_L", hl.dsp.event("launcher"), { release = true })
hl.bind("SUPER + F9", hl.dsp.event("mark"))`

// Launcher makes Hyprland report what a keyboard starts. keyboard is its name; key presses its keys.
func (h *Hyprland) Launcher(t testing.TB, keyboard string, key func(t testing.TB, code uint16, press bool)) *HyprlandLauncher {
	t.Helper()
	l := &HyprlandLauncher{key: key}
	c, err := net.Dial("unix", filepath.Join(h.instance, ".socket2.sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	go func() {
		for lines := bufio.NewScanner(c); lines.Scan(); {
			switch lines.Text() {
			case "custom>>launcher":
				l.opened.Add(1)
			case "custom>>mark":
				l.marks.Add(1)
			}
		}
	}()
	Until(t, "Hyprland has the keyboard", func() bool {
		answer, err := h.request("j/devices")
		return err == nil && strings.Contains(answer, strings.ReplaceAll(keyboard, " ", "-"))
	})
	return l
}

// Key presses or releases a key.
func (l *HyprlandLauncher) Key(t testing.TB, code uint16, press bool) {
	t.Helper()
	l.key(t, code, press)
}

// Launches: see [Launching].
func (l *HyprlandLauncher) Launches(testing.TB) (opened, marks int) {
	return int(l.opened.Load()), int(l.marks.Load())
}

// Dismiss: nothing was opened.
func (l *HyprlandLauncher) Dismiss(testing.TB) {}

// KWinLauncher counts global shortcuts of Plasma.
type KWinLauncher struct {
	x         *X11
	shortcuts *KWinShortcuts
}

// Launcher registers Meta alone as a shortcut, as Plasma's panel does for its launcher. KWin must run in a window of an X server, with
// Shortcuts.
func (k *KWin) Launcher(t testing.TB) *KWinLauncher {
	t.Helper()
	const meta, f9 = 0x01000022, 0x01000038 // of Qt
	l := &KWinLauncher{k.Outer, k.GlobalShortcuts(t)}
	l.shortcuts.Register(t, "launcher", meta)
	l.shortcuts.Register(t, "mark", QtMeta|f9)
	return l
}

// Key presses or releases a key.
func (l *KWinLauncher) Key(t testing.TB, code uint16, press bool) {
	t.Helper()
	l.x.Key(t, code, press)
}

// Launches: see [Launching].
func (l *KWinLauncher) Launches(testing.TB) (opened, marks int) {
	return l.shortcuts.Pressed("launcher"), l.shortcuts.Pressed("mark")
}

// Dismiss: nothing was opened.
func (l *KWinLauncher) Dismiss(testing.TB) {}
