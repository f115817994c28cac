package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"toshy/cmd/internal/program"
	"toshy/cmd/internal/sheet"
	"toshy/config"
)

var updateShortcuts = flag.Bool("update", false, "rewrite docs/SHORTCUTS.md")

// docs/SHORTCUTS.md has every shortcut of the current built-in configuration.
func TestShortcutsPage(t *testing.T) {
	const file = "../../docs/SHORTCUTS.md"
	got := shortcutsPage(t)
	if *updateShortcuts {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("run make shortcuts to update it (-now +should be):\n%s", diff)
	}
}

func shortcutsPage(t *testing.T) string {
	p, err := program.Load("")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(`# All shortcuts

Every shortcut of the built-in configuration ` + "`mac`" + `, made from its files by ` + "`make shortcuts`" + `. Cmd is the key beside the space bar, on a PC
keyboard the one labelled Alt. Opt is the key beside that, MacCtrl the outermost one. Cmd with a key that is not in these tables reaches
the application as Ctrl with that key.

` + "`toshy shortcuts`" + ` lists the shortcuts of the focused window. ` + "`toshy explain Cmd-K`" + ` says why. ` + "`toshy config show`" + ` prints the files.
[MAC.md](MAC.md) goes through Apple's own list.

`)
	shown := map[string]bool{}
	for _, s := range []struct{ title, app string }{
		{"In every application", "some-application"}, {"In terminals", "gnome-terminal"}, {"In web browsers", "firefox"}, {"In file managers", "org.gnome.Nautilus"}, {"In code editors", "code"},
	} {
		x := explainer{p: p}
		x.window.App, x.keyboard = s.app, "windows"
		if err := x.situation(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "## %s\n", s.title)
		group := ""
		for _, r := range sheet.New(p.Config, p.Compiled, &x.at).Rows {
			line := fmt.Sprintf("| %s | %s | %s |\n", cell(r.Combo), text(r.What), cell(r.Sends))
			if r.Rule == "" || shown[line] {
				continue
			}
			shown[line] = true
			if r.Group != group {
				group = r.Group
				fmt.Fprintf(&b, "\n### %s in %s\n\n| keys | what it does | sends |\n| --- | --- | --- |\n", group, strings.TrimPrefix(s.title, "In "))
			}
			b.WriteString(line)
		}
		b.WriteString("\n")
	}
	b.WriteString("## In single applications, and all other tables\n\nThe tables of the files, in the order in which toshy searches them. `when` says when a table applies; `toshy groups` explains the names\nin it.\n")
	parts, err := config.Show("", config.Options{Extends: program.Toshy.Extends})
	if err != nil {
		t.Fatal(err)
	}
	for i := range parts {
		part := &parts[i]
		if len(part.Path) < 2 || part.Path[0] != "keymap" {
			continue
		}
		if len(part.Path) == 2 {
			fmt.Fprintf(&b, "\n### %s\n", part.Path[1])
		}
		fmt.Fprintf(&b, "\n```toml\n%s```\n", strings.TrimLeft(part.Text, "\n"))
	}
	return b.String()
}

// cell formats a combo for a Markdown table.
func cell(s string) string {
	if s == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(s, "|", `\|`) + "`"
}

func text(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`, "`", "'").Replace(s)
}
