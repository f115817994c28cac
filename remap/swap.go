package remap

import (
	"slices"
	"time"

	"toshy/remap/key"
)

// Swap replaces the program. Keys that are down finish under the old one, undecided ones as their hold. Sequences, macros,
// counted taps and everything meant for the next key are dropped. Layers and variables keep their state by name.
func (e *Engine) Swap(c *Compiled, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	e.finish()
	e.hand.settleAll()
	e.lookUpHolds()
	e.runner.endPresses()
	e.finish()
	e.runner.forget()
	e.next.forget()
	e.next.forgetLast()
	e.hand.forgetTap()
	e.hand.forgetActions()
	e.layers.letGo()
	was := e.scene.compiled()
	for k := range key.Code(key.Count) {
		if (was.modOf[k] >= 0) != (c.modOf[k] >= 0) || was.hidden[k] != c.hidden[k] || k.IsSet() && !slices.Equal(was.sets[k-key.Set0], c.sets[k-key.Set0]) {
			e.hand.forget(k)
		}
	}
	e.hand.renameLayers(func(layer int) int { return slices.Index(c.program.Layers, was.program.Layers[layer]) })
	e.scene.load(c)
	e.macros.load()
	e.scene.useAny()
	e.layers.takeUp(func(i int) int { return slices.Index(was.program.Layers, c.program.Layers[i]) })
	return e.wake()
}
