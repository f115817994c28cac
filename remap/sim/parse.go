package sim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"toshy/remap"
	"toshy/remap/key"
)

// MaxWait is the longest single wait of a script.
const MaxWait = 24 * time.Hour

// maxErrors keeps a file that is not a script from filling the screen.
const maxErrors = 20

// Parse reads a script. The error joins an *Error for each line with a mistake, at most 20.
func Parse(file, source string) (*Script, error) {
	p := &parser{script: &Script{File: file}}
	source = strings.TrimPrefix(source, "\ufeff")
	for line := range strings.Lines(source) {
		line = strings.TrimRight(line, "\r\n")
		if len(p.errors) == maxErrors {
			break
		}
		p.script.Lines = append(p.script.Lines, line)
		p.line = line
		switch {
		case !utf8.ValidString(line):
			p.fail(0, "", "not UTF-8 text")
		case strings.TrimSpace(line) == "---" && p.script.HasWant:
			p.fail(strings.Index(line, "-"), "", "a second ---; expected one, between input and expected output")
		case strings.TrimSpace(line) == "---":
			p.script.HasWant = true
		default:
			p.parseLine()
		}
	}
	if len(p.errors) > 0 {
		return nil, errors.Join(p.errors...)
	}
	return p.script, nil
}

type parser struct {
	script *Script
	line   string // the current one, the last of script.Lines
	errors []error
}

// A word of a line and where it begins, in bytes from 0.
type word struct {
	text   string
	offset int
}

func (p *parser) fail(offset int, hint, format string, args ...any) {
	p.errors = append(p.errors, &Error{
		File:    p.script.File,
		Line:    len(p.script.Lines),
		Column:  utf8.RuneCountInString(p.line[:offset]) + 1,
		Message: fmt.Sprintf(format, args...),
		Hint:    hint,
		Source:  strings.ToValidUTF8(p.line, string(utf8.RuneError)),
	})
}

func (p *parser) add(at int, s Step) {
	s.Line, s.Column = len(p.script.Lines), utf8.RuneCountInString(p.line[:at])+1
	if p.script.HasWant {
		p.script.Want = append(p.script.Want, s)
	} else {
		p.script.Input = append(p.script.Input, s)
	}
}

func (p *parser) parseLine() {
	trimmed := strings.TrimSpace(p.line)
	if trimmed == "" {
		return
	}
	if trimmed[0] == '#' {
		p.add(strings.Index(p.line, "#"), Step{Kind: Comment, Text: strings.TrimSpace(trimmed[1:])})
		return
	}
	words := split(p.line)
	first := words[0]
	if len(words) == 2 && p.keyLine(first, words[1]) {
		return
	}
	if st := byWord[strings.ToLower(first.text)]; st != nil {
		p.statement(st, first)
		return
	}
	if isRow(first.text) {
		p.row(words)
		return
	}
	if _, ok := key.Parse(first.text); ok {
		p.keyError(words)
		return
	}
	if len(words) == 2 {
		if _, ok := eventWord(words[1].text); ok {
			p.fail(first.offset, nearestKey(first.text), "unknown key %q", first.text)
			return
		}
	}
	hint := key.Nearest(first.text, maps.Keys(byWord))
	if hint == "" {
		hint = nearestKey(first.text)
	}
	p.fail(first.offset, hint, "unknown word %q; expected a key with down, up, repeat or tap, a statement such as app, or events such as +a -a", first.text)
}

// split cuts a line into words, up to a comment.
func split(line string) []word {
	var words []word
	for i := 0; i < len(line); {
		if line[i] == ' ' || line[i] == '\t' {
			i++
			continue
		}
		if line[i] == '#' {
			break
		}
		end := strings.IndexAny(line[i:], " \t")
		if end < 0 {
			end = len(line) - i
		}
		words = append(words, word{line[i : i+end], i})
		i += end
	}
	return words
}

// eventWord reads the word after a key; tap is -1.
func eventWord(s string) (int32, bool) {
	s = strings.ToLower(s)
	if s == "tap" {
		return -1, true
	}
	i := slices.Index(keyWords[:], s)
	return int32(i), i >= 0
}

