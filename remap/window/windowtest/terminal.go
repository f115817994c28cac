package windowtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A Terminal is a real terminal. The program in it records what is typed.
type Terminal struct {
	file string
	from int
	p    *process
}

// OpenTerminal opens "foot" or "xterm" and gives it the focus. key presses keys for it; env names the desktop's display.
func OpenTerminal(t testing.TB, name string, key func(t testing.TB, code uint16, press bool), env ...string) *Terminal {
	t.Helper()
	need(t, name)
	dir := Dir(t)
	x := &Terminal{file: filepath.Join(dir, "text")}
	args := map[string][]string{"foot": {"--config=/dev/null"}, "xterm": {"-u8", "-class", "XTerm", "-e"}}[name]
	open := func() *process {
		return start(t, dir, env, name, append(args, "sh", "-c", `stty raw -echo; exec cat >"$1"`, "sh", x.file)...)
	}
	enter := knock(t, key, keyEnter)
	x.p = shown(t, "the terminal takes keys", open, func() bool { // it gets the focus some time after its start
		enter()
		return strings.Contains(x.all(), "\r")
	})
	const keySpace = 57
	tap(t, key, keySpace) // it comes after each of these
	Until(t, "the terminal has all keys so far", func() bool { return strings.Contains(x.all(), " ") })
	x.from = len(x.all())
	return x
}

// knock returns a function that a test calls while it waits for a program that takes keys. It taps the key, and each pause is longer than
// the one before. GNOME Shell shows no window while it has keys to handle, so taps without pauses stop a shell that is slow.
func knock(t testing.TB, key func(t testing.TB, code uint16, press bool), code uint16) func() {
	t.Helper()
	var next time.Time
	pause := 20 * time.Millisecond
	return func() {
		if time.Now().Before(next) {
			return
		}
		tap(t, key, code)
		next = time.Now().Add(pause)
		pause += pause / 4
	}
}

// all returns everything that was typed.
func (x *Terminal) all() string {
	b, _ := os.ReadFile(x.file)
	return withoutLevels(string(b))
}

// withoutLevels drops what terminals send for keys that choose a level.
func withoutLevels(text string) string { return strings.ReplaceAll(text, "\x00", "") }

// Text returns what was typed since the terminal was opened.
func (x *Terminal) Text() string { return x.all()[x.from:] }

// Close ends the terminal.
func (x *Terminal) Close() { x.p.kill() }
