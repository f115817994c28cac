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

	"toshy/cmd/internal/desktop"
	"toshy/remap/key"
	"toshy/remap/window/layout"
	"toshy/remap/window/windowtest"
)

// TestCharacters installs the characters on real compositors that run in a window of an X server and use its keyboard. A terminal and
// fields of GTK 3, GTK 4 and Qt 6 then get each character with a low key code when its key is pressed. The removal leaves the user's
// files as they were. (X has no codes above 255, so higher codes cannot be pressed this way.)
func TestCharacters(t *testing.T) {
	t.Run("sway", func(t *testing.T) {
		s := (&windowtest.Sway{Outer: outer(t)}).Reserve(t)
		s.Start(t)
		characterTest{x: s.Outer, key: s.Outer.Key, home: s.Dir, conf: "sway/config", env: []string{"XDG_CURRENT_DESKTOP=sway", "XDG_RUNTIME_DIR=" + s.Dir, "WAYLAND_DISPLAY=" + s.Display(), "SWAYSOCK=" + s.IPC()}}.run(t)
	})
	for name, conf := range map[string]string{"labwc": "labwc/environment", "wayfire": "wayfire.ini"} {
		t.Run(name, func(t *testing.T) {
			w := (&windowtest.Wlroots{Compositor: name, Outer: outer(t)}).Reserve(t)
			w.Start(t)
			characterTest{x: w.Outer, key: w.Outer.Key, home: w.Dir, conf: conf, env: []string{"XDG_CURRENT_DESKTOP=" + name, "XDG_RUNTIME_DIR=" + w.Dir, "WAYLAND_DISPLAY=" + w.Display(), fmt.Sprintf("LABWC_PID=%d", w.PID())}}.run(t)
		})
	}
	t.Run("kwin", func(t *testing.T) {
		k := (&windowtest.KWin{Outer: outer(t), Layouts: "us,de,fr,ru"}).Launch(t)
		home := filepath.Join(filepath.Dir(k.Env("XDG_RUNTIME_DIR")), "config")
		if err := os.MkdirAll(filepath.Join(home, "xkb"), 0o755); err != nil { // otherwise KWin looks for it only at its next start
			t.Fatal(err)
		}
		k.Start(t)
		characterTest{groups: 4, group: func(n int) { k.SwitchLayout(t, n) }, x: k.Outer, key: k.Outer.Key, home: home, conf: "kxkbrc", env: []string{"XDG_CURRENT_DESKTOP=KDE", "DBUS_SESSION_BUS_ADDRESS=" + k.Address(), "XDG_RUNTIME_DIR=" + k.Env("XDG_RUNTIME_DIR"), "WAYLAND_DISPLAY=" + k.Socket()}}.run(t)
	})
}

// TestCharactersOnGNOME does the same with GNOME Shell's own keyboard, which can press keys with high codes, too.
func TestCharactersOnGNOME(t *testing.T) {
	g := (&windowtest.GNOME{}).Launch(t)
	g.Start(t)
	g.Keyboard(t, "us", "de", "fr", "ru")
	run := g.Env("XDG_RUNTIME_DIR")
	characterTest{
		groups: 4, group: func(n int) { g.SwitchLayout(t, n) }, key: g.Key, home: filepath.Join(filepath.Dir(run), "config"),
		env: []string{"XDG_CURRENT_DESKTOP=GNOME", "GSETTINGS_BACKEND=keyfile", "DBUS_SESSION_BUS_ADDRESS=" + g.Address(), "XDG_RUNTIME_DIR=" + run, "WAYLAND_DISPLAY=" + g.Socket()},
	}.run(t)
}

