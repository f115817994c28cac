package sock

import (
	"net"
	"path/filepath"
	"testing"
)

// The e2e tests have two users (TestForeignSockets).
func TestTrusted(t *testing.T) {
	for _, tt := range []struct {
		uid  uint32
		us   int
		want bool
	}{{0, 1000, true}, {1000, 1000, true}, {1001, 1000, false}, {65534, 1000, false}, {1000, 0, false}, {1<<32 - 1, -1, false}} {
		if got := trusted(tt.uid, tt.us); got != tt.want {
			t.Errorf("what belongs to %d is believed by %d: %v", tt.uid, tt.us, got)
		}
	}
}

func TestOwnSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := checkUnix(c.(*net.UnixConn)); err != nil {
		t.Error(err)
	}
	if !Own(path) || Own(path+"x") {
		t.Error("our own file is not accepted, or a missing one is")
	}
}
