// Package memory keeps resident only what a program that runs for months looks at.
package memory

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// GiveBack gives the system back what a start or a reload took: the garbage, and the pages of the program's own
// file, most of which are looked at only then. Those stay in the page cache; one that is wanted after all costs
// a minor fault, and no disk is read. It takes some milliseconds: not for the way of a key.
func GiveBack() {
	debug.FreeOSMemory()
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		if from, to, ok := program(line, self); ok {
			// Nothing there was ever written, so nothing is lost. An error changes nothing.
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, uintptr(from), uintptr(to-from), unix.MADV_DONTNEED)
		}
	}
}

// program reads a line of /proc/self/maps (proc_pid_maps(5)). ok: it is a part of the program's file that nobody
// can write.
func program(line, self string) (from, to uint64, ok bool) {
	f := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 6)
	if len(f) < 6 || strings.TrimLeft(f[5], " ") != self || len(f[1]) < 2 || f[1][0] != 'r' || f[1][1] != '-' {
		return 0, 0, false
	}
	first, last, _ := strings.Cut(f[0], "-")
	from, err := strconv.ParseUint(first, 16, 64)
	if err != nil {
		return 0, 0, false
	}
	to, err = strconv.ParseUint(last, 16, 64)
	return from, to, err == nil && from < to
}
