// Package memory keeps in memory only what a program that runs for months uses, and nothing that clients asked it to type.
package memory

import (
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// GiveBack returns to the system the memory that a start or a reload took: the garbage, and the pages of the program's own
// file that only the start needed. These stay in the page cache: using one again costs a minor fault and no disk read.
// GiveBack takes some milliseconds, so do not call it while a key waits.
func GiveBack() {
	giveHeapBack()
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	for _, part := range unwritten(string(smaps), self) {
		// This loses nothing. An error changes nothing.
		advise(part, unix.MADV_DONTNEED)
	}
	for _, part := range anonymous(string(smaps)) {
		advise(part, unix.MADV_NOHUGEPAGE)
	}
}

func advise(part span, advice uintptr) {
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, part.from, part.to-part.from, advice)
}

// anonymous finds in /proc/self/smaps the memory that belongs to no file and has no other name. disablethp (see Makefile)
// only keeps huge pages out of Go's heap. Without this, some minutes after the start the kernel would replace the few
// hundred kilobytes in which Go's runtime manages the heap with a huge page.
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

// Wipe overwrites memory that the program no longer uses. The garbage collector does so because the program is built with
// clobberfree=1 (see Makefile). It takes some milliseconds, so do not call it while a key waits.
func Wipe() {
	for range 2 { // the content of a pool (sync.Pool) is garbage after the first run
		runtime.GC()
	}
}

type span struct{ from, to uintptr }

// unwritten finds in /proc/self/smaps (proc_pid_smaps(5)) the parts of the program's file that are not writable and that
// nothing has written. In a position-independent executable, the addresses in the read-only data (RELRO in ld(1)) were
// filled in before they became read-only: those pages have their own memory, which differs from the file.
func unwritten(smaps, self string) (parts []span) {
	candidate := false // the lines describe the last of parts
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

// program parses the line of /proc/self/smaps that starts a mapping, as in /proc/self/maps (proc_pid_maps(5)). ok: it is a
// part of the program's file that is not writable.
func program(line, self string) (s span, ok bool) {
	f := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 6)
	if len(f) < 6 || strings.TrimLeft(f[5], " ") != self || len(f[1]) < 2 || f[1][0] != 'r' || f[1][1] != '-' {
		return span{}, false
	}
	return addresses(f[0])
}

// addresses parses the addresses of a mapping: "00400000-00957000".
func addresses(text string) (s span, ok bool) {
	first, last, _ := strings.Cut(text, "-")
	from, err := strconv.ParseUint(first, 16, 64)
	if err != nil {
		return span{}, false
	}
	to, err := strconv.ParseUint(last, 16, 64)
	return span{uintptr(from), uintptr(to)}, err == nil && from < to
}
