package archtest

import (
	"go/parser"
	"go/token"
	"testing"
)

// The rules themselves, tested on made-up imports.
func TestViolation(t *testing.T) {
	for _, c := range []struct {
		folder, imported string
		test, wrong      bool
	}{
		{folder: "remap", imported: "toshy/remap/key"},
		{folder: "remap", imported: "time"},
		{folder: "remap", imported: "os", wrong: true},
		{folder: "remap", imported: "os", test: true},
		{folder: "remap", imported: "os/signal", wrong: true},
		{folder: "remap", imported: "toshy/config", wrong: true},
		{folder: "remap", imported: "toshy/config", test: true, wrong: true},
		{folder: "remap", imported: "toshy/remap/window", wrong: true},
		{folder: "remap", imported: "toshy/remap/sim", wrong: true},
		{folder: "remap", imported: "toshy/remap/sim", test: true},
		{folder: "remap", imported: "pgregory.net/rapid", wrong: true},
		{folder: "remap", imported: "pgregory.net/rapid", test: true},
		{folder: "remap/key", imported: "toshy/remap", wrong: true},
		{folder: "remap/key", imported: "toshy/remap/key", test: true},
		{folder: "remap/sim", imported: "toshy/remap"},
		{folder: "remap/sim", imported: "toshy/evdev", wrong: true},
		{folder: "remap/window", imported: "toshy/remap/window/x11", wrong: true},
		{folder: "remap/window/focus", imported: "toshy/remap/window/x11", wrong: true},
		{folder: "remap/window/focus", imported: "toshy/remap/window/x11", test: true},
		{folder: "remap/window/x11", imported: "toshy/remap/window"},
		{folder: "remap/window/x11", imported: "github.com/jezek/xgb/xproto"},
		{folder: "remap/window/x11", imported: "toshy/remap/window/kwin", wrong: true},
		{folder: "remap/window/x11", imported: "toshy/remap", wrong: true},
		{folder: "remap/window/x11", imported: "toshy/config", wrong: true},
		{folder: "remap/window/wayland", imported: "toshy/remap/window/wayland/wire"},
		{folder: "evdev", imported: "github.com/bendahl/uinput"},
		{folder: "evdev", imported: "toshy/config", wrong: true},
		{folder: "evdev", imported: "go.uber.org/zap", wrong: true},
		{folder: "config/mac", imported: "toshy/config", wrong: false},
		{folder: "config", imported: "toshy/evdev", wrong: true},
		{folder: "config", imported: "github.com/BurntSushi/toml"},
		{folder: "cmd/internal/daemon", imported: "github.com/BurntSushi/toml", wrong: true},
		{folder: "cmd/internal/daemon", imported: "github.com/bendahl/uinput", test: true, wrong: true},
		{folder: "cmd/internal/desktop", imported: "toshy/remap/window/x11"},
		{folder: "cmd/internal/daemon", imported: "toshy/cmd/internal/seat", wrong: true},
		{folder: "cmd/internal/daemon", imported: "os/exec", wrong: true},
		{folder: "cmd/internal/seat", imported: "toshy/remap/window/logind"},
		{folder: "cmd/internal/seat", imported: "os", wrong: true},
		{folder: "cmd/internal/daemon", imported: "toshy/cmd/toshy", wrong: true},
		{folder: "cmd/toshy-tray", imported: "fyne.io/systray"},
		{folder: "cmd/toshy-tray", imported: "toshy/cmd/internal/daemon", wrong: true},
		{folder: "cmd/internal/session", imported: "fyne.io/systray", wrong: true},
		{folder: "cmd/toshy", imported: "fyne.io/systray", wrong: true},
		{folder: "cmd/toshy", imported: "github.com/spf13/cobra"},
		{folder: "cmd/toshy", imported: "toshy/cmd/internal/dev/vm", wrong: true},
		{folder: "cmd/internal/daemon", imported: "toshy/cmd/internal/dev/e2e", wrong: true},
		{folder: "cmd/internal/dev/e2e", imported: "toshy/cmd/internal/dev/vm"},
		{folder: "pkg/new", imported: "fmt", wrong: true},
	} {
		if why := violation(c.folder, c.imported, c.test); (why != "") != c.wrong {
			t.Errorf("%s imports %s (test: %v): %q", c.folder, c.imported, c.test, why)
		}
	}
}

func TestImpurities(t *testing.T) {
	for src, want := range map[string]int{
		"func f() { go f() }":                   1,
		"var c chan int":                        1,
		"var d = time.Second":                   0,
		"func f(d time.Duration) { f(d) }":      0,
		"var t = time.Now()":                    1,
		"func f() { fmt.Println(); println() }": 2,
		"var s = fmt.Sprintf(`x`)":              0,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+src, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := impurities(f); len(got) != want {
			t.Errorf("%s: %v, want %d", src, got, want)
		}
	}
}
