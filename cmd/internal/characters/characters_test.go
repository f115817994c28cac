package characters

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"toshy/remap/key"
)

func TestAssign(t *testing.T) {
	some := []rune("àáâäãåæçèéêëìíîïñòóô")
	a := Assign(some, []key.Code{183, 112, 452})
	if n := a.Count(); n != (Count{All: 20, X11: 12, Chromium: 4}) || len(a.Left) != 0 || !slices.Equal(a.Codes[1].Runes, some[4:12]) {
		t.Errorf("%+v", a)
	}
	if a = Assign(some, []key.Code{183, 112}); string(a.Left) != "ìíîïñòóô" {
		t.Errorf("%+v", a)
	}
	if a = Assign(nil, []key.Code{112}); len(a.Codes) != 0 || len(a.Left) != 0 {
		t.Errorf("%+v", a)
	}
}

// TestRules: adding the block twice is the same as adding it once, and removing it leaves the user's own text unchanged.
func TestRules(t *testing.T) {
	for _, own := range []string{"", "! include %S/evdev\n", "// mine\n! option = symbols\n  a:b = +c(d)\n", "without a line's end"} {
		for _, post := range []bool{false, true} {
			once := rules(own, post)
			if again := rules(once, post); again != once {
				t.Errorf("%q: twice %q, once %q", own, again, once)
			}
			if got := withoutBlock(once); got != own {
				t.Errorf("%q: without the block %q", own, got)
			}
			if strings.Count(once, block) != 1 || own == "" && strings.Contains(once, "include") == post {
				t.Errorf("%q, %v: %q", own, post, once)
			}
		}
	}
	if cut := "a\n" + blockBegin + "b\n"; withoutBlock(cut) != cut {
		t.Error("a block without an end was removed")
	}
}

func TestSpread(t *testing.T) {
	var got []string
	for _, l := range (Layout{Layouts: "us,de,fr,ru,es", Variants: ",neo", Options: "ctrl:nocaps, toshy:characters"}).Spread() {
		got = append(got, l.Layouts+" "+l.Variants+" "+l.Options)
	}
	want := []string{
		"us  ctrl:nocaps", "de neo ctrl:nocaps", "fr  ctrl:nocaps", "ru  ctrl:nocaps", "es  ctrl:nocaps",
		"us,de,fr ,neo, ctrl:nocaps", "ru,es , ctrl:nocaps", "us,de,fr,ru ,neo,, ctrl:nocaps",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if l := (Layout{}).Spread(); len(l) != 1 || l[0].Layouts != "us" {
		t.Errorf("%+v", l)
	}
}
