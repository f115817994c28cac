package importer

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"toshy/remap/key"
)

// combo writes a combo of xremap's in toshy's words.
func (x *xremap) combo(s string) (string, error) {
	words := strings.Split(s, "-")
	if strings.HasSuffix(s, "-") && len(words) >= 2 {
		words = append(words[:len(words)-2], "minus")
	}
	var out []string
	for _, w := range words[:len(words)-1] {
		low := strings.ToLower(strings.TrimSpace(w))
		side := ""
		switch {
		case strings.HasSuffix(low, "_l"):
			side, low = "l", low[:len(low)-2]
		case strings.HasSuffix(low, "_r"):
			side, low = "r", low[:len(low)-2]
		}
		if v, ok := x.virtual[low]; ok {
			out = append(out, v)
			continue
		}
		if low == "m" {
			low = "alt"
		}
		if low == "windows" {
			low = "win"
		}
		m, ok := key.ParseMod(side + low)
		if !ok {
			return "", fmt.Errorf("the modifier %q is not known", w)
		}
		p := &python{}
		out = append(out, p.modText(m))
	}
	k, ok := xremapKey(strings.TrimSpace(words[len(words)-1]))
	if !ok {
		return "", fmt.Errorf("the key %q is not known", words[len(words)-1])
	}
	return strings.Join(append(out, keyText(k)), "-"), nil
}

func (x *xremap) action(n *yaml.Node) (string, error) {
	n = resolve(n)
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return str("block"), nil
		}
		c, err := x.combo(n.Value)
		return str(c), err
	case yaml.SequenceNode:
		var list []string
		for _, e := range n.Content {
			a, err := x.action(e)
			if err != nil {
				return "", err
			}
			list = append(list, a)
		}
		switch len(list) {
		case 0:
			return str("block"), nil
		case 1:
			return list[0], nil
		}
		return array(list), nil
	case yaml.MappingNode:
		return x.special(n)
	}
	return "", errors.New("an action that cannot be translated")
}

func (x *xremap) special(n *yaml.Node) (string, error) {
	if remap := get(n, "remap"); remap != nil {
		var out []string
		for _, p := range pairs(n) {
			switch p.key {
			case "timeout_millis":
				var ms float64
				if p.value.Decode(&ms) == nil {
					out = append(out, "timeout", str(duration(time.Duration(ms)*time.Millisecond)))
				}
			case "timeout_key":
				a, err := x.action(p.value)
				if err != nil {
					return "", err
				}
				out = append(out, "on_timeout", a)
			}
		}
		for _, p := range pairs(remap) {
			c, err := x.combo(p.key)
			if err != nil {
				return "", err
			}
			a, err := x.action(p.value)
			if err != nil {
				return "", err
			}
			out = append(out, c, a)
		}
		return inline(out...), nil
	}
	list := pairs(n)
	if len(list) != 1 {
		return "", errors.New("an action that cannot be translated")
	}
	p := list[0]
	switch p.key {
	case "launch":
		if args := values(p.value); len(args) > 0 {
			return inline("run", array(strs(args))), nil
		}
	case "set_mode":
		return inline("set", inline("mode", str(p.value.Value))), nil
	case "set_mark":
		if p.value.Value == "true" || p.value.Value == "false" {
			return inline("mark", p.value.Value), nil
		}
	case "with_mark":
		c, err := x.combo(p.value.Value)
		return inline("with_mark", str(c)), err
	case "escape_next_key":
		return inline("escape", str("key")), nil
	case "sleep":
		var ms float64
		if p.value.Decode(&ms) == nil && ms >= 0 {
			return inline("wait", str(asTime(ms/1000))), nil
		}
	}
	return "", fmt.Errorf("the action %s is not translated", p.key)
}
