package importer

import (
	"flag"
	"os"
	"testing"
)

// Random files are the same ones in each run, so that a run says something about the change that it is for. Others, and more:
// go test -rapid.seed=7 -rapid.checks=10000.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.seed"); f.Value.String() == "0" {
		if err := f.Value.Set("15"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
