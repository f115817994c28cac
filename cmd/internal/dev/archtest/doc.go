// Package archtest holds the repository to its own plan: which package may import which, and what the engine must not do.
// docs/ARCHITECTURE.md draws the same picture.
package archtest
