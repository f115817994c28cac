//go:build dist

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var link = regexp.MustCompile(`\]\(([^)\s#]+)[^)\s]*\)`)

// Every link in a package's documents leads to a file in the package.
func TestInstalledLinks(t *testing.T) {
	root := t.TempDir()
	output(t, root, "dpkg-deb", "-x", only(t, first(t), "*_amd64.deb"), root)
	doc := filepath.Join(root, "usr/share/doc/toshy")
	files, err := filepath.Glob(filepath.Join(doc, "docs/*.md"))
	must(t, err)
	followed := 0
	for _, f := range append(files, filepath.Join(doc, "README.md")) {
		text, err := os.ReadFile(f)
		must(t, err)
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") || strings.ContainsAny(m[1], "|[") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(f), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not installed", strings.TrimPrefix(f, root), m[1])
			}
			followed++
		}
	}
	if followed < 50 {
		t.Errorf("only %d links found", followed)
	}
}

// manual generates the manual pages.
func manual(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	output(t, "../../../..", "go", "run", "-tags", "man", "./cmd/toshy", "man", dir)
	return dir
}

// mandoc and groff report no problem in our manual pages, and each page has the sections that readers expect.
func TestManualPages(t *testing.T) {
	dir := manual(t)
	pages, err := filepath.Glob(filepath.Join(dir, "*.[15]"))
	must(t, err)
	if len(pages) < 40 {
		t.Fatalf("only %d pages", len(pages))
	}
	if out := output(t, dir, "bash", "-c", `mandoc -T lint -W warning "$@" 2>&1 || true`, "lint", "toshy.1", "toshy.5"); out != "" {
		t.Errorf("mandoc: %s", out)
	}
	for _, p := range pages {
		if out := output(t, dir, "bash", "-c", `mandoc -T lint -W warning "$1" 2>&1; LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$1" 2>&1 >/dev/null`, "lint", p); out != "" {
			t.Errorf("%s: %s", filepath.Base(p), out)
		}
		text, err := os.ReadFile(p)
		must(t, err)
		sections := []string{"NAME", "FILES", "ENVIRONMENT", "EXAMPLES", "SEE ALSO"}
		if strings.HasSuffix(p, ".1") {
			sections = append(sections, "SYNOPSIS", "EXIT STATUS")
		}
		for _, s := range sections {
			if !strings.Contains(string(text), "\n.SH "+s+"\n") {
				t.Errorf("%s has no section %s", filepath.Base(p), s)
			}
		}
	}
}

// The shells themselves complete commands, flags, and names from a configuration.
func TestCompletions(t *testing.T) {
	bin := t.TempDir()
	output(t, "../../../..", "go", "build", "-o", filepath.Join(bin, "toshy"), "./cmd/toshy")
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	shells := map[string]func(line string) string{
		"bash": func(line string) string {
			return output(t, home, "bash", "--norc", "-c", `. /usr/share/bash-completion/bash_completion; . <(toshy completion bash)
				COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9 COMP_KEY=9; read -ra COMP_WORDS <<<"$1"; [[ $1 != *" " ]] || COMP_WORDS+=("")
				COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); compopt() { :; }; __start_toshy; printf '%s\n' "${COMPREPLY[@]}"`, "bash", line)
		},
		"fish": func(line string) string {
			return output(t, home, "fish", "--no-config", "-c", `toshy completion fish | source; complete -C $argv[1]`, line)
		},
		"zsh": func(line string) string {
			return output(t, home, "zsh", "-f", "-c", `zmodload zsh/zpty; out=$PWD/zsh.out; rm -f $out
				zpty z "PS1= zsh -f -i"
				zpty -w z "autoload -U compinit; compinit -u; source <(toshy completion zsh); dump() { print -r -- \$BUFFER >$out.new; mv $out.new $out }; zle -N dump; bindkey '^X' dump; setopt no_beep; print READY\$((1+1))"
				zpty -r z seen '*READY2*'
				zpty -w -n z "$1"$'\t\x18'
				for i in {1..200}; do [[ -e $out ]] && break; zpty -r -t z seen '*'; sleep 0.05; done
				zpty -d z; cat $out`, "zsh", line)
		},
	}
	for _, c := range []struct{ line, want string }{
		{"toshy chec", "check"},
		{"toshy config sh", "show"},
		{"toshy config show keymap.kitt", "keymap.kitty"},
		{"toshy groups konsol", "konsole"},
		{"toshy set forced_num", "forced_numpad"},
		{"toshy shortcuts --format htm", "html"},
		{"toshy setup --dry", "--dry-run"},
		{"toshy import keym", "keymapper"},
		{"toshy keys volumeu", "volumeup"},
		{"toshy explain Cmd-PageU", "Cmd-PageUp"},
		{"toshy explain --app net.kov", "net.kovidgoyal.kitty"},
		{"toshy explain --desktop hyp", "hyprland"},
	} {
		for name, complete := range shells {
			if got := complete(c.line); !strings.Contains(got, c.want) {
				t.Errorf("%s completes %q to %q, without %q", name, c.line, got, c.want)
			}
		}
	}
}
