package importer

import (
	"errors"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// DualFunctionKeys converts a configuration of dual-function-keys, a plugin of Interception Tools.
func DualFunctionKeys(name string, source []byte) (*Result, error) {
	top, err := readYAML(name, source)
	if err != nil {
		return nil, err
	}
	if top == nil || get(top, "MAPPINGS") == nil {
		return nil, fmt.Errorf("%s: a configuration of dual-function-keys has MAPPINGS; this file has none. Is it for another remapper?", name)
	}
	d := newDocument(name)
	d.single("options").set("layout", str("us"), 0) // it goes by the places of keys
	b := newBoard(d)
	times := map[string]float64{"TAP_MILLISEC": 200, "DOUBLE_TAP_MILLISEC": 150}
	for _, p := range pairs(top) {
		switch p.key {
		case "TIMING":
			for _, q := range pairs(p.value) {
				n, err := strconv.ParseFloat(q.value.Value, 64)
				_, known := times[q.key]
				switch {
				case err != nil || n < 0:
					d.lost(q.line, "%s is not a valid time", q.key)
				case known:
					times[q.key] = n
				case q.key != "SYNTHETIC_KEYS_PAUSE_MILLISEC":
					d.lost(q.line, "%s is not known", q.key)
				}
			}
		case "MAPPINGS":
		default:
			d.lost(p.line, "%s is not known", p.key)
		}
	}
	timing := []string{"preset", str("hold_on_press"), "timeout", str(asTime(min(max(times["TAP_MILLISEC"], 1), 60_000) / 1000))}
	if t := times["DOUBLE_TAP_MILLISEC"]; t > 0 {
		timing = append(timing, "quick_tap", str(asTime(min(t, 60_000)/1000)))
	}
	for _, n := range elements(get(top, "MAPPINGS")) {
		n = resolve(n)
		if err := dualFunction(b, n, timing); err != nil {
			d.lost(n.Line, "%v", err)
		}
	}
	b.emit()
	return d.finish()
}

func dualFunction(b *board, n *yaml.Node, timing []string) error {
	k := get(n, "KEY")
	in, err := evdevKeys(k)
	tap, err2 := evdevKeys(get(n, "TAP"))
	hold, err3 := evdevKeys(get(n, "HOLD"))
	if err = errors.Join(err, err2, err3); err != nil {
		return err
	}
	if len(in) != 1 {
		return errors.New("KEY is not one key")
	}
	t, err := meaningOfKeys(tap)
	if err != nil {
		return fmt.Errorf("%s: TAP: %w", k.Value, err)
	}
	h, err := meaningOfKeys(hold)
	if err != nil {
		return fmt.Errorf("%s: HOLD: %w", k.Value, err)
	}
	if s := get(n, "HOLD_START"); s != nil && s.Value != "BEFORE_CONSUME" && s.Value != "BEFORE_CONSUME_OR_RELEASE" && s.Value != "" {
		b.doc.note(s.Line, "HOLD_START: the hold begins with the next key here")
	}
	for _, x := range b.main.binds {
		if x.key == in[0] {
			b.doc.lost(x.line, "%s: line %d maps this key again; only that is converted", k.Value, n.Line)
		}
	}
	b.put(b.main, in[0], meaning{tap: &t, hold: &h, timing: timing}, n.Line)
	return nil
}
