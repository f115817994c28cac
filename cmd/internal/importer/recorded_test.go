package importer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"toshy/remap/sim"
)

// Other remappers' own answers. An archive has configurations, each with the cases after it: the keys that went in and,
// after ---, what came out, both as in scenarios. Each configuration is converted, the keys are played, and an application
// must see the same, or the importer must have named what is different with its line.
func TestRecorded(t *testing.T) {
	for _, c := range []struct {
		file string
		// what comes out today: whoever makes it better writes the new numbers here
		same, named, listed, different int
	}{
		{"keyd-constructs", 70, 2, 0, 0},
		{"keyd-actions", 216, 9, 0, 0},
		{"keyd-typing", 436, 0, 10, 0},
		{"xremap-constructs", 34, 1, 2, 0},
	} {
		t.Run(c.file, func(t *testing.T) {
			name := filepath.Join("testdata", "recorded", c.file+".txtar")
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := replay(t, txtar.Parse(data).Files)
			n := got.same + got.named + got.listed + len(got.different)
			t.Logf("%s: %d cases, %d the same, %d named, %d listed, %d different", c.file, n, got.same, got.named, got.listed, len(got.different))
			if got.same != c.same || got.named != c.named || got.listed != c.listed || len(got.different) != c.different {
				t.Errorf("expected %d the same, %d named, %d listed, %d different\n%s", c.same, c.named, c.listed, c.different, strings.Join(got.different, "\n"))
			}
		})
	}
}

type replayed struct {
	same, named, listed int
	different           []string
}

// listed are the cases that differ because the other remapper does what nobody wants; docs/MIGRATING.md lists them.
var listed = map[string]string{
	"two overloadt2 14": keydDrops, "two overloadt2 33": keydDrops, "two overloadt 35": keydDrops,
	"home row 1": keydDrops, "home row 23": keydDrops, "home row 25": keydDrops, "home row 35": keydDrops,
	"home row 0": keydLate, "home row 9": keydLate, "home row 33": keydLate,
	"M- right alt": xremapAlt, "Alt- right alt": xremapAlt,
}

const (
	keydDrops = "of two keys with two meanings that are rolled keyd takes the second as held, and types nothing"
	keydLate  = "keyd gives a key the modifiers of the moment at which it has decided, toshy those with which it was pressed"
	xremapAlt = "xremap lets programs see Alt alone when a combo has used it up, which opens their menus"
)

// replay converts each configuration of an archive and plays the cases that follow it.
func replay(t *testing.T, files []txtar.File) replayed {
	var got replayed
	var r *Result
	config, named := "", false
	for _, f := range files {
		if end := filepath.Ext(f.Name); end == ".conf" || end == ".yml" {
			r = convert(t, f.Name, f.Data)
			config, named = string(f.Data), false
			for _, n := range r.Notes {
				named = named || n.Line > 0 && !strings.HasPrefix(n.Reason, "toshy check warns")
			}
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
		case named:
			got.named++
		case listed[f.Name] != "":
			got.listed++
		default:
			got.different = append(got.different, f.Name+"\n"+config+notesText(r)+"input "+input+"\n got "+out+"\nwant "+want+"\n")
		}
	}
	return got
}
