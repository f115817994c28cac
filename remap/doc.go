// Package remap is the engine: key events go in with their times, and the events that applications should see come out. It
// does no I/O, has no clock, starts no goroutine and allocates nothing per event.
//
// A [Program] is a configuration as plain data. [Compile] checks it and computes as much as possible before a key is
// pressed; [New] makes an [Engine] from the result. The engine decides which keymaps are active when an input of their
// conditions changes, never when a key is pressed. To wait, the engine's methods return a time at which the caller must
// call Engine.Tick.
//
// docs/ENGINE.md says what happens to a key, and why.
package remap
