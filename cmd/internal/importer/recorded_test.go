package importer

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"toshy/remap/sim"
)

// These are recorded answers of other remappers. An archive has configurations, each followed by its cases: the keys that went in and,
// after ---, what came out, both as in scenarios. The test converts each configuration and plays the keys. An application must see the
// same, or the importer must have named the difference with its line.
func TestRecorded(t *testing.T) {
	for _, c := range []struct {
		file string
		// today's numbers: if you improve them, write the new ones here
		same, named, different int
	}{
		{"keyd-constructs", 70, 2, 0},
		{"keyd-actions", 216, 9, 0},
		{"keyd-typing", 436, 10, 0},
		{"xremap-constructs", 34, 3, 0},
	} {
		t.Run(c.file, func(t *testing.T) {
			name := filepath.Join("testdata", "recorded", c.file+".txtar")
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := replay(t, txtar.Parse(data).Files)
			n := got.same + got.named + len(got.different)
			t.Logf("%s: %d cases, %d the same, %d named, %d different", c.file, n, got.same, got.named, len(got.different))
			if got.same != c.same || got.named != c.named || len(got.different) != c.different {
				t.Errorf("expected %d the same, %d named, %d different\n%s", c.same, c.named, c.different, strings.Join(got.different, "\n"))
			}
		})
	}
}

type replayed struct {
	same, named int
	different   []string
}

// replay converts each configuration of an archive and plays the cases that follow it.
func replay(t *testing.T, files []txtar.File) replayed {
	var got replayed
	var r *Result
	config := ""
	for _, f := range files {
		if end := filepath.Ext(f.Name); end == ".conf" || end == ".yml" {
			r = convert(t, f.Name, f.Data)
			config = string(f.Data)
			continue
		}
		input, output, ok := strings.Cut(string(f.Data), "\n---\n")
		if !ok {
			t.Fatalf("%s has no line ---", f.Name)
		}
		want := output
		if !strings.HasPrefix(output, "#") {
			script, err := sim.Parse(f.Name, "---\n"+output)
			if err != nil {
				t.Fatal(err)
			}
			want = seen(script.Want)
		}
		switch out := seen(play(t, r, input)); {
		case out == want:
			got.same++
		case isNamed(r, config, input):
			got.named++
		default:
			got.different = append(got.different, f.Name+"\n"+config+notesText(r)+"input "+input+"\n got "+out+"\nwant "+want+"\n")
		}
	}
	return got
}

// isNamed says whether a remark names the line of a key that is pressed.
func isNamed(r *Result, config, input string) bool {
	pressed := map[string]bool{}
	for _, w := range strings.Fields(input) {
		if name, ok := strings.CutPrefix(w, "+"); ok {
			pressed[name] = true
		}
	}
	lines := strings.Split(config, "\n")
	return slices.ContainsFunc(r.Notes, func(n Note) bool {
		if n.Line == 0 || strings.HasPrefix(n.Reason, checkWarns) {
			return false
		}
		line := lines[n.Line-1]
		if k, ok := strings.CutPrefix(line, "  - remap: {"); ok {
			line, _, _ = strings.Cut(k, ":")
		} else {
			line, _, _ = strings.Cut(line, "=")
		}
		return slices.ContainsFunc(strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune("+- ", r) }), func(w string) bool {
			w = strings.ToLower(w)
			w = strings.NewReplacer("shift_l", "leftshift", "shift_r", "rightshift").Replace(w)
			return pressed[w]
		})
	})
}

// A remark counts for a case only if it is on the line of a key of that case.
func TestNamed(t *testing.T) {
	config := "[ids]\n*\n[main]\na = foo(x)\nb = c\n"
	r := convert(t, "x.conf", []byte(config))
	if !isNamed(r, config, "+a -a") || isNamed(r, config, "+b -b") {
		t.Errorf("line 4 is about a, not b\n%s", notesText(r))
	}
}
