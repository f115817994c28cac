package importer

import (
	"flag"
	"os"
	"testing"
)

// Random files are the same ones in each run, so that a run says something about the change that it is for, and few. Others, and more:
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
