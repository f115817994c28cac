package importer

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when it is first used: a start that imports nothing does
// not wait for any.
func pattern(s string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(s) })
}
