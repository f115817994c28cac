package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "toshy"

// layer says what the packages below one folder may import. Patterns are paths. A pattern that ends in /... includes everything below.
type layer struct {
	folder string   // with /* it means each folder below, and these do not import each other
	inside []string // folders of this module that it may import
	// outside are the modules that only this folder may import. Those that several folders may import are in shared.
	outside []string
	// barred are packages of the standard library that it must not import.
	barred []string
	pure   bool // no goroutine, no channel, no clock, no printing
}

// impure are the parts of the standard library that do I/O, read the clock, or wait.
var impure = []string{
	"bufio", "context", "crypto/...", "io/...", "log/...", "math/rand/...", "net/...", "os/...", "plugin", "runtime/...",
	"sync/...", "syscall/...", "unsafe", "embed",
}

// layers are the arrows of docs/ARCHITECTURE.md. All of them point down. The most specific folder applies.
var layers = []layer{
	{folder: "remap/key", barred: impure, pure: true},
	{folder: "remap", inside: []string{"remap/key"}, barred: impure, pure: true},
	{folder: "remap/sim", inside: []string{"remap", "remap/key"}, barred: []string{"net/...", "os/...", "syscall/..."}},
	{folder: "remap/conformance", inside: []string{"remap", "remap/key", "remap/sim"}},
	{folder: "remap/window", barred: []string{"net/...", "os/exec", "os/signal"}},
	{folder: "remap/window/*", inside: []string{"remap/window", "remap/window/internal/..."}, outside: []string{
		"github.com/jezek/xgb/...", "github.com/godbus/dbus/v5/...", "golang.org/x/sys/...",
	}},
	{folder: "remap/window/internal", inside: []string{"remap/key", "remap/window", "remap/window/internal/..."}, outside: []string{
		"github.com/godbus/dbus/v5/...", "golang.org/x/sys/...", "golang.org/x/text/unicode/norm",
	}},
	{folder: "remap/window/layout", inside: []string{"remap/window", "remap/window/internal/..."}, outside: []string{
		"github.com/cenkalti/backoff/v5",
	}},
	{folder: "remap/window/focus", inside: []string{"remap/window"}, outside: []string{
		"github.com/cenkalti/backoff/v5", "github.com/fsnotify/fsnotify", "golang.org/x/time/rate",
	}},
	{folder: "remap/window/logind", inside: []string{"remap/window", "remap/window/internal/..."}, outside: []string{
		"github.com/fsnotify/fsnotify", "github.com/godbus/dbus/v5/...",
	}},
	{folder: "remap/window/softkvm", outside: []string{"github.com/fsnotify/fsnotify", "golang.org/x/sys/..."}},
	{folder: "evdev", inside: []string{"evdev/...", "remap", "remap/key"}, outside: []string{
		"github.com/holoplot/go-evdev", "github.com/bendahl/uinput", "github.com/fsnotify/fsnotify", "golang.org/x/sys/...",
	}},
	{folder: "config", inside: []string{"config/...", "remap", "remap/key", "remap/sim"}, outside: []string{
		"github.com/BurntSushi/toml/...", "github.com/agnivade/levenshtein", "github.com/expr-lang/expr/...",
	}},
	{folder: "systemd", barred: []string{"net/...", "os/...", "syscall/..."}}, // files that other programs install
	{folder: "cmd/internal", inside: []string{"cmd/internal/...", "config/...", "evdev/...", "remap/...", "systemd"}, outside: []string{
		"github.com/cenkalti/backoff/v5", "github.com/coreos/go-systemd/v22/...", "github.com/fsnotify/fsnotify",
		"github.com/godbus/dbus/v5/...", "go.uber.org/zap/...", "golang.org/x/sys/...", "golang.org/x/tools/txtar",
	}},
	// The system's daemon starts no program and opens no file that a user names. The shell around the engine does not know about
	// agents.
	{folder: "cmd/internal/control", inside: []string{"config"}, outside: []string{
		"golang.org/x/sys/...", "golang.org/x/time/rate",
	}, barred: []string{"os/exec"}},
	{folder: "cmd/internal/daemon", inside: []string{"cmd/internal/filewatch", "cmd/internal/control", "cmd/internal/memory", "evdev/...", "remap", "remap/key"}, outside: []string{
		"github.com/coreos/go-systemd/v22/...", "go.uber.org/zap/...", "golang.org/x/sys/...",
	}, barred: []string{"os/exec"}},
	{folder: "cmd/internal/seat", inside: []string{
		"cmd/internal/control", "cmd/internal/daemon", "cmd/internal/memory", "cmd/internal/program", "config", "remap", "remap/key", "remap/window", "remap/window/logind",
	}, outside: []string{"go.uber.org/zap/..."}, barred: []string{"os", "os/exec"}},
	// The code that answers for a page runs in a browser, too.
	{folder: "cmd/internal/sheet", inside: []string{"config", "remap", "remap/key"}, barred: []string{"net/...", "os/...", "syscall/..."}},
	{folder: "cmd/internal/explain", inside: []string{"config", "remap", "remap/key", "remap/sim"}, barred: []string{"net/...", "os/...", "syscall/..."}},
	{folder: "cmd/internal/page", inside: []string{"cmd/internal/explain", "cmd/internal/keycheck", "cmd/internal/sheet", "config", "remap", "remap/key", "remap/sim"}, barred: []string{"net/...", "os/...", "syscall/..."}},
	{folder: "cmd/internal/importer", inside: []string{"config", "remap", "remap/key"}, outside: []string{
		"go.starlark.net/syntax", "go.yaml.in/yaml/v3",
	}, barred: []string{"net/...", "os/...", "syscall/..."}},
	// The tray is a separate program, so that the daemon, which sees all keys, contains none of it.
	{folder: "cmd/toshy-tray", inside: []string{"cmd/internal/control", "cmd/internal/session", "config", "remap/window/sessionbus"}, outside: []string{
		"fyne.io/systray", "github.com/cenkalti/backoff/v5", "github.com/godbus/dbus/v5/...",
	}},
	// So is the page: it can read keys and write rules.
	{folder: "cmd/toshy-ui", inside: []string{
		"cmd/internal/control", "cmd/internal/desktop", "cmd/internal/explain", "cmd/internal/filewatch", "cmd/internal/page", "cmd/internal/program", "cmd/internal/shortcuts", "config",
	}, outside: []string{"github.com/cenkalti/backoff/v5", "go.uber.org/zap"}},
	{folder: "cmd/toshy-playground", inside: []string{"cmd/internal/page", "config"}, barred: []string{"net/...", "os/..."}},
	{folder: "cmd/toshy", inside: []string{"cmd/...", "config/...", "evdev/...", "remap/...", "systemd"}, outside: []string{
		"github.com/coreos/go-systemd/v22/...", "github.com/spf13/cobra/...", "github.com/spf13/pflag", "go.uber.org/zap/...", "golang.org/x/...",
	}},
}

