package remap

import "toshy/remap/key"

// A Look is a program in one situation. Use it to ask many questions: an [Explanation] evaluates all conditions each time.
type Look struct{ x *situation }

// Look evaluates a program in a situation.
func (c *Compiled) Look(s *Situation) *Look { return &Look{c.at(s)} }

// Holds says whether a condition of the program is true; nil is always true.
func (l *Look) Holds(c *Cond) bool { return c == nil || c.eval(&l.x.env) }

// Path is what a physical key means before keymaps see it.
func (l *Look) Path(k key.Code) KeyPath { return l.x.path(k) }
