package agent

import (
	"toshy/cmd/internal/control"
	"toshy/remap"
)

// results are what an answer to the daemon says.
var results = map[remap.TypingResult]string{
	remap.TypingDone: "done", remap.TypingFailed: "failed", remap.TypingForX11: "x11", remap.TypingLater: "later",
}

func (a *agent) setTypes(can bool) { a.set(&a.types, control.AgentMessage{Kind: "types", Types: can}) }

func (a *agent) setTyped(serial uint64, result remap.TypingResult) {
	a.set(&a.typed, control.AgentMessage{Kind: "typed", Typed: &control.AgentTyped{Serial: serial, Result: results[result]}})
}

// typeText has the session type what the daemon asks for.
func (a *agent) typeText(m *control.AgentTyping) {
	switch {
	case m == nil:
	case a.Typist == nil:
		a.setTyped(m.Serial, remap.TypingFailed)
	default:
		a.Typist.Type(remap.Typing{Serial: m.Serial, Text: m.Text, Until: m.Until})
	}
}