// TestCharactersOfAllCodes: programs get the characters of every code that they know, on four layouts, from a keyboard that has all
// codes. The keymap is the one that libxkbcommon makes of the installed files.
func TestCharactersOfAllCodes(t *testing.T) {
	home := t.TempDir()
	// Not a desktop that toshy knows: the files alone.
	install := toshyIn(t, []string{"XDG_CURRENT_DESKTOP=other", "XDG_SESSION_TYPE=wayland", "XDG_RUNTIME_DIR=" + home, "XDG_CONFIG_HOME=" + home, "XDG_STATE_HOME=" + home + "/state"},
		"characters", "install", "--layout", "us,de,fr,ru")
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	layouts := []string{"us", "de", "fr", "ru"}
	all := func(key.Code) bool { return true }
	low := func(c key.Code) bool { return c < key.FirstWaylandOnly }
	t.Run("labwc", func(t *testing.T) {
		w := (&windowtest.Wlroots{Compositor: "labwc"}).Reserve(t)
		w.Start(t)
		env := []string{"XDG_RUNTIME_DIR=" + w.Dir, "WAYLAND_DISPLAY=" + w.Display()}
		for _, program := range []string{"foot", "3.0", "4.0", "qt5", "qt", "firefox"} {
			allCodes{home, w.Display(), program, false, all}.run(t, env, layouts...)
		}
	})
	t.Run("sway", func(t *testing.T) {
		s := (&windowtest.Sway{Xwayland: true}).Reserve(t)
		s.Start(t)
		env := []string{"XDG_RUNTIME_DIR=" + s.Dir, "WAYLAND_DISPLAY=" + s.Display(), "SWAYSOCK=" + s.IPC(), "DISPLAY=" + s.X11(t).Display}
		for _, program := range []string{"foot", "3.0"} {
			allCodes{home, s.Display(), program, false, all}.run(t, env, "us")
		}
		for _, program := range []string{"xterm", "3.0", "qt5", "qt"} {
			allCodes{home, s.Display(), program, true, low}.run(t, env, "us")
		}
	})
}

// An allCodes is a program, and the codes that it takes.
type allCodes struct {
	home, display, program string
	x11                    bool
	takes                  func(key.Code) bool
}

func (c allCodes) run(t *testing.T, env []string, layouts ...string) {
	t.Helper()
	var keyboard *windowtest.VirtualKeyboard
	press := func(t testing.TB, code uint16, press bool) { keyboard.Key(t, code, press) }
	var text func() string
	for i, name := range layouts {
		compile := exec.Command("xkbcli", "compile-keymap", "--layout", name, "--options", "toshy:characters")
		compile.Env = append(os.Environ(), "XDG_CONFIG_HOME="+c.home)
		keymap, err := compile.Output()
		if err != nil {
			t.Fatal(err)
		}
		k, err := layout.ReadKeymap(string(keymap))
		if err != nil {
			t.Fatal(err)
		}
		strokes := k.Layouts()[0].Strokes
		if i == 0 {
			keyboard = windowtest.PlugKeyboard(t, c.display, string(keymap))
			text = c.open(t, press, env)
		} else { // a new one types a key
			was := text()
			keyboard.Unplug()
			keyboard = windowtest.PlugKeyboard(t, c.display, string(keymap))
			windowtest.Until(t, c.program+" has the key of the new keyboard", func() bool { return text() != was })
		}
		var want []rune
		for r, s := range strokes {
			if code := key.Code(s[0].Key); len(s) == 1 && key.IsSpare(code) && c.takes(code) {
				want = append(want, r)
			}
		}
		slices.Sort(want)
		if len(want) < 30 { // the layouts de and fr type most of the first ones themselves
			t.Errorf("%s: only %d characters", name, len(want))
		}
		before := text()
		got := func() string { return strings.TrimPrefix(text(), before) }
		if !typeCharacters(t, press, strokes, want, got, windowtest.Limit) {
			t.Fatalf("typed %q on %s, %s has %q", string(want), name, c.program, got())
		}
		t.Logf("%s, X11 %v, layout %s: %d characters", c.program, c.x11, name, len(want))
	}
	keyboard.Unplug()
}

// open opens the program, and returns what tells its text. It is closed when the test ends.
func (c allCodes) open(t *testing.T, press func(testing.TB, uint16, bool), env []string) func() string {
	t.Helper()
	if c.program == "foot" || c.program == "xterm" {
		x := windowtest.OpenTerminal(t, c.program, press, env...)
		return x.Text
	}
	open := windowtest.OpenWaylandEntry
	if c.x11 {
		open = windowtest.OpenX11Entry
	}
	e := open(t, c.program, env...)
	return func() string { return strings.TrimPrefix(e.Text(), "ready") }
}

func outer(t *testing.T) *windowtest.X11 {
	t.Helper()
	x := &windowtest.X11{}
	x.Start(t)
	return x
}

// A characterTest is a desktop in a window of an X server.
type characterTest struct {
	x    *windowtest.X11 // the desktop uses its keyboard; nil for GNOME Shell
	key  func(t testing.TB, code uint16, press bool)
	home string // XDG_CONFIG_HOME
	conf string // the file in it that contains the options
	env  []string
	// The number of layouts, and what makes one of them active; 0 if this is not tested.
	groups int
	group  func(int)
}

