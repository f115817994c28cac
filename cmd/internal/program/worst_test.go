package program_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"toshy/cmd/internal/program"
	"toshy/config"
)

// The worst possible configuration of 1 MiB is refused or read in 2 seconds of processor time and 64 MB. This includes the program
// that reads it, and the warnings.
const (
	worstTime   = 2 * time.Second
	worstMemory = 64 << 20
)

const worstVariable = "TOSHY_TEST_WORST"

func TestMain(m *testing.M) {
	if path := os.Getenv(worstVariable); path != "" {
		_, err := program.Load(path)
		first, _, _ := strings.Cut(fmt.Sprint(err), "\n")
		fmt.Println(first)
		return
	}
	os.Exit(m.Run())
}

// filled returns a configuration with as many lines as fit into the largest file, but at most this many items.
func filled(head string, line func(i int) string, items int) string {
	var s strings.Builder
	s.WriteString("extends = \"none\"\n" + head)
	for i := 0; ; i++ {
		l := line(i)
		if items -= strings.Count(l, "=") + strings.Count(l, ",") + strings.Count(l, "[") + strings.Count(l, "{") + 2*strings.Count(l, "."); items < 0 || s.Len()+len(l)+2 > config.MaxFileSize {
			break
		}
		s.WriteString(l)
	}
	if strings.HasSuffix(head, "[") {
		s.WriteString("]\n")
	}
	return s.String()
}

