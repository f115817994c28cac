//go:build desktop

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"toshy/cmd/internal/characters"
	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/dev/desktoptest"
	"toshy/remap/key"
	"toshy/remap/window/gnome"
	"toshy/remap/window/layout"
	"toshy/remap/window/windowtest"
)

// TestCharacters installs the characters on real desktops. Real programs then get each character when its key is pressed, and what
// Option types on a Mac (see optionLayer), on four layouts. The removal leaves the user's files as they were.
func TestCharacters(t *testing.T) {
	toolkits := []string{"3.0", "4.0", "qt5", "qt", "firefox"}
	t.Run("sway", func(t *testing.T) {
		s := (&windowtest.Sway{Outer: outer(t), Xwayland: true, Config: "input type:keyboard xkb_layout us,de,fr,ru"}).Reserve(t)
		s.Start(t)
		characterTest{
			outer: s.Outer, home: s.Dir, conf: "sway/config", display: s.Display(),
			env:    []string{"XDG_CURRENT_DESKTOP=sway", "XDG_RUNTIME_DIR=" + s.Dir, "SWAYSOCK=" + s.IPC()},
			layout: func(_ testing.TB, group int) { s.SwitchLayout(t, group) }, layouts: fourLayouts,
			programs: toolkits, x11: []string{"xterm", "3.0", "qt5", "qt"}, x11Env: []string{"DISPLAY=" + s.X11(t).Display},
		}.run(t)
	})
	for name, c := range map[string]characterTest{
		// labwc does not say which layout is active: each is one keyboard's.
		"labwc":   {conf: "labwc/environment", layouts: fourLayouts, programs: toolkits},
		"wayfire": {conf: "wayfire.ini", layouts: fourLayouts[:1], programs: toolkits},
	} {
		t.Run(name, func(t *testing.T) {
			w := (&windowtest.Wlroots{Compositor: name, Outer: outer(t)}).Reserve(t)
			w.Start(t)
			c.outer, c.home, c.display = w.Outer, w.Dir, w.Display()
			c.env = []string{"XDG_CURRENT_DESKTOP=" + name, "XDG_RUNTIME_DIR=" + w.Dir, fmt.Sprintf("LABWC_PID=%d", w.PID())}
			c.run(t)
		})
	}
	t.Run("budgie", func(t *testing.T) {
		w := (&windowtest.Wlroots{Compositor: "budgie", Outer: outer(t)}).Reserve(t)
		w.Start(t)
		const conf = "budgie-desktop/labwc/environment"
		windowtest.Until(t, "Budgie's bridge to labwc, which needs python3-dbus, writes labwc's file", func() bool {
			b, _ := os.ReadFile(filepath.Join(w.Dir, conf))
			return strings.Contains(string(b), "XKB_DEFAULT_OPTIONS=")
		})
		characterTest{
			outer: w.Outer, home: w.Dir, conf: conf, display: w.Display(),
			env:     []string{"XDG_CURRENT_DESKTOP=Budgie", "GSETTINGS_BACKEND=keyfile", "DBUS_SESSION_BUS_ADDRESS=unix:path=" + w.Dir + "/bus", "XDG_RUNTIME_DIR=" + w.Dir},
			layouts: fourLayouts[:1], programs: toolkits[:1],
		}.run(t)
	})
	t.Run("kwin", func(t *testing.T) {
		k := (&windowtest.KWin{Keyboard: true, Xwayland: true, Layouts: "us,de,fr,ru"}).Launch(t)
		home := filepath.Join(filepath.Dir(k.Env("XDG_RUNTIME_DIR")), "config")
		if err := os.MkdirAll(filepath.Join(home, "xkb"), 0o755); err != nil { // otherwise KWin looks for it only at its next start
			t.Fatal(err)
		}
		k.Start(t)
		characterTest{
			key: k.Key, home: home, conf: "kxkbrc", display: k.Socket(),
			env:    []string{"XDG_CURRENT_DESKTOP=KDE", "DBUS_SESSION_BUS_ADDRESS=" + k.Address(), "XDG_RUNTIME_DIR=" + k.Env("XDG_RUNTIME_DIR")},
			layout: k.SwitchLayout, layouts: fourLayouts,
			setOptions:  []string{"kwriteconfig6", "--file", "kxkbrc", "--group", "Layout", "--key", "Options", "caps:escape"},
			readOptions: []string{"kreadconfig6", "--file", "kxkbrc", "--group", "Layout", "--key", "Options"},
			reread:      k.RereadLayout,
			programs:    toolkits, x11: []string{"xterm", "3.0"}, x11Env: []string{"DISPLAY=" + k.Env("DISPLAY"), "XAUTHORITY=" + k.Env("XAUTHORITY")},
		}.run(t)
	})
	t.Run("gnome", func(t *testing.T) { testGNOME(t, fourLayouts, toolkits) })
}

