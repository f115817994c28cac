package remap

import "toshy/remap/key"

// A Look is a program in one situation, for many questions about it: an [Explanation] evaluates every condition each time.
type Look struct{ x *situation }

// Look evaluates a program in a situation.
func (c *Compiled) Look(s *Situation) *Look { return &Look{c.at(s)} }

// Holds says whether a condition of the program is true; nil always is.
func (l *Look) Holds(c *Cond) bool { return c == nil || c.eval(&l.x.env) }

// Path is what a physical key is before keymaps see it.
func (l *Look) Path(k key.Code) KeyPath { return l.x.path(k) }