// keyLine reads KEY EVENT. It returns false for anything else: a word that is both a statement and a key ("title down") is
// a statement.
func (p *parser) keyLine(k, event word) bool {
	value, ok := eventWord(event.text)
	st := byWord[strings.ToLower(k.text)]
	if !ok || st != nil && st.argument != onOff {
		return false
	}
	code, ok := key.Parse(k.text)
	if !ok {
		return false
	}
	if !p.usable(k, code) {
		return true
	}
	if value >= 0 {
		p.add(k.offset, Step{Kind: Key, Code: code, Value: value})
		return true
	}
	p.add(k.offset, Step{Kind: Key, Code: code, Value: remap.Press})
	p.add(k.offset, Step{Kind: Key, Code: code, Value: remap.Release})
	return true
}

// usable refuses names that are not keys of a device.
func (p *parser) usable(k word, code key.Code) bool {
	switch {
	case code.IsWheel():
		p.fail(k.offset, "rel wheel 1", "%s is a name for keymaps; a rel statement turns a wheel", k.text)
	case code == key.Reserved:
		p.fail(k.offset, "", "%s is not a key; the kernel reserves it", k.text)
	default:
		return true
	}
	return false
}

func (p *parser) keyError(words []word) {
	const expected = "down, up, repeat or tap"
	switch {
	case len(words) == 1:
		p.fail(len(strings.TrimRight(p.line, " \t")), "", "missing word after the key %q; expected %s", words[0].text, expected)
	case len(words) == 2:
		p.fail(words[1].offset, key.Nearest(words[1].text, slices.Values([]string{"down", "up", "repeat", "tap"})), "unknown word %q after a key; expected %s", words[1].text, expected)
	default:
		if _, ok := eventWord(words[1].text); ok {
			p.fail(words[2].offset, "", "unexpected %q; expected one event to a line, or a row such as +a -a", words[2].text)
			return
		}
		p.fail(words[1].offset, "", "unexpected %q; expected %s, or a row such as +a -a", words[1].text, expected)
	}
}

func isWait(s string) bool {
	_, isKey := key.Parse(s) // 1, 102nd
	return s[0] >= '0' && s[0] <= '9' && !isKey
}

func isRow(s string) bool { return len(s) > 1 && strings.Contains(keySigns, s[:1]) || isWait(s) }

// row reads +KEY -KEY ~KEY WAIT ...
func (p *parser) row(words []word) {
	for _, w := range words {
		sign := strings.IndexByte(keySigns, w.text[0])
		switch {
		case sign >= 0 && len(w.text) > 1:
			k := word{w.text[1:], w.offset + 1}
			code, ok := key.Parse(k.text)
			if !ok {
				p.fail(k.offset, nearestKey(k.text), "unknown key %q", k.text)
				return
			}
			if !p.usable(k, code) {
				return
			}
			p.add(w.offset, Step{Kind: Key, Code: code, Value: int32(sign)})
		case isWait(w.text):
			d, err := time.ParseDuration(w.text)
			if err != nil || d > MaxWait {
				p.fail(w.offset, "", "wrong wait %q; expected a number and ns, us, ms, s, m or h, at most %dh", w.text, MaxWait/time.Hour)
				return
			}
			p.add(w.offset, Step{Kind: Wait, Wait: d})
		default:
			p.fail(w.offset, "", "unexpected %q in a row of events; expected +KEY, -KEY, ~KEY or a wait such as 200ms", w.text)
			return
		}
	}
}

// statement reads what follows the word of a statement.
func (p *parser) statement(st *statement, first word) {
	here := inInput
	if p.script.HasWant {
		here = inWant
	}
	if st.side&here == 0 {
		where := "the input"
		if here == inInput {
			where = "the expected output, after a line ---"
		}
		p.fail(first.offset, "", "%s is only allowed in %s", st.word, where)
		return
	}
	step := Step{Kind: st.kind}
	start := first.offset + len(first.text)
	ok := true
	switch st.argument {
	case text, name:
		step.Text, ok = p.text(start, st)
	default:
		var args []word
		if args, ok = p.arguments(start); ok {
			ok = p.fill(&step, st, args)
		}
	}
	if ok {
		p.add(first.offset, step)
	}
}

