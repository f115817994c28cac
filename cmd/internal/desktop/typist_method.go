package desktop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/window"
	"toshy/remap/window/cinnamon"
	"toshy/remap/window/gnome"
	"toshy/remap/window/kwin"
)

// Desktops whose input methods type: in programs that take text from these. Input methods of GNOME Shell, Cinnamon and KWin
// reach no program on X11.

// shell types by the input method of GNOME Shell or Cinnamon.
type shell struct{ t shellTypist }

type shellTypist interface {
	Type(ctx context.Context, text string, until time.Duration) (result string, err error)
	Check(ctx context.Context) error
	Close()
}

func openGNOME(ctx context.Context) (typer, error) {
	if err := onWayland(); err != nil {
		return nil, err
	}
	t, err := gnome.DialTypist(ctx, "")
	if err != nil {
		return nil, err
	}
	return &shell{t}, nil
}

func openCinnamon(ctx context.Context) (typer, error) {
	if err := onWayland(); err != nil {
		return nil, err
	}
	t, err := cinnamon.DialTypist(ctx, "")
	if err != nil {
		return nil, err
	}
	return &shell{t}, nil
}

// onWayland says whether input methods of a desktop reach anything.
func onWayland() error {
	if Surroundings().Session != "wayland" {
		return fmt.Errorf("%w: it is no Wayland session", window.ErrUnavailable)
	}
	return nil
}

func (s *shell) Type(ctx context.Context, text string, limit time.Time) (remap.TypingResult, error) {
	ctx, cancel := context.WithDeadline(ctx, limit)
	defer cancel()
	switch result, err := s.t.Type(ctx, text, evdev.Now()+time.Until(limit)); {
	case err != nil:
		return remap.TypingFailed, err
	case result == "done":
		return remap.TypingDone, nil
	case result == "x11":
		return remap.TypingForX11, nil
	}
	return remap.TypingFailed, nil
}

func (s *shell) Reaches(x11 bool) bool { return !x11 }

func (s *shell) Rest() {}

func (s *shell) Check(ctx context.Context) error { return s.t.Check(ctx) }

func (s *shell) Close() { s.t.Close() }

// kde types by the input methods of KWin.
type kde struct{ t *kwin.Typist }

func (t *Typist) openKWin(ctx context.Context) (typer, error) {
	if err := onWayland(); err != nil {
		return nil, err
	}
	k, err := kwin.DialTypist(ctx, "", kwin.WaylandOptions{}, func() { nudge(t.focused) })
	if err != nil {
		return nil, err
	}
	return &kde{k}, nil
}

func (k *kde) Type(ctx context.Context, text string, limit time.Time) (remap.TypingResult, error) {
	err := k.t.Type(ctx, text, limit)
	if errors.Is(err, kwin.ErrNoField) {
		return remap.TypingFailed, nil
	}
	return remap.TypingDone, err
}

// Reaches is what KWin says: programs on X11 have no text fields for it.
func (k *kde) Reaches(bool) bool { return k.t.Active() }

func (k *kde) Rest() { k.t.Rest() }

func (k *kde) Check(ctx context.Context) error { return k.t.Check(ctx) }

func (k *kde) Close() { k.t.Close() }
