package windowtest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Hyprland is Hyprland 0.55 or later, with the machine's keyboards and its screen, which is then switched off: it does
// not start without a graphics card. Its configuration is the example that it comes with, and a few lines.
type Hyprland struct {
	Dir      string // the runtime folder; set by Reserve
	Xwayland bool   // with an X server for X11 clients
	Layouts  string // of its keyboards; "" for us,de
	Config   string // more lines for its configuration
	User     uint32 // who runs it; 0 for root

	hyprland *process
	starts   int
	n        int    // windows so far
	instance string // the folder of the sockets of the one that runs
	display  string
	launcher *waylandWindow
}

// hyprExample is the configuration with which Hyprland starts for a new user.
const hyprExample = "/usr/share/hypr/hyprland.lua"

// Reserve makes the folder, so that sources can be told before Start.
func (h *Hyprland) Reserve(t testing.TB) *Hyprland {
	t.Helper()
	h.Dir = Dir(t)
	return h
}

// Start starts Hyprland. The sockets of one that was killed stay, as after a crash.
func (h *Hyprland) Start(t testing.TB) {
	t.Helper()
	need(t, "Hyprland")
	if h.Dir == "" {
		h.Reserve(t)
	}
	h.starts++
	h.configure(t)
	known := map[string]bool{}
	for _, folder := range h.instances() {
		known[folder] = true
	}
	h.hyprland = startAs(t, h.user(t), h.Dir, []string{
		"XDG_SESSION_TYPE=wayland", "LIBSEAT_BACKEND=builtin", "SEATD_VTBOUND=0", "HYPRLAND_NO_RT=1", "HYPRLAND_NO_SD_NOTIFY=1",
	}, "Hyprland", "--i-am-really-stupid") // without that, it does not start for root
	// In a machine whose processor is emulated, it takes a minute to start, on a busy computer more than five.
	within(t, 4*Limit, "Hyprland answers", func() bool {
		if !h.hyprland.running() {
			t.Fatal("Hyprland ended before it answered")
		}
		told, err := os.ReadFile(h.told())
		if err != nil {
			return false
		}
		for _, folder := range h.instances() {
			if !known[folder] {
				h.instance = folder
			}
		}
		h.display = strings.TrimSpace(string(told))
		// It manages windows anyway. Without a graphics card it takes seconds for some pictures, and answers nobody then.
		return h.do(`dispatch hl.dsp.dpms({ action = "off" })`) == nil
	})
}

// user gives the user the folder and the devices, as a session's user has them.
func (h *Hyprland) user(t testing.TB) *syscall.Credential {
	t.Helper()
	if h.User == 0 {
		return nil
	}
	own := func(path string, _ fs.DirEntry, _ error) error { return os.Lchown(path, int(h.User), int(h.User)) }
	for _, root := range []string{h.Dir, "/dev/dri", "/dev/input"} {
		if err := filepath.WalkDir(root, own); err != nil {
			t.Fatal(err)
		}
	}
	return &syscall.Credential{Uid: h.User, Gid: h.User}
}

func (h *Hyprland) instances() []string {
	all, _ := filepath.Glob(filepath.Join(h.Dir, "hypr", "*_*")) // the pattern is a good one
	return all
}

