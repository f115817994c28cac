package desktop

import (
	"testing"

	"toshy/remap"
)

func TestCategoriesOfAWindow(t *testing.T) {
	f := Focus{Categories: func(app, exe string) string { return remap.CategoryList([]string{app, "of", exe}) }}
	if got := f.judged(remap.Window{App: "a", Exe: "b"}).Categories; got != ";a;of;b;" {
		t.Errorf("%q", got)
	}
	if got := f.judged(remap.Window{Desktop: "kde"}).Categories; got != "" {
		t.Errorf("without a window, the categories are %q", got)
	}
	if got := (&Focus{}).judged(remap.Window{App: "a"}).Categories; got != "" {
		t.Errorf("%q without an application", got)
	}
}
