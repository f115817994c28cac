//go:build desktop

package main

import (
	"context"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"toshy/cmd/internal/control"
	"toshy/remap/window/windowtest"
)

// The desktop runs this test binary under the name toshy-tray: the real program in a separate process.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"toshy-tray": main})
}

// A daemon is the smallest one that a tray icon needs behind a control socket.
type daemon struct {
	mu       sync.Mutex
	facts    facts
	watchers []func(control.Event)
	asked    []control.Request
	changes  int // events, and watches that started
}

func (d *daemon) Control(_ context.Context, r control.Request) control.Response {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, r)
	switch r.Command {
	case "status":
		s := *d.facts.status
		return control.Response{OK: true, Status: &s}
	case "settings":
		return control.Response{OK: true, Settings: slices.Clone(d.facts.settings)}
	case "pause", "resume":
		d.facts.status.Paused = r.Command == "pause"
	case "set":
		i := slices.IndexFunc(d.facts.settings, func(s control.Setting) bool { return s.Name == r.Name })
		d.facts.settings[i].Value = r.Value
	case "layer":
		d.facts.status.Layers = nil
		if r.Value == "on" {
			d.facts.status.Layers = []string{r.Name}
		}
	case "keyboard-type":
		k := &d.facts.status.Keyboards[2]
		k.Type, k.Chosen = r.Value, r.Value != ""
	case "reload":
		return control.Response{Error: "config.toml:3:1: there is no key \"X\""}
	default:
		return control.Response{Error: "unknown command"}
	}
	d.tell()
	return control.Response{OK: true}
}

func (d *daemon) Monitor(bool, func(control.Event)) func() { panic("the tray watches keys") }

func (d *daemon) Watch(report func(control.Event)) func() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watchers = append(d.watchers, report)
	d.changes++
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.watchers = nil
	}
}

func (d *daemon) tell() {
	d.changes++
	for _, w := range d.watchers {
		w(control.Event{Kind: "status"})
	}
}

// change changes the status, as a daemon does by itself.
func (d *daemon) change(f func(*facts)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(&d.facts)
	d.tell()
}

// last returns the last request that was not only a question.
func (d *daemon) last() control.Request {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range slices.Backward(d.asked) {
		if r.Command != "status" && r.Command != "settings" {
			r.Version = 0
			return r
		}
	}
	return control.Request{}
}

