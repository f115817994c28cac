package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// told reads the events of a page until one of this kind comes.
func (v *visitor) told(query, kind string) string {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), "GET", "http://"+v.s.guard.host+"/api/events?"+query, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("X-Toshy-Key", v.key)
	a, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer a.Body.Close()
	lines := bufio.NewScanner(a.Body)
	lines.Buffer(nil, 1<<20)
	for found := false; lines.Scan(); {
		if data, is := strings.CutPrefix(lines.Text(), "data: "); is && found {
			return data
		}
		found = lines.Text() == "event: "+kind
	}
	v.t.Fatalf("no %s event: %v", kind, lines.Err())
	return ""
}

// If a file changes while no page watches it, the next page gets the new version, and so does a page that comes back with an older
// one.
func TestFileChangesWhileNobodyLooks(t *testing.T) {
	v := serve(t, os.Getuid())
	v.enter()
	start := func() (f File) {
		t.Helper()
		_, text := v.send("POST", "/api/start", "{}")
		var a struct{ File File }
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		return a.File
	}
	first := start()
	if first.Version == 0 || first.Text != "" {
		t.Fatalf("the first page: %+v", first)
	}
	path := filepath.Join(os.Getenv("XDG_CONFIG_HOME"), "toshy", "config.toml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	const text = "[keymap.mine]\nkeys.F1 = \"F2\"\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"look=live", fmt.Sprintf("look=live&file=%d", first.Version), "look=live&file=nonsense"} {
		var f File
		if err := json.Unmarshal([]byte(v.told(query, "file")), &f); err != nil || f.Text != text || f.Version == first.Version {
			t.Errorf("%s: %v: %+v", query, err, f)
		}
	}
	if f := start(); f.Text != text {
		t.Errorf("a reloaded page has %+v", f)
	}
}
