package remap

import (
	"fmt"
	"strings"
)

// inspect shows the user the facts that rules can test here. It runs rarely, and allocates.
func (s *scene) inspect() *Effect {
	d := s.present()
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s == %q\n", name, value)
		}
	}
	line("app", s.window.App)
	line("title", s.window.Title)
	line("exe", s.window.Exe)
	for _, c := range CategoryNames(s.window.Categories) {
		fmt.Fprintf(&b, "category(%q)\n", c)
	}
	line("desktop", s.window.Desktop)
	line("session", s.window.Session)
	line("device", d.info.Name)
	line("keyboard", d.info.Keyboard)
	if b.Len() == 0 {
		b.WriteString("no window is known\n")
	}
	return &Effect{Kind: EffectNotify, Text: strings.TrimSuffix(b.String(), "\n")}
}
