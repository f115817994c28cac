package importer

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when first used, so that other commands do not wait for any.
func pattern(s string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(s) })
}
