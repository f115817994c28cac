package page

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"toshy/cmd/internal/explain"
	"toshy/config"
	"toshy/remap/key"
)

// A Rule is what a person wants a combo to do.
type Rule struct {
	Combo string `json:"combo"`
	Where string `json:"where"` // "all", "app" or "group"
	Name  string `json:"name"`  // of the application or the group
	Do    string `json:"do"`    // "combo", "hold", "text", "run", "action", "layer" or "block"
	Value string `json:"value"`
	Words string `json:"words"` // what it is for; "": not given
}

// A Plan is a file with a new rule in it, before it is written.
type Plan struct {
	Text string `json:"text"`
	// Lines are the difference: each begins with " ", "+" or "-".
	Lines []string `json:"lines"`
	Now   string   `json:"now"`  // what the combo does now, in words
	Then  string   `json:"then"` // what it does with the rule
	// Nix are the lines for a configuration that Nix generates, in the form of Lines.
	Nix []string `json:"nix"`
	// Beaten is the rule that still wins, nil for none.
	Beaten *explain.RuleText `json:"beaten,omitempty"`
}

// value is the rule's action in TOML.
func (r *Rule) value() (string, error) {
	if r.Do != "block" && strings.TrimSpace(r.Value) == "" {
		return "", errors.New("say what the combo does")
	}
	switch r.Do {
	case "combo":
		return config.Quote(r.Value), nil
	case "hold":
		return "{ hold = " + config.Quote(r.Value) + " }", nil
	case "text":
		return "{ text = " + config.Quote(r.Value) + " }", nil
	case "action":
		return "{ action = " + config.Quote(r.Value) + " }", nil
	case "layer":
		return "{ layer = " + config.Quote(r.Value) + " }", nil
	case "block":
		return `"block"`, nil
	case "run":
		var args []string
		for _, a := range strings.Fields(r.Value) {
			args = append(args, config.Quote(a))
		}
		return "{ run = [" + strings.Join(args, ", ") + "] }", nil
	}
	return "", fmt.Errorf("there is no kind of action %q", r.Do)
}

// when is the rule's condition, "" for a rule that always applies.
func (r *Rule) when() (string, error) {
	switch r.Where {
	case "all":
		return "", nil
	case "app":
		if strings.TrimSpace(r.Name) == "" {
			return "", errors.New("say in which application")
		}
		return "app == " + config.Quote(r.Name), nil
	case "group":
		if r.Name == "" {
			return "", errors.New("say in which group of applications")
		}
		return r.Name, nil
	}
	return "", fmt.Errorf("there is no place %q", r.Where)
}

// Reader reads a configuration file with this text.
type Reader func(text string) (*Program, error)

// Plan adds a rule to the text of a file. read reads a changed text; situation is where the rule must apply.
func (p *Program) Plan(text string, r *Rule, s *Situation, read Reader) (*Plan, error) {
	value, err := r.value()
	if err != nil {
		return nil, err
	}
	when, err := r.when()
	if err != nil {
		return nil, err
	}
	if _, err := key.ParseCombo(r.Combo, p.Config.Modifier); err != nil {
		return nil, fmt.Errorf("the combo: %w", err)
	}
	if r.Where == "app" {
		s.App = r.Name
	}
	changed, name, err := place(text, r, when, value)
	if err != nil {
		return nil, err
	}
	if r.Words != "" {
		if changed, err = words(changed, name, when, r); err != nil {
			return nil, err
		}
	}
	with, err := read(changed)
	if err != nil {
		return nil, err
	}
	plan := &Plan{Text: changed, Lines: Difference(text, changed), Now: p.does(s, r.Combo), Then: with.does(s, r.Combo), Nix: Nix(text, changed)}
	if e, err := with.Explain(s, r.Combo); err == nil && e.Winner != nil && e.Winner.Rule != "[keymap."+name+"]" && r.Where != "group" {
		plan.Beaten = e.Winner
	}
	return plan, nil
}

// does describes what a combo does.
func (p *Program) does(s *Situation, combo string) string {
	e, err := p.Explain(s, combo)
	if err != nil {
		return ""
	}
	for _, row := range p.Shortcuts(s).Rows {
		if e.Winner != nil && row.File == e.Winner.File && row.Line == e.Winner.Line || strings.EqualFold(row.Combo, combo) {
			return row.What
		}
	}
	if e.Winner == nil {
		return "Goes through as " + e.Seen
	}
	return e.Winner.Entry
}

