package main

import "runtime/debug"

// restMemory is how much memory Go's runtime may use, in bytes, before it collects garbage while nobody sees a page.
const restMemory = 32 << 20

// usualMemory is what debug.SetMemoryLimit calls no limit.
const usualMemory = 1<<63 - 1

// rest ends all that would wake the program while pages are open and nobody sees one: connections that the browser keeps for
// later, each with its deadline, and the collection of garbage that Go's runtime does every two minutes. The program still answers
// whoever asks. What remains is the runtime's own watch, which wakes up once a minute and cannot be switched off.
func (s *server) rest() {
	s.http.SetKeepAlivesEnabled(false) // closes those without a request
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
