package main

import "runtime/debug"

// restMemory is the memory in bytes at which Go's runtime collects garbage while all pages are hidden.
const restMemory = 32 << 20

// usualMemory means no limit to debug.SetMemoryLimit.
const usualMemory = 1<<63 - 1

// rest ends everything that would wake the program while all open pages are hidden: idle connections of the browser, each with its
// deadline, and the garbage collection that Go's runtime does every two minutes. The program still answers requests. The
// monitor thread of Go's runtime (sysmon) still wakes up once a minute; a program cannot turn it off.
func (s *server) rest() {
	s.http.SetKeepAlivesEnabled(false) // and closes idle connections
	if s.resting {
		return
	}
	s.resting = true
	debug.FreeOSMemory()
	debug.SetMemoryLimit(restMemory)
	s.collect = debug.SetGCPercent(-1)
}

// wake undoes rest.
func (s *server) wake() {
	if !s.resting {
		return
	}
	s.resting = false
	s.http.SetKeepAlivesEnabled(true)
	debug.SetGCPercent(s.collect)
	debug.SetMemoryLimit(usualMemory)
}
