package setup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"toshy/remap"
	"toshy/systemd"
)

// tree returns everything below a root: files with their text and mode, and folders.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || p == root {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		text := ""
		if info.Mode().IsRegular() {
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			text = string(b)
		}
		all[strings.TrimPrefix(p, root)] = info.Mode().String() + text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func put(t *testing.T, root, name, text string) {
	t.Helper()
	p := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// options returns options for the test's own root, with a program in it.
func options(t *testing.T, system bool, init Init) Options {
	t.Helper()
	program := filepath.Join(t.TempDir(), "toshy")
	if err := os.WriteFile(program, []byte("program"), 0o755); err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, dir := range []string{"etc/udev/rules.d", "usr/local/bin"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return Options{Root: root, System: system, Program: program, Init: init}
}

func install(t *testing.T, o Options) *Plan {
	t.Helper()
	p, err := Install(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Do(nil); err != nil {
		t.Fatal(err)
	}
	return p
}

func files(t *testing.T, root string) (list []string) {
	for name, text := range tree(t, root) {
		if !strings.HasPrefix(text, "d") {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// If neither /usr nor /usr/local can be written, the program goes elsewhere and nothing below /usr changes.
func TestBin(t *testing.T) {
	o := options(t, true, Systemd)
	o.Bin = "/var/lib/toshy/bin"
	install(t, o)
	after := tree(t, o.Root)
	if after["/var/lib/toshy/bin/toshy"] != "-rwxr-xr-xprogram" {
		t.Errorf("the program: %q", after["/var/lib/toshy/bin/toshy"])
	}
	unit := after["/etc/systemd/system/toshy-daemon.service"]
	if !strings.Contains(unit, "ExecStart=/var/lib/toshy/bin/toshy daemon") || !strings.Contains(unit, "ExecPaths=/var/lib/toshy/bin/toshy") {
		t.Errorf("the unit: %s", unit)
	}
	for _, name := range files(t, o.Root) {
		if strings.HasPrefix(name, "/usr/") {
			t.Errorf("%s is below /usr", name)
		}
	}
	for _, bin := range []string{"bin", "/opt/a b", "/home/alice/bin", "/var/home/alice/bin", "/root"} {
		o := options(t, true, Systemd)
		o.Bin = bin
		if _, err := Install(o); err == nil {
			t.Errorf("--bin %q was accepted", bin)
		}
	}
	single := options(t, false, Systemd)
	single.Bin = "/home/alice/bin"
	if _, err := Install(single); err != nil {
		t.Errorf("one process in a home: %v", err)
	}
}

func TestInstallAndRemove(t *testing.T) {
	const both = "/etc/libinput/local-overrides.quirks /etc/modules-load.d/toshy.conf"
	for name, c := range map[string]struct {
		system bool
		init   Init
		want   string
	}{
		"single":         {false, Systemd, "/etc/systemd/user/toshy.service /etc/udev/rules.d/70-toshy.rules"},
		"system":         {true, Systemd, "/etc/systemd/system/toshy-daemon.service /etc/systemd/user/toshy-agent.service /etc/sysusers.d/toshy.conf /etc/udev/rules.d/60-toshy-daemon.rules"},
		"single, OpenRC": {false, OpenRC, "/etc/udev/rules.d/70-toshy.rules"},
		"system, runit":  {true, Runit, "/etc/udev/rules.d/60-toshy-daemon.rules"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, c.system, c.init)
			before := tree(t, o.Root)
			p := install(t, o)
			want := strings.Fields(both + " /etc/toshy/setup.json /usr/local/bin/toshy " + c.want)
			slices.Sort(want)
			if got := files(t, o.Root); !slices.Equal(got, want) {
				t.Errorf("made %v\nwant %v", got, want)
			}
			after := tree(t, o.Root)
			if after["/usr/local/bin/toshy"] != "-rwxr-xr-xprogram" {
				t.Errorf("the program: %q", after["/usr/local/bin/toshy"])
			}
			for path, text := range after {
				if strings.HasSuffix(path, ".service") && (strings.Contains(text, packaged) || !strings.Contains(text, "ExecStart=/usr/local/bin/toshy")) {
					t.Errorf("%s starts another program", path)
				}
			}
			if len(p.Next) == 0 {
				t.Error("the output does not say what to do next")
			}

			// A second run has nothing to do. A newer program replaces the installed one.
			if again := install(t, o); !again.Empty() {
				t.Errorf("the second time: %s", again)
			}
			if err := os.WriteFile(o.Program, []byte("newer"), 0o755); err != nil {
				t.Fatal(err)
			}
			if newer := install(t, o); len(newer.Files) != 1 || newer.Files[0].Path != "/usr/local/bin/toshy" {
				t.Errorf("with a newer program: %s", newer)
			}

			r, err := Uninstall(o, false)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Do(nil); err != nil {
				t.Fatal(err)
			}
			if left := tree(t, o.Root); len(left) != len(before) {
				t.Errorf("left %v\nbefore %v", left, before)
			}
			if r, err := Uninstall(o, false); err != nil || !r.Empty() {
				t.Errorf("a second removal: %v, %v", r, err)
			}
		})
	}
}

// setup installs the panel icon and the page if their programs are in the same folder as this one.
func TestCompanionsFollow(t *testing.T) {
	o := options(t, false, Systemd)
	if err := os.WriteFile(o.Program+"-tray", []byte("icon"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.Program+"-ui", []byte("page"), 0o755); err != nil {
		t.Fatal(err)
	}
	install(t, o)
	after := tree(t, o.Root)
	for path, want := range map[string]string{"/usr/local/bin/toshy-tray": "-rwxr-xr-xicon", "/usr/local/bin/toshy-ui": "-rwxr-xr-xpage"} {
		if got := after[path]; got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
	if after["/usr/local/share/icons/hicolor/scalable/apps/toshy.svg"] == "" {
		t.Error("the menu of applications has no icon")
	}
	for _, path := range []string{
		"/etc/systemd/user/toshy-tray.service", "/usr/local/share/applications/toshy-tray.desktop", "/usr/local/share/applications/toshy-ui.desktop",
	} {
		if text := after[path]; !strings.Contains(text, "Exec") || strings.Contains(text, "/usr/bin/") {
			t.Errorf("%s: %q", path, text)
		}
	}
}

// A relative root is relative to the current folder, not to /.
func TestRelativeRoot(t *testing.T) {
	o := options(t, false, Systemd)
	t.Chdir(filepath.Dir(o.Root))
	whole := o.Root
	o.Root = filepath.Base(o.Root)
	p, err := Install(o)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.options.at("/etc/x"); got != filepath.Join(o.Root, "etc/x") {
		t.Fatalf("a file of the machine would be %s", got)
	}
	if err := p.Do(nil); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(files(t, whole), "/etc/toshy/setup.json") {
		t.Errorf("files %v", files(t, whole))
	}
}

// Every file of the package has a place that belongs to the administrator.
func TestEveryFileHasAPlace(t *testing.T) {
	for _, f := range systemd.Files {
		if localPath(f.Path) == "" {
			t.Errorf("%s: no place for %s", f.Name, f.Path)
		}
	}
}

func TestWhatIsInTheWay(t *testing.T) {
	o := options(t, false, Systemd)
	put(t, o.Root, "etc/systemd/user/toshy.service", "mine")
	put(t, o.Root, "etc/udev/rules.d/70-toshy.rules", "mine")
	before := tree(t, o.Root)
	_, err := Install(o)
	var way *InTheWay
	if !errors.As(err, &way) || len(way.Paths) != 2 || way.Paths[0] != "/etc/systemd/user/toshy.service" {
		t.Fatalf("%v", err)
	}
	if after := tree(t, o.Root); len(after) != len(before) {
		t.Errorf("setup created something: %v", after)
	}
	// A masked unit is a link.
	o = options(t, false, Systemd)
	if err := os.MkdirAll(filepath.Join(o.Root, "etc/systemd/user"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/null", filepath.Join(o.Root, "etc/systemd/user/toshy.service")); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(o); !errors.As(err, &way) {
		t.Errorf("a masked unit: %v", err)
	}
}

// Quirks that somebody else has written stay, and setup says what to add.
func TestOtherQuirksStay(t *testing.T) {
	o := options(t, false, Systemd)
	put(t, o.Root, quirks, "[mine]\n")
	p := install(t, o)
	if !slices.ContainsFunc(p.Notes, func(n string) bool { return strings.Contains(n, "AttrKeyboardIntegration=internal") }) {
		t.Errorf("notes %q", p.Notes)
	}
	r, err := Uninstall(o, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Do(nil); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, o.Root)[quirks]; got != "-rw-r--r--[mine]\n" {
		t.Errorf("they are %q", got)
	}
}

func TestChangedFilesAreNotLost(t *testing.T) {
	o := options(t, false, Systemd)
	install(t, o)
	const unit = "/etc/systemd/user/toshy.service"
	put(t, o.Root, unit, "changed")
	var way *InTheWay
	if _, err := Install(o); !errors.As(err, &way) || way.Paths[0] != unit {
		t.Errorf("install: %v", err)
	}
	if _, err := Uninstall(o, false); !errors.As(err, &way) || way.Paths[0] != unit {
		t.Errorf("uninstall: %v", err)
	}
	r, err := Uninstall(o, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Do(nil); err != nil {
		t.Fatal(err)
	}
	if left := files(t, o.Root); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

// When you change from one way of running toshy to the other, everything that only the first needs is removed.
func TestChangeOfWay(t *testing.T) {
	o := options(t, false, Systemd)
	install(t, o)
	o.System = true
	install(t, o)
	got := strings.Join(files(t, o.Root), " ")
	if strings.Contains(got, "70-toshy.rules") || strings.Contains(got, "user/toshy.service") || !strings.Contains(got, "toshy-daemon.service") {
		t.Errorf("files %s", got)
	}
	o.System = false
	p, err := Install(o)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Before) == 0 || !slices.Equal(p.Before[0], stopDaemon) {
		t.Errorf("the daemon is not stopped: %v", p.Before)
	}
}

// setup leaves what a package has installed to the package, except the rule that an administrator must choose.
func TestBesideAPackage(t *testing.T) {
	o := options(t, false, Systemd)
	for _, f := range systemd.Files {
		put(t, o.Root, f.Path, "packaged")
	}
	install(t, o)
	got := strings.Join(files(t, o.Root), " ")
	if !strings.Contains(got, "/etc/udev/rules.d/70-toshy.rules") || strings.Contains(got, "/etc/systemd/") {
		t.Errorf("files %s", got)
	}
}

func TestNixOS(t *testing.T) {
	o := options(t, false, Systemd)
	put(t, o.Root, "etc/NIXOS", "")
	if _, err := Install(o); !errors.Is(err, ErrManaged) {
		t.Errorf("%v", err)
	}
}

func TestDetect(t *testing.T) {
	for path, want := range map[string]Init{
		"": Other, "run/systemd/system/x": Systemd, "run/openrc/softlevel": OpenRC, "run/runit/x": Runit, "usr/lib/systemd/systemd": Systemd, "sbin/openrc-run": OpenRC,
	} {
		root := t.TempDir()
		if path != "" {
			put(t, root, path, "")
		}
		if got := Detect(root); got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
}

// The plan lists the commands that inform the system, in order.
func TestCommands(t *testing.T) {
	o := options(t, true, Systemd)
	p, err := Install(o)
	if err != nil {
		t.Fatal(err)
	}
	var ran []string
	for _, c := range p.After {
		ran = append(ran, strings.Join(c, " "))
	}
	want := []string{
		"systemctl daemon-reload", "systemd-sysusers", "modprobe uinput", "udevadm control --reload",
		"udevadm trigger --subsystem-match=input --subsystem-match=misc", "udevadm settle --timeout=60",
		"systemctl enable toshy-daemon.service", "systemctl restart toshy-daemon.service",
	}
	if !slices.Equal(ran, want) {
		t.Errorf("commands %q", ran)
	}
	if text := p.String(); !strings.Contains(text, "make    "+o.Root+"/etc/systemd/system/toshy-daemon.service") {
		t.Errorf("the plan says %s", text)
	}

	// The removal takes the device away from a group that no longer exists.
	put(t, o.Root, "dev/uinput", "")
	if err := p.Do(nil); err != nil {
		t.Fatal(err)
	}
	r, err := Uninstall(o, false)
	if err != nil {
		t.Fatal(err)
	}
	ran = nil
	for _, c := range append(r.Before, r.After...) {
		ran = append(ran, strings.Join(c, " "))
	}
	want = []string{
		"systemctl disable --now toshy-daemon.service", "systemctl daemon-reload", "groupdel toshy-input", "chown root:root /dev/uinput",
		"chmod 0600 /dev/uinput", "udevadm control --reload", "udevadm trigger --subsystem-match=input --subsystem-match=misc",
	}
	if !slices.Equal(ran, want) {
		t.Errorf("commands of the removal %q", ran)
	}
}

// If a daemon may not start another thread, it ends. Each grabbed keyboard has a thread.
func TestDaemonMayHaveAsManyThreadsAsItNeeds(t *testing.T) {
	unit, err := systemd.FS.ReadFile("toshy-daemon.service")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^TasksMax=(\d+)$`).FindSubmatch(unit)
	if m == nil {
		t.Fatal("no TasksMax= in the unit")
	}
	if n, _ := strconv.Atoi(string(m[1])); n < remap.MaxDevices+32 {
		t.Errorf("%d tasks for %d keyboards", n, remap.MaxDevices)
	}
}
