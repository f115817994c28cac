package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// remappers are programs that take keyboards, by the kernel's name of the process (15 bytes), with the command that ends
// them.
var remappers = map[string]string{
	"keyd":            "sudo systemctl disable --now keyd",
	"kanata":          "systemctl --user disable --now kanata; sudo systemctl disable --now kanata",
	"kmonad":          "systemctl --user disable --now kmonad; sudo systemctl disable --now kmonad",
	"xremap":          "systemctl --user disable --now xremap; sudo systemctl disable --now xremap",
	"keymapperd":      "sudo systemctl disable --now keymapperd",
	"evremap":         "sudo systemctl disable --now evremap",
	"hawck-inputd":    "sudo systemctl disable --now hawck-inputd",
	"udevmon":         "sudo systemctl disable --now udevmon",
	"input-remapper-": "sudo systemctl disable --now input-remapper",
	"xwaykeyz":        "toshy-services-stop && toshy-services-disable",
	"keyszer":         "systemctl --user disable --now keyszer",
	"xkeysnail":       "sudo systemctl disable --now xkeysnail",
	"keymapper":       "systemctl --user disable --now keymapper",
	"interception":    "sudo systemctl disable --now udevmon",
}

// Remappers checks for other running remappers: two of them fight for the keyboards, or one maps what the other has mapped
// already. A second toshy is one, too.
func (m *Machine) Remappers() []Finding {
	const name = "remappers"
	proc := filepath.Join(m.Root, "/proc")
	entries, err := os.ReadDir(proc)
	if err != nil {
		return []Finding{{name, Note, "cannot look at the processes: " + err.Error(), "", Other}}
	}
	var all []Finding
	var own []string // daemons of toshy
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(proc, e.Name(), "comm"))
		if err != nil {
			continue
		}
		who := strings.TrimSpace(string(text))
		if who == "toshy" && takesKeyboards(filepath.Join(proc, e.Name(), "cmdline")) {
			own = append(own, e.Name())
		}
		if fix, ok := remappers[who]; ok {
			all = append(all, Finding{name, Warning, fmt.Sprintf("%s runs (pid %s) and may have the keyboards", who, e.Name()), fix, Other})
		}
	}
	if len(own) > 1 {
		all = append(all, Finding{name, Warning, "toshy runs more than once (pids " + strings.Join(own, ", ") + "), and each wants the keyboards", "kill " + strings.Join(own[1:], " "), Other})
	}
	if len(all) == 0 {
		return []Finding{{Check: name, Text: "no other remapper runs"}}
	}
	return all
}

// takesKeyboards says whether a command line of toshy belongs to a daemon.
func takesKeyboards(cmdline string) bool {
	b, err := os.ReadFile(cmdline)
	if err != nil || len(b) == 0 { // a process that has ended, and for which nobody has waited, has an empty one
		return false
	}
	args := strings.Split(strings.TrimRight(string(b), "\x00"), "\x00")[1:]
	return len(args) == 0 || strings.HasPrefix(args[0], "-") || args[0] == "run" || args[0] == "daemon"
}
