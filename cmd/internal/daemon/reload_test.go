package daemon

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"toshy/evdev"
)

// The daemon starts to watch the files when it takes the keyboards, some time after it has read them.
func TestChangeWhileStartingIsSeen(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"written":  func(path string) error { return os.WriteFile(path, []byte("new"), 0o644) },
		"replaced": func(path string) error { return os.Rename(path+".new", path) },
		"made": func(path string) error {
			return os.WriteFile(filepath.Join(filepath.Dir(path), "more.inc"), nil, 0o644)
		},
		"not": nil,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.toml")
			for _, p := range []string{path, path + ".new"} {
				if err := os.WriteFile(p, []byte("old"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			d, _ := told(t)
			var err error
			if d.poller, err = evdev.NewPoller(); err != nil {
				t.Fatal(err)
			}
			defer d.poller.Close()
			loaded := make(chan struct{}, 2)
			load := &loader{load: func() (*Setup, error) {
				loaded <- struct{}{}
				return nil, errors.New("enough")
			}}
			d.since = time.Now().Add(-20 * time.Millisecond) // file timestamps lag by one kernel tick
			if change == nil {
				d.since = d.since.Add(time.Minute) // everything was written before
			} else if err := change(path); err != nil {
				t.Fatal(err)
			}
			d.reloads = make(chan chan error)
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				d.watchReload(ctx, load, []string{path, filepath.Join(filepath.Dir(path), "*.inc")})
			}()
			if change != nil {
				select {
				case <-loaded:
				case <-time.After(time.Minute):
					t.Error("the configuration was not read again")
				}
			} else {
				if err := d.askReload(ctx); err == nil { // later than what watchReload does by itself
					t.Error("no answer")
				}
				if <-loaded; len(loaded) > 0 {
					t.Error("the configuration was read again although nothing changed")
				}
			}
			cancel()
			<-ended
		})
	}
}
