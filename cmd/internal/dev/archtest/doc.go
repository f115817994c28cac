// Package archtest checks that the repository follows its plan: which package may import which, and what the engine must
// not do. docs/ARCHITECTURE.md has the same picture.
package archtest