// TestGNOME48Characters is TestCharacters on GNOME 48, with foot alone.
func TestGNOME48Characters(t *testing.T) { testGNOME(t, fourLayouts[:2], nil) }

func testGNOME(t *testing.T, layouts []namedLayout, programs []string) {
	extension, err := gnome.Write(t.TempDir(), windowtest.ShellVersion(t))
	if err != nil {
		t.Fatal(err)
	}
	g := (&windowtest.GNOME{Extensions: []string{extension}}).Launch(t)
	g.Start(t)
	var ids []string
	for _, l := range layouts {
		ids = append(ids, l.id)
	}
	g.Keyboard(t, ids...)
	run := g.Env("XDG_RUNTIME_DIR")
	characterTest{
		key: g.Key, ibus: true, home: filepath.Join(filepath.Dir(run), "config"), display: g.Socket(),
		env:    []string{"XDG_CURRENT_DESKTOP=GNOME", "GSETTINGS_BACKEND=keyfile", "DBUS_SESSION_BUS_ADDRESS=" + g.Address(), "XDG_RUNTIME_DIR=" + run},
		layout: g.SwitchLayout, layouts: layouts,
		setOptions:  inputSources("set", "['caps:escape']"),
		readOptions: inputSources("get"),
		programs:    programs,
	}.run(t)
}

// inputSources is a command for GNOME's options of the keyboard layout.
func inputSources(verb string, value ...string) []string {
	return append([]string{"gsettings", verb, "org.gnome.desktop.input-sources", "xkb-options"}, value...)
}

type namedLayout struct{ id, name string }

// fourLayouts are layouts with the names that keymaps give them.
var fourLayouts = []namedLayout{{"us", "English (US)"}, {"de", "German"}, {"fr", "French"}, {"ru", "Russian"}}

func outer(t *testing.T) *windowtest.X11 {
	t.Helper()
	x := &windowtest.X11{}
	x.Start(t)
	return x
}

// A characterTest is a desktop with a keyboard.
type characterTest struct {
	key func(t testing.TB, code uint16, press bool) // a key of its keyboard, which has all codes
	// If the desktop is a window of an X server, whose keyboard it uses: this has no codes above 247, so most is typed on a virtual
	// keyboard with the desktop's keymap.
	outer   *windowtest.X11
	virtual *windowtest.VirtualKeyboard
	home    string // XDG_CONFIG_HOME
	conf    string // the file in it that contains the options
	display string // the Wayland socket
	env     []string
	layouts []namedLayout
	layout  func(t testing.TB, group int) // makes one of them the active one

	// Commands of the desktop: one replaces the options of its keyboard by caps:escape, the other prints them. reread makes the desktop
	// read them again, nil if setOptions does.
	setOptions, readOptions []string
	reread                  func(t testing.TB)

	ibus          bool     // IBus turns dead keys into characters
	programs, x11 []string // that get everything on the first layout: Wayland programs, besides foot, and X11 programs
	x11Env        []string // of the latter
}

func (c characterTest) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	return toshyIn(t, append(c.env, "XDG_SESSION_TYPE=wayland", "XDG_CONFIG_HOME="+c.home, "XDG_STATE_HOME="+c.home+"/state"), args...)
}

