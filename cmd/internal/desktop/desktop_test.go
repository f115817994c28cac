package desktop

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"toshy/cmd/internal/daemon"
	"toshy/remap"
	"toshy/remap/window"
	"toshy/remap/window/focus"
	"toshy/remap/window/logind"
)

func TestPlace(t *testing.T) {
	mine := logind.Session{ID: "2", UID: 1000, User: "ann", Seat: "seat0", Class: "user", State: "active"}
	with := func(change func(*logind.Session)) *logind.Session {
		s := mine
		change(&s)
		return &s
	}
	for _, tt := range []struct {
		name string
		s    *logind.Session
		away bool
		uid  uint32
		want daemon.Place
	}{
		{"no logind", nil, false, 1000, daemon.Here},
		{"no logind, pointer away", nil, true, 1000, daemon.NotMapped},
		{"mine", &mine, false, 1000, daemon.Here},
		{"mine, pointer away", &mine, true, 1000, daemon.NotMapped},
		{"locked", with(func(s *logind.Session) { s.Locked = true }), false, 1000, daemon.NotMapped},
		{"closing", with(func(s *logind.Session) { s.State = "closing" }), false, 1000, daemon.NotMapped},
		{"another's", with(func(s *logind.Session) { s.UID, s.User = 1001, "bob" }), false, 1000, daemon.Elsewhere},
		{"another's, locked", with(func(s *logind.Session) { s.UID, s.Locked = 1001, true }), false, 1000, daemon.Elsewhere},
		{"greeter", with(func(s *logind.Session) { s.UID, s.Class = 120, "greeter" }), false, 1000, daemon.Elsewhere},
		{"root serves anyone", with(func(s *logind.Session) { s.UID = 1001 }), false, 0, daemon.Here},
		{"root, greeter", with(func(s *logind.Session) { s.UID, s.Class = 120, "greeter" }), false, 0, daemon.NotMapped},
		{"nobody", &logind.Session{}, false, 1000, daemon.NotMapped},
	} {
		if got, why := place(tt.s, "", tt.away, tt.uid); got != tt.want || why == "" {
			t.Errorf("%s: %v (%s), want %v", tt.name, got, why, tt.want)
		}
	}
}

// TestPlaceUnknown: if toshy does not know who is at the seat, it serves nobody, not even root.
func TestPlaceUnknown(t *testing.T) {
	for _, uid := range []uint32{0, 1000} {
		if got, why := place(nil, "it is not known", true, uid); got != daemon.Elsewhere || why != "it is not known" {
			t.Errorf("uid %d: %v (%s)", uid, got, why)
		}
	}
}

func TestSurroundings(t *testing.T) {
	dir, on := t.TempDir(), t.TempDir()
	socket := filepath.Join(on, "socket")
	if err := errors.Join(os.WriteFile(socket, nil, 0o600), os.MkdirAll(filepath.Join(on, "hypr", "a_b"), 0o700)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		env  string
		want Ambient
	}{
		{"", Ambient{}},
		{"XDG_SESSION_TYPE=tty", Ambient{}},
		{"XDG_SESSION_TYPE=wayland XDG_CURRENT_DESKTOP=KDE", Ambient{"kde", "wayland", true}},
		{"XDG_SESSION_TYPE=x11 XDG_CURRENT_DESKTOP=ubuntu:GNOME", Ambient{"gnome", "x11", true}},
		{"DISPLAY=:0 XDG_CURRENT_DESKTOP=X-Cinnamon", Ambient{"cinnamon", "x11", true}},
		{"DISPLAY=:0 WAYLAND_DISPLAY=wayland-0 XDG_CURRENT_DESKTOP=Budgie:GNOME", Ambient{"budgie", "wayland", true}},
		{"XDG_RUNTIME_DIR=" + dir, Ambient{}},
		// Started on a text console.
		{"WAYLAND_DISPLAY=wayland-1 SWAYSOCK=" + socket + " I3SOCK=" + socket, Ambient{"sway", "wayland", true}},
		{"DISPLAY=:0 I3SOCK=" + socket, Ambient{"i3", "x11", true}},
		{"DISPLAY=:0 WAYLAND_DISPLAY=wayland-1 HYPRLAND_INSTANCE_SIGNATURE=a_b XDG_RUNTIME_DIR=" + on, Ambient{"hyprland", "wayland", true}},
		{"DISPLAY=:0 SWAYSOCK=" + dir + "/ended I3SOCK=" + socket, Ambient{"i3", "x11", true}},
		{"DISPLAY=:0 SWAYSOCK=" + dir + "/ended HYPRLAND_INSTANCE_SIGNATURE=c_d XDG_RUNTIME_DIR=" + on, Ambient{"", "x11", true}},
	} {
		got := surroundings(func(name string) string {
			for v := range strings.FieldsSeq(tt.env) {
				if n, value, _ := strings.Cut(v, "="); n == name {
					return value
				}
			}
			return ""
		})
		if got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.env, got, tt.want)
		}
	}
}

