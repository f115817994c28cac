package remap

import (
	"fmt"
	"strings"
)

// inspect tells the user what rules can ask for here. It is rare, and allocates.
func (e *Engine) inspect() {
	d := e.device()
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s == %q\n", name, value)
		}
	}
	line("app", e.window.App)
	line("title", e.window.Title)
	line("exe", e.window.Exe)
	for _, c := range CategoryNames(e.window.Categories) {
		fmt.Fprintf(&b, "category(%q)\n", c)
	}
	line("desktop", e.window.Desktop)
	line("session", e.window.Session)
	line("device", d.info.Name)
	line("keyboard", d.info.Keyboard)
	if b.Len() == 0 {
		b.WriteString("no window is known\n")
	}
	e.out.Effects = append(e.out.Effects, &Effect{Kind: EffectNotify, Text: strings.TrimSuffix(b.String(), "\n")})
}
