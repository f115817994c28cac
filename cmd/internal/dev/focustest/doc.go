// Package focustest tests all focus sources together, which none of their packages can do alone: go test -tags desktop
// ./cmd/internal/dev/focustest.
package focustest
