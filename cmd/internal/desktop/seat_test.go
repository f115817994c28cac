package desktop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"toshy/remap/window/logind"
)

// If there is no logind, this is logged once. If logind is required, toshy keeps looking for it.
func TestSessionWithoutLogind(t *testing.T) {
	for _, needed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			none, ended, dir := 0, false, t.TempDir()
			w := logind.Watcher{Address: "unix:path=" + filepath.Join(dir, "bus"), Seats: filepath.Join(dir, "seats")}
			go func() {
				FollowSession(ctx, zap.NewNop(), w, needed, func(s *logind.Session, why string) {
					if s != nil || why != "" {
						t.Errorf("a session %+v, %q", s, why)
					}
					none++
				})
				ended = true
			}()
			time.Sleep(time.Hour)
			synctest.Wait()
			if none != 1 || ended == needed {
				t.Errorf("needed %v: logged %d times that logind is missing, ended %v", needed, none, ended)
			}
			cancel()
			synctest.Wait()
		})
	}
}

// A sittingBench is a sitting. The test plays its bus and its file.
type sittingBench struct {
	*sitting
	t    *testing.T
	file string
	said []string
}

func newSittingBench(t *testing.T) *sittingBench {
	b := &sittingBench{t: t, file: filepath.Join(t.TempDir(), "seat0")}
	b.sitting = newSitting(&logind.Watcher{Seats: filepath.Dir(b.file)}, zap.NewNop(), func(s *logind.Session, why string) {
		if s != nil {
			why = s.ID
		}
		b.said = append(b.said, why)
	})
	t.Cleanup(b.stop)
	return b
}

// writes makes the file say that this session is active.
func (b *sittingBench) writes(id string, uid int) {
	b.t.Helper()
	if err := os.WriteFile(b.file, fmt.Appendf(nil, "# private\nIS_SEAT0=1\nACTIVE=%s\nACTIVE_UID=%d\nSESSIONS=2 3 c1\n", id, uid), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.look()
}

func (b *sittingBench) hears(id string, uid uint32) {
	b.hear(logind.Session{ID: id, UID: uid, Class: "user"})
}

func (b *sittingBench) reports(want ...string) {
	b.t.Helper()
	synctest.Wait()
	if fmt.Sprint(b.said) != fmt.Sprint(want) {
		b.t.Errorf("reported %q, want %q", b.said, want)
	}
	b.said = nil
}

func TestSitting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSittingBench(t)
		b.writes("2", 1000)
		b.reports() // the file does not say whether the screen is locked
		b.hears("2", 1000)
		b.reports("2")

		// The bus reports no change, but the file has it.
		b.writes("c1", 120)
		b.reports(whyChanging)
		if len(b.ask) != 1 {
			t.Error("logind was not asked")
		}
		time.Sleep(time.Hour)
		b.reports()
		b.hears("c1", 120)
		b.reports("c1")
		// The bus reports first, or the same session number now belongs to another user.
		b.hears("2", 1000)
		b.reports(whyChanging)
		b.writes("2", 1001)
		b.reports()
		b.writes("2", 1000)
		b.reports("2")
		b.hear(logind.Session{})
		b.reports(whyChanging)
		b.writes("", 0)
		b.reports("")

		// logind restarts.
		b.hears("2", 1000)
		b.writes("2", 1000)
		b.reports(whyChanging, "2")
		b.update(b.lose)
		time.Sleep(unsureAfter - time.Millisecond)
		b.hears("2", 1000)
		time.Sleep(time.Hour)
		b.reports()
		// logind does not come back.
		b.update(b.lose)
		time.Sleep(unsureAfter / 2)
		b.update(b.lose) // another attempt does not extend the time
		time.Sleep(unsureAfter / 2)
		b.reports(whyLost)
		b.writes("2", 1000)
		b.update(b.lose)
		b.reports()
		b.hears("2", 1000)
		b.reports("2")
		if b.isNone() {
			t.Error("toshy says that there is no logind although it was there")
		}
	})
}

// If logind has written its file, it exists, even if it has never answered.
func TestSittingWithoutBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSittingBench(t)
		b.writes("2", 1000)
		time.Sleep(unsureAfter)
		b.reports(whyLost)
		if b.isNone() {
			t.Error("toshy says that there is no logind")
		}
		b.reports()
	})
}

// Without the file, only the bus is used.
func TestSittingWithoutFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSittingBench(t)
		time.Sleep(time.Hour)
		b.reports()
		b.hears("2", 1000)
		b.update(b.lose)
		time.Sleep(time.Hour)
		b.hears("3", 1001)
		b.reports("2", whyLost, "3")
	})
}
