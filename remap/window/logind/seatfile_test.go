package logind

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestActive(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) {
		t.Helper()
		temporary := filepath.Join(dir, ".#seat01234")
		if err := errors.Join(os.WriteFile(temporary, []byte(text), 0o600), os.Rename(temporary, filepath.Join(dir, "seat0"))); err != nil {
			t.Fatal(err)
		}
	}
	w := &Watcher{Seats: dir}
	for _, seat := range []string{"", "seat1", "../etc", "/etc/passwd", ".."} {
		if _, ok := (&Watcher{Seats: dir, Seat: seat}).Active(); ok {
			t.Errorf("%q: a missing file", seat)
		}
	}
	for text, want := range map[string]Active{
		"# This is private data. Do not parse.\nIS_SEAT0=1\nCAN_TTY=1\nACTIVE=c2\nACTIVE_UID=1000\nSESSIONS=c2 3\nUIDS=1000 1001\n": {"c2", 1000},
		"IS_SEAT0=1\nCAN_TTY=1\n": {},
		"":                        {},
	} {
		write(text)
		if a, ok := w.Active(); !ok || a != want {
			t.Errorf("%q: %+v, %v", text, a, ok)
		}
	}
	for _, text := range []string{"ACTIVE=2\nACTIVE_UID=-1\n", "ACTIVE=2\nACTIVE_UID=4294967296\n"} {
		write(text)
		if a, ok := w.Active(); ok {
			t.Errorf("%q: %+v", text, a)
		}
	}

	changed, ended := make(chan Active, 8), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	write("ACTIVE=1\nACTIVE_UID=1000\n")
	go func() {
		ended <- w.FollowActive(ctx, func() {
			a, _ := w.Active()
			changed <- a
		})
	}()
	if a := <-changed; a.ID != "1" {
		t.Errorf("first %+v", a)
	}
	write("ACTIVE=2\nACTIVE_UID=1001\n")
	for a := range changed {
		if a == (Active{"2", 1001}) {
			break
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := (&Watcher{Seats: filepath.Join(dir, "none")}).FollowActive(t.Context(), func() { t.Error("changed") }); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestActiveIs(t *testing.T) {
	for _, tt := range []struct {
		a    Active
		s    Session
		want bool
	}{
		{Active{}, Session{}, true},
		{Active{"2", 1000}, Session{ID: "2", UID: 1000}, true},
		{Active{"2", 1000}, Session{ID: "2", UID: 1001}, false},
		{Active{"2", 1000}, Session{ID: "3", UID: 1000}, false},
		{Active{"2", 1000}, Session{}, false},
		{Active{}, Session{ID: "2"}, false},
	} {
		if got := tt.a.Is(tt.s); got != tt.want {
			t.Errorf("%+v is %+v: %v", tt.a, tt.s, got)
		}
	}
}
