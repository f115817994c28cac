package sheet

import (
	"fmt"
	"html"
	"strings"

	"toshy/remap/key"
)

// A Drawing says how to draw a keyboard.
type Drawing struct {
	Form    string // "ansi", "iso" or "jis"
	Legends string // "pc", "apple" or "chromebook"
}

// Forms and Legends are the possible values of a Drawing.
var (
	Forms   = []string{"ansi", "iso", "jis"}
	Legends = []string{"pc", "apple", "chromebook"}
)

// In units of the drawing: a key of one unit is this wide.
const (
	unit    = 48
	gap     = 4
	navLeft = 15.25
)

// A cap is a key in the drawing: its place and size in units.
type cap struct {
	key        key.Code
	x, y, w, h float64
}

// Rows of the main block: names of keys with widths, _ is a gap.
var rowsOf = map[string][]string{
	"ansi": {
		"grave 1 2 3 4 5 6 7 8 9 0 minus equal backspace:2",
		"tab:1.5 q w e r t y u i o p leftbrace rightbrace backslash:1.5",
		"capslock:1.75 a s d f g h j k l semicolon apostrophe enter:2.25",
		"leftshift:2.25 z x c v b n m comma dot slash rightshift:2.75",
		"leftctrl:1.25 leftmeta:1.25 leftalt:1.25 space:6.25 rightalt:1.25 rightmeta:1.25 compose:1.25 rightctrl:1.25",
	},
	"iso": {
		"grave 1 2 3 4 5 6 7 8 9 0 minus equal backspace:2",
		"tab:1.5 q w e r t y u i o p leftbrace rightbrace enter:1.5",
		"capslock:1.75 a s d f g h j k l semicolon apostrophe backslash _:1.25",
		"leftshift:1.25 102nd z x c v b n m comma dot slash rightshift:2.75",
		"leftctrl:1.25 leftmeta:1.25 leftalt:1.25 space:6.25 rightalt:1.25 rightmeta:1.25 compose:1.25 rightctrl:1.25",
	},
	"jis": {
		"grave 1 2 3 4 5 6 7 8 9 0 minus equal yen backspace",
		"tab:1.5 q w e r t y u i o p leftbrace rightbrace enter:1.5",
		"capslock:1.75 a s d f g h j k l semicolon apostrophe backslash _:1.25",
		"leftshift:2.25 z x c v b n m comma dot slash ro rightshift:1.75",
		"leftctrl:1.25 leftmeta:1.25 leftalt:1.25 muhenkan space:3.25 henkan katakanahiragana rightalt rightmeta compose rightctrl:2",
	},
}

// An Apple keyboard has Command next to the space bar.
const appleBottom = "leftctrl:1.25 leftalt:1.25 leftmeta:1.5 space:6.25 rightmeta:1.5 rightalt:1.5 rightctrl:1.75"

const functionRow = "esc _ f1 f2 f3 f4 _:0.5 f5 f6 f7 f8 _:0.5 f9 f10 f11 f12"

// navigation are the keys to the right, by row.
var navigation = []string{"sysrq scrolllock pause", "insert home pageup", "delete end pagedown", "", "_ up", "left down right"}

