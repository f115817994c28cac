//go:build vm

package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	before = "extends = \"none\"\n[modmap.m]\nkeys.F1 = \"A\"\nkeys.F2 = \"LeftShift\"\n"
	after  = "extends = \"none\"\n[modmap.m]\nkeys.F1 = \"B\"\nkeys.F2 = \"LeftCtrl\"\n"
	broken = "extends = \"none\"\n[modmap.m]\nkeys.F1 = \"NoSuchKey\"\n"
)

// replace changes a file as editors do: a new file takes its place.
func replace(t testing.TB, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path+"~", []byte(text), 0o644))
	must(t, os.Rename(path+"~", path))
}

func TestReload(t *testing.T) {
	change := map[string]func(testing.TB, *toshy, string){
		"when the file is replaced": func(t testing.TB, r *toshy, text string) { replace(t, r.config, text) },
		"when the file is written": func(t testing.TB, r *toshy, text string) {
			must(t, os.WriteFile(r.config, []byte(text), 0o644))
		},
		"on SIGHUP": func(t testing.TB, r *toshy, text string) {
			must(t, os.WriteFile(r.config, []byte(text), 0o644))
			r.signal(syscall.SIGHUP)
		},
	}
	for name, change := range change {
		t.Run(name, func(t *testing.T) {
			k := plugUSB(t)
			r := startOn(t, before, k)
			k.becomes(r.out, "+f1 -f1", "+a -a")
			k.types("+f2")
			r.out.expect("+leftshift")

			change(t, r, broken)
			r.logs("the configuration is broken; the previous one stays in use", 1)
			r.logs(r.config+":3:11", 1)
			k.types("+f1 -f1")
			r.out.expect("+a -a")

			change(t, r, after)
			r.logs("configuration loaded", 1)
			k.types("+f1 -f1 -f2") // F2 was pressed under the old rules and ends under them
			r.out.expect("+b -b -leftshift")
			k.becomes(r.out, "+f1 -f1 +f2 -f2", "+b -b +leftctrl -leftctrl")
		})
	}
}

func TestReloadOfARelativePath(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "my.toml")
	must(t, os.WriteFile(path, []byte(before), 0o644))
	known := nodes()
	cmd := exec.Command("/bin/toshy", "-c", "my.toml")
	cmd.Dir = dir
	r := launchCmd(t, cmd)
	out := open(t, appear(t, "toshy's virtual keyboard", known, func(n node) bool { return n.phys == virtualKeyboard }))
	k := plugUSB(t)
	k.through(out)
	replace(t, path, after)
	r.logs("configuration loaded", 1)
	k.becomes(out, "+f1 -f1", "+b -b")
}

// The user's first configuration is created while toshy runs, in a folder that does not exist yet, and is deleted again.
func TestReloadOfTheFirstConfiguration(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	must(t, os.MkdirAll(home, 0o755))
	known := nodes()
	cmd := exec.Command("/bin/toshy")
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+filepath.Join(home, ".config"))
	r := launchCmd(t, cmd)
	out := open(t, appear(t, "toshy's virtual keyboard", known, func(n node) bool { return n.phys == virtualKeyboard }))
	k := plugUSB(t)
	k.through(out)
	path := filepath.Join(home, ".config", "toshy", "config.toml")
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	r.logs("configuration loaded", 1)
	replace(t, path, after)
	r.logs("configuration loaded", 2)
	k.becomes(out, "+f1 -f1", "+b -b")
	must(t, os.Remove(path))
	r.logs("configuration loaded", 3)
	k.becomes(out, "+f1 -f1", "+f1 -f1")
}

// A link into a folder with settings, as dotfile managers make it.
func TestReloadThroughALink(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, before, k)
	elsewhere := filepath.Join(t.TempDir(), "kept.toml")
	must(t, os.WriteFile(elsewhere, []byte(before), 0o644))
	must(t, os.Symlink(elsewhere, r.config+"~"))
	must(t, os.Rename(r.config+"~", r.config))
	r.logs("configuration loaded", 1)
	replace(t, elsewhere, after)
	r.logs("configuration loaded", 2)
	k.becomes(r.out, "+f1 -f1", "+b -b")
}

func TestReloadGivesKeyboardsBackAndTakesThem(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, before, k)
	k.types("+f2")
	r.out.expect("+leftshift")
	replace(t, r.config, before+"[devices]\nignore = [\"QEMU QEMU USB Keyboard\"]\n")
	r.logs("keyboard is given back", 1)
	r.out.expect("-leftshift")
	k.types("-f2")
	k.free()
	k.works()
	replace(t, r.config, after)
	r.logs("configuration loaded", 2)
	k.through(r.out)
	k.becomes(r.out, "+f1 -f1", "+b -b")
}

