package scenario

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

const appleDoc = "../../../docs/MAC.md"

// desktopColumns are the desktops that are columns of docs/MAC.md.
var desktopColumns = map[string]string{"GNOME": "gnome", "Plasma": "kde", "Cinnamon": "cinnamon", "Xfce": "xfce", "sway": "sway"}

// appleTable reads docs/MAC.md as a table of scenarios: each cell with keys is one. A comment before a table has the statements that
// apply to it.
func appleTable(t testing.TB) (rows table, cells [][2]int, lines []string) {
	t.Helper()
	text, err := os.ReadFile(appleDoc)
	if err != nil {
		t.Fatal(err)
	}
	lines = strings.Split(string(text), "\n")
	var script, columns []string
	section, terminal := "", false
	for n, line := range lines {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			section = "Apple's list: " + title
		}
		if context, ok := strings.CutPrefix(line, "<!-- "); ok {
			script, terminal = nil, false
			for s := range strings.SplitSeq(strings.TrimSuffix(context, " -->"), "; ") {
				if app, is := strings.CutPrefix(s, "terminal "); is {
					terminal, s = true, "app "+app
				}
				script = append(script, s)
			}
		}
		c := strings.Split(strings.Trim(line, "|"), "|")
		if strings.HasPrefix(line, "| Shortcut ") {
			columns = c[2:]
		}
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		if len(c) != len(columns)+2 {
			t.Fatalf("MAC.md:%d: %d cells below %d columns", n+1, len(c), len(columns)+2)
		}
		press := strings.Fields(strings.Trim(c[0], " `"))
		for i := range press {
			press[i] = strings.Replace(press[i], "Ctrl-", "Ctl-", 1)
		}
		for i, cell := range c[2:] {
			want, keys := strings.CutPrefix(strings.TrimSpace(cell), "`")
			if !keys {
				continue
			}
			r := row{
				section: section, at: fmt.Sprintf("MAC.md:%d", n+1), script: script, terminal: terminal, types: []string{"apple", "windows"},
				press: press, want: splitWant(strings.TrimSuffix(want, "`")),
			}
			for i, w := range r.want {
				r.want[i] = strings.Replace(strings.Replace(w, "Print", "SysRq", 1), "Super-tap", "LeftMeta", 1)
			}
			if d, is := desktopColumns[strings.TrimSpace(columns[i])]; is {
				r.script = append([]string{"desktop " + d}, script...)
			}
			rows, cells = append(rows, r), append(cells, [2]int{n, i + 2})
		}
	}
	return rows, cells, lines
}

// TestApple counts the shortcuts. Their scenarios run with the other tables, in TestMacTables.
func TestApple(t *testing.T) {
	rows, cells, lines := appleTable(t)
	if *update {
		p := builtin(t, [2]string{})
		for i, r := range rows {
			if len(r.want) != 1 || r.want[0] != "?" {
				continue
			}
			out, err := play(p, p.Compiled, r.at, r.text("apple"))
			if err != nil {
				t.Fatal(err)
			}
			c := strings.Split(lines[cells[i][0]], "|")
			c[cells[i][1]+1] = " `" + shownCombos(seen(out.Steps(), false)) + "` "
			lines[cells[i][0]] = strings.Join(c, "|")
		}
		if err := os.WriteFile(appleDoc, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	all, with := 0, map[int]bool{}
	for _, l := range lines {
		if strings.HasPrefix(l, "| `") {
			all++
		}
	}
	for _, c := range cells {
		with[c[0]] = true
	}
	t.Logf("%d shortcuts of a Mac, %d of them here, %d scenarios", all, len(with), len(rows))
	if all < 200 {
		t.Errorf("only %d shortcuts", all)
	}
}

// shownCombos writes combos as people do. Super-tap is Super alone.
func shownCombos(list []string) string {
	order := []string{"ctrl", "alt", "altgr", "shift", "super", "fn"}
	names := map[string]string{"leftmeta": "Super-tap", "sysrq": "Print", "pageup": "PageUp", "pagedown": "PageDown", "leftbrace": "[", "rightbrace": "]"}
	for i, s := range list {
		if strings.HasPrefix(s, "run ") {
			continue
		}
		p := parts(s)
		last := len(p) - 1
		slices.SortFunc(p[:last], func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
		for j := range p {
			if name, is := names[p[j]]; is {
				p[j] = name
			} else {
				p[j] = strings.ToUpper(p[j][:1]) + p[j][1:]
			}
		}
		list[i] = strings.Join(p, "-")
	}
	return strings.Join(list, " ")
}
