// Package sim reads, runs and prints scenarios: scripts of key events for the engine, in virtual
// time. The command's simulate and test, bug reports and the engine's own tests share one notation.
//
// # Notation
//
// A script is read line by line. A line is blank, a comment, a statement, or a row of events.
//
//	# an application and a keyboard
//	app firefox
//	device Apple Internal Keyboard
//	leftmeta down
//	c down
//	c up
//	200ms
//	leftmeta up
//
// This row means the same as the last five lines. So one notation is good both for reading aloud and for one line in a
// table of tests:
//
//	+leftmeta +c -c 200ms -leftmeta
//
// A row is one or more of +KEY (down), -KEY (up), ~KEY (repeat) and waits. Keys have the names of
// package key. A wait is a number with a unit (ns, us, ms, s, m, h; at most a day). The statements:
//
//	KEY down | up | repeat      one event of the current keyboard
//	KEY tap                     down and up
//	200ms                       virtual time passes
//	rel AXIS N                  relative axis of the current device (x, y, wheel, hwheel, ...)
//	app, title, exe TEXT        the focused window; nothing after it: unknown
//	desktop, session TEXT       the desktop ("kde"), the session ("wayland")
//	categories NAME...          of the application, as its desktop entry has them
//	device NAME                 the current keyboard; a new name plugs one in
//	keyboard TYPE               its type, when it is not what the configuration finds by its name
//	unplug                      takes the current keyboard away, with what is held on it
//	capslock, numlock on | off  the locks, as the desktop shows them on all keyboards
//	set NAME VALUE              a setting or a state: set settings.option_special_characters us
//	pointer                     a pointer that is not grabbed was moved, clicked or turned
//	passthrough on | off        no remapping: the lock screen, a pause
//	release all                 lifts everything, as at the end of the program
//	reload NAME                 another configuration, where the script has been given some
//	layout NAME                 another keyboard layout, likewise; us: none
//	host, distro NAME           the machine that the configuration is read for, from the beginning on
//	desktop_version VERSION     likewise, of the desktop
//	shortcut ACTION COMBO       what the desktop's settings have for an action: shortcut launcher Alt-Space
//
// Consecutive lines about the window are one change of focus. Events without a wait between them are one read: the engine
// sees all of them before its timers run. 0ms between two events splits them into two reads.
//
// A # at the beginning of a line or after a blank begins a comment. In text it needs a blank on both sides ("title Issue
// #7" is a title). Text in double quotes, with Go's escapes, can contain anything.
//
// A line --- ends the input. The expected output follows, in the same notation, but only with key events, rel, waits and
// the effects of actions:
//
//	run ARG...                  a command, each argument quoted where it must be
//	notify TEXT                 a notification
//	action NAME                 an action of the desktop
//	set NAME VALUE              a changed variable
//	eject, dump                 the end of the program, the report for bugs
//	refused TEXT                a text that cannot be typed
//
// Waits are only checked where the expected side has them: a wait between two events is the time that passed between these
// two.
package sim
