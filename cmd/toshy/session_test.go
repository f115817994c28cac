package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// TestCharactersAtLogin: a session that begins hears of damage to what toshy characters has installed, and of nothing else.
func TestCharactersAtLogin(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("XDG_STATE_HOME", "")
	core, log := observer.New(zap.InfoLevel)
	s := newUserSession(zap.New(core))
	s.checkCharacters(t.Context())
	if log.Len() != 0 {
		t.Errorf("nothing is installed: %v", log.All())
	}

	record := filepath.Join(home, ".local/state/toshy/characters.json")
	if err := os.MkdirAll(filepath.Dir(record), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(record, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.run(ctx)
	}()
	warned := func() []observer.LoggedEntry { return log.FilterLevelExact(zap.WarnLevel).All() }
	for end := time.Now().Add(time.Minute); len(warned()) == 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-ended
	if w := warned(); len(w) != 1 || w[0].ContextMap()["what to do"] != otherRecord {
		t.Errorf("a damaged record: %v", w)
	}
}