func (c characterTest) toshy(t *testing.T, args ...string) string {
	t.Helper()
	cmd := toshyIn(t, append(c.env, "XDG_SESSION_TYPE=wayland", "XDG_CONFIG_HOME="+c.home, "XDG_STATE_HOME="+c.home+"/state"), args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("toshy %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (c characterTest) run(t *testing.T) {
	before, _ := os.ReadFile(filepath.Join(c.home, c.conf)) // labwc's does not exist, GNOME has a database
	if out := c.toshy(t, "characters", "install"); !strings.Contains(out, "the keymap of your session has the characters") {
		t.Fatal(out)
	}
	if out := c.toshy(t, "characters", "status"); !strings.Contains(out, "characters are installed") {
		t.Error(out)
	}
	config := filepath.Join(t.TempDir(), "own.toml")
	if err := os.WriteFile(config, []byte("[keymap.own.keys]\nF9 = { text = \"é∑\" }\nF10 = { text = \"😀\" }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := c.toshy(t, "explain", "F9", "-c", config); !strings.Contains(out, "  é∑ is typed by a separate key code in your keymap") {
		t.Error(out)
	}
	way := "by the desktop"
	if c.x == nil { // GNOME without toshy's extension
		way = "by its number"
	}
	if out := c.toshy(t, "explain", "F10", "-c", config); !strings.Contains(out, "  😀 is typed "+way) {
		t.Error(out)
	}
	strokes := c.strokes(t)
	var want []rune
	for r, s := range strokes {
		if len(s) == 1 && key.IsSpare(key.Code(s[0].Key)) && (c.x == nil || s[0].Key < uint16(key.FirstWaylandOnly)) {
			want = append(want, r)
		}
	}
	slices.Sort(want)
	if len(want) < 150 {
		t.Fatalf("only %d characters on low codes", len(want))
	}
	if c.x != nil && c.conf != "kxkbrc" {
		c.upload(t)
	}
	for group := range max(1, c.groups) {
		if c.groups > 0 {
			c.group(group)
		}
		terminal := windowtest.OpenTerminal(t, "foot", c.key, c.env...)
		c.types(t, fmt.Sprintf("the terminal, layout %d,", group+1), strokes, want, terminal.Text)
		terminal.Close()
	}
	for _, toolkit := range []string{"3.0", "4.0", "qt5", "qt", "firefox"} {
		e := windowtest.OpenWaylandEntry(t, toolkit, c.env...)
		c.types(t, "the field of "+toolkit, strokes, want, func() string { return strings.TrimPrefix(e.Text(), "ready") })
		e.Close()
	}
	c.toshy(t, "characters", "remove")
	if after, _ := os.ReadFile(filepath.Join(c.home, c.conf)); c.conf != "kxkbrc" && string(after) != string(before) {
		t.Errorf("%s was %q, and is %q after the removal", c.conf, before, after)
	}
	if left, _ := filepath.Glob(filepath.Join(c.home, "xkb/*/*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// types presses the keys of characters and compares them with what a program received.
func (c characterTest) types(t *testing.T, program string, strokes map[rune][]layout.Stroke, want []rune, got func() string) {
	t.Helper()
	if !typeCharacters(t, c.key, strokes, want, got, windowtest.Limit) {
		t.Errorf("typed %q, %s has %q", string(want), program, got())
	}
}

// burst is how many characters are typed before a program must have them all. Nobody types faster.
const burst = 8

func typeCharacters(t *testing.T, press func(t testing.TB, code uint16, press bool), strokes map[rune][]layout.Stroke, want []rune, got func() string, limit time.Duration) bool {
	t.Helper()
	for i, r := range want {
		s := strokes[r][0]
		keys := append(slices.Clone(s.Mods), s.Key)
		for _, k := range keys {
			press(t, k, true)
		}
		for _, k := range slices.Backward(keys) {
			press(t, k, false)
		}
		if i%burst != burst-1 && i < len(want)-1 {
			continue
		}
		for end := time.Now().Add(limit); got() != string(want[:i+1]); time.Sleep(2 * time.Millisecond) {
			if time.Now().After(end) {
				return false
			}
		}
	}
	return true
}

// strokes returns how the keymap that the desktop distributes types each character.
func (c characterTest) strokes(t *testing.T) (strokes map[rune][]layout.Stroke) {
	t.Helper()
	for _, kv := range c.env {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
	ctx, cancel := context.WithTimeout(t.Context(), windowtest.Limit)
	defer cancel()
	_ = desktop.NewLayouts().Run(ctx, func(l layout.Layout) { strokes = l.Strokes; cancel() }, nil) // ended by ctx
	return strokes
}

// upload gives the X server the keymap, too: wlroots reads the state of the modifiers from there.
func (c characterTest) upload(t *testing.T) {
	t.Helper()
	cmd := exec.Command("sh", "-c", `xkbcli compile-keymap --layout us --options toshy:characters | xkbcomp -w0 - "$1"`, "sh", c.x.Display)
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+c.home)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
