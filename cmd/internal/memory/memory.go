// Package memory keeps resident only what a program that runs for months looks at, and nothing of what was typed for clients.
package memory

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// GiveBack gives the system back what a start or a reload took: the garbage, and the pages of the program's own file that only
// the start needed. These stay in the page cache: using one again costs a minor fault and reads no disk. GiveBack takes some
// milliseconds, so do not call it on the path of a key.
func GiveBack() {
	debug.FreeOSMemory()
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	for _, part := range unwritten(string(smaps), self) {
		// Nothing is lost with them. An error changes nothing.
		advise(part, unix.MADV_DONTNEED)
	}
	for _, part := range anonymous(string(smaps)) {
		advise(part, unix.MADV_NOHUGEPAGE)
	}
}

func advise(part span, advice uintptr) {
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, part.from, part.to-part.from, advice)
}

// anonymous finds in /proc/self/smaps the memory that belongs to no file, and has no other name. disablethp (see Makefile) keeps huge
// pages out of Go's heap only: some minutes after the start the kernel would put one in the place of the few hundred kilobytes in
// which Go's runtime keeps account of the heap.
func anonymous(smaps string) (parts []span) {
	for line := range strings.Lines(smaps) {
		if f := strings.Fields(line); len(f) == 5 && f[1] == "rw-p" && f[4] == "0" {
			if s, ok := addresses(f[0]); ok {
				parts = append(parts, s)
			}
		}
	}
	return parts
}

// Wipe overwrites what the program uses no more. The garbage collector does so because the program is built with clobberfree=1 (see
// Makefile). It takes some milliseconds: not for the way of a key.
func Wipe() {
	for range 2 { // what a pool keeps (sync.Pool) is garbage after the first
		runtime.GC()
	}
}

type span struct{ from, to uintptr }

// unwritten finds in /proc/self/smaps (proc_pid_smaps(5)) the parts of the program's file that nobody can write and
// nobody has written. In a position-independent executable the addresses in the read-only data (RELRO in ld(1)) were
// filled in before they became read-only: those pages have memory of their own, and are not as the file has them.
func unwritten(smaps, self string) (parts []span) {
	candidate := false // the last of parts is what the lines are about
	for line := range strings.Lines(smaps) {
		name, value, _ := strings.Cut(line, ":")
		switch {
		case name == "Anonymous" || name == "Swap":
			if candidate && strings.TrimSpace(value) != "0 kB" {
				parts, candidate = parts[:len(parts)-1], false
			}
		case !strings.ContainsAny(name, " -"): // another property
		default:
			var s span
			if s, candidate = program(line, self); candidate {
				parts = append(parts, s)
			}
		}
	}
	return parts
}

// program reads the line of /proc/self/smaps with which a mapping begins, as in /proc/self/maps (proc_pid_maps(5)). ok:
// it is a part of the program's file that nobody can write.
func program(line, self string) (s span, ok bool) {
	f := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 6)
	if len(f) < 6 || strings.TrimLeft(f[5], " ") != self || len(f[1]) < 2 || f[1][0] != 'r' || f[1][1] != '-' {
		return span{}, false
	}
	return addresses(f[0])
}

// addresses reads those of a mapping: "00400000-00957000".
func addresses(text string) (s span, ok bool) {
	first, last, _ := strings.Cut(text, "-")
	from, err := strconv.ParseUint(first, 16, 64)
	if err != nil {
		return span{}, false
	}
	to, err := strconv.ParseUint(last, 16, 64)
	return span{uintptr(from), uintptr(to)}, err == nil && from < to
}