// forTests is what any test may import in addition to its layer's imports: other modules, and folders of this module that only tests
// use.
var forTests = []string{
	"remap/sim", "remap/window/...",
	"github.com/google/go-cmp/...", "github.com/rogpeppe/go-internal/...", "pgregory.net/rapid", "golang.org/x/sys/...", "golang.org/x/tools/txtar",
	"github.com/santhosh-tekuri/jsonschema/v6",
}

// matches reports whether pattern covers the path.
func matches(pattern, p string) bool {
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return p == base || strings.HasPrefix(p, base+"/")
	}
	return p == pattern
}

// layerOf finds the rule for a folder.
func layerOf(folder string) (layer, bool) {
	best, found := layer{}, false
	for _, l := range layers {
		base, below := strings.CutSuffix(l.folder, "/*")
		if below && folder == base || !matches(base+"/...", folder) {
			continue
		}
		if !found || len(l.folder) > len(best.folder) {
			best, found = l, true
		}
	}
	return best, found
}

func isStandard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") && first != module
}

// violation says why a file in folder must not import that path, or "".
func violation(folder, imported string, test bool) string {
	l, ok := layerOf(folder)
	if !ok {
		return fmt.Sprintf("the folder %s is in no layer", folder)
	}
	covered := func(patterns []string, p string) bool {
		return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, p) })
	}
	const dev = "cmd/internal/dev"
	switch inside, ours := strings.CutPrefix(imported, module+"/"); {
	case ours && !test && matches(dev+"/...", inside) && !matches(dev+"/...", folder):
		return "what only serves development"
	case ours && inside == folder, ours && covered(l.inside, inside):
	case ours && test && covered(forTests, inside):
	case ours && folder != l.folder && strings.HasPrefix(inside, ownRoot(l, folder)+"/"): // a package may import its own subpackages
	case ours:
		return "an import that goes up or sideways"
	case isStandard(imported) && (test || !covered(l.barred, imported)):
	case isStandard(imported):
		return "a part of the standard library that this layer does without"
	case covered(l.outside, imported), test && covered(forTests, imported):
	default:
		return "a module that this layer does not use"
	}
	return ""
}