func TestWorst(t *testing.T) {
	numbered := func(format string) func(int) string {
		n := strings.Count(format, "%")
		return func(i int) string { return fmt.Sprintf(format, []any{i + 1, i, i}[:n]...) }
	}
	when := func(condition string) func(int) string {
		return numbered("[keymap.k%d]\nwhen='''" + strings.ReplaceAll(condition, "%", "%%") + "'''\nkeys.F1='A'\n")
	}
	list := func(part string, n int) string { return strings.TrimSuffix(strings.Repeat(part, n), ",") }
	deep := "[setting.s0]\ndefault=false\n"
	for i := range 30 {
		deep += fmt.Sprintf("[setting.s%d]\ndefault=false\nneeds='s%d'\n", i+1, i)
	}
	mods := ""
	for i := range 8 {
		mods += fmt.Sprintf("m%d={carrier='F%d'}\n", i, 13+i)
	}
	for name, c := range map[string]struct {
		head string
		line func(int) string
	}{
		"groups":                    {"[groups]\n", numbered("g%d='capslock'\n")},
		"groups in a chain":         {"[groups]\ng0='capslock'\n", numbered("g%d='g%d'\n")},
		"groups that double":        {"[groups]\ng0='capslock'\n", numbered("g%d='g%d and not g%d'\n")},
		"groups backwards":          {"[groups]\n", func(i int) string { return fmt.Sprintf("g%d='g%d'\n", 99_999-i, 99_998-i) }},
		"lists of applications":     {"[groups]\n", numbered("g%d=['a']\n")},
		"one of many":               {"[groups]\ng={any=[{app='b'}]}\n", numbered("h%d={app=['a'],not_app=['b'],title=['c']}\n")},
		"settings":                  {"", numbered("[setting.s%d]\ndefault=false\ndescription='x'\n")},
		"settings that need others": {"[setting.s0]\ndefault=false\n", numbered("[setting.s%d]\ndefault=false\nneeds='s%d'\n")},
		"conditions on such":        {deep, when("settings.s30 or " + list("settings.s30 or ", 200) + "capslock")},
		"values of a setting":       {"[setting.s]\ndefault='0'\nvalues=[", numbered("'%d',")},
		"values for settings":       {strings.Repeat("#", 100) + "\n[settings]\n", numbered("s%d=true\n")},
		"states":                    {"", numbered("[state.s%d]\ndefault=false\n")},
		"layers":                    {"", numbered("[layer.l%d.keys]\nF1='A'\n")},
		"keymaps":                   {"", numbered("[keymap.k%d.keys]\nF1='A'\n")},
		"keymaps with level3":       {"", numbered("[keymap.k%d]\nlevel3=true\n")},
		"modmaps":                   {"", numbered("[modmap.k%d.keys]\nF1={tap='A',hold='B'}\n")},
		"chords":                    {"", numbered("[chord.k%d.keys]\n'A-B'='C'\n")},
		"combos": {"", func(i int) string {
			s := fmt.Sprintf("[keymap.k%d.keys]\n", i)
			for c := 'A'; c <= 'Z'; c++ {
				s += fmt.Sprintf("'Ctrl-Shift-Alt-Meta-%c'='A'\n", c)
			}
			return s
		}},
		"combos with modifiers of one's own": {"[modifiers]\n" + mods, func(i int) string {
			s := fmt.Sprintf("[keymap.k%d.keys]\n", i)
			for c := 'A'; c <= 'Z'; c++ {
				s += fmt.Sprintf("'Ctrl-Shift-Alt-Meta-m0-m1-m2-m3-m4-m5-m6-m7-%c'='A'\n", c)
			}
			return s
		}},
		"abbreviations":             {"[abbreviations.a.texts]\n", numbered("'%015d'='b'\n")},
		"tables of abbreviations":   {"", numbered("[abbreviations.a%d.texts]\nab='b'\n")},
		"tables of accents":         {"", numbered("[compose.c%d]\naccent='x'\ncharacters.A='b'\n")},
		"ways to enter characters":  {"", numbered("[[unicode.rule]]\nwhen='app==\"x%d\"'\nmethod='hex'\n")},
		"keys with many rules":      {"", numbered("[modmap.m%d.keys]\nA={tap='A',hold='B',hold_keys=['C'],tap_keys=['E'],opposite_hand=true,idle='10ms'}\n")},
		"presses and releases":      {"", numbered("[keymap.k%d.keys]\nF1={press={text='é'},release={turbo='A'}}\nF2={record='a'}\nF3={play='a'}\n")},
		"strokes after strokes":     {"", numbered("[keymap.k%d.keys]\nA={B={C={D={E='F'}}}}\n")},
		"layers that block":         {"", numbered("[layer.l%d.keys]\nany='block'\nF1={layer='l1'}\n")},
		"conditions on keys":        {"", when("held('A') and last('B') and category('x')")},
		"macros":                    {"[keymap.k.keys]\nF1=[", numbered("{text='%d'},")},
		"commands":                  {"[keymap.k.keys]\nF1=[", numbered("{run=['%d']},")},
		"unknown keys":              {"[keymap.k.keys]\n", numbered("F1x%d='A'\n")},
		"unknown modifiers":         {"[keymap.k.keys]\n", numbered("'Ctl-F%d'='A'\n")},
		"unknown values":            {"", numbered("a%d=1\n")},
		"unknown tables":            {"", numbered("[a%d]\n")},
		"dotted keys":               {"", func(i int) string { return fmt.Sprintf("a%d%s=1\n", i, strings.Repeat(".b", 60)) }},
		"numbers":                   {"x=[", numbered("%d,")},
		"nothing":                   {"x=[", func(int) string { return "[]," }},
		"nothing else":              {"x=[", func(int) string { return "{}," }},
		"tables of nothing":         {"", func(int) string { return "[[x]]\n" }},
		"newlines":                  {"", func(int) string { return "\n" }},
		"comments":                  {"", func(int) string { return "#\n" }},
		"escapes":                   {"", func(i int) string { return fmt.Sprintf("x%d=\"%s\"\n", i, strings.Repeat("\\u0041", 500)) }},
		"brackets":                  {"", when(strings.Repeat("(", 1300) + "capslock" + strings.Repeat(")", 1300))},
		"not not not":               {"", when(strings.Repeat("not ", 1000) + "capslock")},
		"or or or":                  {"", when("capslock" + strings.Repeat(" or capslock", 330))},
		"and and and":               {"", when("capslock" + strings.Repeat(" and capslock", 310))},
		"different ands":            {"", when("capslock" + strings.Repeat(" and app!='a'", 310))},
		"an application of many":    {"", when("app in [" + list("'a',", 1000) + "]")},
		"a layer of many":           {"[layer.l.keys]\nF1='A'\n", when("layer in [" + list("'l',", 1000) + "]")},
		"a type of many":            {"", when("keyboard in [" + list("'x',", 1000) + "]")},
		"keyboards":                 {"", numbered("[[keyboard]]\nmatch={name='/x%d.*y/'}\ntype='t%d'\n")},
		"modifiers":                 {"[modifiers]\n", numbered("m%d='Ctrl'\n")},
		"timings":                   {"", func(int) string { return "[[timing.rule]]\nwhen='capslock'\ntap_hold='200ms'\n" }},
		"regular expressions":       {"[groups]\ng=[", numbered("'/x.*%d/',")},
		"sets of characters":        {"[groups]\ng=[", numbered(`'/\pL%d/',`)},
		"includes":                  {"include=[", numbered("'a%d*.toml',")},
		"texts that are looked for": {"", when("title contains '" + strings.Repeat("a", 100) + "'")},
	} {
		t.Run(name, func(t *testing.T) {
			for _, items := range []int{29_900, 1 << 30} { // just allowed, and too much
				path := filepath.Join(t.TempDir(), "config.toml")
				if err := os.WriteFile(path, []byte(filled(c.head, c.line, items)), 0o644); err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), worstVariable+"="+path)
				out, err := cmd.Output()
				if err != nil {
					t.Fatal(err)
				}
				took, memory := cmd.ProcessState.UserTime(), cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss<<10
				t.Logf("%v, %d MB: %s", took, memory>>20, out)
				if took > worstTime || memory > worstMemory {
					t.Errorf("%d items: %v of processor and %d MB, want at most %v and %d MB: %s", items, took, memory>>20, worstTime, worstMemory>>20, out)
				}
			}
		})
	}
}
