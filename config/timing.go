package config

import (
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// Bounds that the engine sets.
const (
	minTapInterval = 150 * time.Millisecond
	maxTapInterval = 1500 * time.Millisecond
	minMinTapDelay = 50 * time.Millisecond
	maxMinTapDelay = 500 * time.Millisecond
	maxPause       = 150 * time.Millisecond
)

// buildTimings reads [timing] and its rules.
func (b *builder) buildTimings() {
	var global remap.Timing
	for _, d := range b.docs {
		t := d.root.get("timing")
		if t == nil || !b.is(t, kindTable, "timing") {
			continue
		}
		b.checkKeys(t, "[timing]", timingTable.names()...)
		for _, r := range b.tables(t, "rule", "timing.rule") {
			b.checkKeys(r, "[[timing.rule]]", timingRuleTable.names()...)
			rule := b.timing(r)
			if rule.When = b.ruleWhen(r, "timing"); rule.When != nil {
				b.program.Timings = append(b.program.Timings, rule)
			}
		}
		mine := b.timing(t)
		for _, v := range []struct{ to, from **time.Duration }{
			{&global.Suspend, &mine.Suspend}, {&global.TapHold, &mine.TapHold}, {&global.TapInterval, &mine.TapInterval}, {&global.MinTapDelay, &mine.MinTapDelay},
		} {
			if *v.to == nil {
				*v.to = *v.from
			}
		}
	}
	if global != (remap.Timing{}) {
		b.program.Timings = append(b.program.Timings, global)
	}
}

// ruleWhen compiles the condition that every rule must have.
func (b *builder) ruleWhen(r *node, table string) *remap.Cond {
	w := r.get("when")
	if w == nil {
		b.ps.error(r.keySpan(), "write what applies everywhere in ["+table+"] itself", "a rule needs a when")
		return nil
	}
	return b.when(w)
}

func (b *builder) timing(t *node) remap.Timing {
	var out remap.Timing
	read := func(key string, low, high time.Duration) *time.Duration {
		n := t.get(key)
		if n == nil {
			return nil
		}
		d := b.duration(n, low, high)
		return &d
	}
	out.Suspend = read("suspend", 0, 10*time.Second)
	out.TapHold = read("tap_hold", 0, time.Minute)
	out.TapInterval = read("tap_interval", minTapInterval, maxTapInterval)
	out.MinTapDelay = read("min_tap_delay", minMinTapDelay, maxMinTapDelay)
	return out
}

// buildPacings reads [pacing] and its rules.
func (b *builder) buildPacings() {
	var before, after *time.Duration
	read := func(t *node, key string) *time.Duration {
		n := t.get(key)
		if n == nil {
			return nil
		}
		d := b.duration(n, 0, maxPause)
		return &d
	}
	value := func(d *time.Duration) time.Duration {
		if d == nil {
			return 0
		}
		return *d
	}
	for _, d := range b.docs {
		t := d.root.get("pacing")
		if t == nil || !b.is(t, kindTable, "pacing") {
			continue
		}
		b.checkKeys(t, "[pacing]", pacingTable.names()...)
		for _, r := range b.tables(t, "rule", "pacing.rule") {
			b.checkKeys(r, "[[pacing.rule]]", pacingRuleTable.names()...)
			rule := remap.Pacing{Pre: value(read(r, "pre")), Post: value(read(r, "post"))}
			if rule.When = b.ruleWhen(r, "pacing"); rule.When != nil {
				b.program.Pacings = append(b.program.Pacings, rule)
			}
		}
		if p := read(t, "pre"); before == nil {
			before = p
		}
		if p := read(t, "post"); after == nil {
			after = p
		}
	}
	if before != nil || after != nil {
		b.program.Pacings = append(b.program.Pacings, remap.Pacing{Pre: value(before), Post: value(after)})
	}
}

// buildUnicodes reads [unicode] and its rules.
func (b *builder) buildUnicodes() {
	var method, end *node
	read := func(method, end *node) remap.Unicode {
		var u remap.Unicode
		if method != nil {
			u.Method = remap.UnicodeMethod(b.choice(method, unicodeMethods...))
		}
		if end != nil {
			u.End, _ = b.keyName(end)
		}
		return u
	}
	for _, d := range b.docs {
		t := d.root.get("unicode")
		if t == nil || !b.is(t, kindTable, "unicode") {
			continue
		}
		b.checkKeys(t, "[unicode]", unicodeTable.names()...)
		for _, r := range b.tables(t, "rule", "unicode.rule") {
			b.checkKeys(r, "[[unicode.rule]]", unicodeRuleTable.names()...)
			rule := read(r.get("method"), r.get("end"))
			if rule.When = b.ruleWhen(r, "unicode"); rule.When != nil {
				b.program.Unicodes = append(b.program.Unicodes, rule)
			}
		}
		if method == nil {
			method = t.get("method")
		}
		if end == nil {
			end = t.get("end")
		}
	}
	if method != nil || end != nil {
		b.program.Unicodes = append(b.program.Unicodes, read(method, end))
	}
}

// buildOptions reads [options]. The overriding file comes last.
func (b *builder) buildOptions() {
	o := &b.program.Options
	o.Masking = true
	for i := len(b.docs) - 1; i >= 0; i-- {
		t := b.docs[i].root.get("options")
		if t == nil || !b.is(t, kindTable, "options") {
			continue
		}
		b.checkKeys(t, "[options]", optionKeys...)
		for _, n := range t.kids {
			switch n.key {
			case "masking":
				o.Masking = b.boolean(n)
			case "reference":
				o.Reference = b.boolean(n)
			case "text_limit":
				i, ok := n.value.(int64)
				if !ok || i < 1 || i > remap.MaxText {
					b.ps.error(n.valueSpan(), "", "text_limit is a number from 1 to %d", remap.MaxText)
					continue
				}
				o.TextLimit = int(i)
			case "ignore_repeats":
				o.IgnoreRepeats = b.boolean(n)
			case "mask_key":
				c, _ := b.keyName(n)
				if key.IsSpare(c) && !key.IsBorrowed(c) || c == key.SpareLevel3 || c == key.SpareLevel5 {
					b.ps.error(n.valueSpan(), `a key without a symbol is "Unknown"`, "%q does not hide a modifier: \"toshy characters\" puts a character on this key", n.str())
					continue
				}
				o.MaskKey = c
			case "eject_key":
				o.EjectKey = 0
				if n.str() != "none" {
					o.EjectKey, _ = b.keyName(n)
				}
			case "panic_chords":
				b.config.PanicChords = b.panicChords(n)
			case "diagnostic_key":
				o.DiagnosticKey = 0
				if n.str() != "none" {
					o.DiagnosticKey, _ = b.keyName(n)
				}
			case "layout_combos":
				o.USCombos = b.choice(n, layouts...) == 1
			case "layout":
				o.USLayout = b.choice(n, layouts...) == 1
			case "unreachable":
				o.Unreachable = remap.Unreachable(b.choice(n, unreachables...))
			case "placeholder":
				if b.is(n, kindString, "placeholder") {
					o.Placeholder = n.str()
				}
			case "folded":
				o.Folded = [...]remap.Unreachable{remap.UnreachableRefuse, remap.UnreachablePlaceholder}[b.choice(n, foldeds...)]
			}
		}
	}
}
