package agent

import (
	"fmt"

	"go.uber.org/zap"

	"toshy/cmd/internal/program"
	"toshy/remap"
)

// commands are those that a configuration starts.
type commands map[string]bool

// commandsOf lists them.
func commandsOf(p *program.Program) commands {
	all := commands{}
	for a := range p.Compiled.Actions() {
		if a.Kind == remap.DoEffect && a.Effect.Kind == remap.EffectRun {
			all[written(a.Effect.Args)] = true
		}
	}
	return all
}

// written is a command so that no other one looks the same.
func written(args []string) string { return fmt.Sprintf("%q", args) }

// allow takes over what a configuration starts that is about to be sent. Those of the one before stay allowed: it
// stays in use until the daemon has taken the new one, and when it refuses that.
func (a *agent) allow(c commands) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if fmt.Sprint(c) != fmt.Sprint(a.allowed[0]) {
		a.allowed[1], a.allowed[0] = a.allowed[0], c
	}
}

// run starts a command that the daemon asks for, if the user's own configuration has it: whoever speaks for the daemon
// starts nothing else.
func (a *agent) run(args []string) {
	a.mu.Lock()
	ok := len(args) > 0 && (a.allowed[0][written(args)] || a.allowed[1][written(args)])
	a.mu.Unlock()
	if ok {
		a.refused = false
		a.Do(&remap.Effect{Kind: remap.EffectRun, Args: args})
		return
	}
	if !a.refused { // once, however many come
		a.refused = true
		a.Log.Warn("the daemon asks for a command that the configuration does not have; it is not started", zap.Strings("command", args))
	}
}
