//go:build vm

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

const (
	before = "extends = \"none\"\n[modmap.m]\nkeys.F1 = \"A\"\nkeys.F2 = \"LeftShift\"\n"
	after  = "extends = \"none\"\n[modmap.m]\nkeys.F1 = \"B\"\nkeys.F2 = \"LeftCtrl\"\n"
	broken = "extends = \"none\"\n[modmap.m]\nkeys.F1 = \"NoSuchKey\"\n"
)

// replace changes a file as editors do: a new one takes its place.
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
			r.logs("the configuration is broken; the one before stays in use", 1)
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

// A link into a folder of settings kept elsewhere, as dotfile managers make it.
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
