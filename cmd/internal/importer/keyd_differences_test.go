package importer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// linesWith returns the lines whose notes contain a text.
func linesWith(r *Result, text string) []int {
	var lines []int
	for _, n := range r.Notes {
		if strings.Contains(n.Reason, text) {
			lines = append(lines, n.Line)
		}
	}
	return lines
}

// If toshy does something differently from keyd, the report names the lines that use it, and only if the file has such lines.
func TestKeydDifferences(t *testing.T) {
	for _, c := range []struct {
		text, config string
		lines        []int
	}{
		{"counts the idle time from the last press", "a = lettermod(shift, a, 150, 200)\nb = overloadi(b, overloadt(shift, b, 200), 150)\nc = overloadt(shift, c, 200)\n", []int{4, 5}},
		{"then another one-shot key", "leftshift = oneshot(shift)\na = oneshotm(control, macro(x))\nb = c\n", []int{4, 5}},
		{"then another one-shot key", "leftshift = oneshot(shift)\nb = c\n", nil},
		{"keep the modifiers with which you pressed them", "a = overloadt(shift, a, 200)\nb = overload(shift, b)\nc = overloadt2(shift, c, 200)\n", []int{4, 6}},
		{"if you press this key twice", "a = overloadt(shift, a, 200)\nb = overloadt2(shift, b, 200)\nc = lettermod(shift, c, 150, 200)\n", []int{5, 6}},
		{"if you roll this key", "a = overloadt(shift, a, 200)\nb = overload(shift, b)\n", nil},
		{"if you roll this key", "a = overloadt(shift, a, 200)\nb = overloadt2(control, b, 200)\n", []int{4, 5}},
		{"toshy always uses its entry", "a = layer(nav)\n[nav]\nh = left\n[shift]\nj = x\nh = q\n", []int{9}},
		{`write keys."*-Shift-H" into [layer.nav]`, "a = layer(nav)\n[nav]\nh = left\n[shift]\nh = q\n", []int{8}},
		{"toshy always uses its entry", "a = layer(nav)\n[nav]\nh = left\n[nav+shift]\nh = q\n", nil},
		{"with both modifiers held", "[control]\nh = left\n[shift]\nh = q\nj = q\n", []int{7}},
		{"with both modifiers held", "[control]\nh = left\n[shift]\nh = q\n[control+shift]\nh = x\n", nil},
		{"keyd waits with this chord", "j+k = a\n[nav]\nj+k+l = b\n", []int{4}},
		{"between the keys of this chord", "j+k = a\nb = c\nu+i = layer(nav)\n[nav]\n", []int{4, 6}},
		{"ignores alt as a value", "a = alt\nb = leftalt\nc = layer(alt)\n", []int{4}},
		{"keyd also takes some other keys as F21", "f21 = a\nprog2 = b\nf12 = c\nq = f21\n", []int{4}},
		{"keyd also takes some other keys as F13", "a = layer(nav)\n[nav]\nf13+b = c\n", []int{6}},
		{"counts the idle time", "a = lettermod(nope, a, 150, 200)\n", nil},
		{"wait for the decision", "a = overloadt(shift, bogus(x), 200)\nb = c\n", nil},
		{"is never turned on", "b = c\n[shift]\nleftshift = toggle(shift)\na = timeout(toggle(shift), 10, bogus(x))\n", nil},
		{`write keys."RightShift+LeftShift" into [chord.NAME]`, "b = c\n[shift]\nleftshift = f13\n", []int{6}},
		{`write keys."LeftShift+RightShift" into [chord.NAME]`, "b = c\n[shift]\nrightshift = f13\n", []int{6}},
		{`write keys."LeftCtrl+LeftAlt" into [chord.NAME]`, "b = c\n[control]\nleftalt = f13\n", []int{6}},
		{"keyd waits with this chord", "j+k = a\nj+k+l = b\n[nav]\nj+l = c\n", nil},
	} {
		r := convert(t, "x.conf", []byte("[ids]\n*\n[main]\n"+c.config))
		if got := linesWith(r, c.text); !slices.Equal(got, c.lines) {
			t.Errorf("%s%q is named on the lines %v, expected %v\n%s", c.config, c.text, got, c.lines, notesText(r))
		}
	}
}

