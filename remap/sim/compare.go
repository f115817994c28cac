package sim

import (
	"strings"
	"time"
	"unicode/utf8"
)

// A Diff is a line of a comparison of expected and actual output.
type Diff struct {
	Want, Got string // "" if only the other side has the line
	Same      bool
}

// timed is one output with the time since the previous one. checked says that the expected side states that time.
type timed struct {
	step    Step
	wait    time.Duration
	checked bool
}

func (t timed) matches(got timed) bool {
	return t.step.same(got.step) && (!t.checked || t.wait == got.wait)
}

// fold moves waits to the outputs that follow them and drops comments.
func fold(steps []Step) (list []timed, trailing timed) {
	var now timed
	for _, s := range steps {
		switch s.Kind {
		case Comment:
		case Wait:
			now.wait += s.Wait
			now.checked = true
		default:
			now.step = s
			list = append(list, now)
			now = timed{}
		}
	}
	return list, now
}

// Compare aligns expected and actual output. Both may contain waits. Waits of want are checked; waits of got are only
// compared where want has one. ok says that there is no difference.
func Compare(want, got []Step) (diff []Diff, ok bool) {
	w, rest := fold(want)
	g, _ := fold(got)
	ok = true
	line := func(a, b *timed, same bool) {
		ok = ok && same
		// A wait has its own line, as in the notation, if the expected side has one.
		if a != nil && a.checked {
			d := Diff{Want: waitText(a.wait), Same: same}
			if b != nil {
				d.Got, d.Same = waitText(b.wait), b.wait == a.wait
			}
			diff = append(diff, d)
		}
		d := Diff{Same: same}
		if a != nil {
			d.Want = a.step.String()
		}
		if b != nil {
			d.Got = b.step.String()
		}
		if a != nil && b != nil {
			d.Same = a.step.same(b.step)
		}
		diff = append(diff, d)
	}
	i, j := 0, 0
	for _, pair := range common(w, g) {
		for i < pair[0] && j < pair[1] { // a change, not a loss and an addition
			line(&w[i], &g[j], false)
			i, j = i+1, j+1
		}
		for ; i < pair[0]; i++ {
			line(&w[i], nil, false)
		}
		for ; j < pair[1]; j++ {
			line(nil, &g[j], false)
		}
		if i < len(w) && j < len(g) {
			line(&w[i], &g[j], true)
			i, j = i+1, j+1
		}
	}
	if rest.checked && rest.wait > 0 {
		// Nothing can follow the last event to measure a wait against.
		diff = append(diff, Diff{Want: waitText(rest.wait) + " (no output after it)"})
		ok = false
	}
	return diff, ok
}

// common returns the longest common subsequence as pairs of indexes, and (len(w), len(g)) at its end.
func common(w, g []timed) [][2]int {
	var pairs [][2]int
	begin := 0
	for begin < len(w) && begin < len(g) && w[begin].matches(g[begin]) {
		pairs = append(pairs, [2]int{begin, begin})
		begin++
	}
	a, b := w[begin:], g[begin:]
	const most = 4000 // outputs per side; beyond that, the rest is shown unaligned
	if len(a) <= most && len(b) <= most {
		// length[i][j] is the length of the longest common subsequence of a[i:] and b[j:].
		length := make([][]int32, len(a)+1)
		for i := range length {
			length[i] = make([]int32, len(b)+1)
		}
		for i := len(a) - 1; i >= 0; i-- {
			for j := len(b) - 1; j >= 0; j-- {
				if a[i].matches(b[j]) {
					length[i][j] = length[i+1][j+1] + 1
				} else {
					length[i][j] = max(length[i+1][j], length[i][j+1])
				}
			}
		}
		for i, j := 0, 0; i < len(a) && j < len(b); {
			switch {
			case a[i].matches(b[j]):
				pairs = append(pairs, [2]int{begin + i, begin + j})
				i, j = i+1, j+1
			case length[i+1][j] >= length[i][j+1]:
				i++
			default:
				j++
			}
		}
	}
	return append(pairs, [2]int{len(w), len(g)})
}

// Columns prints two columns with headings. A sign in front marks lines that differ.
func Columns(diff []Diff) string {
	width := utf8.RuneCountInString("expected")
	for _, d := range diff {
		width = max(width, utf8.RuneCountInString(d.Want))
	}
	var b strings.Builder
	row := func(sign, left, right string) {
		line := sign + " " + left + strings.Repeat(" ", width-utf8.RuneCountInString(left)) + "  " + right
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	row(" ", "expected", "got")
	for _, d := range diff {
		sign := " "
		switch {
		case d.Same:
		case d.Want == "":
			sign = "+"
		case d.Got == "":
			sign = "-"
		default:
			sign = "!"
		}
		row(sign, d.Want, d.Got)
	}
	return b.String()
}
