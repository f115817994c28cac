//go:build desktop

package characters

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Layouts whose characters must not change. The fourth has a variant, the last one has no Latin letters.
var tried = []Layout{
	{Layouts: "us", Options: "ctrl:nocaps"},
	{Layouts: "de"},
	{Layouts: "fr"},
	{Layouts: "us,de", Variants: "intl,neo"},
	{Layouts: "ru"},
	{Layouts: "us,ru", Options: "grp:alt_shift_toggle"},
}

func runes(n int) (all []rune) {
	for r := rune(0x2200); len(all) < n-3; r++ {
		all = append(all, r)
	}
	return append(all, 'é', '😀', 0x301)
}

func home(t *testing.T) Home {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	return Home{filepath.Join(dir, ".config"), filepath.Join(dir, "state", "characters.json")}
}

// tree returns all files below the configuration folder.
func tree(t *testing.T, h Home) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(h.Config, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			all[path] = "folder"
			return nil
		}
		b, err := os.ReadFile(path)
		all[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func same(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

func write(t *testing.T, h Home, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(h.path(name)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.path(name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func prepare(t *testing.T, h Home, all []rune) *Plan {
	t.Helper()
	p, err := Prepare(t.Context(), h, all, tried)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestInstall: libxkbcommon reads the installed files, and every character can be typed in every layout. A second installation
// replaces the first. Removal leaves the folder as it was.
func TestInstall(t *testing.T) {
	for name, own := range map[string]map[string]string{
		"nothing": {},
		"rules": {
			rulesFile:      "! option = symbols\n  my:a = +mine(a)\n! include %S/evdev\n",
			"symbols/mine": "xkb_symbols \"a\" { key <AC01> { [ b ] }; };\n",
		},
		"additions": {postFile: "! option = symbols\n  my:b = +mine(a)\n"},
	} {
		t.Run(name, func(t *testing.T) {
			h := home(t)
			for f, text := range own {
				write(t, h, f, text)
			}
			before := tree(t, h)
			for _, n := range []int{10, 300} {
				p := prepare(t, h, runes(n))
				if c := p.Count(); c.All != n || c.X11 < min(n, 150) || c.Chromium < min(n, 150) || len(p.Left) != 0 {
					t.Errorf("%+v, %d left", c, len(p.Left))
				}
				if err := p.Install(); err != nil {
					t.Fatal(err)
				}
				for f, text := range own {
					if now, err := os.ReadFile(h.path(f)); err != nil || !strings.HasSuffix(string(now), text) {
						t.Errorf("%s is now %q, %v", f, now, err)
					}
				}
				for _, l := range tried {
					if err := p.verify(t.Context(), h.Config, l); err != nil {
						t.Error(err)
					}
				}
			}
			in, err := Look(h)
			if err != nil || in == nil || len(in.Trouble) > 0 {
				t.Fatalf("%+v, %v", in, err)
			}
			if err := in.Check(t.Context(), h); err != nil {
				t.Error(err)
			}
			if err := in.Remove(h); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(h.State); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the record: %v", err)
			}
			if after := tree(t, h); name != "nothing" && !same(before, after) || name == "nothing" && len(after) > 1 {
				t.Errorf("before %v, after %v", before, after)
			}
		})
	}
}

// TestRefused: if something is wrong beforehand, toshy writes nothing.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, text, says string }{
		"broken rules":       {rulesFile, "! option = = garbage\n", "does not compile"},
		"somebody's symbols": {symbolsFile, "xkb_symbols \"x\" { };\n", "was not made by toshy characters"},
	} {
		t.Run(name, func(t *testing.T) {
			h := home(t)
			write(t, h, c.file, c.text)
			before := tree(t, h)
			if _, err := Prepare(t.Context(), h, runes(20), tried); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it says %v", err)
			}
			if !same(before, tree(t, h)) {
				t.Error("the folder has changed")
			}
		})
	}
	t.Run("link", func(t *testing.T) {
		h := home(t)
		write(t, h, "other", "")
		for _, f := range []string{rulesFile, postFile} {
			if err := errors.Join(os.MkdirAll(filepath.Dir(h.path(f)), 0o755), os.Symlink("../other", h.path(f))); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Prepare(t.Context(), h, runes(20), tried[:1]); err == nil || !strings.Contains(err.Error(), "is a link") {
			t.Errorf("it says %v", err)
		}
	})
	t.Run("no compiler", func(t *testing.T) {
		h := home(t)
		t.Setenv("PATH", t.TempDir())
		if _, err := Prepare(t.Context(), h, runes(20), tried[:1]); !errors.Is(err, ErrNoCompiler) {
			t.Errorf("it says %v", err)
		}
	})
	t.Run("layout that does not exist", func(t *testing.T) {
		h := home(t)
		if _, err := Prepare(t.Context(), h, runes(20), []Layout{{Layouts: "nowhere"}}); err == nil {
			t.Error("the layout was accepted")
		}
	})
}

// TestNotWritable: if toshy cannot write everything, it restores what it has changed.
func TestNotWritable(t *testing.T) {
	h := home(t)
	p := prepare(t, h, runes(20))
	write(t, h, p.rules, "! include %S/evdev\n") // meanwhile
	before := tree(t, h)
	if err := p.Install(); err == nil || !strings.Contains(err.Error(), "has changed meanwhile") {
		t.Errorf("it says %v", err)
	}
	if !same(before, tree(t, h)) {
		t.Errorf("left behind: %v", tree(t, h))
	}
	if in, err := Look(h); in != nil || err != nil {
		t.Errorf("%+v, %v", in, err)
	}
}

// TestDamage: toshy notices files that another program has changed, and broken files do not compile.
func TestDamage(t *testing.T) {
	h := home(t)
	p := prepare(t, h, runes(20))
	if err := p.Install(); err != nil {
		t.Fatal(err)
	}
	write(t, h, symbolsFile, header+"xkb_symbols \"characters\" { key <I120> { [ broken")
	in, err := Look(h)
	if err != nil || in == nil {
		t.Fatal(err)
	}
	if err := in.Check(t.Context(), h); err == nil {
		t.Error("broken symbols compile")
	}
	write(t, h, symbolsFile, "mine")
	if in, err = Look(h); err != nil || len(in.Trouble) != 1 {
		t.Errorf("%+v, %v", in, err)
	}
	if err := in.Remove(h); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(h.path(symbolsFile)); string(b) != "mine" {
		t.Errorf("another program's file is %q", b)
	}
}

// TestApply: if the desktop does not accept the option, toshy removes it together with the files, and restores the earlier
// installation.
func TestApply(t *testing.T) {
	h, place := home(t), Places["gnome"]
	s := settings{"xkb-options": "['ctrl:nocaps']", "sources": "[('xkb', 'us')]"}
	refuse := func(context.Context, bool) error { return errors.New("not accepted") }
	var waits []bool
	take := func(_ context.Context, has bool) error {
		want := map[bool]string{true: "['ctrl:nocaps', 'toshy:characters']", false: "['ctrl:nocaps']"}[has]
		if s["xkb-options"] != want {
			t.Errorf("while toshy waits for the keymap with the characters %v: %s", has, s["xkb-options"])
		}
		waits = append(waits, has)
		return nil
	}
	if _, err := prepare(t, h, runes(20)).Apply(t.Context(), place, s.run, nil, refuse); err == nil || !strings.Contains(err.Error(), "everything is as it was before") {
		t.Errorf("it says %v", err)
	}
	if in, err := Look(h); in != nil || err != nil || s["xkb-options"] != "['ctrl:nocaps']" || len(tree(t, h)) > 1 {
		t.Errorf("%+v, %v, %v, %v", in, err, s, tree(t, h))
	}
	if _, err := prepare(t, h, runes(20)).Apply(t.Context(), place, s.run, nil, take); err != nil {
		t.Fatal(err)
	}
	before := tree(t, h)
	old, err := Look(h)
	if err != nil || old.Place() != "GNOME" {
		t.Fatalf("%+v, %v", old, err)
	}
	if _, err := prepare(t, h, runes(30)).Apply(t.Context(), place, s.run, old, refuse); err == nil {
		t.Error("the option was accepted")
	}
	if now, err := Look(h); err != nil || now.Place() != "GNOME" || !same(before, tree(t, h)) || s["xkb-options"] != "['ctrl:nocaps', 'toshy:characters']" {
		t.Errorf("%+v, %v, %v", now, err, s)
	}
	// The desktop must see that the option is off, or it does not read the new files.
	if _, err := prepare(t, h, runes(30)).Apply(t.Context(), place, s.run, old, take); err != nil || !slices.Equal(waits, []bool{true, false, true}) {
		t.Errorf("%v, waited for %v", err, waits)
	}
}

// TestApplyInterrupted: the wait for the desktop may be interrupted, but no change stops halfway.
func TestApplyInterrupted(t *testing.T) {
	h, place := home(t), Places["gnome"]
	s := settings{"xkb-options": "['toshy:characters', 'ctrl:nocaps']", "sources": "[('xkb', 'us')]"} // the user has set the option already
	ctx, cancel := context.WithCancel(t.Context())
	run := func(ctx context.Context, args ...string) (string, error) {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		return s.run(ctx, args...)
	}
	wait := func(ctx context.Context, _ bool) error {
		cancel()
		return ctx.Err()
	}
	if _, err := prepare(t, h, runes(20)).Apply(ctx, place, run, nil, wait); err == nil || err.Error() != "interrupted; everything is as it was before" {
		t.Errorf("it says %v", err)
	}
	if in, err := Look(h); in != nil || err != nil || s["xkb-options"] != "['ctrl:nocaps', 'toshy:characters']" || len(tree(t, h)) > 1 {
		t.Errorf("%+v, %v, %v, %v", in, err, s, tree(t, h))
	}
}

// TestApplyWithoutDesktop: no desktop reads its new file. The old one is back, and toshy does not say otherwise.
func TestApplyWithoutDesktop(t *testing.T) {
	h := home(t)
	t.Setenv("XDG_CONFIG_HOME", h.Config)
	path := filepath.Join(h.Config, "sway/config")
	put(t, path, "input * xkb_layout de\n")
	before := tree(t, h)
	run := func(context.Context, ...string) (string, error) { return "", errors.New("no socket") }
	_, err := prepare(t, h, runes(20)).Apply(t.Context(), Places["sway"], run, nil, nil)
	if err == nil || err.Error() != "sway does not take the option: no socket; everything is as it was before" {
		t.Errorf("it says %v", err)
	}
	if !same(before, tree(t, h)) {
		t.Errorf("before %v, after %v", before, tree(t, h))
	}
}

// TestApplyAtLogin: a desktop that has not seen the folder cannot have the characters before the next login, so nothing waits for it.
func TestApplyAtLogin(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir()) // no desktop runs
	h, waited := home(t), 0
	wait := func(_ context.Context, has bool) error {
		if has {
			waited++
		}
		return nil
	}
	s := settings{"LayoutList": "us"}
	for n, later := range []bool{true, false} {
		old, err := Look(h)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := prepare(t, h, runes(20)).Apply(t.Context(), Places["kde"], s.run, old, wait); err != nil || got != later || waited != n || s["Options"] != Option {
			t.Errorf("installation %d: later %v, waited %d times, %v, %v", n+1, got, waited, s, err)
		}
	}
}

// TestApplyNiri: niri looks for the folder of the files only when it starts. If the folder is new, toshy does not wait for the keymap.
// niri looks at its configuration twice a second. So toshy waits until niri has noticed that the option is off.
func TestApplyNiri(t *testing.T) {
	h, place := home(t), Places["niri"]
	t.Setenv("XDG_CONFIG_HOME", h.Config)
	put(t, filepath.Join(h.Config, "niri/config.kdl"), "input {\n    keyboard {\n        xkb {\n            layout \"us\"\n        }\n    }\n}\n")
	options := func() string {
		l, err := place.Layout(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return l.Options
	}
	var old *Installed
	for _, want := range []bool{true, false} {
		var asked []string // for the keymap with and without the characters
		later, err := prepare(t, h, runes(20)).Apply(t.Context(), place, nil, old, func(_ context.Context, has bool) error {
			asked = append(asked, fmt.Sprint(has, options()))
			return nil
		})
		expect := map[bool][]string{false: {"false", "true" + Option}}[want]
		if err != nil || later != want || !slices.Equal(asked, expect) {
			t.Errorf("later %v, asked for %q, %v; want %v, %q", later, asked, err, want, expect)
		}
		if old, err = Look(h); err != nil || old == nil {
			t.Fatalf("%+v, %v", old, err)
		}
	}
}