func (c characterTest) toshy(t *testing.T, args ...string) string {
	t.Helper()
	out, err := c.command(t, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("toshy %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// says runs toshy until it says something. On a busy computer, a desktop takes longer to answer than toshy waits.
func (c characterTest) says(t *testing.T, what string, args ...string) {
	t.Helper()
	windowtest.Until(t, fmt.Sprintf("toshy %v says %q", args, what), func() bool {
		out := c.toshy(t, args...)
		return strings.Contains(out, what) && !strings.Contains(out, "has not reported")
	})
}

func (c characterTest) run(t *testing.T) {
	c.env = append(c.env, "WAYLAND_DISPLAY="+c.display)
	for _, kv := range append([]string{"SWAYSOCK=", "DISPLAY="}, c.env...) {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
	before, _ := os.ReadFile(filepath.Join(c.home, c.conf)) // labwc's does not exist, GNOME has a database
	if out := c.toshy(t, "characters", "install"); !strings.Contains(out, "the keymap of your session has the characters") {
		t.Fatal(out)
	}
	c.says(t, "characters are installed, ", "characters", "status")
	config := filepath.Join(t.TempDir(), "own.toml")
	if err := os.WriteFile(config, []byte("[keymap.own.keys]\nF9 = { text = \"é∑\" }\nF10 = { text = \"😀\" }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.says(t, "  é∑  typed by a separate key code in your keymap", "explain", "F9", "-c", config)
	c.says(t, "  😀  typed by the desktop", "explain", "F10", "-c", config)
	all, low := c.strokes(t)
	if len(low) < 150 {
		t.Fatalf("only %d characters on low codes", len(low))
	}
	if c.outer != nil {
		c.upload(t)
		c.key = c.outer.Key
		c.open(t, "foot", "Wayland, the desktop's own keyboard", c.env, func(types typesInto) { types.strokes(t, low) })
		c.virtual = windowtest.PlugKeyboard(t, c.display, windowtest.CurrentKeymap(t, c.display))
		c.key = func(t testing.TB, code uint16, press bool) { c.virtual.Key(t, code, press) }
	}
	for i := range slices.Backward(c.layouts) { // the first layout is the last one
		c.activate(t, i)
		o := optionLayer{press: c.key, layout: desktoptest.Layout(t, c.layouts[i].name)}
		if c.ibus {
			o = o.withoutDeadKeys()
		}
		on := "Wayland, layout " + c.layouts[i].id
		c.open(t, "foot", on, c.env, func(types typesInto) {
			if i == 0 {
				types.strokes(t, all)
			}
			o.types(t, types, "us", "abc")
		})
		for _, program := range c.programs[:min(len(c.programs), map[bool]int{true: len(c.programs), false: 1}[i == 0])] {
			c.open(t, program, on, c.env, func(types typesInto) { o.types(t, types, "us", "abc") })
		}
		if i > 0 {
			continue
		}
		for _, program := range c.x11 {
			c.open(t, program, "X11, layout "+c.layouts[i].id, append(slices.Clone(c.env), c.x11Env...), func(types typesInto) { o.forX11().types(t, types, "us", "abc") })
		}
	}
	if c.setOptions != nil {
		c.rewriteOptions(t)
	}
	c.toshy(t, "characters", "remove")
	if c.setOptions != nil {
		if options := c.options(t, c.readOptions); !strings.Contains(options, "caps:escape") || strings.Contains(options, "toshy") {
			t.Errorf("after the removal, the options are %q", options)
		}
	}
	if c.conf != "kxkbrc" {
		windowtest.Until(t, fmt.Sprintf("%s is again %q", c.conf, before), func() bool {
			after, _ := os.ReadFile(filepath.Join(c.home, c.conf))
			return string(after) == string(before)
		})
	}
	if set := c.settings(); c.setOptions == nil && set != "" {
		t.Errorf("after the removal, the settings have %q", set)
	}
	if left, _ := filepath.Glob(filepath.Join(c.home, "xkb/*/*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// rewriteOptions: another program replaces the list of options. toshy says that the characters are gone, and a new installation brings
// them back beside the new options.
func (c characterTest) rewriteOptions(t *testing.T) {
	t.Helper()
	c.options(t, c.setOptions)
	if c.reread != nil {
		c.reread(t)
	}
	windowtest.Until(t, "toshy characters status says that the characters are gone", func() bool {
		out, err := c.command(t, "characters", "status").CombinedOutput()
		return err != nil && strings.Contains(string(out), "the keymap of this session does not have them") && strings.Contains(string(out), "toshy characters install")
	})
	if out := c.toshy(t, "characters", "install"); !strings.Contains(out, "the keymap of your session has the characters") {
		t.Error(out)
	}
	if options := c.options(t, c.readOptions); !strings.Contains(options, "caps:escape") || !strings.Contains(options, "toshy:characters") {
		t.Errorf("after the second installation, the options are %q", options)
	}
	c.says(t, "characters are installed, ", "characters", "status")

	// The desktop hears of each change.
	t.Setenv("XDG_CONFIG_HOME", c.home)
	place := characters.Places[strings.ToLower(os.Getenv("XDG_CURRENT_DESKTOP"))]
	for range 20 {
		for _, on := range []bool{false, true} {
			if err := place.Switch(t.Context(), runTool, on); err != nil {
				t.Fatal(err)
			}
			windowtest.Until(t, fmt.Sprintf("the keymap has the characters: %v", on), func() bool {
				has, reported := keymapHasSpare(t.Context())
				return reported && has == on
			})
		}
	}
}

// settings is the line with the options in the file of GLib's settings, "" for none.
func (c characterTest) settings() string {
	b, _ := os.ReadFile(filepath.Join(c.home, "glib-2.0/settings/keyfile"))
	_, set, found := strings.Cut(string(b), "\nxkb-options=")
	if !found {
		return ""
	}
	set, _, _ = strings.Cut(set, "\n")
	return set
}

func (c characterTest) options(t *testing.T, command []string) string {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(append(os.Environ(), c.env...), "XDG_CONFIG_HOME="+c.home)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", command, err, out)
	}
	return string(out)
}

// activate makes a layout the active one.
func (c *characterTest) activate(t *testing.T, i int) {
	t.Helper()
	switch {
	case c.layout != nil:
		c.layout(t, i)
		if c.virtual != nil {
			c.virtual.SwitchLayout(t, i)
		}
	default:
		c.virtual.Unplug()
		compile := exec.Command("xkbcli", "compile-keymap", "--layout", c.layouts[i].id, "--options", "toshy:characters")
		compile.Env = append(os.Environ(), "XDG_CONFIG_HOME="+c.home)
		keymap, err := compile.Output()
		if err != nil {
			t.Fatal(err)
		}
		c.virtual = windowtest.PlugKeyboard(t, c.display, string(keymap))
	}
}

// A typesInto types into a program.
type typesInto struct {
	name  string
	press func(t testing.TB, code uint16, press bool)
	text  func() string
}

// open opens a program while do runs.
func (c *characterTest) open(t *testing.T, program, on string, env []string, do func(typesInto)) {
	t.Helper()
	began := time.Now()
	into := typesInto{name: program + " on " + on, press: c.key}
	x11 := strings.HasPrefix(on, "X11")
	switch {
	case program == "foot" || program == "xterm":
		x := windowtest.OpenTerminal(t, program, c.key, env...)
		defer x.Close()
		into.text = x.Text
	case program == "chromium":
		e := windowtest.OpenChromium(t, c.key, env...)
		defer e.Close()
		into.text = func() string { return strings.TrimPrefix(e.Text(), "ready") }
	default:
		open := windowtest.OpenWaylandEntry
		if x11 {
			open = windowtest.OpenX11Entry
		}
		e := open(t, program, env...)
		defer e.Close()
		into.text = func() string { return strings.TrimPrefix(e.Text(), "ready") }
	}
	opened := time.Now()
	do(into)
	t.Logf("%s: open after %v, typed after %v", into.name, opened.Sub(began).Round(time.Millisecond), time.Since(opened).Round(time.Millisecond))
}

// strokes types characters by their strokes, and compares them with what the program gets.
func (p typesInto) strokes(t *testing.T, strokes map[rune]layout.Stroke) {
	t.Helper()
	w := p.watch(t)
	var all []rune
	for r := range strokes {
		all = append(all, r)
	}
	slices.Sort(all)
	for _, r := range all {
		s := strokes[r]
		keys := append(slices.Clone(s.Mods), s.Key)
		for _, k := range keys {
			p.press(t, k, true)
		}
		for _, k := range slices.Backward(keys) {
			p.press(t, k, false)
		}
		w.Typed(string(r))
	}
	w.All()
}

func (p typesInto) watch(t *testing.T) *windowtest.Watch {
	return windowtest.NewWatch(t, p.name, p.text)
}

// strokes returns how the keymap that the desktop distributes types the characters that were installed, and those with a low code.
func (c *characterTest) strokes(t *testing.T) (all, low map[rune]layout.Stroke) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), windowtest.Limit)
	defer cancel()
	all, low = map[rune]layout.Stroke{}, map[rune]layout.Stroke{}
	_ = desktop.NewLayouts().Run(ctx, func(l layout.Layout) { // ended by ctx
		for r, s := range l.Strokes {
			code := key.Code(s[0].Key)
			if len(s) == 1 && key.IsSpare(code) {
				all[r] = s[0]
				if code < key.FirstWaylandOnly {
					low[r] = s[0]
				}
			}
		}
		cancel()
	}, nil)
	return all, low
}

// upload gives the X server the keymap, too: wlroots reads the state of the modifiers from there.
func (c *characterTest) upload(t *testing.T) {
	t.Helper()
	cmd := exec.Command("sh", "-c", `xkbcli compile-keymap --layout us --options toshy:characters | xkbcomp -w0 - "$1"`, "sh", c.outer.Display)
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+c.home)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
