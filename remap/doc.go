// Package remap is the engine: key events go in with their time, and what an application should see
// comes out. It does no I/O, has no clock, starts no goroutine and allocates nothing per event.
//
// A [Program] is a configuration as plain data. [Compile] checks it and works out what can be worked
// out before a key is pressed; [New] makes an [Engine] of the result. Which keymaps are active is
// decided when something changes that their conditions read, never at a key. Waiting is a time that
// the engine's methods return, for the caller to come back at with Engine.Tick.
//
// docs/ENGINE.md says what becomes of a key, and why.
package remap
