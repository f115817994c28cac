//go:build desktop

package session

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/zap"

	"toshy/remap"
	"toshy/remap/window/windowtest"
)

// A notification reaches a real notification daemon, dunst, without changes, and appears on the screen.
func TestNotificationArrives(t *testing.T) {
	const text = "Forced numpad: on — „ok“ <b> & 100 %"
	t.Run("text", func(t *testing.T) { arrives(t, "no", text, text) })
	t.Run("markup", func(t *testing.T) { arrives(t, "full", text, "Forced numpad: on — „ok“ &lt;b&gt; &amp; 100 %") })
}

func arrives(t *testing.T, markup, text, want string) {
	t.Helper()
	p := &windowtest.Panel{}
	p.StartSession(t)
	got, script, conf := filepath.Join(p.X.Dir, "got"), filepath.Join(p.X.Dir, "take"), filepath.Join(p.X.Dir, "dunstrc")
	for path, text := range map[string]string{
		// dunst gives its scripts the program, the title and the text.
		script: fmt.Sprintf("#!/bin/sh\nprintf '%%s|%%s|%%s' \"$1\" \"$2\" \"$3\" >%s.new\nmv %[1]s.new %[1]s\n", got),
		conf:   fmt.Sprintf("[global]\nmonitor = 0\nmarkup = %s\n[all]\nsummary = \"*\"\nscript = %q\n", markup, script),
	} {
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p.Run(t, "dunst", "-conf", conf)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", p.Address)
	before, _ := p.Screenshot(t)

	a := New(zap.NewNop())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go a.Run(ctx)
	windowtest.Until(t, "dunst owns its name", func() bool { return Notify(ctx, "first") == nil })
	a.Do(&remap.Effect{Kind: remap.EffectNotify, Text: text})
	windowtest.Until(t, "the text arrives", func() bool {
		b, _ := os.ReadFile(got)
		return string(b) == "toshy|toshy|"+want
	})
	windowtest.Until(t, "it is on the screen", func() bool {
		after, data := p.Screenshot(t)
		changed := 0
		for y := range after.Bounds().Dy() {
			for x := range after.Bounds().Dx() {
				if after.At(x, y) != before.At(x, y) {
					changed++
				}
			}
		}
		dir := filepath.Join("..", "..", "..", ".cache", "tray")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "notification-"+markup+".png"), data, 0o644); err != nil {
			t.Fatal(err)
		}
		return changed > 1000
	})
}
