package remap_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"toshy/remap"
	"toshy/remap/key"
)

// From "The Voyage of the Beagle" by Charles Darwin (1839), chapter I. In brackets: shortcuts.
const typed = `After having been twice driven back by heavy southwestern gales, Her Majesty's ship Beagle, a ten-gun
brig, under the command of Captain Fitz Roy, sailed from Devonport on the 27th of December, 1831. [select word] [copy] The
object of the expedition was to complete the survey of Patagonia and Tierra del Fuego, [word left] [word left] [paste]
commenced under Captain King in 1826 to 1830; [save] to survey the shores of Chile, Peru, and of some islands in the
Pacific [switch] - and to carry a chain of chronometrical measurements round the World. [up] [up] [save] [escape] Ready.`

var shortcuts = map[string]string{
	"select word": "+leftalt +leftshift +left -left -leftshift -leftalt",
	"copy":        "+leftmeta +c -c -leftmeta",
	"paste":       "+leftmeta +v -v -leftmeta",
	"save":        "+leftmeta +s -s -leftmeta",
	"word left":   "+leftalt +left -left -leftalt",
	"switch":      "+leftmeta +tab -tab +tab -tab +tab -tab -leftmeta",
	"up":          "+capslock +k -k -capslock",
	"escape":      "+capslock -capslock",
}

// typistProgram is a configuration of the usual size, in which the typist's shortcuts have a meaning.
func typistProgram() *remap.Program {
	p := benchProgram(1000)
	p.Keymaps = append([]remap.Keymap{{Name: "typist", Entries: []remap.Entry{
		{Combo: mustCombo("Super-V"), Action: send("Ctrl-V")},
		{Combo: mustCombo("Super-S"), Action: send("Ctrl-S")},
		{Combo: mustCombo("Alt-Left"), Action: send("Ctrl-Left")},
		{Combo: mustCombo("Alt-Shift-Left"), Action: send("Ctrl-Shift-Left")},
		{Combo: mustCombo("Super-Tab"), Action: remap.Hold(mustCombo("Alt-Tab"))},
		{Combo: mustCombo("Ctrl-K"), Action: send("Up")},
	}}}, p.Keymaps...)
	return p
}

// typistEvents shows how a person types at 120 words a minute: ten keys a second, each down for a good half of its time. So the next
// key is sometimes pressed before the last one is up.
func typistEvents() []remap.Event {
	const perKey = 100 * time.Millisecond
	var events []remap.Event
	now := time.Duration(0)
	put := func(at time.Duration, c key.Code, value int32) {
		events = append(events, remap.Event{At: at, Type: remap.TypeKey, Code: c, Value: value})
	}
	name := map[rune]string{' ': "space", '\n': "enter", ',': "comma", '.': "dot", ';': "semicolon", '-': "minus", '\'': "apostrophe"}
	for rest := typed; rest != ""; {
		if inside, after, ok := strings.Cut(rest[1:], "] "); ok && rest[0] == '[' {
			for _, w := range strings.Fields(shortcuts[inside]) {
				put(now, mustKey(w[1:]), map[byte]int32{'+': remap.Press, '-': remap.Release}[w[0]])
				now += perKey / 2
			}
			rest = after
			continue
		}
		c := rune(rest[0])
		rest = rest[1:]
		n, ok := name[c]
		if !ok {
			n = string(unicode.ToLower(c))
		}
		k, ok := key.Parse(n)
		if !ok {
			continue
		}
		if unicode.IsUpper(c) {
			put(now-perKey/4, key.LeftShift, remap.Press)
			put(now+perKey*6/10, key.LeftShift, remap.Release)
		}
		put(now, k, remap.Press)
		put(now+perKey*time.Duration(6+len(rest)%6)/10, k, remap.Release)
		now += perKey
	}
	slices.SortStableFunc(events, func(a, b remap.Event) int { return int(a.At - b.At) })
	return events
}

// BenchmarkTypist types a text with shortcuts and reports the cost of single events, without the cost of reading the clock.
func BenchmarkTypist(b *testing.B) {
	r := newRig(b, typistProgram())
	events := typistEvents()
	length := events[len(events)-1].At + time.Second
	cost := make([]time.Duration, 0, 1<<20)
	for range 1000 {
		began := time.Now()
		cost = append(cost, time.Since(began))
	}
	slices.Sort(cost)
	clock := cost[len(cost)/2]
	cost = cost[:0]
	wake, began := remap.Never, time.Duration(0)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		n := i % len(events)
		if n == 0 && i > 0 {
			began += length
		}
		ev := events[n]
		ev.At += began
		for wake < ev.At {
			wake = r.e.Tick(wake, r.out)
			r.out.Reset()
		}
		start := time.Now()
		wake = r.e.Handle(ev, r.out)
		took := time.Since(start)
		if len(cost) < cap(cost) {
			cost = append(cost, max(took-clock, 0))
		}
		r.out.Reset()
	}
	slices.Sort(cost)
	b.ReportMetric(float64(cost[len(cost)/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(cost[len(cost)*99/100].Nanoseconds()), "p99-ns")
	b.ReportMetric(float64(cost[len(cost)-1].Nanoseconds()), "max-ns")
}

// Everything that the typist types arrives: every letter, every shortcut, and no key stays down.
func TestTypist(t *testing.T) {
	r := newRig(t, typistProgram())
	presses := map[string]int{}
	wake := remap.Never
	look := func() {
		for _, ev := range r.out.Events {
			if ev.Type == remap.TypeKey && ev.Value == remap.Press {
				presses[ev.Code.String()]++
			}
		}
		r.flush()
	}
	events := typistEvents()
	letters := 0
	for _, ev := range events {
		if ev.Value == remap.Press && ev.Code == mustKey("e") {
			letters++
		}
		for wake <= ev.At {
			wake = r.e.Tick(wake, r.out)
			look()
		}
		wake = r.e.Handle(ev, r.out)
		look()
	}
	for wake != remap.Never {
		wake = r.e.Tick(wake, r.out)
		look()
	}
	if len(r.down) > 0 {
		t.Errorf("stuck: %v", r.down)
	}
	if presses["e"] != letters || letters < 30 {
		t.Errorf("%d e arrived of %d", presses["e"], letters)
	}
	for k, want := range map[string]int{"left": 3, "up": 2, "esc": 1, "tab": 3} {
		if got := presses[k]; got != want {
			t.Errorf("%s was pressed %d times, want %d", k, got, want)
		}
	}
}
