package page

import (
	"strings"
	"testing"

	"toshy/config"
)

// Each kind of change on the page becomes lines for a Nix configuration.
func TestNix(t *testing.T) {
	set := func(path []string, value string) func() (string, error) {
		return func() (string, error) { return config.SetValue(mine, path, value) }
	}
	plan := func(r Rule) func() (string, error) {
		return func() (string, error) {
			p, err := read(mine)
			if err != nil {
				return "", err
			}
			plan, err := p.Plan(mine, &r, &Situation{}, read)
			if err != nil {
				return "", err
			}
			if got, want := strings.Join(plan.Nix, "\n"), strings.Join(Nix(mine, plan.Text), "\n"); got != want {
				t.Errorf("the plan says %s, and the texts %s", got, want)
			}
			return plan.Text, nil
		}
	}
	const k = "services.toshy.settings.keymap."
	for name, x := range map[string]struct {
		after func() (string, error)
		want  string
	}{
		"nothing": {func() (string, error) { return mine + "# comment\n", nil }, ""},
		"a rule of an existing keymap": {
			plan(Rule{Combo: "Cmd-U", Where: "app", Name: "firefox", Do: "combo", Value: "Ctrl-U", Words: "Up"}),
			"+" + k + `mine.keys.Cmd-U = "Ctrl-U";` + "\n+" + `services.toshy.settings.words.mine.keys.Cmd-U = "Up";` + "\n+" + `services.toshy.settings.words.mine.when = "app == \"firefox\"";`,
		},
		"a rule that is changed": {
			plan(Rule{Combo: "Cmd-K", Where: "app", Name: "firefox", Do: "run", Value: "kitty ${x}"}),
			"-" + k + `mine.keys.Cmd-K = "Ctrl-L";` + "\n+" + k + `mine.keys.Cmd-K = { run = [ "kitty" "\${x}" ]; };`,
		},
		"a new keymap, before the general one": {
			plan(Rule{Combo: "Cmd-.", Where: "app", Name: "kate", Do: "text", Value: `a\"b`}),
			"+" + k + `my-kate.keys."Cmd-." = { text = "a\\\"b"; };` + "\n+" + k + `my-kate.when = "app == \"kate\"";` + "\n+" + k + "my-kate.order = 500;",
		},
		"a new keymap, after all": {
			func() (string, error) { return mine + "[keymap.or]\nkeys.F1 = \"F2\"\n", nil },
			"+" + k + `"or".keys.F1 = "F2";` + "\n+" + k + `"or".order = 1500;`,
		},
		"a rule that is removed": {
			func() (string, error) { return config.RemoveValue(mine, []string{"keymap", "mine", "keys", "Cmd-K"}) },
			"-" + k + `mine.keys.Cmd-K = "Ctrl-L";`,
		},
		"the preset":   {set([]string{"extends"}, `"windows"`), "-services.toshy.extends = \"mac\";\n+services.toshy.extends = \"windows\";"},
		"other values": {set([]string{"timing", "x"}, "{ a = 1.5, b = true, c = -3 }"), "+services.toshy.settings.timing.x.a = 1.5;\n+services.toshy.settings.timing.x.b = true;\n+services.toshy.settings.timing.x.c = -3;"},
		"a list":       {set([]string{"timing", "x"}, "[-3, 4]"), "+services.toshy.settings.timing.x = [ (-3) 4 ];"},
		"a keyboard": {
			func() (string, error) {
				return mine + "[[keyboard]]\nmatch = { name = \"K3\" }\ntype = \"apple\"\n", nil
			},
			`+services.toshy.keyboards = [ { match = { name = "K3"; }; type = "apple"; } ];`,
		},
	} {
		after, err := x.after()
		if got := strings.Join(Nix(mine, after), "\n"); err != nil || got != x.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, x.want)
		}
	}
	const one = "[[keyboard]]\ntype = \"a\"\n"
	if got := strings.Join(Nix(one, one+"[[keyboard]]\ntype = \"b\"\n"), ""); got != `+services.toshy.keyboards = [ { type = "b"; } ];` {
		t.Errorf("a second keyboard: %s", got)
	}
	if got := Nix("x", mine); len(got) > 0 {
		t.Errorf("of a text that cannot be read: %s", got)
	}
}
