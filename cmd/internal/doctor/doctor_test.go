package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"toshy/cmd/internal/desktop"
	"toshy/evdev"
	"toshy/remap/window/focus"
	"toshy/remap/window/logind"
	"toshy/remap/window/softkvm"
)

func check(t *testing.T, what string, got Finding, level Level, kind Kind, text string) {
	t.Helper()
	if got.Level != level || got.Kind != kind || !strings.Contains(got.Text, text) {
		t.Errorf("%s: %+v, want level %v, kind %d, with %q", what, got, Words[level], kind, text)
	}
	if got.Level >= Warning && got.Fix == "" && kind != Device {
		t.Errorf("%s: no advice: %+v", what, got)
	}
}

func TestUinput(t *testing.T) {
	say := func(err error) func() error { return func() error { return err } }
	check(t, "good", Uinput(say(nil)), Good, Other, "can create")
	check(t, "missing", Uinput(say(evdev.ErrNoUinput)), Broken, Device, "not loaded")
	check(t, "denied", Uinput(say(fmt.Errorf("%w (x)", evdev.ErrUinputPermission))), Broken, Permission, "no permission")
	check(t, "else", Uinput(say(errors.New("strange"))), Broken, Device, "strange")
}

func TestKeyboards(t *testing.T) {
	verdicts := map[string]evdev.Verdict{
		"good": {Grab: true}, "denied": {Reason: evdev.ReasonPermission}, "keyd virtual keyboard": {Reason: evdev.ReasonRemapper}, "mouse": {Reason: evdev.ReasonKind},
	}
	look := func(err error, names ...string) []Finding {
		var found []evdev.Found
		for _, n := range names {
			found = append(found, evdev.Found{Info: evdev.Info{Identity: evdev.Identity{Name: n}}})
		}
		return Keyboards(func() ([]evdev.Found, error) { return found, err }, func(i *evdev.Info) evdev.Verdict { return verdicts[i.Name] })
	}
	check(t, "good", look(nil, "good", "mouse")[0], Good, Other, "will be taken: good")
	check(t, "denied", look(nil, "denied", "mouse")[0], Broken, Permission, "denied")
	check(t, "another remapper", look(nil, "keyd virtual keyboard", "good")[0], Warning, Other, "keyd")
	check(t, "none", look(nil, "mouse")[0], Broken, Device, "no keyboard")
	check(t, "no folder", look(evdev.ErrNoInputDir)[0], Broken, Device, "no /dev/input")
	check(t, "closed folder", look(fs.ErrPermission)[0], Broken, Permission, "no permission")
}

func TestDesktop(t *testing.T) {
	wayland := desktop.Ambient{Desktop: "gnome", Session: "wayland", Graphical: true}
	none := focus.Status{Name: "gnome", Detected: true, Err: errors.New("no extension")}
	check(t, "followed", Focus([]focus.Status{{Name: "kwin", Detected: true, Active: true}}, wayland), Good, Other, "kwin")
	check(t, "extension", Focus([]focus.Status{none}, wayland), Broken, Other, "no extension")
	check(t, "half", Focus([]focus.Status{none, {Name: "x11", Active: true}}, wayland), Warning, Other, "no extension")
	check(t, "none", Focus(nil, desktop.Ambient{}), Note, Other, "no desktop")

	check(t, "no logind", Session(nil, errors.New("no bus")), Note, Other, "no bus")
	check(t, "locked", Session(&logind.Session{ID: "1", User: "ann", Locked: true}, nil), Good, Other, "locked")
	check(t, "nobody", Session(&logind.Session{}, nil), Note, Other, "nobody")

	all := Sharing([]softkvm.Program{{Name: "Barrier"}, {Name: "Synergy"}, {Name: "Synergy", ToFile: true, Log: "/x.log"}})
	if len(all) != 2 {
		t.Fatalf("%+v", all)
	}
	check(t, "no log", all[0], Note, Other, "Barrier writes no log")
	check(t, "log", all[1], Good, Other, "/x.log")
}

func TestTyping(t *testing.T) {
	check(t, "there", Typing(true, desktop.Ambient{Desktop: "sway", Graphical: true}), Good, Other, "the desktop types emoji")
	check(t, "none", Typing(false, desktop.Ambient{Desktop: "kde", Session: "wayland", Graphical: true}), Note, Other, "by their number")
	gnome := Typing(false, desktop.Ambient{Desktop: "gnome", Session: "wayland", Graphical: true})
	check(t, "an old extension", gnome, Note, Other, "by their number")
	if !strings.Contains(gnome.Fix, "toshy gnome-extension install") {
		t.Errorf("on GNOME: %s", gnome.Fix)
	}
	check(t, "a console", Typing(false, desktop.Ambient{}), Note, Other, "there is no desktop here")
}

func TestLayout(t *testing.T) {
	check(t, "known", Layout(`"French", group 2, from wayland`), Good, Other, `the keyboard layout is "French", group 2, from wayland`)
	check(t, "not known", Layout(""), Note, Other, "US is assumed")
}
