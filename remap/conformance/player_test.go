package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// echo forwards keys at once. It wakes again 100 ms after each press and then types F1.
type echo struct {
	wake  time.Duration
	log   []string
	loops bool
}

func (e *echo) put(c key.Code, v int32, out *remap.Output) {
	out.Events = append(out.Events, remap.Out{Type: remap.TypeKey, Code: c, Value: v}, remap.Out{Type: remap.TypeSyn})
}

func (e *echo) Handle(ev remap.Event, out *remap.Output) time.Duration {
	if ev.Code == key.Reserved {
		panic("reserved key")
	}
	if ev.Code == key.F16 {
		out.Effects = append(out.Effects, &remap.Effect{Kind: remap.EffectEject})
		return e.wake
	}
	e.put(ev.Code, ev.Value, out)
	if ev.Value == remap.Press {
		e.wake = ev.At + 100*time.Millisecond
	}
	return e.wake
}

func (e *echo) Tick(now time.Duration, out *remap.Output) time.Duration {
	if e.wake <= now && !e.loops {
		e.put(key.F15, remap.Press, out)
		e.put(key.F15, remap.Release, out)
		e.wake = remap.Never
	}
	return e.wake
}

func (e *echo) note(now time.Duration, what string) time.Duration {
	e.log = append(e.log, ms(now)+" "+what)
	return e.wake
}

func (e *echo) SetWindow(w remap.Window, now time.Duration, _ *remap.Output) time.Duration {
	return e.note(now, "window "+w.App+" "+w.Title)
}

func (e *echo) SetDevice(_ uint8, d remap.Device, now time.Duration, _ *remap.Output) time.Duration {
	lock := ""
	if d.CapsLock {
		lock = " caps"
	}
	return e.note(now, "device "+d.Name+lock)
}

func (e *echo) SetVar(_ int, _ int32, now time.Duration, _ *remap.Output) time.Duration {
	return e.note(now, "var")
}

func (e *echo) SetPassthrough(_ bool, now time.Duration, _ *remap.Output) time.Duration {
	return e.note(now, "passthrough")
}

func (e *echo) SetLayout(l *remap.Layout) {
	e.log = append(e.log, "layout")
}

func (e *echo) PointerActivity(now time.Duration, _ *remap.Output) time.Duration {
	return e.note(now, "pointer")
}

func (e *echo) ReleaseAll(now time.Duration, _ *remap.Output) time.Duration {
	return e.note(now, "release all")
}

func TestPlay(t *testing.T) {
	for name, tt := range map[string]struct {
		in, want, log string
		exit          bool
		err           string
	}{
		"timers between inputs have their own time": {
			in:   `[[0,"kbd","KEY_A",1],[99,"kbd","KEY_A",0],[150,"kbd","KEY_B",1],[160,"kbd","KEY_B",0]]`,
			want: "0 a 1, 99 a 0, 100 f15 1, 100 f15 0, 150 b 1, 160 b 0, 250 f15 1, 250 f15 0", log: "0 window app title, 0 device kbd",
		},
		"inputs come before timers of one instant": {
			in: `[[0,"kbd","KEY_A",1],[100,"kbd","KEY_A",0],[100,"ext","KEY_B",0]]`, want: "0 a 1, 100 a 0, 100 b 0, 100 f15 1, 100 f15 0",
			log: "0 window app title, 0 device kbd, 0 device ext",
		},
		"stale repeats": {
			in: `[[5,"kbd","KEY_A",2],[5,"kbd","KEY_A",0],[5,"ext","KEY_A",2]]`, want: "5 a 0, 5 a 2", log: "0 window app title, 0 device kbd, 0 device ext",
		},
		"the world": {
			in:   `[[0,{"wm_class":"x"}],[5,"kbd","KEY_A",0],[6,{"capslock":true,"device":"kbd"}],[7,{"numlock":true}],[8,{"flags":{"f":true,"unread":true}}],[9,{"error":true}],[10,{"correction":{"map":{}}}],[11,{"wm_name":""}]]`,
			want: "5 a 0", log: "0 window app title, 0 device kbd, 0 window x title, 6 device kbd caps, 7 device kbd caps, 8 var, 9 passthrough, layout, 11 window x ",
		},
		"pointers": {
			in:  `[[0,"@pointer","REL_X",0],[1,"@pointer","BTN_LEFT",1],[2,"@pointer","BTN_LEFT",0],[3,"@pointer","ABS_X",7]]`,
			log: "0 window app title, 0 pointer, 1 pointer, 3 pointer",
		},
		"shutdown ends it": {
			in: `[[0,"kbd","KEY_A",1],[1,{"shutdown":true}],[2,"kbd","KEY_A",0]]`, want: "0 a 1", log: "0 window app title, 0 device kbd, 1 release all",
		},
		"eject ends it": {
			in: `[[0,"kbd","KEY_F16",1],[0,"kbd","KEY_A",1]]`, log: "0 window app title, 0 device kbd, 0 release all", exit: true,
		},
		"a key that does not exist": {in: `[[0,"kbd","KEY_NOSUCH",1]]`, log: "0 window app title, 0 device kbd", err: "unknown key"},
		"a panic":                   {in: `[[0,"kbd","KEY_RESERVED",1]]`, log: "0 window app title, 0 device kbd", err: "panic: reserved key"},
	} {
		var s scenario
		if err := json.Unmarshal([]byte(`{"in":`+tt.in+`}`), &s); err != nil {
			t.Fatal(err)
		}
		e := &echo{wake: remap.Never}
		events, exit, err := play(e, &plan{flags: map[string]int{"f": 0}}, &s)
		if got := list(events); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
		if got := strings.Join(e.log, ", "); got != tt.log {
			t.Errorf("%s: told the engine %s, want %s", name, got, tt.log)
		}
		if exit != tt.exit || (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: exit %v error %v, want %v %q", name, exit, err, tt.exit, tt.err)
		}
	}
	s := scenario{In: []input{{device: "kbd", key: "KEY_A", value: 1}}}
	if _, _, err := play(&echo{wake: remap.Never, loops: true}, &plan{}, &s); err == nil {
		t.Error("an engine that wakes for ever is accepted")
	}
}

