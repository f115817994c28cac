package desktop

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"toshy/remap/window/logind"
)

// Without logind it is said once that there is none. Who needs it goes on looking.
func TestSessionWithoutLogind(t *testing.T) {
	for _, needed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			none, ended := 0, false
			go func() {
				FollowSession(ctx, zap.NewNop(), logind.Watcher{Address: "unix:path=" + filepath.Join(t.TempDir(), "bus")}, needed, func(s *logind.Session) {
					if s != nil {
						t.Errorf("a session %+v", s)
					}
					none++
				})
				ended = true
			}()
			time.Sleep(time.Hour)
			synctest.Wait()
			if none != 1 || ended == needed {
				t.Errorf("needed %v: said %d times that there is none, ended %v", needed, none, ended)
			}
			cancel()
			synctest.Wait()
		})
	}
}