// place puts an entry into the keymap of the file with the same condition, or into a new one.
func place(text string, r *Rule, when, value string) (changed, name string, err error) {
	keymaps, err := config.FileKeymaps(text)
	if err != nil {
		return "", "", err
	}
	combo := r.Combo
	for _, m := range keymaps {
		if m.Disabled || strings.TrimSpace(m.When) != when {
			continue
		}
		for _, k := range m.Keys {
			if strings.EqualFold(k.Combo, combo) {
				combo = k.Combo // as it is written there
			}
		}
		changed, err = config.SetValue(text, []string{"keymap", m.Name, "keys", combo}, value)
		return changed, m.Name, err
	}
	name = freeName(r, keymaps)
	section := "[keymap." + name + "]\n"
	if when != "" {
		section += "when = " + literal(when) + "\n"
	}
	section += "[keymap." + name + ".keys]\n" + config.QuoteKey(combo) + " = " + value + "\n"
	at := len(text)
	if when != "" { // special rules come before general ones
		for _, m := range keymaps {
			if m.When == "" {
				at = m.Offset
				break
			}
		}
	}
	return insertSection(text, at, section), name, nil
}

// literal writes a condition in the usual way: in single quotes.
func literal(s string) string {
	if strings.ContainsAny(s, "'\n\r\t") {
		return config.Quote(s)
	}
	return "'" + s + "'"
}

// insertSection puts tables before the line at an offset, with the comment above that line.
func insertSection(text string, at int, section string) string {
	before, after := text[:at], text[at:]
	if after != "" { // a comment belongs to the lines after it
		for {
			line := before[strings.LastIndexByte(strings.TrimSuffix(before, "\n"), '\n')+1:]
			if !strings.HasPrefix(strings.TrimSpace(line), "#") {
				break
			}
			before, after = before[:len(before)-len(line)], line+after
		}
	}
	if before != "" && !strings.HasSuffix(before, "\n") {
		before += "\n"
	}
	if before != "" && !strings.HasSuffix(before, "\n\n") {
		before += "\n"
	}
	if after != "" {
		section += "\n"
	}
	return before + section + after
}

// freeName is a name for a new keymap.
func freeName(r *Rule, keymaps []config.FileKeymap) string {
	base := "my"
	if r.Where != "all" {
		base = "my-" + strings.Trim(strings.Map(func(c rune) rune {
			switch {
			case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
				return c
			case c >= 'A' && c <= 'Z':
				return c + 'a' - 'A'
			}
			return '-'
		}, r.Name), "-")
	}
	name := base
	for i := 2; slices.ContainsFunc(keymaps, func(m config.FileKeymap) bool { return m.Name == name }); i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	return name
}

// words adds to the file what a combo is for.
func words(text, name, when string, r *Rule) (string, error) {
	changed, err := config.SetValue(text, []string{"words", name, "keys", r.Combo}, config.Quote(r.Words))
	if err != nil || when == "" {
		return changed, err
	}
	return config.SetValue(changed, []string{"words", name, "when"}, literal(when))
}

// Difference compares two texts line by line: equal lines begin with a space, lines of the first with -, those of the
// second with +. Of long equal parts, three lines are left.
func Difference(a, b string) []string {
	x, y := strings.SplitAfter(a, "\n"), strings.SplitAfter(b, "\n")
	head := 0
	for head < len(x) && head < len(y) && x[head] == y[head] {
		head++
	}
	tail := 0
	for tail < len(x)-head && tail < len(y)-head && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	const around = 3
	lines := []string{}
	add := func(sign string, part []string) {
		for _, l := range part {
			if l != "" {
				lines = append(lines, sign+strings.TrimRight(l, "\r\n"))
			}
		}
	}
	add(" ", x[max(0, head-around):head])
	add("-", x[head:len(x)-tail])
	add("+", y[head:len(y)-tail])
	add(" ", x[len(x)-tail:min(len(x), len(x)-tail+around)])
	return lines
}