// configure writes the configuration. A key whose release comes late on a busy computer must not repeat.
func (h *Hyprland) configure(t testing.TB) {
	t.Helper()
	text, err := os.ReadFile(hyprExample)
	if err != nil {
		t.Fatal(err)
	}
	text = fmt.Appendf(text, `
hl.monitor({ output = "", mode = "640x480", position = "auto", scale = 1 })
hl.config({
    animations = { enabled = false },
    decoration = { rounding = 0, blur = { enabled = false }, shadow = { enabled = false } },
    general = { gaps_in = 0, gaps_out = 0, border_size = 0 },
    input = { kb_layout = %q, follow_mouse = 0, repeat_rate = 0 },
    misc = { disable_hyprland_logo = true, disable_splash_rendering = true, force_default_wallpaper = 0, focus_on_activate = true },
    ecosystem = { no_update_news = true, no_donation_nag = true },
    xwayland = { enabled = %v },
})
hl.on("hyprland.start", function()
    hl.dispatch(hl.dsp.dpms({ action = "off" }))
    hl.exec_cmd([[sh -c 'echo "$WAYLAND_DISPLAY" "$DISPLAY" >%s.new && mv %[3]s.new %[3]s']])
end)
%s
`, cmp.Or(h.Layouts, "us,de"), h.Xwayland, h.told(), h.Config)
	file := filepath.Join(h.Dir, "hypr", "hyprland.lua") // below XDG_CONFIG_HOME
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// told is the file in which Hyprland tells its displays, a new one for each start.
func (h *Hyprland) told() string { return filepath.Join(h.Dir, fmt.Sprintf("displays%d", h.starts)) }

// Display is the path of the Wayland socket.
func (h *Hyprland) Display() string {
	name, _, _ := strings.Cut(h.display, " ")
	return filepath.Join(h.Dir, name)
}

// X11 is the X server of Hyprland, as its X11 clients see it.
func (h *Hyprland) X11(t testing.TB) *X11 {
	t.Helper()
	_, display, _ := strings.Cut(h.display, " ")
	return connectX11(t, "Hyprland", display)
}

// Kill ends it at once.
func (h *Hyprland) Kill() { h.hyprland.kill() }

// request sends one request and gives the answer, as hyprctl does.
func (h *Hyprland) request(text string) (string, error) {
	c, err := net.DialTimeout("unix", filepath.Join(h.instance, ".socket.sock"), Limit)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(Limit)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(c, text); err != nil {
		return "", err
	}
	b, err := io.ReadAll(c)
	return string(b), err
}

// do has Hyprland do something.
func (h *Hyprland) do(request string) error {
	answer, err := h.request(request)
	if err == nil && answer != "ok" {
		err = errors.New("Hyprland: " + request + ": " + answer)
	}
	return err
}

func (h *Hyprland) must(t testing.TB, request string) {
	t.Helper()
	if err := h.do(request); err != nil {
		t.Fatal(err)
	}
}

// Workspace changes the workspace.
func (h *Hyprland) Workspace(t testing.TB, name string) {
	t.Helper()
	h.must(t, "dispatch hl.dsp.focus({ workspace = "+name+" })")
}

// SwitchLayout makes another group of all keyboards the active one.
func (h *Hyprland) SwitchLayout(t testing.TB, group int) {
	t.Helper()
	h.must(t, "switchxkblayout all "+strconv.Itoa(group))
}

// Open maps a Wayland window.
func (h *Hyprland) Open(t testing.TB, class, title string) Window {
	t.Helper()
	h.n++
	mark := fmt.Sprintf("new window %d", h.n)
	w := &hyprWindow{waylandWindow: openWayland(t, h.Display(), class, mark), h: h}
	Until(t, "Hyprland knows the window", func() bool {
		answer, err := h.request("j/clients")
		var all []struct{ Address, Title string }
		if err != nil || json.Unmarshal([]byte(answer), &all) != nil {
			return false
		}
		for _, c := range all {
			if c.Title == mark {
				w.address = c.Address
				return true
			}
		}
		return false
	})
	w.SetTitle(t, title)
	return w
}

type hyprWindow struct {
	*waylandWindow
	h       *Hyprland
	address string
}

func (w *hyprWindow) Focus(t testing.TB) {
	t.Helper()
	w.h.must(t, fmt.Sprintf("dispatch hl.dsp.focus({ window = \"address:%s\" })", w.address))
}

// Takers are what takes the keyboard from windows; see [Shower].
func (h *Hyprland) Takers() []string { return []string{"launcher"} }

// Show opens a launcher, a surface of the layer shell.
func (h *Hyprland) Show(t testing.TB, _ string) {
	t.Helper()
	h.launcher = openLauncher(t, h.Display())
}

// Hide closes it.
func (h *Hyprland) Hide(t testing.TB, _ string) {
	t.Helper()
	h.launcher.Close(t)
}

// Env is the environment for programs in the session.
func (h *Hyprland) Env() []string {
	_, x, _ := strings.Cut(h.display, " ")
	return []string{
		"DISPLAY=" + x,
		"HOME=" + h.Dir, "XDG_RUNTIME_DIR=" + h.Dir, "XDG_CONFIG_HOME=" + h.Dir, "WAYLAND_DISPLAY=" + filepath.Base(h.Display()),
		"HYPRLAND_INSTANCE_SIGNATURE=" + filepath.Base(h.instance), "XDG_SESSION_TYPE=wayland", "XDG_CURRENT_DESKTOP=Hyprland",
	}
}

func (h *Hyprland) folder() string { return h.Dir }

// focusApp gives an application the keyboard.
func (h *Hyprland) focusApp(id string) error {
	return h.do("dispatch hl.dsp.focus({ window = \"class:^(" + id + ")$\" })")
}
