package config

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// Reading ends in the middle when its context ends.
func TestReadingCanBeEnded(t *testing.T) {
	why := errors.New("enough of it")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(why)
	_, err := Parse("x.toml", []byte("[groups]\ng = \"capslock\"\n"), Options{Context: ctx})
	if !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
}

// The limit applies to all files together.
func TestItemsOfAllFiles(t *testing.T) {
	list := func(name string, n int) []byte {
		return []byte("[groups]\n" + name + " = [" + strings.Repeat("\"x\",", n) + "]\n")
	}
	files := Texts{"a.toml": list("a", maxItems/2), "b.toml": list("b", maxItems/2)}
	_, err := Parse("x.toml", []byte("include = [\"a.toml\", \"b.toml\"]\n"), Options{Files: files})
	if err == nil || !strings.HasPrefix(err.Error(), "b.toml:2:") || !strings.Contains(err.Error(), "too large") {
		t.Errorf("%.300v", err)
	}
}
