package conformance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// Tags for scenarios in which the order of events is left to chance.
const (
	tagMultiLift = "auto:multi_lift_order"
	tagShutdown  = "auto:shutdown_order"
)

// A filter brings events into the form in which they are compared.
type filter struct {
	hide       key.Code              // a code to ignore; 0: none
	isModifier func(c key.Code) bool // for the order of modifiers; nil: the order is compared
	anyRelease bool                  // the order of releases at the same time is ignored
}

func newFilter(t *plan, v variant, tags []string) filter {
	f := filter{anyRelease: slices.Contains(tags, tagShutdown)}
	if v.hiddenHyper {
		f.hide = hyperCode
	}
	if slices.Contains(tags, tagMultiLift) {
		f.isModifier = (&translator{plan: *t}).isModifier
	}
	return f
}

// apply does what the kernel does, drops events without effect, and sorts events whose order is ignored.
func (f filter) apply(events []event) []event {
	var down [key.Count]bool
	var out []event
	for _, ev := range events {
		switch ev.value {
		case remap.Press, remap.Release:
			if down[ev.code] == (ev.value == remap.Press) {
				continue
			}
			down[ev.code] = ev.value == remap.Press
		default:
			if !down[ev.code] {
				continue
			}
		}
		if f.hide == 0 || ev.code != f.hide {
			out = append(out, ev)
		}
	}
	for i := 0; i < len(out); {
		n := 1
		for i+n < len(out) && f.unordered(out[i]) && f.unordered(out[i+n]) && out[i].at == out[i+n].at && out[i].value == out[i+n].value {
			n++
		}
		slices.SortFunc(out[i:i+n], func(a, b event) int { return cmp.Compare(a.code, b.code) })
		i += n
	}
	return out
}

func (f filter) unordered(ev event) bool {
	if ev.value == remap.Release && f.anyRelease {
		return true
	}
	return f.isModifier != nil && ev.value != remap.Repeat && f.isModifier(ev.code)
}

func (ev event) String() string {
	return fmt.Sprintf("%8s  %-14s %s", ms(ev.at), ev.code, [...]string{"up", "down", "repeat"}[min(max(ev.value, 0), 2)])
}

func ms(d time.Duration) string {
	return fmt.Sprintf("%g", float64(d)/float64(time.Millisecond))
}

// A row of a difference. An empty side has no counterpart.
type row struct{ want, got *event }

func (r row) same() bool { return r.want != nil && r.got != nil }

// align pairs equal events, in the longest common sequence.
func align(want, got []event) []row {
	w := len(got) + 1
	common := make([]int, (len(want)+1)*w)
	for i := len(want) - 1; i >= 0; i-- {
		for j := len(got) - 1; j >= 0; j-- {
			if want[i] == got[j] {
				common[i*w+j] = common[(i+1)*w+j+1] + 1
			} else {
				common[i*w+j] = max(common[(i+1)*w+j], common[i*w+j+1])
			}
		}
	}
	var rows []row
	i, j := 0, 0
	for i < len(want) || j < len(got) {
		switch {
		case i < len(want) && j < len(got) && want[i] == got[j]:
			rows = append(rows, row{&want[i], &got[j]})
			i, j = i+1, j+1
		case j == len(got) || i < len(want) && common[(i+1)*w+j] >= common[i*w+j+1]:
			rows = append(rows, row{want: &want[i]})
			i++
		default:
			rows = append(rows, row{got: &got[j]})
			j++
		}
	}
	return rows
}

// How many rows of a difference are shown before the first one that differs, and in total.
const (
	rowsBefore = 8
	rowsShown  = 40
)

// diff shows two lists of events side by side; "" if they are equal.
func diff(want, got []event) string {
	if slices.Equal(want, got) {
		return ""
	}
	rows := align(want, got)
	first := slices.IndexFunc(rows, func(r row) bool { return !r.same() })
	from := max(0, first-rowsBefore)
	to := min(len(rows), from+rowsShown)
	var b strings.Builder
	fmt.Fprintf(&b, "    %-36s %s\n", "recorded (ms)", "this engine (ms)")
	if from > 0 {
		fmt.Fprintf(&b, "    ... %d equal events\n", from)
	}
	for _, r := range rows[from:to] {
		mark, left, right := "!", "", ""
		if r.same() {
			mark = " "
		}
		if r.want != nil {
			left = r.want.String()
		}
		if r.got != nil {
			right = r.got.String()
		}
		fmt.Fprintf(&b, "  %s %-36s %s\n", mark, left, strings.TrimRight(right, " "))
	}
	if to < len(rows) {
		fmt.Fprintf(&b, "    ... %d more\n", len(rows)-to)
	}
	return b.String()
}

// describe shows the input of a scenario, so that you can read a failure without the file.
func describe(s *scenario) string {
	var b strings.Builder
	for _, in := range s.In {
		if in.world != nil {
			fmt.Fprintf(&b, "    %8s  %s\n", ms(in.at), in.change)
			continue
		}
		fmt.Fprintf(&b, "    %8s  %-14s %d", ms(in.at), strings.ToLower(strings.TrimPrefix(in.key, "KEY_")), in.value)
		if in.device != "kbd" {
			fmt.Fprintf(&b, "  (%s)", in.device)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
