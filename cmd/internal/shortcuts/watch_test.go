package shortcuts

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
)

// A change of the desktop's settings is reported only if it changes a shortcut.
func TestFollower(t *testing.T) {
	p := home(t, map[string]string{"config/kglobalshortcutsrc": "kglobalshortcutsrc"})
	name := filepath.Join(p.configs[0], "kglobalshortcutsrc")
	told, read := make(chan struct{}, 10), make(chan struct{}, 100)
	desktop := make(chan string, 1)
	desktop <- "kde"
	f := NewFollower(zap.NewNop(), func() string {
		d := <-desktop
		desktop <- d
		return d
	}, func() { told <- struct{}{} })
	f.find = func(ctx context.Context, desktop string) *Found {
		defer func() { read <- struct{}{} }()
		return find(ctx, desktop, p)
	}
	if f.Combos() != nil {
		t.Error("there are shortcuts before they were read")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { f.Run(ctx); close(done) }()
	defer func() { cancel(); <-done }()
	wait := func(c chan struct{}, what string) {
		t.Helper()
		select {
		case <-c:
		case <-time.After(time.Minute):
			t.Fatal(what)
		}
	}
	wait(told, "the first shortcuts are not told")
	wait(read, "")
	if got := f.Combos()["minimize"]; got != "Super-M" {
		t.Errorf("minimize is %q", got)
	}
	write := func(from, to string) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name+".new", []byte(strings.Replace(string(data), from, to, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(name+".new", name); err != nil { // as KConfig writes files
			t.Fatal(err)
		}
	}
	write("Window Minimize=Meta+M,", "Window Minimize=Meta+B,")
	wait(told, "a change is not told")
	wait(read, "")
	if got := f.Combos()["minimize"]; got != "Super-B" {
		t.Errorf("minimize is %q", got)
	}
	write("Activity Manager", "Activities")
	wait(read, "the file is not read again")
	if len(told) > 0 {
		t.Error("a change that does not change any shortcut is reported")
	}
	<-desktop
	desktop <- "icewm"
	f.Kick()
	wait(told, "another desktop is not told")
	if len(f.Combos()) > 0 {
		t.Errorf("%v without a desktop", f.Combos())
	}
}

// A desktop that does not answer in time keeps the shortcuts that it has told, and is asked again.
func TestLateDesktop(t *testing.T) {
	answers := []*Found{
		{Desktop: "hyprland"},
		{Desktop: "hyprland", Late: true},
		{Desktop: "hyprland"},
	}
	for answer, symbol := range map[int]string{0: "c", 2: "q"} {
		k, _ := byFirst.read([]string{"SUPER"}, symbol)
		answers[answer].set("close", "hyprctl", k)
	}
	told := make(chan struct{}, len(answers))
	f := NewFollower(zap.NewNop(), func() string { return "hyprland" }, func() { told <- struct{}{} })
	f.again = time.Millisecond
	asked := 0
	f.find = func(context.Context, string) *Found {
		asked++
		return answers[min(asked, len(answers))-1]
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { f.Run(ctx); close(done) }()
	defer func() { cancel(); <-done }()
	for i, want := range []string{"Super-C", "Super-Q"} {
		select {
		case <-told:
		case <-time.After(time.Minute):
			t.Fatalf("%s is not told", want)
		}
		if got := f.Combos()["close"]; got != want {
			t.Errorf("close is %q, want %q", got, want)
		}
		if i == 0 {
			f.Kick()
		}
	}
}

// TestLayouts: another layout puts shortcuts on other keys. Only a layout that does is reported.
func TestLayouts(t *testing.T) {
	found := &Found{Desktop: "kde"}
	for action, text := range map[string]string{"close": "Meta+Q", "zoom-in": "Meta++"} {
		k, _ := byTyped.fromPlus(text)
		found.answer(action, "kglobalshortcutsrc", k)
	}
	told := make(chan struct{}, 10)
	f := NewFollower(zap.NewNop(), func() string { return "kde" }, func() { told <- struct{}{} })
	f.find = func(context.Context, string) *Found { return found }
	f.SetLayout(recorded(t, "de"))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { f.Run(ctx); close(done) }()
	defer func() { cancel(); <-done }()
	<-told
	for _, tt := range []struct{ layout, want string }{{"de", "Super-Equal"}, {"us", "Shift-Super-Equal"}, {"ru", "Shift-Super-Equal"}, {"de", "Super-Equal"}} {
		before := f.Combos()["zoom-in"]
		f.SetLayout(recorded(t, tt.layout))
		if got := f.Combos(); got["zoom-in"] != tt.want || got["close"] != "Super-Q" {
			t.Errorf("%s: %v", tt.layout, got)
		}
		if n := len(told); (n == 1) != (before != tt.want) {
			t.Errorf("%s: told %d times after %s", tt.layout, n, before)
		}
		for len(told) > 0 {
			<-told
		}
	}
}