func TestMissing(t *testing.T) {
	gone := errors.New("no extension")
	wayland, x11 := Ambient{"gnome", "wayland", true}, Ambient{"gnome", "x11", true}
	for _, tt := range []struct {
		name    string
		sources []focus.Status
		around  Ambient
		want    string
	}{
		{"runs", []focus.Status{{Name: "gnome", Detected: true, Active: true}}, wayland, ""},
		{"no extension", []focus.Status{{Name: "gnome", Detected: true, Err: gone}}, wayland, "no extension"},
		{
			"X11 programs only",
			[]focus.Status{{Name: "gnome", Detected: true, Err: gone}, {Name: "x11", Active: true}},
			wayland,
			"no extension (until then only the windows of X11 programs are known)",
		},
		{"X11 will do", []focus.Status{{Name: "gnome", Detected: true, Err: gone}, {Name: "x11", Active: true}}, x11, ""},
		{"no desktop", []focus.Status{{Name: "gnome"}}, Ambient{}, ""},
		{"an unknown one", []focus.Status{{Name: "gnome"}}, wayland, "gnome offers none of the interfaces that toshy knows"},
		{"still starting", []focus.Status{{Name: "gnome", Detected: true}}, wayland, "the desktop's interface gnome is there but has said nothing"},
	} {
		p, got := Missing(tt.sources, tt.around), ""
		if p != nil {
			got = p.Text
			if p.Fix == "" {
				t.Errorf("%s: no advice", tt.name)
			}
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestName: the environment names the desktop, else the X11 window manager does.
func TestName(t *testing.T) {
	openbox := focus.Snapshot{State: window.Known, Info: window.Info{Desktop: "openbox"}}
	if got := (Ambient{Session: "x11"}).Name(openbox); got != "openbox" {
		t.Errorf("a desktop that the environment does not name: %q", got)
	}
	if got := (Ambient{Desktop: "lxde", Session: "x11"}).Name(openbox); got != "lxde" {
		t.Errorf("a desktop with Openbox: %q", got)
	}
}

// TestWindow: without a window, only the desktop is known.
func TestWindow(t *testing.T) {
	around := Ambient{Desktop: "kde", Session: "wayland"}
	full := window.Info{Class: "kitty", Title: "~", Exe: "/usr/bin/kitty", Desktop: "sway", Session: "wayland"}
	for _, tt := range []struct {
		s    focus.Snapshot
		want remap.Window
	}{
		{focus.Snapshot{}, remap.Window{Desktop: "kde", Session: "wayland"}},
		{focus.Snapshot{State: window.Known, Info: window.Info{Desktop: "openbox", Session: "x11"}}, remap.Window{Desktop: "openbox", Session: "x11"}},
		{focus.Snapshot{State: window.Known, Info: full}, remap.Window{App: "kitty", Title: "~", Exe: "/usr/bin/kitty", Desktop: "sway", Session: "wayland"}},
		{focus.Snapshot{State: window.Stale, Info: window.Info{Class: "kitty"}}, remap.Window{App: "kitty", Desktop: "kde", Session: "wayland"}},
	} {
		if got := Window(tt.s, around); got != tt.want {
			t.Errorf("%+v: %+v, want %+v", tt.s, got, tt.want)
		}
	}
}
