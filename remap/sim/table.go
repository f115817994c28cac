package sim

import (
	"strings"
	"time"
	"unicode/utf8"
)

// A Row is one line of a script with the output that it caused.
type Row struct {
	Heading string // a comment; the rest is empty then
	Input   string // the line as it was written
	Output  []Step // with waits where time passed since the line began, or since the previous output
}

// Rows aligns a result with its script, line by line. Output during a wait is next to the line with the wait. Output after
// the script is next to a last row without input.
func Rows(s *Script, r *Result) []Row {
	var rows []Row
	var now, began, seen time.Duration // of the input, of the line, of the last output
	trace := r.Trace
	put := func(row Row, through int) {
		n := 0
		for n < len(trace) && trace[n].Input <= through {
			n++
		}
		row.Output = steps(trace[:n], max(began, seen))
		if n > 0 {
			seen = trace[n-1].At
		}
		trace = trace[n:]
		began = now
		rows = append(rows, row)
	}
	for i, step := range s.Input {
		now += step.Wait
		if i+1 < len(s.Input) && s.Input[i+1].Line == step.Line {
			continue
		}
		if step.Kind == Comment {
			rows = append(rows, Row{Heading: step.Text})
			continue
		}
		input := step.String()
		if step.Kind == Key || step.Kind == Wait {
			input, _, _ = strings.Cut(s.Lines[step.Line-1], "#") // no key has # in its name
		}
		put(Row{Input: strings.TrimSpace(input)}, i)
	}
	if len(trace) > 0 {
		put(Row{}, len(s.Input))
	}
	return rows
}

// A Style wraps parts of a table, for colours; nil functions leave them unchanged.
type Style struct {
	Heading, Input, Output, Wait func(string) string
}

func (f Style) of(part func(string) string, s string) string {
	if part == nil || s == "" {
		return s
	}
	return part(s)
}

// Table prints rows as two columns, input and output, the latter as rows of events. It folds lines to width characters
// where it can; 0 never folds.
func Table(rows []Row, width int, style Style) string {
	left := 0
	for _, r := range rows {
		left = max(left, utf8.RuneCountInString(r.Input))
	}
	if width > 0 {
		left = min(left, width/2)
	}
	var b strings.Builder
	for i, r := range rows {
		if r.Heading != "" {
			if i > 0 && rows[i-1].Heading == "" {
				b.WriteByte('\n')
			}
			b.WriteString(style.of(style.Heading, "# "+r.Heading) + "\n")
			continue
		}
		ins := foldWords(strings.Fields(r.Input), left)
		outs := outputLines(r.Output, width-left-2, style)
		for j := range max(len(ins), len(outs), 1) {
			in, out := "", ""
			if j < len(ins) {
				in = ins[j]
			}
			if j < len(outs) {
				out = outs[j]
			}
			gap := ""
			if out != "" {
				gap = strings.Repeat(" ", max(0, left-utf8.RuneCountInString(in))+2)
			}
			b.WriteString(style.of(style.Input, in) + gap + out + "\n")
		}
	}
	return b.String()
}

// foldWords folds words into lines of at most width characters. Longer words get their own line.
func foldWords(words []string, width int) []string {
	var lines []string
	for i, w := range words {
		last := len(lines) - 1
		if i == 0 || width > 0 && utf8.RuneCountInString(lines[last])+1+utf8.RuneCountInString(w) > width {
			lines = append(lines, w)
		} else {
			lines[last] += " " + w
		}
	}
	return lines
}

// outputLines is foldWords for output, which is coloured word by word: colours have no width.
func outputLines(output []Step, width int, style Style) []string {
	var lines []string
	used := 0
	for _, s := range output {
		word, ok := s.compact()
		if !ok {
			word = s.String()
		}
		n := utf8.RuneCountInString(word)
		part := style.Output
		if s.Kind == Wait {
			part = style.Wait
		}
		colored := style.of(part, word)
		if used == 0 || !ok || width > 0 && used+1+n > width {
			lines, used = append(lines, colored), n
			if !ok {
				used = 0 // an effect has its own line
			}
			continue
		}
		lines[len(lines)-1] += " " + colored
		used += 1 + n
	}
	return lines
}
