package page

import (
	"bytes"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"toshy/config"
)

func read(text string) (*Program, error) {
	return Compile(config.Parse("my.toml", []byte(text), config.Options{}))
}

const mine = `# Mine.
extends = "mac"

[keymap.mine]
when = 'app == "firefox"'   # only there
[keymap.mine.keys]
Cmd-K = "Ctrl-L" # address

# For all.
[keymap.all]
keys.Cmd-J = "Ctrl-J"
`

func TestPlan(t *testing.T) {
	for name, x := range map[string]struct {
		rule          Rule
		before, after string // what changes in the file
		now, then     string
	}{
		"into the keymap of the application": {
			Rule{Combo: "Cmd-U", Where: "app", Name: "firefox", Do: "combo", Value: "Ctrl-U"},
			"# address\n", "# address\nCmd-U = \"Ctrl-U\"\n", "Underlined", "Sends Ctrl-U",
		},
		"instead of another rule": {
			Rule{Combo: "cmd-k", Where: "app", Name: "firefox", Do: "text", Value: `say "hi"`},
			`Cmd-K = "Ctrl-L" #`, `Cmd-K = { text = "say \"hi\"" } #`, "Sends Ctrl-L", "Types “say \"hi\"”",
		},
		"everywhere": {
			Rule{Combo: "Cmd-Opt-T", Where: "all", Do: "run", Value: "kitty -1"},
			"keys.Cmd-J = \"Ctrl-J\"\n", "keys.Cmd-J = \"Ctrl-J\"\nkeys.Cmd-Opt-T = { run = [\"kitty\", \"-1\"] }\n", "Goes through as Cmd-Opt-T", "Starts kitty -1",
		},
		"a new application, before what is for all": {
			Rule{Combo: "Cmd-J", Where: "app", Name: "Kate's", Do: "block"},
			"# For all.\n", "[keymap.my-kate-s]\nwhen = \"app == \\\"Kate's\\\"\"\n[keymap.my-kate-s.keys]\nCmd-J = \"block\"\n\n# For all.\n", "Sends Ctrl-J", "Does nothing",
		},
		"a group": {
			Rule{Combo: "Cmd-J", Where: "group", Name: "terminals", Do: "action", Value: "launcher"},
			"# For all.\n", "[keymap.my-terminals]\nwhen = 'terminals'\n[keymap.my-terminals.keys]\nCmd-J = { action = \"launcher\" }\n\n# For all.\n", "", "",
		},
		"with words": {
			Rule{Combo: "Cmd-U", Where: "all", Do: "combo", Value: "F9", Words: "Update"},
			"keys.Cmd-J = \"Ctrl-J\"\n", "keys.Cmd-J = \"Ctrl-J\"\nkeys.Cmd-U = \"F9\"\n\n[words.all.keys]\nCmd-U = \"Update\"\n", "Underlined", "Update",
		},
	} {
		p, err := read(mine)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := p.Plan(mine, &x.rule, &Situation{Keyboard: "windows"}, read)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := strings.Replace(mine, x.before, x.after, 1); plan.Text != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, plan.Text, want)
		}
		if x.now != "" && (plan.Now != x.now || plan.Then != x.then) || plan.Beaten != nil {
			t.Errorf("%s: %q, then %q, beaten by %v; want %q, %q", name, plan.Now, plan.Then, plan.Beaten, x.now, x.then)
		}
	}
}

// A rule in an empty file, and a rule that is not valid.
func TestPlanOfNothing(t *testing.T) {
	p, err := read("")
	if err != nil {
		t.Fatal(err)
	}
	r := Rule{Combo: "Cmd-U", Where: "app", Name: "firefox", Do: "combo", Value: "Ctrl-U"}
	plan, err := p.Plan("", &r, &Situation{}, read)
	if err != nil || plan.Text != "[keymap.my-firefox]\nwhen = 'app == \"firefox\"'\n[keymap.my-firefox.keys]\nCmd-U = \"Ctrl-U\"\n" {
		t.Errorf("%v: %+v", err, plan)
	}
	for _, r := range []Rule{
		{Combo: "Cmd-Nokey", Where: "all", Do: "combo", Value: "A"},
		{Combo: "Cmd-U", Where: "all", Do: "combo", Value: "Ctrl-Nokey"},
		{Combo: "Cmd-U", Where: "all", Do: "combo"},
		{Combo: "Cmd-U", Where: "group", Name: "nogroup", Do: "block"},
		{Combo: "Cmd-U", Where: "app", Do: "block"},
		{Combo: "Cmd-U", Where: "moon", Do: "block"},
		{Combo: "Cmd-U", Where: "all", Do: "dance", Value: "x"},
		{Combo: "", Where: "all", Do: "block"},
	} {
		if plan, err := p.Plan("", &r, &Situation{}, read); err == nil {
			t.Errorf("%+v: %+v", r, plan)
		}
	}
}

// An earlier rule in the file wins, and the page says so.
func TestBeaten(t *testing.T) {
	const text = `[keymap.first]
when = 'app == "firefox" and desktop != "x"'
keys.Cmd-U = "F1"
[keymap.mine]
when = 'app == "firefox"'
keys.Cmd-I = "F2"
`
	p, err := read(text)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := p.Plan(text, &Rule{Combo: "Cmd-U", Where: "app", Name: "firefox", Do: "combo", Value: "F3"}, &Situation{}, read)
	if err != nil || plan.Beaten == nil || plan.Beaten.Line != 3 {
		t.Errorf("%v: %+v", err, plan)
	}
}

