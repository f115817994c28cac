package windowtest

import (
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

// Modifiers of Qt, for [KWinShortcuts.Register].
const (
	QtShift = 0x02000000
	QtCtrl  = 0x04000000
	QtAlt   = 0x08000000
	QtMeta  = 0x10000000
)

// KWinShortcuts are global shortcuts of a program on Plasma.
type KWinShortcuts struct {
	k       *KWin
	mu      sync.Mutex
	pressed map[string]int
}

const (
	accelName  = "org.kde.kglobalaccel"
	accelPath  = "/kglobalaccel"
	accelIface = "org.kde.KGlobalAccel."
)

// GlobalShortcuts has the shortcuts of the program toshytest, none at first. KWin must run, with Shortcuts.
func (k *KWin) GlobalShortcuts(t testing.TB) *KWinShortcuts {
	t.Helper()
	s := &KWinShortcuts{k: k, pressed: map[string]int{}}
	signals := make(chan *dbus.Signal, 100)
	k.bus.Signal(signals)
	if err := k.bus.AddMatchSignal(dbus.WithMatchInterface("org.kde.kglobalaccel.Component"), dbus.WithMatchMember("globalShortcutPressed")); err != nil {
		t.Fatal(err)
	}
	go func() {
		for signal := range signals {
			if len(signal.Body) < 2 {
				continue
			}
			if name, ok := signal.Body[1].(string); ok {
				s.mu.Lock()
				s.pressed[name]++
				s.mu.Unlock()
			}
		}
	}()
	return s
}

// Register registers an action of the program with a key of Qt.
func (s *KWinShortcuts) Register(t testing.TB, name string, key int32) {
	t.Helper()
	id := []string{"toshytest", name, "toshytest", name}
	s.k.call(t, accelName, accelPath, accelIface+"doRegister", nil, id)
	var got []keySequence
	s.k.call(t, accelName, accelPath, accelIface+"setShortcutKeys", []any{&got}, id, sequences(key), uint32(2|4)) // SetPresent, NoAutoloading
	if len(got) != 1 || !slices.Contains(got[0].Keys, key) {
		t.Fatalf("%s has the keys %v", name, got)
	}
}

// A keySequence has up to four keys that are pressed one after the other.
type keySequence struct{ Keys []int32 }

func sequences(keys ...int32) (list []keySequence) {
	for _, k := range keys {
		list = append(list, keySequence{[]int32{k, 0, 0, 0}})
	}
	return list
}

// Pressed says how often an action's shortcut was pressed.
func (s *KWinShortcuts) Pressed(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pressed[name]
}

// SetShortcut sets the shortcuts of a program's action, or removes them, as System Settings does.
func (k *KWin) SetShortcut(t testing.TB, component, action string, keys ...int32) {
	t.Helper()
	k.call(t, accelName, accelPath, accelIface+"setForeignShortcutKeys", nil, []string{component, action, "", ""}, sequences(keys...))
}

// Configs is the folder with the settings.
func (k *KWin) Configs() string {
	return filepath.Join(filepath.Dir(k.Env("XDG_RUNTIME_DIR")), "config")
}
