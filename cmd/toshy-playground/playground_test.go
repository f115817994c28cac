package main

import (
	"strings"
	"testing"
)

func TestAnswers(t *testing.T) {
	p := &playground{}
	if err := p.save(""); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ name, body, want string }{
		{"simulate", `{"script":"app kitty\n+leftalt +c -c -leftalt"}`, `rightctrl down\nleftshift down\nc down`},
		{"simulate", `{"script":"nonsense"}`, `{"failure":{"error":`},
		{"check", `{"text":"[keymap.x]\nkeys.A = \"Nokey\""}`, `"line":2`},
		{"save", `{"text":"[keymap.x]\nkeys.A = \"Nokey\""}`, `"the configuration has mistakes"`},
		{"save", `{"text":"[keymap.x]\nkeys.A = \"B\""}`, `"taken":"in use in this page"`},
		{"simulate", `{"script":"+a -a"}`, `b down`},
		{"shortcuts", `{"app":"firefox"}`, `"what":"New tab"`},
		{"explain", `{"app":"firefox","combo":"leftalt-t"}`, `"keys":[`},
		{"names", `{}`, `"presets":["mac"`},
		{"file", `{}`, `"keymaps":[{"Name":"x"`},
		{"dance", `{}`, `"failure"`},
		{"names", `[`, `"failure"`},
	} {
		if got := p.answer(x.name, x.body); !strings.Contains(got, x.want) {
			t.Errorf("%s %s: %.300s, want %s in it", x.name, x.body, got, x.want)
		}
	}
}