// As on NixOS and with Home Manager: the file is a link through another link, and only that one changes.
func TestReloadWhenALinkInTheMiddleFlips(t *testing.T) {
	dir := t.TempDir()
	for generation, text := range map[string]string{"1": before, "2": after} {
		must(t, os.MkdirAll(filepath.Join(dir, "store", generation), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, "store", generation, "config.toml"), []byte(text), 0o444))
	}
	must(t, os.Mkdir(filepath.Join(dir, "etc"), 0o755))
	must(t, os.Symlink("store/1", filepath.Join(dir, "current")))
	must(t, os.Symlink("../current/config.toml", filepath.Join(dir, "etc", "config.toml")))
	k := plugUSB(t)
	r := start(t, "", "--config", filepath.Join(dir, "etc", "config.toml"))
	k.through(r.out)
	for i, c := range []struct{ generation, becomes string }{{"2", "+b -b"}, {"1", "+a -a"}, {"2", "+b -b"}} {
		must(t, os.Symlink("store/"+c.generation, filepath.Join(dir, "next")))
		must(t, os.Rename(filepath.Join(dir, "next"), filepath.Join(dir, "current")))
		r.logs("configuration loaded", i+1)
		k.becomes(r.out, "+f1 -f1", c.becomes)
	}
}

// If a configuration is gone or cannot be read, it is treated as broken: the previous one stays in use until it is back.
func TestReloadOfWhatCannotBeRead(t *testing.T) {
	const stays = "the configuration is broken; the previous one stays in use"
	for name, c := range map[string]struct {
		spoil, mend func(t testing.TB, path string)
	}{
		"deleted": {
			func(t testing.TB, path string) { must(t, os.Remove(path)) },
			func(t testing.TB, path string) { must(t, os.WriteFile(path, []byte(after), 0o644)) },
		},
		"its folder deleted": {
			func(t testing.TB, path string) { must(t, os.RemoveAll(filepath.Dir(path))) },
			func(t testing.TB, path string) {
				must(t, os.Mkdir(filepath.Dir(path), 0o755))
				must(t, os.WriteFile(path, []byte(after), 0o644))
			},
		},
		"a folder in its place": {
			func(t testing.TB, path string) { must(t, os.Remove(path)); must(t, os.Mkdir(path, 0o755)) },
			func(t testing.TB, path string) {
				must(t, os.Remove(path))
				must(t, os.WriteFile(path, []byte(after), 0o644))
			},
		},
		"a pipe in its place": {
			func(t testing.TB, path string) { must(t, os.Remove(path)); must(t, unix.Mkfifo(path, 0o644)) },
			func(t testing.TB, path string) {
				must(t, os.Remove(path))
				must(t, os.WriteFile(path, []byte(after), 0o644))
			},
		},
		"half of it, on a full disk": {
			func(t testing.TB, path string) {
				must(t, os.WriteFile(filepath.Join(filepath.Dir(path), "full"), make([]byte, 4096), 0o644))
				err := os.WriteFile(path, []byte(after+"[keymap.k]\nkeys.F5 = [\n"+strings.Repeat("\"A\", # more than there is room for\n", 500)+"]\n"), 0o644)
				if !errors.Is(err, unix.ENOSPC) {
					t.Fatal(err)
				}
			},
			func(t testing.TB, path string) {
				must(t, os.Remove(filepath.Join(filepath.Dir(path), "full")))
				must(t, os.WriteFile(path, []byte(after), 0o644))
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			must(t, unix.Mount("none", dir, "tmpfs", 0, "size=16k"))
			t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
			path := filepath.Join(dir, "toshy", "config.toml")
			if strings.Contains(name, "full") {
				path = filepath.Join(dir, "config.toml")
			}
			_ = os.Mkdir(filepath.Dir(path), 0o755)
			must(t, os.WriteFile(path, []byte(before), 0o644))
			k := plugUSB(t)
			r := start(t, "", "--config", path)
			k.through(r.out)
			k.types("+f2")
			r.out.expect("+leftshift")
			c.spoil(t, path)
			r.logs(stays, 1)
			k.types("+f1 -f1")
			r.out.expect("+a -a")
			c.mend(t, path)
			until(t, "the mended configuration is in use", func() bool {
				k.types("+f1 -f1")
				return r.out.skipTo("-b", in(50*time.Millisecond)) == nil
			})
			k.types("-f2")
			must(t, r.out.skipTo("-leftshift", deadline()))
			r.out.allUp()
		})
	}
}

// A configuration that its user may no longer read.
func TestReloadOfAnUnreadableFile(t *testing.T) {
	k := pcKeyboard(t)
	for _, path := range []string{"/dev/uinput", k.path} {
		must(t, os.Chmod(path, 0o666))
		t.Cleanup(func() { _ = os.Chmod(path, 0o600) })
	}
	known := nodes()
	cmd, path := command(t, before)
	for dir := filepath.Dir(path); dir != "/"; dir = filepath.Dir(dir) {
		must(t, os.Chmod(dir, 0o755))
	}
	cmd.SysProcAttr = nobody
	r := launchCmd(t, cmd)
	out := open(t, appear(t, "toshy's virtual keyboard", known, func(n node) bool { return n.phys == virtualKeyboard }))
	k.through(out)
	must(t, os.Chmod(path, 0))
	r.logs("the configuration is broken; the previous one stays in use", 1)
	r.logs("permission denied", 1)
	k.becomes(out, "+f1 -f1", "+a -a")
	must(t, os.WriteFile(path, []byte(after), 0))
	must(t, os.Chmod(path, 0o644))
	r.logs("configuration loaded", 1)
	k.becomes(out, "+f1 -f1", "+b -b")
}
