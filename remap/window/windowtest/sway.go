package windowtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Sway is sway on the headless backend of wlroots, drawn by the processor.
type Sway struct {
	Dir      string // the runtime folder; set by Reserve
	Xwayland bool   // with an X server for X11 clients
	Outer    *X11   // the X server in whose window it runs, with a keyboard; nil for no screen and no keyboard
	Machine  bool   // on the machine's own screen and with its keyboards, through udev and libinput; as root
	Config   string // more lines for its configuration

	sway     *process
	n        int // windows so far
	starts   int
	launcher *waylandWindow
}

// Reserve creates the folder, so that sources know the paths before Start.
func (s *Sway) Reserve(t testing.TB) *Sway {
	t.Helper()
	s.Dir = Dir(t)
	return s
}

// IPC returns the path of the IPC socket. Each start has a different one, as each sway has; the socket of one that was killed stays.
func (s *Sway) IPC() string {
	return filepath.Join(s.Dir, fmt.Sprintf("sway-ipc.0.%d.sock", max(s.starts, 1)))
}

// Display is the path of the Wayland socket.
func (s *Sway) Display() string { return filepath.Join(s.Dir, "wayland-1") }

// Start starts sway.
func (s *Sway) Start(t testing.TB) {
	t.Helper()
	need(t, "sway")
	if s.Dir == "" {
		s.Reserve(t)
	}
	s.starts++
	conf := filepath.Join(s.Dir, "sway", "config") // below XDG_CONFIG_HOME
	if err := os.MkdirAll(filepath.Dir(conf), 0o755); err != nil {
		t.Fatal(err)
	}
	// Without title bars, because it would draw each title. If the release of a key comes late on a busy computer, the key must not
	// repeat.
	text := "input type:keyboard repeat_rate 0\noutput HEADLESS-1 resolution 1024x768 position 0,0\nfocus_follows_mouse no\ndefault_border none\nfocus_on_window_activation focus\n" + s.Config + "\n"
	if s.Xwayland {
		text += "xwayland force\nexec " + tellDisplay(t, s.Dir) + "\n"
	} else {
		text += "xwayland disable\n"
	}
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	env := append(wlrootsBackend(s.Outer), "SWAYSOCK="+s.IPC())
	args := []string{"sway", "-c", conf}
	switch {
	case s.Machine:
		env = []string{
			"SWAYSOCK=" + s.IPC(), "WLR_BACKENDS=drm,libinput", "LIBSEAT_BACKEND=builtin", "SEATD_VTBOUND=0", "WLR_RENDERER=pixman",
			"WLR_NO_HARDWARE_CURSORS=1", "XDG_SESSION_TYPE=wayland",
		}
	case os.Getuid() == 0:
		args = append(unroot(t, s.Dir, conf), args...)
	}
	s.sway = start(t, s.Dir, env, args[0], args[1:]...)
	s.sway.untilReady(t, "sway answers", func() bool {
		return ipcCommand(s.IPC(), "nop") == nil
	})
}

// X11 is the X server of sway, as its X11 clients use it.
func (s *Sway) X11(t testing.TB) *X11 {
	t.Helper()
	return toldX11(t, "sway", s.Dir, s.sway)
}

// unroot returns the command that starts a compositor without root, because some refuse to start if they could become root. In a user
// namespace that maps our uid to 1 they cannot, and from outside their sockets still belong to root. If user namespaces are forbidden,
// the compositor runs as nobody, and the paths then belong to nobody.
func unroot(t testing.TB, paths ...string) []string {
	t.Helper()
	unshare := []string{"unshare", "--user", "--map-user=1", "--map-group=1"}
	if exec.Command(unshare[0], append(unshare[1:], "true")...).Run() == nil {
		return unshare
	}
	const nobody = 65534
	for _, path := range paths {
		if err := os.Chown(path, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"}
}

// Kill kills sway.
func (s *Sway) Kill() { s.sway.kill() }

func (s *Sway) msg(t testing.TB, format string, args ...any) {
	t.Helper()
	if err := ipcCommand(s.IPC(), fmt.Sprintf(format, args...)); err != nil {
		t.Fatal(err)
	}
}

// Workspace changes the workspace.
func (s *Sway) Workspace(t testing.TB, name string) {
	t.Helper()
	s.msg(t, "workspace %s", name)
}

// Open maps a Wayland window.
func (s *Sway) Open(t testing.TB, class, title string) Window {
	t.Helper()
	s.n++
	mark := fmt.Sprintf("w%d", s.n)
	w := openWayland(t, s.Display(), class, mark)
	Until(t, "sway knows the window", func() bool {
		return ipcCommand(s.IPC(), fmt.Sprintf(`[title="^%s$"] mark --add %s`, mark, mark)) == nil
	})
	w.SetTitle(t, title)
	return &swayWindow{w, s, mark}
}

// Takers are the things that take the keyboard from windows; see [Shower].
func (s *Sway) Takers() []string { return []string{"launcher"} }

// Show opens a launcher, a surface of the layer shell.
func (s *Sway) Show(t testing.TB, _ string) {
	t.Helper()
	s.launcher = openLauncher(t, s.Display())
}

// Hide closes the launcher.
func (s *Sway) Hide(t testing.TB, _ string) {
	t.Helper()
	s.launcher.Close(t)
}

type swayWindow struct {
	*waylandWindow
	s    *Sway
	mark string
}

func (w *swayWindow) Focus(t testing.TB) {
	t.Helper()
	w.s.msg(t, "[con_mark=%s] focus", w.mark)
}

// Keyboard plugs in a keyboard, through zwp_virtual_keyboard_v1, with the recorded layout (see KeymapText). Its name in sway's list is
// "wlr_virtual_keyboard_v1".
func (s *Sway) Keyboard(t testing.TB, layout string) (unplug func()) {
	t.Helper()
	return PlugKeyboard(t, s.Display(), KeymapText(t, layout)).Unplug
}

// SwitchLayout makes another group of all keyboards the active one.
func (s *Sway) SwitchLayout(t testing.TB, group int) {
	t.Helper()
	s.msg(t, "input type:keyboard xkb_switch_layout %d", group)
}

// Repeat makes held keys repeat this many times in a second, after a delay in milliseconds.
func (s *Sway) Repeat(t testing.TB, rate, delay int) {
	t.Helper()
	s.msg(t, "input type:keyboard repeat_delay %d, input type:keyboard repeat_rate %d", delay, rate)
}

// Env is the environment for programs in the session.
func (s *Sway) Env() []string {
	return []string{
		"XDG_RUNTIME_DIR=" + s.Dir, "WAYLAND_DISPLAY=" + filepath.Base(s.Display()), "SWAYSOCK=" + s.IPC(),
		"XDG_SESSION_TYPE=wayland", "XDG_CURRENT_DESKTOP=sway",
	}
}

func (s *Sway) folder() string { return s.Dir }

// focusApp gives an application the keyboard.
func (s *Sway) focusApp(id string) error { return ipcCommand(s.IPC(), `[app_id="^`+id+`$"] focus`) }
