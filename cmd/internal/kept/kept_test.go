package kept

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"toshy/cmd/internal/control"
	"toshy/config"
)

const limit = time.Minute

// A bench is a running store with its own state directory.
type bench struct {
	*Store
	t    *testing.T
	path string
	log  *observer.ObservedLogs
	end  func()
}

// at returns the path of the settings in a new state directory.
func at(t *testing.T) string {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	path, err := Path("toshy")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T) *bench {
	t.Helper()
	core, log := observer.New(zapcore.InfoLevel)
	path, err := Path("toshy")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, Store: Open("toshy", zap.New(core)), path: path, log: log}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { b.Run(ctx) })
	b.end = func() { cancel(); running.Wait() }
	t.Cleanup(b.end)
	return b
}

func (b *bench) flush() error {
	ctx, cancel := context.WithTimeout(b.t.Context(), limit)
	defer cancel()
	return b.Flush(ctx)
}

// has checks that the file has these values, and that a store that starts now would read them.
func (b *bench) has(want map[string]string) {
	b.t.Helper()
	got, err := Read(b.path)
	if err != nil || !maps.Equal(got, want) {
		b.t.Errorf("the file has %v (%v), want %v", got, err, want)
	}
}

func set(name, value string) control.KeptSetting {
	return control.KeptSetting{Name: name, Value: value}
}

func TestKept(t *testing.T) {
	at(t)
	b := start(t)
	if err := b.flush(); err != nil {
		t.Errorf("nothing to write: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(b.path)); err == nil {
		t.Error("a folder was created although nothing is kept")
	}
	b.Keep(set("dark", "true"))
	b.Keep(set("mode", "us"))
	if err := b.flush(); err != nil {
		t.Fatal(err)
	}
	b.has(map[string]string{"dark": "true", "mode": "us"})
	st, err := os.Stat(b.path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	if st, err := os.Stat(filepath.Dir(b.path)); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("folder: mode %v, %v", st.Mode(), err)
	}
	b.Keep(control.KeptSetting{Name: "dark", Default: true})
	b.Keep(set("mode", "abc"))
	b.end() // writes what is not written yet
	b.has(map[string]string{"mode": "abc"})
	if got := start(t).Values(); !maps.Equal(got, map[string]string{"mode": "abc"}) {
		t.Errorf("the next store has %v", got)
	}
	list, err := filepath.Glob(filepath.Join(filepath.Dir(b.path), "*"))
	if err != nil || len(list) != 1 {
		t.Errorf("left behind: %v, %v", list, err)
	}
}

// However fast settings change, the store writes the file only a few times, and the last values are in it.
func TestChangesAreGathered(t *testing.T) {
	at(t)
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.Keep(set("n", "first"))
		if err := b.flush(); err != nil {
			t.Fatal(err)
		}
		last, err := os.Stat(b.path)
		if err != nil {
			t.Fatal(err)
		}
		writes := 0
		for i := range 1000 {
			b.Keep(set("n", fmt.Sprint(i)))
			time.Sleep(time.Millisecond)
			now, err := os.Stat(b.path)
			if err != nil {
				t.Fatal(err)
			}
			if !os.SameFile(last, now) {
				writes, last = writes+1, now
			}
		}
		if most := int(time.Second/between) + 1; writes == 0 || writes > most {
			t.Errorf("%d files for 1,000 changes in a second, at most %d were expected", writes, most)
		}
		if err := b.flush(); err != nil {
			t.Fatal(err)
		}
		b.has(map[string]string{"n": "999"})
	})
}

// If the file is broken, the store moves it aside at the next change, and logs this once.
func TestBrokenFile(t *testing.T) {
	path := at(t)
	for name, text := range map[string]string{
		"half": "[settings]\nmode = \"u", "number": "[settings]\nn = 1\n", "binary": "\x7fELF\x00", "huge": strings.Repeat("#", config.MaxKept+1),
	} {
		t.Run(name, func(t *testing.T) {
			put(t, path, text)
			b := start(t)
			if len(b.Values()) != 0 || b.log.Len() != 1 || !strings.Contains(fmt.Sprint(b.log.All()[0].ContextMap()), path) {
				t.Errorf("values %v, log %v", b.Values(), b.log.All())
			}
			b.Keep(set("dark", "true"))
			if err := b.flush(); err != nil {
				t.Fatal(err)
			}
			b.has(map[string]string{"dark": "true"})
			if aside, err := os.ReadFile(path + ".broken"); err != nil || string(aside) != text {
				t.Errorf("put aside: %.20q, %v", aside, err)
			}
			if b.log.Len() != 1 {
				t.Errorf("log %v", b.log.All())
			}
		})
	}
}

// If the store cannot write the file, it logs this once, still uses the values, and writes them as soon as it can.
func TestUnwritable(t *testing.T) {
	path := at(t)
	dir := filepath.Dir(path)
	put(t, dir, "in the way") // a file in the place of the folder stops even root
	b := start(t)
	for i := range 3 {
		b.Keep(set("n", fmt.Sprint(i)))
		if err := b.flush(); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("the file was written: %v", err)
		}
	}
	if b.log.FilterLevelExact(zapcore.WarnLevel).Len() > 2 { // one for reading, one for writing
		t.Errorf("log %v", b.log.All())
	}
	if got := b.Values(); got["n"] != "2" {
		t.Errorf("values %v", got)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	b.Keep(set("m", "x"))
	if err := b.flush(); err != nil {
		t.Fatal(err)
	}
	b.has(map[string]string{"n": "2", "m": "x"})
}

// A pipe does not make the store hang, and a link stays a link.
func TestNotAPlainFile(t *testing.T) {
	path := at(t)
	put(t, path, "")
	target := filepath.Join(t.TempDir(), "elsewhere.toml")
	put(t, target, "[settings]\na = \"1\"\n")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	b := start(t)
	b.Keep(set("b", "2"))
	if err := b.flush(); err != nil {
		t.Fatal(err)
	}
	b.has(map[string]string{"a": "1", "b": "2"})
	if to, err := os.Readlink(path); err != nil || to != target {
		t.Errorf("the link goes to %q, %v", to, err)
	}
}

func TestNoPlace(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", "relative")
	t.Setenv("HOME", "/home/ann")
	if path, err := Path("toshy"); err != nil || path != "/home/ann/.local/state/toshy/settings.toml" {
		t.Errorf("%q, %v", path, err)
	}
	t.Setenv("HOME", "")
	core, log := observer.New(zapcore.InfoLevel)
	s := Open("toshy", zap.New(core))
	s.Keep(set("a", "b"))
	if err := s.Flush(t.Context()); err == nil || s.Values()["a"] != "b" || log.Len() != 1 {
		t.Errorf("%v, %v, %v", err, s.Values(), log.All())
	}
}

// If the configuration does not allow a value, the store logs this once and keeps the value.
func TestUnusedIsNoted(t *testing.T) {
	put(t, at(t), "[settings]\ngone = \"x\"\nmode = \"c\"\ndark = true\n")
	b := start(t)
	settings := []config.Setting{{Name: "dark", Values: []string{"false", "true"}}, {Name: "mode", Values: []string{"a", "b"}}}
	b.Note(settings)
	b.Note(settings)
	if b.log.Len() != 2 {
		t.Errorf("log %v", b.log.All())
	}
	b.Keep(set("mode", "a"))
	if err := b.flush(); err != nil {
		t.Fatal(err)
	}
	b.has(map[string]string{"gone": "x", "mode": "a", "dark": "true"})
}