func TestDifference(t *testing.T) {
	got := strings.Join(Difference("a\nb\nc\nd\ne\nf\n", "a\nb\nc\nd\nX\nY\nf\n"), "|")
	if want := " b| c| d|-e|+X|+Y| f"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// The page loads nothing from other servers, and contains no inline script or style, as its policy demands.
func TestNothingFromElsewhere(t *testing.T) {
	err := fs.WalkDir(Files(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(Files(), name)
		for _, bad := range []string{"https://", "//cdn", "innerHTML", "eval(", "style="} {
			if strings.Contains(string(b), bad) {
				t.Errorf("%s has %s in it", name, bad)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	icon, err := fs.ReadFile(Files(), "icon.svg")
	if err != nil {
		t.Fatal(err)
	}
	if menu, err := os.ReadFile("../../../systemd/toshy.svg"); err != nil || !bytes.Equal(icon, menu) {
		t.Errorf("the page's icon is not the menu's: %v", err)
	}
	if tray, err := os.ReadFile("../../toshy-tray/icons/active.svg"); err != nil || !bytes.Equal(icon, tray) {
		t.Errorf("the icon is not the tray's (%v)", err)
	}
}

// The page names all modules that the browser needs. If the browser found them one in the other, each step would take a round trip.
func TestModulesArePreloaded(t *testing.T) {
	text := func(name string) string {
		t.Helper()
		b, err := fs.ReadFile(Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	imports := regexp.MustCompile(`(?m)^(?:import .*from |await import\()"\./([a-z]+)\.js"`)
	loads := regexp.MustCompile(`<link rel="modulepreload" href="([a-z]+)\.js">`)
	for page, module := range map[string]string{"index.html": "app", "playground.html": "playground"} {
		needed := []string{module}
		for i := 0; i < len(needed); i++ {
			for _, m := range imports.FindAllStringSubmatch(text(needed[i]+".js"), -1) {
				if !slices.Contains(needed, m[1]) {
					needed = append(needed, m[1])
				}
			}
		}
		var loaded []string
		for _, m := range loads.FindAllStringSubmatch(text(page), -1) {
			loaded = append(loaded, m[1])
		}
		slices.Sort(needed)
		if !slices.Equal(needed, loaded) || len(needed) < 8 {
			t.Errorf("%s loads %v beforehand and needs %v", page, loaded, needed)
		}
	}
}

// The keys next to a space bar show the type. The rule for it is added at the end of the file.
func TestKeycheck(t *testing.T) {
	p, err := read("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text, keys, question, typ, note, err string
	}{
		{"", "", "left of the space bar", "", "", ""},
		{"", "a leftshift nokey", "left of the space bar", "", "", ""},
		{"", "leftmeta", "left of that one", "", "", ""},
		{"extends = \"mac\"\n", "leftmeta leftalt", "", "apple", "", ""},
		{"", "leftalt leftctrl", "left of A", "", "", ""},
		{"", "leftalt leftctrl capslock", "", "ibm", "", ""},
		{"", "leftalt other:leftmeta", "left of that one", "", "another keyboard", ""},
		{"", "rightalt rightctrl", "", "", "", "no type of keyboard has rightalt, then rightctrl"},
		{"", strings.Repeat("a ", mostPresses+1), "", "", "", "too many keys"},
	} {
		r := &KeycheckRequest{Text: c.text}
		for _, k := range strings.Fields(c.keys) {
			board, name, other := strings.Cut(k, ":")
			if !other {
				board, name = "K \"3\"", k
			}
			r.Presses = append(r.Presses, struct {
				Keyboard string `json:"keyboard"`
				Key      string `json:"key"`
			}{board, name})
		}
		a, err := p.Keycheck(r, func(name string) config.Identity { return config.Identity{Vendor: 0x3434, Product: 0x0430, Name: name} })
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q: %v", c.keys, err)
			}
			continue
		}
		if err != nil || !strings.Contains(a.Question, c.question) || (c.question == "") != (a.Question == "") || a.Type != c.typ || !strings.Contains(a.Note, c.note) {
			t.Errorf("%q: %+v, %v", c.keys, a, err)
			continue
		}
		if c.typ == "" {
			continue
		}
		if _, err := config.Parse("x.toml", []byte(a.Text), config.Options{}); err != nil || a.Known || !strings.HasPrefix(a.Text, c.text) || !strings.Contains(a.Text, `vendor = 0x3434, product = 0x0430, name = "K \"3\""`) {
			t.Errorf("%q writes %q: %v", c.keys, a.Text, err)
		}
		with, err := read(a.Text)
		if err != nil {
			t.Fatal(err)
		}
		again, err := with.Keycheck(r, func(name string) config.Identity { return config.Identity{Vendor: 0x3434, Product: 0x0430, Name: name} })
		if err != nil || !again.Known || again.Type != c.typ || again.Text != "" || len(again.Lines) > 0 {
			t.Errorf("%q, once it is written: %+v, %v", c.keys, again, err)
		}
	}
}
