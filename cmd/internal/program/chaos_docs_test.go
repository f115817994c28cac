package program_test

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"toshy/cmd/internal/program"
	"toshy/config"
	"toshy/remap"
	"toshy/remap/key"
)

// This mixes parts of other configurations, with lines that are missing, doubled or changed. The result goes all the way: it is read,
// compiled, and run with keys, windows, keyboards and settings that change at any moment.

// A mixer creates configurations.
type mixer struct {
	*rand.Rand
	tables       []string // complete tables
	keys, values []string
}

func newMixer(t testing.TB) *mixer {
	t.Helper()
	m := &mixer{}
	var texts []string
	doc, err := os.ReadFile("../../../docs/CONFIG.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(string(doc), -1) {
		texts = append(texts, s[1])
	}
	for _, pattern := range []string{"../../../config/testdata/good/*.toml", "../../../config/mac/*.toml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("nothing in %s: %v", pattern, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if len(b) < 20_000 {
				texts = append(texts, string(b))
			}
		}
	}
	for _, text := range texts {
		table := ""
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "[") {
				m.tables = append(m.tables, table)
				table = ""
			}
			table += line
			if k, v, ok := strings.Cut(line, " = "); ok && !strings.HasPrefix(line, "#") {
				m.keys, m.values = append(m.keys, strings.TrimSpace(k)), append(m.values, v)
			}
		}
		m.tables = append(m.tables, table)
	}
	return m
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.Intn(len(list))] }

var number = regexp.MustCompile(`\d+`)

// config creates a configuration.
func (m *mixer) config() string {
	var lines []string
	for range 1 + m.Intn(8) {
		if t := pick(m.Rand, m.tables); !strings.Contains(t, "extends") && !strings.Contains(t, "include") {
			lines = append(lines, strings.SplitAfter(t, "\n")...)
		}
	}
	var s strings.Builder
	if m.Intn(8) > 0 {
		s.WriteString("extends = \"none\"\n")
	}
	sane := 100 * (1 + m.Intn(30)) // a few of this many lines are changed
	for _, line := range lines {
		key, value, is := strings.Cut(line, " = ")
		switch x := m.Intn(sane); {
		case x < 2:
			continue
		case x < 8 && is:
			line = key + " = " + pick(m.Rand, m.values)
		case x < 12 && is:
			line = pick(m.Rand, m.keys) + " = " + value
		case x < 14:
			line = pick(m.Rand, lines)
		case x < 16:
			line = number.ReplaceAllStringFunc(line, func(string) string { return fmt.Sprint(m.Intn(1200)) })
		}
		s.WriteString(line)
	}
	return s.String()
}

// typed are the keys that the test types: modifiers, keys that configurations mention, and a button.
var typed = []key.Code{
	key.LeftCtrl, key.RightCtrl, key.LeftShift, key.RightShift, key.LeftAlt, key.RightAlt, key.LeftMeta, key.RightMeta, key.CapsLock,
	key.A, 31, 32, 33, 44, 45, 46, key.Space, key.Enter, 14, key.Esc, 15, 36, 37, 35, 59, 60, 61, 183, 184, 185, 2, 3, 103, 105, 106, 108, 272,
}

// A desk is an engine with everything around it, and its output.
type desk struct {
	*rand.Rand
	t       testing.TB
	engine  *remap.Engine
	out     *remap.Output
	now     time.Duration
	wake    time.Duration
	down    [key.Count]bool
	touched map[[2]int]bool // held keys, by keyboard
}

// took checks the output.
func (d *desk) took(wake time.Duration) {
	d.t.Helper()
	d.wake = wake
	for _, e := range d.out.Events {
		if e.Type != remap.TypeKey {
			continue
		}
		if e.Code == 0 || int(e.Code) >= len(d.down) {
			d.t.Fatalf("code %d comes out", e.Code)
		}
		if is := d.down[e.Code]; is != (e.Value != remap.Press) {
			d.t.Fatalf("%v comes out with %d, and it is down: %v", e.Code, e.Value, is)
		}
		d.down[e.Code] = e.Value != remap.Release
	}
	d.out.Reset()
}

// rest runs timers until none is left.
func (d *desk) rest() {
	d.t.Helper()
	for n := 0; d.wake != remap.Never; n++ {
		if n > 100_000 {
			d.t.Fatal("the engine does not stop setting timers")
		}
		d.now = max(d.now, d.wake)
		d.took(d.engine.Tick(d.now, d.out))
	}
}

