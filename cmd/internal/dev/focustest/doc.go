// Package focustest holds the test of all focus sources together, which stand beside each other and
// so cannot be tested from one of them: go test -tags desktop ./cmd/internal/dev/focustest.
package focustest