// text reads the rest of a line, plain or in quotes.
func (p *parser) text(start int, st *statement) (string, bool) {
	rest := strings.TrimLeft(p.line[start:], " \t")
	offset := len(p.line) - len(rest)
	if strings.HasPrefix(rest, `"`) {
		words, ok := p.arguments(start)
		if !ok {
			return "", false
		}
		if len(words) > 1 {
			p.fail(words[1].offset, "", "unexpected %q after the closing quote", words[1].text)
			return "", false
		}
		return words[0].text, true
	}
	rest = " " + rest
	for i := 1; i < len(rest); i++ {
		if rest[i] == '#' && (rest[i-1] == ' ' || rest[i-1] == '\t') && (i+1 == len(rest) || rest[i+1] == ' ' || rest[i+1] == '\t') {
			rest = rest[:i]
			break
		}
	}
	rest = strings.TrimSpace(rest)
	if rest == "" && st.argument == name {
		p.fail(offset, "", "missing word after %s; expected %s", st.word, st.expected)
		return "", false
	}
	return rest, true
}

// arguments splits the rest of a line into words. Some may be quoted.
func (p *parser) arguments(start int) ([]word, bool) {
	var words []word
	for i := start; i < len(p.line); {
		switch p.line[i] {
		case ' ', '\t':
			i++
			continue
		case '#':
			return words, true
		case '"':
			quoted, err := strconv.QuotedPrefix(p.line[i:])
			if err != nil {
				p.fail(i, "", `a quoted text that does not end, or with a wrong \ escape`)
				return nil, false
			}
			plain, _ := strconv.Unquote(quoted)
			words = append(words, word{plain, i})
			i += len(quoted)
		default:
			end := strings.IndexAny(p.line[i:], " \t")
			if end < 0 {
				end = len(p.line) - i
			}
			words = append(words, word{p.line[i : i+end], i})
			i += end
		}
	}
	return words, true
}

// fill stores a statement's arguments in its step.
func (p *parser) fill(step *Step, st *statement, args []word) bool {
	need := map[argument]int{noArgument: 0, onOff: 1, all: 1, nameValue: 2, axisValue: 2, arguments: len(args)}[st.argument]
	switch {
	case len(args) < need || st.argument == arguments && len(args) == 0:
		p.fail(len(strings.TrimRight(p.line, " \t")), "", "missing word after %s; expected %s", st.word, st.expected)
		return false
	case len(args) > need:
		p.fail(args[need].offset, "", "unexpected %q; expected %s after %s", args[need].text, st.expected, st.word)
		return false
	}
	switch st.argument {
	case onOff, all:
		valid := []string{"on", "off"}
		if st.argument == all {
			valid = []string{"all"}
		} else if st.kind == CapsLock || st.kind == NumLock {
			valid = append(valid, "down", "up", "repeat", "tap")
		}
		word := strings.ToLower(args[0].text)
		if !slices.Contains(valid, word) {
			p.fail(args[0].offset, key.Nearest(word, slices.Values(valid)), "unknown word %q after %s; expected %s", args[0].text, st.word, st.expected)
			return false
		}
		step.On = word == "on"
	case nameValue:
		step.Name, step.Text = args[0].text, args[1].text
	case axisValue:
		axis := slices.Index(axes, strings.ToLower(args[0].text))
		if digits, ok := strings.CutPrefix(args[0].text, "code_"); ok {
			if n, err := strconv.ParseUint(digits, 10, 4); err == nil {
				axis = int(n)
			}
		}
		if axis < 0 || args[0].text == "" {
			p.fail(args[0].offset, key.Nearest(args[0].text, slices.Values(axes)), "unknown axis %q; expected x, y, wheel, hwheel or another REL_ name", args[0].text)
			return false
		}
		n, err := strconv.ParseInt(args[1].text, 10, 32)
		if err != nil {
			p.fail(args[1].offset, "", "wrong amount %q; expected a whole number", args[1].text)
			return false
		}
		step.Code, step.Value = key.Code(axis), int32(n)
	case arguments:
		for _, a := range args {
			step.Args = append(step.Args, a.text)
		}
	}
	return true
}

func nearestKey(s string) string {
	return key.Nearest(s, func(yield func(string) bool) {
		for n := range key.Names {
			if !yield(n) {
				return
			}
		}
	})
}