// serve accepts connections until the returned function is called.
func (d *daemon) serve(t *testing.T, path string) (stop func()) {
	t.Helper()
	s := &control.Server{Path: path}
	if err := s.Listen(d); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Serve(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// A host asks on the bus what panels ask.
type host struct {
	t    *testing.T
	conn *dbus.Conn
}

// item is the tray's icon as the watcher has registered it; "" before that.
func (h *host) item() string {
	v, err := h.conn.Object("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher").
		GetProperty("org.kde.StatusNotifierWatcher.RegisteredStatusNotifierItems")
	if err != nil {
		return ""
	}
	for _, item := range v.Value().([]string) {
		name, path, found := strings.Cut(item, "/")
		if id, err := h.conn.Object(name, dbus.ObjectPath("/"+path)).GetProperty("org.kde.StatusNotifierItem.Id"); found && err == nil && id.Value() == "toshy" {
			return name
		}
	}
	return ""
}

func (h *host) property(name string) any {
	v, err := h.conn.Object(busName, "/StatusNotifierItem").GetProperty("org.kde.StatusNotifierItem." + name)
	if err != nil {
		return nil
	}
	return v.Value()
}

// tooltip is the title of the tooltip.
func (h *host) tooltip() string {
	fields, _ := h.property("ToolTip").([]any)
	if len(fields) < 3 {
		return ""
	}
	text, _ := fields[2].(string)
	return text
}

// A node of the menu, as com.canonical.dbusmenu has it.
type node struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

func (h *host) layout() (n node) {
	var revision uint32
	if err := h.menu().Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *host) menu() dbus.BusObject { return h.conn.Object(busName, "/StatusNotifierItem/menu") }

// find follows the beginnings of labels down the menu.
func (h *host) find(labels ...string) (node, bool) {
	at := h.layout()
	for _, label := range labels {
		found := false
		for _, c := range at.Children {
			var n node
			if err := dbus.Store([]any{c.Value()}, &n); err != nil {
				h.t.Fatal(err)
			}
			text, _ := n.Props["label"].Value().(string)
			if visible, said := n.Props["visible"]; strings.HasPrefix(text, label) && (!said || visible.Value() == true) {
				at, found = n, true
				break
			}
		}
		if !found {
			return node{}, false
		}
	}
	return at, true
}

func (n node) checked() bool { return n.Props["toggle-state"].Value() == int32(1) }
func (n node) enabled() bool { return n.Props["enabled"].Value() == true }

// click chooses an entry of the menu, like a panel.
func (h *host) click(labels ...string) {
	h.t.Helper()
	var n node
	windowtest.Until(h.t, "the menu has "+strings.Join(labels, " > "), func() (ok bool) {
		n, ok = h.find(labels...)
		return ok
	})
	if err := h.menu().Call("com.canonical.dbusmenu.Event", 0, n.ID, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err; err != nil {
		h.t.Fatal(err)
	}
}

func TestTray(t *testing.T) {
	p := &windowtest.Panel{Dark: true}
	p.Start(t)
	d := &daemon{facts: running()}
	socket := filepath.Join(p.X.Dir, "toshy.sock")
	stop := d.serve(t, socket)
	program := filepath.Join(p.X.Dir, "toshy-tray")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	page := "#!/bin/sh\necho \"$*\" >" + filepath.Join(p.X.Dir, "page") + "\n"
	if err := os.WriteFile(filepath.Join(p.X.Dir, "toshy-ui"), []byte(page), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", p.X.Dir+":"+os.Getenv("PATH")) // the tray is a link there, and its program is in another folder
	p.Run(t, program, "--socket", socket)
	conn, err := dbus.Connect(p.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	h := &host{t, conn}
	says := func(text string) {
		t.Helper()
		windowtest.Until(t, "the tooltip says "+text, func() bool { return strings.Contains(h.tooltip(), text) })
	}
	// looks waits until the panel shows an icon, and saves the picture.
	looks := func(name string, icon []byte) {
		t.Helper()
		var shot []byte
		windowtest.Until(t, "the panel shows the icon "+name, func() bool {
			var img image.Image
			img, shot = p.Screenshot(t)
			keep(t, name, shot)
			return shows(t, img, icon)
		})
	}

	windowtest.Until(t, "the panel has the icon", func() bool { return h.item() != "" })
	says("active on 2 keyboards")
	looks("active", iconActive)

	for _, c := range []struct {
		click []string
		want  control.Request
		shows []string
		on    bool
	}{
		{[]string{"Settings", "The keypad types"}, ask("set", "forced_numpad", "false").request, []string{"Settings", "The keypad types"}, false},
		{[]string{"Settings", "The keypad types"}, ask("set", "forced_numpad", "true").request, []string{"Settings", "The keypad types"}, true},
		{[]string{"Settings", "What Caps Lock is", "○ Caps"}, ask("set", "capslock_mode", "caps").request, []string{"Settings", "What Caps Lock is: Caps Lock", "● Caps"}, false},
		{[]string{"Settings", "Global", "Global"}, ask("set", "global_shortcuts", "true").request, []string{"Settings", "Global", "Global"}, true},
		{[]string{"Layers", "Num pad"}, ask("layer", "num_pad", "on").request, []string{"Layers", "Num pad"}, true},
		{[]string{"Keyboards", "Old one", "○ Windows"}, ask("keyboard-type", "1:2", "windows").request, []string{"Keyboards", "Old one: Windows", "● Windows"}, false},
	} {
		h.click(c.click...)
		windowtest.Until(t, "the daemon is asked for "+strings.Join(c.click, " > "), func() bool {
			got := d.last()
			return got.Command == c.want.Command && got.Name == c.want.Name && got.Value == c.want.Value
		})
		windowtest.Until(t, "the menu follows at "+strings.Join(c.shows, " > "), func() bool {
			n, ok := h.find(c.shows...)
			return ok && n.checked() == c.on
		})
	}
	h.click("Shortcuts")
	windowtest.Until(t, "the page opens for the window in front", func() bool {
		b, err := os.ReadFile(filepath.Join(p.X.Dir, "page"))
		return err == nil && strings.TrimSpace(string(b)) == "--socket "+socket+" --app bank"
	})
	// The entry that needed the setting is enabled now.
	if n, ok := h.find("Settings", "Global", "Dialog"); !ok || !n.enabled() {
		t.Errorf("a setting stays disabled: %+v", n)
	}

	h.click("Pause")
	says("paused")
	looks("paused", iconPaused)
	h.click("Resume")
	says("active")
	d.change(func(f *facts) { f.status.Passthrough = true })
	says("not mapped")
	looks("passing", iconPassing)
	d.change(func(f *facts) {
		f.status.Passthrough, f.status.ConfigError = false, "config.toml:3:1: there is no key \"X\""
	})
	says("broken")
	looks("broken", iconBroken)
	if _, ok := h.find("Mistake in the configuration: config.toml:3:1"); !ok {
		t.Error("the menu does not name the mistake")
	}

	// Another configuration has other settings.
	d.change(func(f *facts) {
		f.status.ConfigError = ""
		f.settings = []control.Setting{{Name: "own", Value: "a", Values: []string{"a", "b"}}, {Name: "two", Value: "false", Values: yesNo}}
	})
	h.click("Settings", "Own: A", "○ B")
	windowtest.Until(t, "the new setting is set", func() bool { _, ok := h.find("Settings", "Own: B", "● B"); return ok })
	if _, ok := h.find("Settings", "The keypad"); ok {
		t.Error("the menu keeps settings that no longer exist")
	}

	p.KillPanel()
	windowtest.Until(t, "the panel is gone", func() bool { return h.item() == "" })
	p.Dark = false
	p.StartPanel(t)
	windowtest.Until(t, "the new panel has the icon", func() bool { return h.item() != "" })
	looks("active-again", iconActive)

	stop()
	says("no daemon is running")
	looks("absent", iconAbsent)
	d.serve(t, socket)
	says("active")

	img, _ := p.Screenshot(t)
	at, _ := spot(img)
	p.X.Click(t, at.Min.Add(at.Max).Div(2))
	windowtest.Until(t, "a click with the mouse opens the menu", func() bool {
		img, shot := p.Screenshot(t)
		keep(t, "menu", shot)
		return busy(img)
	})

	// The tray asks for the status when something has changed, once for the focused window, and not otherwise.
	d.mu.Lock()
	defer d.mu.Unlock()
	asked := 0
	for _, r := range d.asked {
		if r.Command == "status" {
			asked++
		}
	}
	if asked == 0 || asked > d.changes+1 {
		t.Errorf("asked for the status %d times after %d changes", asked, d.changes)
	}
}
