package importer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"toshy/config"
)

// Macros of keymapper are texts with $0, $1 ... in them: name[A, B] stands for the text with A and B in it.

var firstWord = pattern(`^[A-Za-z_][A-Za-z0-9_]*`)

const maxMacros = 20 // macros inside macros

// macros puts the text of macros into the place of their calls.
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
		return "", errors.New("repeat[...] needs what is repeated, and a number up to 100")
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

// bracketed reads [A, B] at a place in a text: the arguments, and where the text goes on.
func bracketed(text string, at int) (args []string, end int, err error) {
	level, from, quote := 0, at+1, byte(0)
	for i := at; i < len(text); i++ {
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
			if level--; level == 0 {
				return append(args, strings.TrimSpace(text[from:i])), i + 1, nil
			}
		case c == ',' && level == 1:
			args = append(args, strings.TrimSpace(text[from:i]))
			from = i + 1
		}
	}
	return nil, 0, errors.New("a macro whose [ is never closed")
}

// mappings splits what ; separates.
func mappings(text string) []string {
	var list []string
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
			level--
		case c == ';' && level <= 0:
			list = append(list, text[from:i])
			from = i + 1
		}
	}
	return append(list, text[from:])
}
