// Package conformance holds the engine against recorded behaviour of the keymapper whose users it
// serves. It has no code but its tests.
//
// # The data
//
// testdata/vectors and testdata/fuzz hold scenarios: a configuration, input events with their times,
// and the key events that came out. They were recorded from the unmodified engine of xwaykeyz 1.25.1
// running on a virtual clock, so every time is exact to the millisecond. The files in vectors were
// written by hand, one subject each; those in fuzz are random input over eight typical
// configurations. Each is one JSON document, or a .jsonl file with the document's head in the first
// line and one scenario in each further one; either may be compressed (.gz).
//
// A scenario with "wart" exercises a defect of the recorded engine that is not to be copied: a key
// stuck after a focus change, a tap lost because the mouse moved, and the like. What this engine does
// instead is tested in scenarios of package remap, so warts are left out here. Files of the kind
// "device_filter" are about which keyboards are grabbed and belong to package evdev; they are counted
// and left out.
//
// # The test
//
// Every scenario is a subtest of its file:
//
//	go test ./remap/... -run Conformance -v          # the last line is the summary
//	go test ./remap/conformance -run 'Conformance/12_held_combo/overlap'
//
// (The go command shows no output of tests that pass, so the summary needs -v or a working directory
// of this package.) Two environment variables change what is run:
//
//   - TOSHY_CONFORMANCE=DIR runs the scenarios of DIR/vectors and DIR/fuzz instead. DIR is absolute
//     or relative to this directory.
//   - TOSHY_CONFORMANCE_WARTS=1 also runs the warts and shows where the engine departs; they never
//     fail.
//
// A configuration is translated to a remap.Program (program_test.go, command_test.go,
// condition_test.go), with the recorded engine's default times and without masking, which it does
// not have. A few things are the translator's because the recorded engine decides them when it reads
// a configuration: maps without a condition come last and there is one at most, global times merge
// and impossible ones are dropped, and entries triggered by a bare modifier or a button are dead.
// The scenario is then played on the engine (play_test.go) as its caller would: one read at a time,
// timers at their own time. What comes out must be what was recorded, to the event and the
// millisecond (compare_test.go), after both sides went through the filter that the kernel is: a press
// of a key that is down and a release of one that is up do not exist, nor do repeats of a key that is
// not down, which nobody obeys.
package conformance
