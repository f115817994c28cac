package importer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"toshy/config"
)

// Macros of keymapper are texts that contain $0, $1 and so on: name[A, B] means the text with A and B inserted.

var firstWord = pattern(`^[A-Za-z_][A-Za-z0-9_]*`)

const maxMacros = 20 // macros inside macros

// macros replaces calls of macros with their texts.
func (k *keymapper) macros(text string, depth int) (string, error) {
	var b strings.Builder
	for i := 0; i < len(text); {
		if q := text[i]; q == '"' || q == '\'' {
			end := strings.IndexByte(text[i+1:], q)
			if end < 0 {
				end = len(text) - i - 2
			}
			b.WriteString(text[i : i+end+2])
			i += end + 2
			continue
		}
		name := firstWord().FindString(text[i:])
		if name == "" {
			b.WriteByte(text[i])
			i++
			continue
		}
		i += len(name)
		body, known := k.aliases[name]
		known = known && strings.Contains(body, "$") || name == "apply" || name == "repeat"
		if i >= len(text) || text[i] != '[' || !known {
			b.WriteString(name)
			continue
		}
		args, end, err := bracketed(text, i)
		if err != nil {
			return "", err
		}
		i = end
		if depth >= maxMacros {
			return "", fmt.Errorf("macros inside macros, more than %d deep", maxMacros)
		}
		expanded, err := k.call(name, body, args)
		if err == nil {
			expanded, err = k.macros(expanded, depth+1)
		}
		if err != nil {
			return "", err
		}
		if b.WriteString(expanded); b.Len() > config.MaxFileSize {
			return "", errors.New("the macros give too much text")
		}
	}
	return b.String(), nil
}

func (k *keymapper) call(name, body string, args []string) (string, error) {
	switch name {
	case "apply": // the first argument for each of the others
		var list []string
		for _, a := range args[1:] {
			list = append(list, withArguments(args[0], []string{a}))
		}
		return strings.Join(list, " ; "), nil
	case "repeat":
		if len(args) == 2 {
			if n, err := strconv.Atoi(args[1]); err == nil && n >= 0 && n <= 100 {
				return strings.TrimSpace(strings.Repeat(args[0]+" ", n)), nil
			}
		}
		return "", errors.New("repeat[...] needs something to repeat, and a number up to 100")
	}
	return withArguments(body, args), nil
}

func withArguments(body string, args []string) string {
	pairs := []string{"$$", strconv.Itoa(len(args))}
	for i := len(args) - 1; i >= 0; i-- { // $10 before $1
		pairs = append(pairs, "${"+strconv.Itoa(i)+"}", args[i], "$"+strconv.Itoa(i), args[i])
	}
	return strings.NewReplacer(pairs...).Replace(body)
}

// bracketed parses [A, B] at a place in a text: the arguments, and where the text continues.
func bracketed(text string, at int) (args []string, end int, err error) {
	args, n := pieces(text[at+1:], ',')
	if end = at + 1 + n; end == len(text) {
		return nil, 0, errors.New("a macro whose [ is never closed")
	}
	for i := range args {
		args[i] = strings.TrimSpace(args[i])
	}
	return args, end + 1, nil
}

// mappings splits at semicolons.
func mappings(text string) (list []string) {
	before := "" // of a mapping with a bracket that nobody has opened
	for {
		more, end := pieces(text, ';')
		more[0] = before + more[0]
		if end == len(text) {
			return append(list, more...)
		}
		last := len(more) - 1
		list, before, text = append(list, more[:last]...), more[last]+text[end:end+1], text[end+1:]
	}
}

// pieces splits a text at a separator outside quotes and brackets. It stops at a bracket that was opened before the text,
// or at the end.
func pieces(text string, separator byte) (list []string, end int) {
	level, from, quote := 0, 0, byte(0)
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case strings.IndexByte("[({", c) >= 0:
			level++
		case strings.IndexByte("])}", c) >= 0:
			if level--; level < 0 {
				return append(list, text[from:i]), i
			}
		case c == separator && level == 0:
			list = append(list, text[from:i])
			from = i + 1
		}
	}
	return append(list, text[from:]), len(text)
}