// ownRoot is the folder directly below a layer that ends in *, which contains folder.
func ownRoot(l layer, folder string) string {
	base, below := strings.CutSuffix(l.folder, "/*")
	if !below {
		return l.folder
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(folder, base+"/"), "/")
	return path.Join(base, first)
}

// source is one parsed Go file.
type source struct {
	folder, name string
	file         *ast.File
	fset         *token.FileSet
}

func (s source) test() bool { return strings.HasSuffix(s.name, "_test.go") }

// sources parses all Go files of the module, regardless of their build tags.
func sources(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..", "..", "..")
	var all []source
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			_, other := os.Stat(filepath.Join(p, "go.mod"))
			if p != root && (other == nil || strings.HasPrefix(e.Name(), ".") || e.Name() == "testdata" || e.Name() == "vendor") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, p, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		all = append(all, source{filepath.ToSlash(filepath.Dir(rel)), filepath.Base(p), f, fset})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("found only %d Go files below %s", len(all), root)
	}
	return all
}

func TestArrowsPointDown(t *testing.T) {
	for _, s := range sources(t) {
		for _, i := range s.file.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := violation(s.folder, imported, s.test()); why != "" {
				t.Errorf("%s/%s imports %s: %s", s.folder, s.name, imported, why)
			}
		}
	}
}

// The daemon contains more than its own files import.
func TestDaemonHasNoTrayAndNoPage(t *testing.T) {
	linked := func(program string) []string {
		out, err := exec.Command("go", "list", "-deps", "toshy/cmd/"+program).Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		return strings.Fields(string(out))
	}
	const tray = "fyne.io/systray"
	if slices.Contains(linked("toshy"), tray) {
		t.Errorf("toshy links %s", tray)
	}
	if !slices.Contains(linked("toshy-tray"), tray) {
		t.Errorf("toshy-tray does not link %s: look for what it does link", tray)
	}
	const page = "toshy/cmd/internal/page"
	if slices.Contains(linked("toshy"), page) {
		t.Errorf("toshy links %s", page)
	}
	if !slices.Contains(linked("toshy-ui"), page) {
		t.Errorf("toshy-ui does not link %s: look for what it does link", page)
	}
}

// TestBusesAreGated: a connection that godbus opens accepts file descriptors, and messages of any size. So only sessionbus may open
// connections.
func TestBusesAreGated(t *testing.T) {
	ungated := []string{"Connect", "Dial", "SessionBus", "SystemBus", "ConnectSessionBus", "ConnectSystemBus", "SessionBusPrivate", "SystemBusPrivate", "NewConn"}
	for _, s := range sources(t) {
		relayed := s.folder == "cmd/toshy-tray" // it gives the library that draws the icon the address of our relay
		if s.test() || relayed || s.folder == "remap/window/windowtest" || s.folder == "remap/window/internal/bus" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if f, ok := n.(*ast.SelectorExpr); ok && slices.Contains(ungated, f.Sel.Name) {
				if x, ok := f.X.(*ast.Ident); ok && x.Name == "dbus" {
					t.Errorf("%s: dbus.%s instead of sessionbus.Connect", s.fset.Position(n.Pos()), f.Sel.Name)
				}
			}
			return true
		})
	}
}

func TestEngineIsPure(t *testing.T) {
	for _, s := range sources(t) {
		if l, _ := layerOf(s.folder); l.pure && !s.test() {
			for _, i := range impurities(s.file) {
				t.Errorf("%s: %s", s.fset.Position(i.at), i.what)
			}
		}
	}
}

// impurity is something that a pure package must not do.
type impurity struct {
	at   token.Pos
	what string
}

// impurities finds goroutines, channels, the clock and printing.
func impurities(f *ast.File) []impurity {
	clock := []string{"Duration", "Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour", "ParseDuration"}
	var found []impurity
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = append(found, impurity{n.Pos(), "a goroutine"})
		case *ast.ChanType:
			found = append(found, impurity{n.Pos(), "a channel"})
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			switch {
			case !ok:
			case x.Name == "time" && !slices.Contains(clock, n.Sel.Name):
				found = append(found, impurity{n.Pos(), "time." + n.Sel.Name + ": time comes in with the event"})
			case x.Name == "fmt" && (strings.HasPrefix(n.Sel.Name, "Print") || strings.Contains(n.Sel.Name, "can")):
				found = append(found, impurity{n.Pos(), "fmt." + n.Sel.Name})
			}
		case *ast.CallExpr:
			if x, ok := n.Fun.(*ast.Ident); ok && (x.Name == "print" || x.Name == "println") {
				found = append(found, impurity{n.Pos(), x.Name})
			}
		}
		return true
	})
	return found
}
