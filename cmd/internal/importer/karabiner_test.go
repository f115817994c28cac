package importer

import (
	"strings"
	"testing"
)

// Only the command that opens a web page is translated: a shell would do more with another one.
func TestKarabinerOpen(t *testing.T) {
	for command, want := range map[string]string{
		"open https://example.com": "https://example.com", `open "https://example.com/?a=b"`: "https://example.com/?a=b", "open 'https://example.com/$x'": "https://example.com/$x",
		"open https://example.com; rm x": "", "open https://example.com/$(x)": "", `open "https://example.com/$x"`: "", "open -a Safari https://example.com": "", "open ~": "", "reopen https://example.com": "",
	} {
		got := ""
		if m := openPage().FindStringSubmatch(command); m != nil {
			got = m[1] + m[2] + m[3]
		}
		if got != want {
			t.Errorf("%s opens %q, expected %q", command, got, want)
		}
	}
}

// Karabiner applies simple modifications before complex ones, and allows only those held modifiers that a rule lists as optional.
func TestKarabinerNamesWhatDiffers(t *testing.T) {
	rule := func(from string) string {
		return `"complex_modifications":{"rules":[{"manipulators":[{"type":"basic","from":{` + from + `},"to":[{"key_code":"b"}]}]}]}`
	}
	const simple = `"simple_modifications":[{"from":{"key_code":"caps_lock"},"to":[{"key_code":"left_control"}]}],`
	for _, c := range []struct {
		profile, input, want, note string
		lost                       bool
	}{
		{simple + rule(`"key_code":"a"`), "+a -a", "b", "", false},
		{simple + rule(`"key_code":"left_control"`), "+capslock +x -x -capslock", "Ctrl-x", "simple_modifications change left_control", true},
		{simple + rule(`"key_code":"caps_lock"`), "+capslock +x -x -capslock", "Ctrl-x", "simple_modifications change caps_lock", true},
		{rule(`"key_code":"a","modifiers":{"optional":["caps_lock"]}`), "+leftctrl +a -a -leftctrl +a -a", "Ctrl-a b", "", false},
		{rule(`"key_code":"japanese_eisuu"`), "+muhenkan -muhenkan", "b", "that of a Mac's keyboard is Hanja", false},
		{rule(`"key_code":"japanese_kana"`), "+henkan -henkan", "b", "that of a Mac's keyboard is Hangeul", false},
		{rule(`"key_code":"japanese_pc_xfer"`), "+henkan -henkan", "b", "", false},
		{rule(`"key_code":"international5"`), "+muhenkan -muhenkan", "b", "", false},
		{rule(`"key_code":"a","modifiers":{"optional":["shift"]}`), "+leftshift +a -a -leftshift", "Shift-b", "only the modifiers in", false},
	} {
		r, err := Karabiner("karabiner.json", []byte(`{"profiles":[{"selected":true,`+c.profile+`}]}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := seen(play(t, r, c.input)); got != c.want {
			t.Errorf("%s: %s is %s, expected %s\n%s", c.profile, c.input, got, c.want, r.TOML)
		}
		if c.note == "" && len(r.Notes) > 0 || c.note != "" && (len(r.Notes) != 1 || r.Notes[0].Lost != c.lost || !strings.Contains(r.Notes[0].Reason, c.note)) {
			t.Errorf("%s: %v", c.profile, r.Notes)
		}
	}
}
