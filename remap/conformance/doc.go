// Package conformance tests the engine against recorded behaviour of xwaykeyz, the keymapper whose users it serves. It
// contains only tests.
//
// # The data
//
// testdata/vectors and testdata/fuzz have scenarios: a configuration, input events with their times, and the key events
// that came out. They were recorded from the unmodified engine of xwaykeyz 1.25.1 on a virtual clock, so every time is
// exact to the millisecond. The files in vectors were written by hand, one per subject; those in fuzz are random input for
// eight typical configurations. Each file is one JSON document, or a .jsonl file with the document's head in the first line
// and one scenario in each further line. Either may be compressed (.gz).
//
// A scenario with "wart" triggers a defect of the recorded engine that toshy must not copy: a key stuck after a focus
// change, a tap lost because the mouse moved, and so on. Scenarios of package remap test what this engine does instead, so
// warts are left out here. Files of the kind "device_filter" are about which keyboards to grab and belong to package evdev;
// they are counted and left out.
//
// # The test
//
// Every scenario is a subtest of its file:
//
//	go test ./remap/... -run Conformance -v          # the last line is the summary
//	go test ./remap/conformance -run 'Conformance/12_held_combo/overlap'
//
// (The go command hides the output of tests that pass, so the summary needs -v or this package as the working directory.)
// Two environment variables change what runs:
//
//   - TOSHY_CONFORMANCE=DIR runs the scenarios of DIR/vectors and DIR/fuzz instead. DIR is absolute
//     or relative to this directory.
//
//   - TOSHY_CONFORMANCE_WARTS=1 also runs the warts and shows where the engine differs; they never
//     fail.
//
// The translator turns a configuration into a remap.Program (program_test.go, command_test.go, condition_test.go), with the
// recorded engine's default times and without masking, which that engine does not have. The recorded engine decides a few
// things when it reads a configuration, so the translator does, too: maps without a condition come last, and there is one
// at most; global times are merged, and impossible ones dropped; entries triggered by a bare modifier or a button have no
// effect. Then the scenario runs on the engine (play_test.go) as its caller would run it: one read at a time, timers at
// their own time. The output must equal the recording, to the event and the millisecond (compare_test.go). Before that,
// both sides go through a filter like the kernel's: it drops presses of keys that are down, releases of keys that are up,
// and repeats of keys that are not down, because no program acts on them.
package conformance
