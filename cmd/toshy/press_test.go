package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"toshy/remap/key"
)

// A terminal that you leave open does not show for ever what you type elsewhere.
func TestKeysPressEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys := make(chan pressed)
		go func() {
			for range 3 {
				time.Sleep(pressTime - time.Second)
				keys <- pressed{"A keyboard", key.Code(63), true}
			}
		}()
		began := time.Now()
		var out strings.Builder
		if err := printKeys(context.Background(), keys, &out); err != nil {
			t.Error(err)
		}
		if n := strings.Count(out.String(), "KEY_F5"); n != 3 {
			t.Errorf("%d of 3 keys are shown", n)
		}
		if took := time.Since(began); took != 4*pressTime-3*time.Second {
			t.Errorf("it ended after %v", took)
		}
		if err := printKeys(context.Background(), keys, &out); !errors.Is(err, errNoKeys) {
			t.Errorf("no key at all: %v", err)
		}
	})
}
