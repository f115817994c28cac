package filewatch

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestLocated(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	in := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	for _, d := range []string{"etc/toshy", "store/1/toshy", "store/2/toshy"} {
		if err := os.MkdirAll(in(d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// As on NixOS.
	for link, to := range map[string]string{"etc/static": in("store/1"), "etc/toshy/config.toml": "../static/toshy/config.toml"} {
		if err := os.Symlink(to, in(link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(in("store/1/toshy/config.toml"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	got := located([]string{in("etc/toshy/config.toml")})
	want := []string{in("etc/toshy/config.toml"), in("etc/toshy"), in("etc/static"), in("store/1/toshy/config.toml")}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if err := os.Symlink("loop", in("loop")); err != nil {
		t.Fatal(err)
	}
	if got := located([]string{in("loop")}); !slices.Contains(got, in("loop")) {
		t.Errorf("a loop: %q", got)
	}
	if got := located([]string{in("none/of/these/*.toml")}); !slices.Equal(got, []string{in("none/of/these/*.toml"), in("none/of/these"), in("none/of"), in("none"), dir}) {
		t.Errorf("a missing file: %q", got)
	}
}