// step does one random thing.
func (d *desk) step(programs []*remap.Compiled) {
	d.t.Helper()
	switch x := d.Intn(100); {
	case x < 30:
		d.now += time.Duration(d.Intn(60)) * time.Millisecond
	case x < 33:
		d.now += time.Duration(d.Intn(3000)) * time.Millisecond
	}
	for n := 0; d.wake <= d.now && d.Intn(3) > 0; n++ { // sometimes too late
		if n > 100_000 {
			d.t.Fatal("the engine does not stop setting timers")
		}
		d.took(d.engine.Tick(d.now, d.out))
	}
	board := uint8(d.Intn(3))
	e, p := d.engine, d.engine.Program()
	switch x := d.Intn(200); {
	case x < 160:
		code, value := pick(d.Rand, typed), remap.Press
		held := [2]int{int(board), int(code)}
		if d.touched[held] {
			value = pick(d.Rand, []int32{remap.Release, remap.Release, remap.Release, remap.Repeat})
		}
		d.touched[held] = value != remap.Release
		at := d.now
		if d.Intn(50) == 0 {
			at -= time.Duration(d.Intn(1e9)) // a keyboard that was read late
		}
		d.took(e.Handle(remap.Event{At: at, Type: remap.TypeKey, Code: code, Value: value, Device: board}, d.out))
	case x < 170:
		w := remap.Window{
			App:   pick(d.Rand, []string{"", "firefox", "kitty", "gedit", "slack", "obs", "mpv", "qemu-system", "thunderbird"}),
			Title: strings.Repeat("a", d.Intn(50)), Desktop: pick(d.Rand, []string{"gnome", "kde", ""}),
		}
		d.took(e.SetWindow(w, d.now, d.out))
	case x < 174:
		d.took(e.SetDevice(board, remap.Device{Name: "x", Keyboard: pick(d.Rand, []string{"apple", "windows", ""}), CapsLock: d.Intn(2) == 0}, d.now, d.out))
	case x < 176:
		d.took(e.RemoveDevice(board, d.now, d.out))
		for held := range d.touched {
			if held[0] == int(board) {
				delete(d.touched, held)
			}
		}
	case x < 178:
		d.took(e.Swap(pick(d.Rand, programs), d.now, d.out))
	case x < 180:
		d.took(e.SetPassthrough(d.Intn(2) == 0, d.now, d.out))
	case x < 182:
		d.took(e.PointerActivity(d.now, d.out))
	case x < 185 && len(p.Vars) > 0:
		i := d.Intn(len(p.Vars))
		d.took(e.SetVar(i, int32(d.Intn(len(p.Vars[i].Values))), d.now, d.out))
	case x < 187 && len(p.Layers) > 0:
		d.took(e.SetLayer(d.Intn(len(p.Layers)), d.Intn(2) == 0, d.now, d.out))
	case x < 189:
		d.took(e.ReleaseAll(d.now, d.out))
	case x < 193: // any event that is not a key, with any value
		d.took(e.Handle(remap.Event{At: d.now, Type: uint16(2 + d.Intn(30)), Code: key.Code(d.Intn(0x300)), Value: int32(d.Uint32()), Device: uint8(d.Intn(64))}, d.out))
	case x < 196:
		d.took(e.Handle(remap.Event{At: d.now, Type: remap.TypeKey, Code: key.Code(0x300 + d.Intn(0x7000)), Value: int32(d.Uint32()), Device: board}, d.out))
	case e.Idle():
		d.took(e.Perform(&remap.Action{Kind: remap.DoText, Text: "aé"}, d.now, d.out))
	}
}

// FuzzConfigToKeys: whatever a configuration contains, a key is only pressed when it is up and only released when it is down, the
// engine stops setting timers, and no key stays down.
func FuzzConfigToKeys(f *testing.F) {
	for seed := range int64(30) {
		f.Add(seed)
	}
	m := newMixer(f)
	f.Fuzz(func(t *testing.T, seed int64) {
		m := &mixer{rand.New(rand.NewSource(seed)), m.tables, m.keys, m.values}
		var programs []*remap.Compiled
		for range 8 {
			text := m.config()
			p, err := program.Parse("x.toml", []byte(text), nil)
			if err != nil {
				if config.Problems(err) == nil {
					t.Errorf("a problem without a place: %v\n%s", err, text)
				}
				continue
			}
			programs = append(programs, p.Compiled)
		}
		if len(programs) == 0 {
			return
		}
		d := &desk{Rand: m.Rand, t: t, engine: remap.New(programs[0]), out: remap.NewOutput(), now: 1e12, wake: remap.Never, touched: map[[2]int]bool{}}
		for range 400 {
			d.step(programs)
		}
		d.took(d.engine.SetPassthrough(false, d.now, d.out))
		for board := range uint8(remap.MaxDevices) {
			d.took(d.engine.RemoveDevice(board, d.now, d.out))
		}
		d.rest()
		d.took(d.engine.ReleaseAll(d.now, d.out))
		d.rest()
		for code, is := range d.down {
			if is {
				t.Errorf("%v stays down", key.Code(code))
			}
		}
	})
}
