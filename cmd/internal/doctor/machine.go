package doctor

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"toshy/cmd/internal/setup"
	"toshy/evdev"
)

// A Machine is what the checks examine. Tests make their own.
type Machine struct {
	Root string // "" is the real root
	Home string // of the user
	User string
	UID  int
	GIDs []int // groups of this process
	// Run runs one of the desktop's programs, as the user, and returns its output; nil: none may run.
	Run func(ctx context.Context, program string, args ...string) (string, error)
	// Unit asks a service manager about a unit.
	Unit func(ctx context.Context, system bool, unit string) (UnitState, error)

	answers *answers // see ask
}

// System is this machine. It runs programs only as the user for whom they are: never as root.
func System() *Machine {
	m := &Machine{UID: os.Geteuid(), Unit: systemdUnit}
	m.Home, _ = os.UserHomeDir()
	m.GIDs, _ = os.Getgroups()
	if u, err := user.Current(); err == nil {
		m.User = u.Username
	}
	if m.UID != 0 {
		m.Run = func(ctx context.Context, program string, args ...string) (string, error) {
			out, err := exec.CommandContext(ctx, program, args...).Output()
			return string(out), err
		}
	}
	return m
}

func (m *Machine) read(path string) string {
	b, err := os.ReadFile(filepath.Join(m.Root, path))
	if err != nil {
		return ""
	}
	return string(b)
}

// FnKeys reports the function of the top row of Apple's keyboards, if their driver is loaded.
func (m *Machine) FnKeys() []Finding {
	mode := setup.FnMode(m.Root)
	if mode == "" {
		return nil
	}
	return []Finding{{Check: "Apple's top row", Text: mode + "; toshy setup --fn-keys changes it"}}
}

// setupFix installs what is missing.
const setupFix = "sudo toshy setup"

// ruleFolders are where udev looks, according to udev(7).
var ruleFolders = []string{"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d"}

// Rules checks for the rule that gives the keyboards to the person at the machine, or to the daemon.
func (m *Machine) Rules() Finding {
	const name = "udev"
	for _, folder := range ruleFolders {
		files, _ := filepath.Glob(filepath.Join(m.Root, folder, "*toshy*.rules")) // the pattern is valid
		for _, f := range files {
			base := filepath.Base(f)
			text, err := os.ReadFile(f)
			if err == nil && strings.Contains(string(text), `TAG+="uaccess"`) && base > "73" {
				return Finding{
					name, Warning, filepath.Join(folder, base) + " comes too late: 73-seat-late.rules sets the permissions",
					fmt.Sprintf("sudo mv %s %s && sudo udevadm control --reload", filepath.Join(folder, base), filepath.Join(folder, "70-toshy.rules")), Other,
				}
			}
			return Finding{Check: name, Text: "the rule " + filepath.Join(folder, base) + " is there"}
		}
	}
	if m.UID == 0 {
		return Finding{Check: name, Text: "root needs no rule"}
	}
	return Finding{name, Note, "toshy's udev rule is not installed, so permission for the keyboards comes from somewhere else or is missing", setupFix, Other}
}

// Groups warns about the group input: its members can read all keyboards at all times.
func (m *Machine) Groups() Finding {
	const name = "groups"
	if m.UID == 0 {
		return Finding{name, Note, "running as root, so group membership is not checked; run toshy doctor as the user of the desktop", "", Other}
	}
	for line := range strings.Lines(m.read("/etc/group")) {
		// group(5): name, password, gid, members.
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 4 || f[0] != "input" {
			continue
		}
		in := m.User != "" && slices.Contains(strings.Split(f[3], ","), m.User) // an empty member list splits into ""
		in = in || slices.ContainsFunc(m.GIDs, func(g int) bool { return fmt.Sprint(g) == f[2] })
		if in {
			return Finding{
				name, Warning, cmp.Or(m.User, fmt.Sprint("user ", m.UID)) + " is in the group input: every program of this user can read all keyboards, even while other users type. toshy needs no group",
				"sudo gpasswd -d " + cmp.Or(m.User, "NAME") + " input, then log out and in again", Other,
			}
		}
	}
	return Finding{Check: name, Text: "not in the group input, as it should be"}
}

// Lights checks whether the lights of keyboards can be set. judge comes from the configuration.
func Lights(found []evdev.Found, judge func(*evdev.Info) evdev.Verdict) (all []Finding) {
	const name = "lights"
	var dark, lit []string
	for i := range found {
		info := &found[i].Info
		switch {
		case !judge(info).Grab || info.Caps.LEDs == 0:
		case unix.Access(info.Path, unix.W_OK) != nil:
			dark = append(dark, info.Name)
		default:
			lit = append(lit, info.Name)
		}
	}
	if len(dark) > 0 {
		all = append(all, Finding{name, Note, "the lights of " + strings.Join(dark, ", ") + " cannot be changed: no permission to write the device", rulesFix, Other})
	}
	if len(lit) > 0 {
		all = append(all, Finding{Check: name, Text: "can be set: " + strings.Join(lit, ", ")})
	}
	return all
}

// Quirk checks whether libinput treats the virtual keyboard as the laptop's own. Otherwise it does not disable the touchpad
// while you type.
func (m *Machine) Quirk(found []evdev.Found) []Finding {
	const name = "touchpad"
	if !slices.ContainsFunc(found, func(f evdev.Found) bool { return f.Caps.Kind() == evdev.KindTouchpad }) {
		return nil
	}
	files, _ := filepath.Glob(filepath.Join(m.Root, "/usr/share/libinput/*.quirks")) // the pattern is valid
	for _, f := range append(files, filepath.Join(m.Root, "/etc/libinput/local-overrides.quirks")) {
		if b, err := os.ReadFile(f); err == nil && strings.Contains(string(b), evdev.KeyboardName) {
			return []Finding{{Check: name, Text: "is disabled while you type (" + strings.TrimPrefix(f, m.Root) + ")"}}
		}
	}
	return []Finding{{name, Warning, "libinput thinks that toshy's keyboard is an external one, so it does not disable the touchpad while you type", setupFix + ", then log out and in again", Other}}
}
