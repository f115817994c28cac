package importer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"toshy/remap"
	"toshy/remap/key"
)

// macro translates keys, combos, times and lists of them.
func (k *kanata) macro(args []lisp) (string, error) {
	list, err := k.steps(args, nil)
	switch {
	case err != nil:
		return "", err
	case len(list) == 0:
		return "", errors.New("an empty macro")
	case len(list) == 1:
		return list[0], nil
	}
	return array(list), nil
}

func (k *kanata) steps(args []lisp, mods []key.Mod) ([]string, error) {
	var list []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		if strings.HasPrefix(a.atom, ":") { // :delay 5 of kmonad
			i++
			continue
		}
		if n, err := strconv.Atoi(a.atom); err == nil && !a.isList && len(a.atom) > 1 && !k.monad {
			list = append(list, inline("wait", str(asTime(min(float64(n), 10_000)/1000))))
			continue
		}
		if ms, ok := monadPause(a.atom); ok && k.monad {
			list = append(list, inline("wait", str(asTime(min(ms, 10_000)/1000))))
			continue
		}
		if strings.HasSuffix(a.atom, "-") && i+1 < len(args) && args[i+1].isList { // S-(a b)
			c, ok := k.combo(a.atom + "a")
			if !ok {
				return nil, fmt.Errorf("%s in a macro", a)
			}
			i++
			more, err := k.steps(args[i].list, append(slices.Clone(mods), c.Mods...))
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
			continue
		}
		if c, ok := k.combo(a.atom); ok && !a.isList {
			list = append(list, str(lispWords(key.Combo{Mods: append(slices.Clone(mods), c.Mods...), Key: c.Key})))
			continue
		}
		if h := a.head(); h == "pause" && len(a.list) == 2 {
			if n, err := k.number(a.list[1]); err == nil {
				list = append(list, inline("wait", str(asTime(min(n, 10_000)/1000))))
				continue
			}
		}
		m, err := k.meaning(a)
		if err != nil || m.tap != nil {
			return nil, fmt.Errorf("a macro cannot contain %s", a)
		}
		if m.do == "" {
			m.do = m.value()
		}
		list = append(list, m.do)
	}
	return list, nil
}

// monadPause parses a pause of kmonad: P50.
func monadPause(atom string) (float64, bool) {
	digits, ok := strings.CutPrefix(atom, "P")
	n, err := strconv.ParseUint(digits, 10, 32)
	return float64(n), ok && err == nil
}

// tapDance translates one action per number of taps.
func (k *kanata) tapDance(head string, args []lisp, line int) (string, error) {
	var list []lisp
	interval := 0.0
	if head == "multi-tap" { // kmonad: time and button by turns, then the last button
		for i, a := range args {
			if n, err := k.number(a); err == nil && i%2 == 0 && i+1 < len(args) {
				interval = max(interval, n)
			} else {
				list = append(list, a)
			}
		}
	} else {
		if len(args) != 2 {
			return "", errors.New("tap-dance needs a time and a list of actions")
		}
		var err error
		if interval, err = k.number(args[0]); err != nil {
			return "", err
		}
		list = args[1].list
	}
	var out []string
	for _, a := range list {
		m, err := k.meaning(a)
		if err != nil {
			return "", err
		}
		if m.tap != nil || strings.HasPrefix(m.do, "{ layer") && !strings.Contains(m.do, "true") {
			return "", fmt.Errorf("%s as one of several taps", a)
		}
		if m.do == "" {
			m.do = m.value()
		}
		out = append(out, m.do)
	}
	if len(out) == 0 || len(out) > 5 {
		return "", fmt.Errorf("%d actions for taps: 1 to 5 are counted", len(out))
	}
	if got := min(max(interval, 150), 1500); got != interval {
		k.doc.note(line, "%s waits %v ms for the next tap here, not %v", head, got, interval)
		interval = got
	}
	words := []string{"taps", array(out), "interval", str(asTime(interval / 1000))}
	if head == "tap-dance-eager" {
		words = append(words, "each", "true")
	}
	return inline(words...), nil
}

// glide translates a movement that continues while the key is held: kanata has the time between two steps and their size,
// and with acceleration the time until full speed, and the smallest and largest size.
func (k *kanata) glide(what, direction string, args []lisp) (string, error) {
	var n []float64
	for _, a := range args {
		x, err := k.number(a)
		if err != nil {
			return "", err
		}
		n = append(n, x)
	}
	perStep, most, acceleration := 1.0, float64(remap.MaxSpeed), "0s"
	if what == "scroll" {
		perStep, most = 120, 200
	}
	switch {
	case len(n) == 4:
		acceleration = asTime(min(n[1]/1000, 10))
	case len(n) != 2:
		return "", fmt.Errorf("%s needs the time between two steps and their size", what)
	}
	speed := n[len(n)-1] / perStep * 1000 / max(n[0], 1)
	return inline(what, str(direction), "speed", strconv.Itoa(int(min(max(speed, 1), most))), "acceleration", str(acceleration)), nil
}
