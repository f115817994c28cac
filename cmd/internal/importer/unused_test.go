package importer

import (
	"slices"
	"testing"
)

// If the line that turns on a layer is not converted, the remark about the layer names that line.
func TestUnusedLayers(t *testing.T) {
	const because, warns = "is never turned on, because line 4 is not converted", checkWarns + `layer "nav" is never turned on`
	for _, c := range []struct {
		kind, text, config string
		lines              []int
	}{
		{"keyd", because, "[ids]\n*\n[main]\na = bogus(nav)\n[nav]\nx = y\n", []int{5}},
		{"keyd", warns, "[ids]\n*\n[main]\na = bogus(nav)\n[nav]\nx = y\n", nil},
		{"keyd", warns, "[ids]\n*\n[main]\na = nav(x)\nb = layer(nav2)\n[nav]\nx = y\n", []int{6}},
		{"keyd", warns, "[ids]\n*\n[main]\na = layer(nav)\nb = bogus(nav)\n[nav]\nx = y\n", nil},
		{"kanata", because, "(defcfg)\n(defsrc a b)\n(deflayer base\n  (bogus nav) b)\n(deflayer nav\n  x y)\n", []int{5}},
	} {
		r, err := KindNamed(c.kind).Read("x", []byte(c.config), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := linesWith(r, c.text); !slices.Equal(got, c.lines) {
			t.Errorf("%s%q is on the lines %v, expected %v\n%s", c.config, c.text, got, c.lines, notesText(r))
		}
	}
}

// With several files, lines count in their own file.
func TestUnusedLayersOfSeveralFiles(t *testing.T) {
	r, err := KindNamed("keyd").ReadFiles([]File{
		{"one.conf", []byte("[ids]\n*\n[main]\na = b\n")},
		{"two.conf", []byte("[ids]\n0001:0001\n[main]\na = bogus(nav)\n[nav]\nx = y\n")},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(r.Notes, func(n Note) bool {
		return n.Reason == `layer "two-nav" is never turned on, because line 4 is not converted`
	})
	if i < 0 || r.Notes[i].File != "two.conf" || r.Notes[i].Line != 5 {
		t.Errorf("the layer's remark is not on line 5 of two.conf\n%s", notesText(r))
	}
}
