package main

import (
	"strings"
	"testing"
)

// If you follow the hint, you get what you asked for, and not the other way of running toshy.
func TestSetupAsRootIsTheSame(t *testing.T) {
	f := setupFlags{system: true, init: "runit", root: "/image"}
	if got := f.asRoot(); !strings.HasPrefix(got, "sudo /") || !strings.HasSuffix(got, " setup --system --root /image --init runit") {
		t.Error(got)
	}
}