// legends are the labels of keys, if they differ from their names.
var legends = map[string]string{
	"esc": "Esc", "grave": "`", "minus": "-", "equal": "=", "backspace": "Backspace", "tab": "Tab", "leftbrace": "[", "rightbrace": "]",
	"backslash": `\`, "capslock": "Caps Lock", "semicolon": ";", "apostrophe": "'", "enter": "Enter", "leftshift": "Shift", "rightshift": "Shift",
	"comma": ",", "dot": ".", "slash": "/", "leftctrl": "Ctrl", "leftmeta": "Super", "leftalt": "Alt", "space": "", "rightalt": "AltGr",
	"rightmeta": "Super", "compose": "Menu", "rightctrl": "Ctrl", "102nd": "<", "yen": "¥", "ro": "ろ", "muhenkan": "無変換", "henkan": "変換",
	"katakanahiragana": "かな", "sysrq": "Print", "scrolllock": "Scroll", "pause": "Pause", "insert": "Ins", "home": "Home", "pageup": "PgUp",
	"delete": "Del", "end": "End", "pagedown": "PgDn", "up": "↑", "left": "←", "down": "↓", "right": "→",
}

var otherLegends = map[string]map[string]string{
	"apple": {
		"leftctrl": "control", "rightctrl": "control", "leftalt": "option", "rightalt": "option", "leftmeta": "command", "rightmeta": "command",
		"backspace": "delete", "enter": "return", "sysrq": "F13", "scrolllock": "F14", "pause": "F15", "capslock": "caps lock", "insert": "fn", "delete": "⌦",
	},
	"chromebook": {
		"capslock": "Search", "f1": "←", "f2": "→", "f3": "⟳", "f4": "⛶", "f5": "▭", "rightalt": "Alt", "backspace": "Backspace", "compose": "Menu",
	},
}

// legend is the label of a key.
func (d Drawing) legend(k key.Code) string {
	name := k.String()
	if s, ok := otherLegends[d.Legends][name]; ok {
		return s
	}
	if s, ok := legends[name]; ok {
		return s
	}
	return strings.ToUpper(name)
}

// place puts a row of keys, in the form of rowsOf, into the drawing.
func place(caps []cap, row string, x, y float64) []cap {
	for _, word := range strings.Fields(row) {
		name, width, wide := strings.Cut(word, ":")
		w := 1.0
		if wide {
			fmt.Sscanf(width, "%g", &w) // the tables above are valid
		}
		if name != "_" {
			k, _ := key.Parse(name)
			c := cap{k, x, y, w, 1}
			if name == "enter" && w == 1.5 { // over two rows
				c.h = 2
			}
			caps = append(caps, c)
		}
		x += w
	}
	return caps
}

func (d Drawing) caps() []cap {
	rows := rowsOf[d.Form]
	if rows == nil {
		rows = rowsOf["ansi"]
	}
	caps := place(nil, functionRow, 0, 0)
	for i, row := range rows {
		if i == 4 && d.Legends == "apple" && d.Form != "jis" {
			row = appleBottom
		}
		caps = place(caps, row, 0, 1.25+float64(i))
	}
	for i, row := range navigation {
		y := 0.0
		if i > 0 {
			y = 0.25 + float64(i)
		}
		caps = place(caps, row, navLeft, y)
	}
	return caps
}

// SVG draws a keyboard. Keys that become others while held say so. Each group has the class key, and the key's name in
// data-key.
func (d Drawing) SVG(s *Sheet) string {
	is := map[string]Key{}
	for _, k := range s.Keys {
		is[k.Key] = k
	}
	used := map[string]bool{} // in any shortcut
	for i := range s.Rows {
		for _, w := range s.Rows[i].Ways {
			for _, k := range w.Keys {
				used[k] = true
			}
		}
	}
	var b strings.Builder
	const width, height = (navLeft + 3) * unit, 6.25 * unit
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="keyboard" viewBox="0 0 %g %g" role="img" aria-label="Keyboard">`, width, height)
	b.WriteByte('\n')
	for _, c := range d.caps() {
		d.cap(&b, c, is[c.key.String()], used[c.key.String()])
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (d Drawing) cap(b *strings.Builder, c cap, is Key, used bool) {
	class := "key"
	switch {
	case is.Mod:
		class += " mod"
	case used:
		class += " used"
	}
	x, y, w, h := c.x*unit, c.y*unit, c.w*unit-gap, c.h*unit-gap
	legend := d.legend(c.key)
	size := 13
	if len([]rune(legend)) > 2 {
		size = 10
	}
	fmt.Fprintf(b, `<g class="%s" data-key="%s"><rect x="%g" y="%g" width="%g" height="%g" rx="6"/>`, class, c.key, x, y, w, h)
	fmt.Fprintf(b, `<text class="legend" x="%g" y="%g" font-size="%d">%s</text>`, x+7, y+17, size, html.EscapeString(legend))
	word := is.Is
	if word == legend || strings.EqualFold(word, c.key.String()) {
		word = ""
	}
	fmt.Fprintf(b, `<text class="is" x="%g" y="%g" font-size="10">%s</text></g>`, x+7, y+h-8, html.EscapeString(word))
	b.WriteByte('\n')
}

// For is the drawing that fits a type of keyboard.
func For(keyboardType, form string) Drawing {
	d := Drawing{Form: form, Legends: "pc"}
	if keyboardType == "apple" || keyboardType == "chromebook" {
		d.Legends = keyboardType
	}
	if d.Form == "" {
		d.Form = "ansi"
	}
	return d
}
