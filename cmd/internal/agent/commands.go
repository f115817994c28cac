package agent

import (
	"fmt"

	"go.uber.org/zap"

	"toshy/cmd/internal/program"
	"toshy/remap"
)

// commands are the commands that a configuration starts.
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

// written is a unique text for a command.
func written(args []string) string { return fmt.Sprintf("%q", args) }

// allow allows the commands of a configuration that is about to be sent. Those of the previous one stay allowed: it stays
// in use until the daemon accepts the new one, or if it refuses that.
func (a *agent) allow(c commands) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if fmt.Sprint(c) != fmt.Sprint(a.allowed[0]) {
		a.allowed[1], a.allowed[0] = a.allowed[0], c
	}
}

// run starts a command for the daemon, if the user's own configuration has it. Whoever speaks for the daemon can start
// nothing else.
func (a *agent) run(args []string) {
	a.mu.Lock()
	ok := len(args) > 0 && (a.allowed[0][written(args)] || a.allowed[1][written(args)])
	a.mu.Unlock()
	if ok {
		a.refused = false
		a.Do(&remap.Effect{Kind: remap.EffectRun, Args: args})
		return
	}
	if !a.refused { // once, however many arrive
		a.refused = true
		a.Log.Warn("the daemon asks for a command that the configuration does not have; it is not started", zap.Strings("command", args))
	}
}