// Keys that are held together do what they do in keyd.
func TestKeydTogether(t *testing.T) {
	for _, c := range []struct{ config, input, want string }{
		{"leftshift = oneshot(shift)\nleftcontrol = oneshot(control)\n", "+leftshift +leftctrl -leftshift -leftctrl +x -x +y -y", "Ctrl-Shift-x y"},
		{"leftshift = oneshot(shift)\nleftcontrol = oneshot(control)\n", "+leftshift +leftctrl -leftctrl -leftshift +x -x +y -y", "Ctrl-Shift-x y"},
		{"leftshift = oneshot(shift)\nleftcontrol = oneshot(control)\n", "+leftshift +leftctrl +x -x +y -y -leftctrl -leftshift +z -z", "Ctrl-Shift-x Ctrl-Shift-y z"},
		{"leftshift = oneshot(shift)\n", "+leftshift +leftctrl -leftctrl -leftshift +x -x +y -y", "Shift-x y"},
		{"capslock = oneshot(nav)\nleftcontrol = oneshot(control)\n[nav]\nx = y\n", "+capslock +leftctrl -capslock -leftctrl +x -x +x -x", "Ctrl-y x"},
		{"capslock = layer(nav)\nleftshift = oneshot(shift)\n[nav]\nx = y\n", "+leftshift +capslock -capslock -leftshift +x -x +x -x", "Shift-x x"},
		{"altgr = oneshot(meta)\nmeta = oneshot(altgr)\n", "+rightalt +x -x -rightalt +leftmeta +y -y -leftmeta", "Super-x AltGr-y"},
		{"a = layer(a)\nb = layer(b)\n[a:C]\nh = left\n[b:A]\nj = down\n", "+a +b +h -h +j -j +k -k -b -a", "Alt-left Ctrl-down Ctrl-Alt-k"},
		{"a = layer(a)\nb = layer(nav)\n[a:S]\n[nav]\nq = 1\n", "+b +a +q -q -a -b", "Shift-1"},
		{"a = layer(a)\nb = layer(b)\n[a:C]\n[b:A]\n[a+b]\nh = up\n", "+a +b +h -h +x -x -b -a", "up Ctrl-Alt-x"},
		{"esc = overload(nav, esc)\n[nav]\n1 = f1\n[shift]\nesc = ~\n", "+leftshift +esc -esc -leftshift +esc -esc", "Shift-grave esc"},
		{"capslock = toggle(nav) # a remark (here)\n[nav]\nh = left\n", "+capslock -capslock +h -h", "left"},
		{"a = prog1\nprog2 = b\n", "+a -a +prog2 -prog2", "f21 b"},
		{"rightalt = layer(alt)\n", "+leftalt +rightalt -rightalt -leftalt +x -x", "x"},
		{"capslock = print\n", "+capslock -capslock +sysrq -sysrq", "print sysrq"},
	} {
		r := convert(t, "x.conf", []byte("[ids]\n*\n[main]\n"+c.config))
		if got := seen(play(t, r, strings.ReplaceAll(c.input, " ", " 20ms "))); got != c.want {
			t.Errorf("%s%s is %s, expected %s\n%s", c.config, c.input, got, c.want, r.TOML)
		}
	}
}

// A chord whose keys are part of a longer one waits for the longer one as long as keyd does.
func TestKeydChordPartOfALongerOne(t *testing.T) {
	for _, timeout := range []int{0, 20, 80} { // 0: keyd's own default
		global := ""
		window := 50
		if timeout > 0 {
			window, global = timeout, fmt.Sprintf("[global]\nchord_timeout = %d\n", timeout)
		}
		r := convert(t, "x.conf", []byte("[ids]\n*\n"+global+"[main]\nj+k = a\nj+k+l = b\nu+i = c\n"))
		for _, c := range []struct{ input, want string }{
			{fmt.Sprintf("+j 5ms +k %dms -j -k 1s", window-5), "j k"},
			{fmt.Sprintf("+j 5ms +k %dms -j -k 1s", window+5), "a"},
			{"+j 5ms +k 5ms +l 1s -j -k -l", "b"},
			{"+j 5ms +k 5ms +x 1s -j -k -x", "j k x"},
			{"+u 5ms +i 5ms -u -i", "c"},
		} {
			if got := seen(play(t, r, c.input)); got != c.want {
				t.Errorf("chord_timeout %d: %s is %s, expected %s\n%s", timeout, c.input, got, c.want, r.TOML)
			}
		}
	}
}
