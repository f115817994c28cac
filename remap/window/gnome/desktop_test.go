//go:build desktop

package gnome

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

// extension writes our extension into a folder that a test's shell can use.
func extension(t testing.TB) string {
	t.Helper()
	folder, err := Write(t.TempDir(), windowtest.ShellVersion(t))
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestGNOME(t *testing.T) {
	g := (&windowtest.GNOME{Extensions: []string{extension(t)}}).Launch(t)
	windowtest.Suite{
		Desktop: keyboarded{g},
		Source:  func() window.Source { return &Source{Address: g.Address()} },
		Want:    window.Info{Desktop: "gnome", Session: "wayland", Source: "gnome"},
	}.Run(t)
}

// keyboarded returns a shell that has a keyboard once it has started.
type keyboarded struct{ *windowtest.GNOME }

func (k keyboarded) Start(t testing.TB) {
	t.Helper()
	k.GNOME.Start(t)
	k.Keyboard(t, "us")
}

// TestSwitcher: while you switch windows, the rules of the previous window stay in use, because you still hold Command and it keeps
// its meaning.
func TestSwitcher(t *testing.T) {
	g := keyboarded{(&windowtest.GNOME{Extensions: []string{extension(t)}}).Launch(t)}
	g.Start(t)
	a, b := g.Open(t, "alpha.app", "a"), g.Open(t, "beta.app", "b")
	a.Focus(t)
	b.Focus(t)
	l := windowtest.Follow(t, &Source{Address: g.Address()})
	l.Wait(t, "beta.app", "b")
	before := len(l.All())
	g.Show(t, "switcher")
	b.SetTitle(t, "b2")
	l.Wait(t, "beta.app", "b2")
	g.Hide(t, "switcher")
	l.Wait(t, "alpha.app", "a")
	for _, i := range l.All()[before:] {
		if i.Class == "" {
			t.Errorf("no window was reported among %+v", l.All()[before:])
		}
	}
}

// TestLock disables and enables the extension while the source runs, as locking the screen does. It also finds a source at once if the
// extension is enabled later.
func TestLock(t *testing.T) {
	g := (&windowtest.GNOME{Extensions: []string{extension(t)}}).Launch(t)
	g.Start(t)
	a := g.Open(t, "alpha.app", "a")
	a.Focus(t)
	l := windowtest.Follow(t, &Source{Address: g.Address()})
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if i := l.Wait(t, "alpha.app", "a"); i.Exe != self {
		t.Errorf("exe %q, want %q", i.Exe, self)
	}
	g.Enable(t, UUID, false)
	l.Wait(t, "", "")
	late := windowtest.Follow(t, &Source{Address: g.Address(), settle: windowtest.Limit})
	g.Enable(t, UUID, true)
	l.Wait(t, "alpha.app", "a")
	late.Wait(t, "alpha.app", "a")
	a.SetTitle(t, "b")
	l.Wait(t, "alpha.app", "b")
	late.Wait(t, "alpha.app", "b")
}

// TestPublished follows a real shell through replacements for the published extensions.
func TestPublished(t *testing.T) {
	stand := windowtest.ShellExtension(t, "testdata/published", "published@toshy.org")
	g := (&windowtest.GNOME{Extensions: []string{extension(t), stand}}).Launch(t)
	g.Start(t)
	g.Enable(t, UUID, false)
	c, err := dbus.Connect(g.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	only := func(which string) {
		if err := c.Object(BusName, "/org/toshy/Published").Call("org.toshy.Published.Only", 0, which).Err; err != nil {
			t.Fatal(err)
		}
	}
	a := g.Open(t, "alpha.app", "Alpha – ünïcode ✓")
	a.Focus(t)
	for which, title := range map[string]string{"xremap": "Xremap", "calls": "Window Calls Extended", "focused": "Focused Window D-Bus"} {
		t.Run(which, func(t *testing.T) {
			only(which)
			if s, err := Check(t.Context(), g.Address(), ""); err != nil || s.Published != title {
				t.Errorf("Check: %+v, %v", s, err)
			}
			l := windowtest.Follow(t, &Source{Address: g.Address()})
			l.Wait(t, "alpha.app", "Alpha – ünïcode ✓")
			b := g.Open(t, "beta.app", `Beta "one"`)
			b.Focus(t)
			l.Wait(t, "beta.app", `Beta "one"`)
			b.SetTitle(t, "two")
			l.Wait(t, "beta.app", "two")
			b.Close(t)
			l.Wait(t, "alpha.app", "Alpha – ünïcode ✓")
		})
	}
	t.Run("ours comes", func(t *testing.T) {
		only("xremap")
		l := windowtest.Follow(t, &Source{Address: g.Address()})
		l.Wait(t, "alpha.app", "Alpha – ünïcode ✓")
		g.Enable(t, UUID, true)
		only("") // from now on, only ours reports
		a.SetTitle(t, "by signal")
		l.Wait(t, "alpha.app", "by signal")
		g.Enable(t, UUID, false)
	})
	only("")
	_, err = windowtest.RunError(t, &Source{Address: g.Address(), settle: 100 * time.Millisecond})
	if !errors.Is(err, window.ErrUnavailable) || !strings.Contains(err.Error(), "toshy gnome-extension install") {
		t.Errorf("without an extension Run returned %v", err)
	}
}

// TestInstall installs into the running shell: files, and the user's list of extensions.
func TestInstall(t *testing.T) {
	g := new(windowtest.GNOME).Launch(t)
	// The folders in which this shell keeps its data and settings, instead of the user's own.
	home := filepath.Dir(g.Env("XDG_RUNTIME_DIR"))
	data := filepath.Join(home, "data")
	t.Setenv("GSETTINGS_BACKEND", "keyfile")
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	ctx, address := t.Context(), g.Address()
	if _, err := Install(ctx, address, data); !errors.Is(err, window.ErrUnavailable) {
		t.Errorf("without a shell Install returned %v", err)
	}
	g.Start(t)
	var s Status
	var done Installed
	check := func() (err error) { s, err = Check(ctx, address, data); return err }
	install := func() (err error) { done, err = Install(ctx, address, data); return err }
	patiently(t, "before", check)
	if s.Shell != windowtest.ShellVersion(t) || s.Present || s.Known || s.Active() || !s.UserExtensions {
		t.Fatalf("before: %+v", s)
	}
	patiently(t, "Install", install)
	if !done.LogIn || !done.Enabled || done.Shell != windowtest.ShellVersion(t) {
		t.Fatalf("Install: %+v", done)
	}
	patiently(t, "installed", check)
	if !s.Present || !s.Current || s.Known {
		t.Errorf("installed: %+v", s)
	}
	g.Kill() // like logging out and in again
	g.Start(t)
	windowtest.Until(t, "the extension is active", func() bool { return check() == nil && s.Active() })
	w := g.Open(t, "alpha.app", "a")
	w.Focus(t)
	windowtest.Follow(t, &Source{Address: address}).Wait(t, "alpha.app", "a")
	patiently(t, "a second time", install)
	if done.LogIn || !done.Enabled {
		t.Errorf("a second time: %+v", done)
	}
	if err := os.WriteFile(filepath.Join(done.Folder, "extension.js"), []byte("// older"), 0o644); err != nil {
		t.Fatal(err)
	}
	patiently(t, "over an older one", install)
	if !done.LogIn {
		t.Errorf("over an older one: %+v", done)
	}
	patiently(t, "Uninstall", func() error { return Uninstall(ctx, address, data) })
	patiently(t, "uninstalled", check)
	if s.Present || s.Active() {
		t.Errorf("uninstalled: %+v", s)
	}
}

// patiently repeats what a shell on a busy computer does not answer in time.
func patiently(t *testing.T, what string, try func() error) {
	t.Helper()
	windowtest.Until(t, what, func() bool {
		err := try()
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("%s: %v", what, err)
		}
		return err == nil
	})
}

// TestX11Windows follows windows of X11 clients, whose titles can be of any length.
func TestX11Windows(t *testing.T) {
	g := (&windowtest.GNOME{Extensions: []string{extension(t)}, Xwayland: true}).Launch(t)
	g.Start(t)
	windowtest.X11Windows(t, g, g.X11(t), &Source{Address: g.Address()}, "XAlpha", 1<<20, 20_000)
}
