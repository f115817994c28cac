// Command toshy-playground is toshy's engine in a web page: it answers the requests of toshy ui that need no machine. `make
// playground` puts it next to the page.
package main

import (
	"encoding/json"
	"fmt"

	"toshy/cmd/internal/page"
	"toshy/config"
)

// A failure is an error in the form of toshy ui.
type failure struct {
	Error    string           `json:"error"`
	Problems []config.Problem `json:"problems,omitempty"`
}

// fileName is the file of the configuration in messages.
const fileName = "config.toml"

// A playground is a configuration that the page can change.
type playground struct {
	text    string
	program *page.Program // of the last text without mistakes
}

// answer asks the playground, in JSON: {"value": ...} or {"failure": ...}.
func (p *playground) answer(name, body string) string {
	value, err := p.call(name, []byte(body))
	answer := map[string]any{"value": value}
	if err != nil {
		f := failure{Error: err.Error(), Problems: config.Problems(err)}
		if f.Problems != nil {
			f.Error = "the configuration has mistakes"
		}
		answer = map[string]any{"failure": f}
	}
	b, err := json.Marshal(answer)
	if err != nil {
		return `{"failure":{"error":"the answer cannot be written"}}`
	}
	return string(b)
}

func read(text string) (*page.Program, error) { return readFor(text, nil, nil) }

// readFor reads a configuration as another machine does.
func readFor(text string, facts, actions map[string]string) (*page.Program, error) {
	return page.Compile(config.Parse(fileName, []byte(text), config.Options{Files: config.Texts{}, Facts: facts, Actions: actions}))
}

func (p *playground) save(text string) error {
	program, err := read(text)
	if err == nil {
		p.text, p.program = text, program
	}
	return err
}

// question has everything that the page can ask with.
type question struct {
	page.Situation
	Combo  string    `json:"combo"`
	Text   string    `json:"text"`
	Script string    `json:"script"`
	Keymap string    `json:"keymap"`
	Rule   page.Rule `json:"rule"`
	// Where is the situation of a rule.
	Where page.Situation `json:"situation"`
}

func (p *playground) call(name string, body []byte) (any, error) {
	var q question
	if err := json.Unmarshal(body, &q); err != nil {
		return nil, err
	}
	switch name {
	case "start":
		return map[string]any{"app": "firefox", "state": map[string]any{"settings": []string{}}, "file": p.file()}, nil
	case "names":
		return p.program.Names(), nil
	case "file":
		return p.file(), nil
	case "shortcuts":
		return p.program.Shortcuts(&q.Situation), nil
	case "explain":
		return p.program.Explain(&q.Situation, q.Combo)
	case "check":
		program, err := read(q.Text)
		if list := config.Problems(err); list != nil {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		return append([]config.Problem{}, program.Config.Warnings...), nil
	case "plan":
		return p.program.Plan(q.Text, &q.Rule, &q.Where, read)
	case "remove":
		text, err := config.RemoveValue(q.Text, []string{"keymap", q.Keymap, "keys", q.Combo})
		return map[string]any{"text": text, "lines": page.Difference(q.Text, text)}, err
	case "save":
		if err := p.save(q.Text); err != nil {
			return nil, err
		}
		return map[string]any{"file": p.file(), "taken": "in use in this page"}, nil
	case "simulate":
		text, err := page.Simulate(q.Script, func(facts, actions map[string]string) (*page.Program, error) {
			if facts == nil && actions == nil {
				return p.program, nil
			}
			return readFor(p.text, facts, actions)
		})
		return map[string]string{"text": text}, err
	}
	return nil, fmt.Errorf("the playground does not know %q", name)
}

func (p *playground) file() any {
	keymaps, err := config.FileKeymaps(p.text)
	if err != nil || keymaps == nil {
		keymaps = []config.FileKeymap{}
	}
	return map[string]any{
		"path": fileName, "text": p.text, "hash": fmt.Sprint(len(p.text)), "source": "the built-in configuration mac", "keymaps": keymaps,
		"problems": append([]config.Problem{}, p.program.Config.Warnings...),
	}
}
