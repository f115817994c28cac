package page

import (
	"errors"
	"fmt"

	"toshy/cmd/internal/keycheck"
	"toshy/config"
	"toshy/remap/key"
)

// A KeycheckRequest has the keys pressed so far.
type KeycheckRequest struct {
	Text    string `json:"text"` // of the user's file
	Presses []struct {
		Keyboard string `json:"keyboard"`
		Key      string `json:"key"`
	} `json:"presses"`
}

// A Keychecked keyboard has either an open question, or its type and the file with the rule for it.
type Keychecked struct {
	Question string   `json:"question,omitempty"`
	Note     string   `json:"note,omitempty"`
	Seen     string   `json:"seen"`
	Keyboard string   `json:"keyboard"`
	Type     string   `json:"type,omitempty"`
	Known    bool     `json:"known,omitempty"` // the configuration already has this type
	Text     string   `json:"text,omitempty"`
	Lines    []string `json:"lines,omitempty"`
	Nix      []string `json:"nix,omitempty"` // the same in a configuration of Nix
}

// mostPresses bounds the cost of one request; three keys are an answer.
const mostPresses = 100

// Keycheck finds out the type of a keyboard from the keys next to its space bar. identify returns what is known about a
// keyboard, by its name.
func (p *Program) Keycheck(r *KeycheckRequest, identify func(name string) config.Identity) (*Keychecked, error) {
	if len(r.Presses) > mostPresses {
		return nil, errors.New("too many keys: begin again")
	}
	var c keycheck.Check
	a := &Keychecked{}
	for _, press := range r.Presses {
		if c.Question() == "" {
			break
		}
		code, ok := key.Parse(press.Key)
		if !ok {
			continue
		}
		a.Note = ""
		if _, err := c.Answer(keycheck.Press{Keyboard: press.Keyboard, Key: code}); err != nil {
			a.Note = "That was another keyboard. Stay on the one that you began with."
		}
	}
	a.Question, a.Seen, a.Keyboard = c.Question(), c.Seen(), c.Keyboard()
	if a.Question != "" {
		return a, nil
	}
	if a.Type = c.Type(); a.Type == "" {
		return nil, fmt.Errorf("no type of keyboard has %s from the space bar to the left: a [modmap] of your own can say what its keys are", a.Seen)
	}
	id := identify(a.Keyboard)
	if typ, _ := p.Config.KeyboardType(id); typ == a.Type {
		a.Known = true
		return a, nil
	}
	a.Text = keycheck.Add(r.Text, keycheck.Rule(id, a.Type, a.Seen))
	a.Lines, a.Nix = Difference(r.Text, a.Text), Nix(r.Text, a.Text)
	return a, nil
}

// KeyCode returns the kernel's number for a key, 0 if no key has that name.
func KeyCode(name string) key.Code {
	code, _ := key.Parse(name)
	return code
}
