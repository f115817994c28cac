package windowtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// GNOME is the installed GNOME Shell, headless. A helper extension moves the focus: it activates windows as the shell's own code does.
type GNOME struct {
	scripted
	// Extensions are folders of more extensions to install and enable.
	Extensions []string
	Xwayland   bool // with an X server for X11 clients
}

const (
	shellName   = "org.gnome.Shell"
	helperPath  = "/org/toshy/WindowTest"
	helperIface = "org.toshy.WindowTest."
)

// Launch starts the bus. Start starts the shell on it.
func (g *GNOME) Launch(t testing.TB) *GNOME {
	t.Helper()
	need(t, "gnome-shell", "dbus-daemon", "dbus-send")
	_, self, _, _ := runtime.Caller(0)
	args := []string{"-e", ShellExtension(t, filepath.Join(filepath.Dir(self), "gnome-helper"), "windowtest@toshy.org")}
	for _, e := range g.Extensions {
		args = append(args, "-e", e)
	}
	g.launch(t, "gnome.sh", xwayland(t, g.Xwayland), args...)
	return g
}

// ShellVersion returns the major version of the installed GNOME Shell.
func ShellVersion(t testing.TB) int {
	t.Helper()
	need(t, "gnome-shell")
	out, err := exec.Command("gnome-shell", "--version").Output() // "GNOME Shell 48.7"
	if err != nil {
		t.Fatal(err)
	}
	var version int
	if _, err := fmt.Sscanf(string(out), "GNOME Shell %d.", &version); err != nil {
		t.Fatalf("gnome-shell --version says %q: %v", out, err)
	}
	return version
}

// ShellExtension writes an extension for tests, from the folder from, in the form that the installed shell loads: body.js in the frame
// legacy.js or, from version 45 on, module.js.
func ShellExtension(t testing.TB, from, uuid string) (folder string) {
	t.Helper()
	version, frame := ShellVersion(t), "legacy.js"
	if version >= 45 {
		frame = "module.js"
	}
	code, err := os.ReadFile(filepath.Join(from, frame))
	if err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(filepath.Join(from, "body.js"))
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	meta := fmt.Sprintf(`{"uuid": %q, "name": "test", "description": "for tests", "shell-version": ["%d"], "version": 1}`, uuid, version)
	for file, text := range map[string][]byte{
		"extension.js": bytes.Replace(code, []byte("@BODY@\n"), body, 1), "metadata.json": []byte(meta),
	} {
		if err := os.WriteFile(filepath.Join(folder, file), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// Takers are the parts of the shell that take the keyboard from windows; see [Shower].
func (g *GNOME) Takers() []string { return []string{"overview", "run dialog", "menu"} }

// Show opens a part of the shell: one of Takers, or "switcher", which is that of Alt-Tab.
func (g *GNOME) Show(t testing.TB, what string) {
	t.Helper()
	g.call(t, shellName, helperPath, helperIface+"Show", nil, what)
}

// Hide closes what Show opened. Now and then, what still opens does not close then. Escape closes it later.
func (g *GNOME) Hide(t testing.TB, what string) {
	t.Helper()
	hide := func(what string) { t.Helper(); g.call(t, shellName, helperPath, helperIface+"Hide", nil, what) }
	hide(what)
	if what == "switcher" {
		return
	}
	asked := time.Now()
	Until(t, what+" is closed", func() bool {
		var busy bool
		g.call(t, shellName, helperPath, helperIface+"Busy", []any{&busy})
		if busy && time.Since(asked) > time.Second {
			t.Logf("%s is still open", what)
			hide(what)
			hide("run dialog") // this presses Escape
			asked = time.Now()
		}
		return !busy
	})
}

// Workspace goes to a workspace.
func (g *GNOME) Workspace(t testing.TB, name string) {
	t.Helper()
	n, err := strconv.Atoi(name)
	if err != nil {
		t.Fatal(err)
	}
	g.call(t, shellName, helperPath, helperIface+"Workspace", nil, uint32(n-1))
}

// Keyboard plugs in a keyboard and sets its layouts, like Settings.
func (g *GNOME) Keyboard(t testing.TB, layouts ...string) {
	t.Helper()
	g.call(t, shellName, helperPath, helperIface+"Keyboard", nil, layouts)
}

// Key presses or releases a key of that keyboard, by its kernel code. It does not wait for the shell, which does everything in order.
func (g *GNOME) Key(t testing.TB, code uint16, press bool) {
	t.Helper()
	if err := g.bus.Object(shellName, helperPath).Call(helperIface+"Key", dbus.FlagNoReplyExpected, uint32(code), press).Err; err != nil {
		t.Fatal(err)
	}
}

// SwitchLayout makes another keyboard layout the active one, like the panel's menu.
func (g *GNOME) SwitchLayout(t testing.TB, index int) {
	t.Helper()
	g.call(t, shellName, helperPath, helperIface+"SwitchLayout", nil, uint32(index))
}

// Enable enables or disables an extension, like the Extensions application.
func (g *GNOME) Enable(t testing.TB, uuid string, on bool) {
	t.Helper()
	method := map[bool]string{true: "EnableExtension", false: "DisableExtension"}[on]
	var ok bool
	g.call(t, shellName, "/org/gnome/Shell", "org.gnome.Shell.Extensions."+method, []any{&ok}, uuid)
	if !ok {
		t.Fatalf("%s %s: the shell does not know it", method, uuid)
	}
	// Newer shells answer before they do it.
	Until(t, method+" "+uuid+" is done", func() bool {
		var info map[string]dbus.Variant
		g.call(t, shellName, "/org/gnome/Shell", "org.gnome.Shell.Extensions.GetExtensionInfo", []any{&info}, uuid)
		state, _ := info["state"].Value().(float64)
		return (state == 1) == on // ExtensionState.ENABLED, called ACTIVE since 46
	})
}

// Open maps a Wayland window, and returns when it has had the focus. If a test asks for something while the window is not shown yet,
// the shell does it later, at the wrong time.
func (g *GNOME) Open(t testing.TB, class, title string) Window {
	t.Helper()
	old := g.windows(t)
	w := &gnomeWindow{g: g, waylandWindow: openWayland(t, g.Socket(), class, title)}
	Until(t, "the shell knows the window", func() bool {
		for _, id := range g.windows(t) {
			if !slices.Contains(old, id) {
				w.id = id
				return true
			}
		}
		return false
	})
	var asked time.Time
	Until(t, "the new window has the focus", func() bool {
		var id uint32
		g.call(t, shellName, helperPath, helperIface+"Focused", []any{&id})
		if id != w.id && time.Since(asked) > 200*time.Millisecond {
			asked = time.Now()
			w.Focus(t)
		}
		return id == w.id
	})
	return w
}

func (g *GNOME) windows(t testing.TB) (ids []uint32) {
	t.Helper()
	g.call(t, shellName, helperPath, helperIface+"List", []any{&ids})
	return ids
}

type gnomeWindow struct {
	*waylandWindow
	g  *GNOME
	id uint32
}

func (w *gnomeWindow) Focus(t testing.TB) {
	t.Helper()
	w.g.call(t, shellName, helperPath, helperIface+"Activate", nil, w.id)
}
