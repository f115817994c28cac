package importer

import (
	"flag"
	"os"
	"testing"
)

// The random files are few and the same in each run, so a failure is due to the change that is tested. For others, and more of them:
// go test -rapid.seed=7 -rapid.checks=10000.
func TestMain(m *testing.M) {
	flag.Parse()
	for _, own := range []struct{ flag, usual, here string }{{"rapid.seed", "0", "15"}, {"rapid.checks", "100", "40"}} {
		if f := flag.Lookup(own.flag); f.Value.String() == own.usual {
			if err := f.Value.Set(own.here); err != nil {
				panic(err)
			}
		}
	}
	os.Exit(m.Run())
}
