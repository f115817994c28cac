package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A snapshot is the current result of the TOML, for any machine.
func TestSnapshots(t *testing.T) {
	for _, name := range builtinNames() {
		if *update {
			packed, err := takeSnapshot(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join("snapshots", name), packed, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		t.Run(name, func(t *testing.T) { sameAsTOML(t, name) })
	}
}

func sameAsTOML(t *testing.T, name string) {
	for _, opts := range []Options{
		{},
		{Facts: map[string]string{"distro": "pop"}},
		{Facts: map[string]string{"distro": "Manjaro", "desktop_version": "46.2"}},
		{Facts: map[string]string{"distro": "debian", "desktop_version": "5.27", "machine": "Google", "host": "h"}},
		{Actions: map[string]string{}},
		{Actions: map[string]string{"launcher": "Super", "switch-applications": "Alt-Tab", "close": "Alt-F4", "overview": "", "tile-left": "Super-Left"}},
	} {
		opts.Quiet = true
		want, err := read(opts, func(l *loader) { l.builtin(name) })
		if err != nil {
			t.Fatal(err)
		}
		got, err := Builtin(name, opts)
		if err != nil {
			t.Fatal(err)
		}
		if reflect.DeepEqual(got, want) {
			continue
		}
		t.Errorf("%v: the snapshot is not what the TOML becomes now: make snapshots, and commit config/snapshots\n%s", opts, cmp.Diff(dump(want), dump(got)))
		for i := range reflect.TypeFor[Config]().NumField() {
			f := reflect.TypeFor[Config]().Field(i)
			if f.IsExported() && !reflect.DeepEqual(reflect.ValueOf(*got).Field(i).Interface(), reflect.ValueOf(*want).Field(i).Interface()) {
				t.Errorf("%s differs", f.Name)
			}
		}
	}
}

// Unpacking gives the same values, and shared values are still shared.
func TestPack(t *testing.T) {
	type small struct{ A, B int }
	type all struct {
		Bool           bool
		Int            int16
		Uint           uint8
		Text           string
		List, Empty    []string
		Map            map[string]*small
		One, Same, Nil *small
		hidden         int
	}
	s := &small{-5, 1 << 40}
	in := all{true, -300, 200, "text", []string{"", "text"}, []string{}, map[string]*small{"a": s, "b": {}}, s, s, nil, 7}
	packed := string(pack(&in))
	var out all
	if err := unpack(packed, &out); err != nil {
		t.Fatal(err)
	}
	in.hidden = 0
	if !reflect.DeepEqual(in, out) || out.One != out.Same || out.Map["a"] != out.One {
		t.Errorf("%+v became %+v", in, out)
	}
	for i := range packed {
		if err := unpack(packed[:i], new(all)); err == nil {
			t.Errorf("%d of %d bytes are enough", i, len(packed))
		}
	}
	{ // a later version of the type, with more fields
		type all struct {
			New             *small
			Text            string
			List, Empty     []string
			Map             map[string]*small
			More            int
			Bool            bool
			Int             int16
			Uint            uint8
			Last, One, Same *small
		}
		var later all
		if err := unpack(packed, &later); err != nil || later.Text != "text" || later.Int != -300 || later.One != later.Map["a"] || *later.Same != *s || later.New != nil || later.More != 0 {
			t.Errorf("%+v, %v", later, err)
		}
	}
	{ // and with fewer
		type all struct{ Text string }
		if err := unpack(packed, new(all)); err == nil {
			t.Error("fields that are there no more are not missed")
		}
	}
	if err := unpack(packed+"x", new(all)); err == nil {
		t.Error("what is behind it is not looked at")
	}
	if err := unpack(strings.Repeat("\xff", 30), new(all)); err == nil {
		t.Error("nonsense is taken")
	}
}