func list(events []event) string {
	var parts []string
	for _, ev := range events {
		parts = append(parts, fmt.Sprintf("%s %s %d", ms(ev.at), ev.code, ev.value))
	}
	return strings.Join(parts, ", ")
}

func TestFilter(t *testing.T) {
	events := func(s string) (out []event) {
		if err := json.Unmarshal([]byte(s), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	mods := (&translator{plan: plan{program: &remap.Program{}}}).isModifier
	for name, tt := range map[string]struct {
		filter
		in, want string
	}{
		"as the kernel":            {filter{}, `[[0,"KEY_A",1],[1,"KEY_A",1],[2,"KEY_A",0],[3,"KEY_A",0]]`, "0 a 1, 2 a 0"},
		"repeats of keys not down": {filter{}, `[[0,"KEY_A",2],[1,"KEY_A",1],[2,"KEY_A",2],[3,"KEY_A",0],[4,"KEY_A",2]]`, "1 a 1, 2 a 2, 3 a 0"},
		"hyper stays":              {filter{}, `[[0,"V_HYPER",1],[0,"KEY_A",1]]`, "0 code_759 1, 0 a 1"},
		"hyper hidden":             {filter{hide: hyperCode}, `[[0,"V_HYPER",1],[0,"KEY_A",1]]`, "0 a 1"},
		"order counts":             {filter{}, `[[0,"KEY_LEFTSHIFT",1],[0,"KEY_LEFTCTRL",1]]`, "0 leftshift 1, 0 leftctrl 1"},
		"order of modifiers":       {filter{isModifier: mods}, `[[0,"KEY_LEFTSHIFT",1],[0,"KEY_LEFTCTRL",1],[1,"KEY_RIGHTCTRL",1]]`, "0 leftctrl 1, 0 leftshift 1, 1 rightctrl 1"},
		"keys keep theirs":         {filter{isModifier: mods}, `[[0,"KEY_S",1],[0,"KEY_A",1],[0,"KEY_LEFTSHIFT",1],[0,"KEY_LEFTCTRL",1]]`, "0 s 1, 0 a 1, 0 leftctrl 1, 0 leftshift 1"},
		"order of releases":        {filter{anyRelease: true}, `[[0,"KEY_S",1],[0,"KEY_A",1],[1,"KEY_S",0],[1,"KEY_A",0]]`, "0 s 1, 0 a 1, 1 a 0, 1 s 0"},
		"a press parts runs":       {filter{isModifier: mods}, `[[0,"KEY_LEFTSHIFT",1],[0,"KEY_A",1],[0,"KEY_LEFTCTRL",1]]`, "0 leftshift 1, 0 a 1, 0 leftctrl 1"},
	} {
		if got := list(tt.apply(events(tt.in))); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

func TestDiff(t *testing.T) {
	a := event{0, key.A, 1}
	late := event{time.Millisecond, key.A, 1}
	tab := event{0, key.Tab, 1}
	if d := diff([]event{a, tab}, []event{a, tab}); d != "" {
		t.Errorf("equal events differ:\n%s", d)
	}
	for name, got := range map[string][]event{
		"one less": {a}, "one more": {a, tab, tab}, "a millisecond late": {late, tab}, "another order": {tab, a}, "nothing": nil,
	} {
		if d := diff([]event{a, tab}, got); strings.Count(d, "\n  ! ") == 0 {
			t.Errorf("%s does not differ:\n%s", name, d)
		}
	}
	long := slices.Repeat([]event{a}, 200)
	if d := diff(long, append(slices.Clone(long), tab)); strings.Count(d, "\n") > rowsShown+3 || !strings.Contains(d, "tab") {
		t.Errorf("a long difference is shown as\n%s", d)
	}
}

func TestReadVectors(t *testing.T) {
	dir := t.TempDir()
	if _, err := vectorFiles(dir); err == nil {
		t.Error("a folder without vectors is accepted")
	}
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	const head = `"format":1,"kind":"engine","configs":{"main":{}}`
	write("vectors/one.json", `{`+head+`,"scenarios":[{"name":"a"},{"name":"b"}]}`)
	write("fuzz/two.jsonl", "{"+head+"}\n{\"name\":\"a\"}\n\n{\"name\":\"b\"}\n")
	write("vectors/notes.md", "")
	paths, err := vectorFiles(dir)
	if err != nil || len(paths) != 2 {
		t.Fatalf("found %q (%v), want two files", paths, err)
	}
	for i, want := range []string{"one", "two"} {
		f, err := readVectors(paths[i])
		if err != nil {
			t.Fatal(err)
		}
		if f.name != want || len(f.Scenarios) != 2 || len(f.Configs) != 1 {
			t.Errorf("%s: got %q with %d scenarios and %d configurations", paths[i], f.name, len(f.Scenarios), len(f.Configs))
		}
	}
	for name, text := range map[string]string{
		"vectors/old.json":   `{"format":2,"kind":"engine"}`,
		"vectors/kind.json":  `{"format":1,"kind":"x"}`,
		"vectors/cut.json":   `{"format":1,`,
		"fuzz/cut.jsonl":     "{" + head + "}\n{\"name\":",
		"fuzz/plain.json.gz": `{` + head + `}`,
	} {
		write(name, text)
		if _, err := readVectors(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
