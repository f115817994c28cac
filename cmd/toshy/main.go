// Command toshy remaps keyboards: Mac-like shortcuts in every application on Linux, and everything else that its
// configuration says. docs/USAGE.md describes its commands.
package main

import (
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/program"
)

func main() {
	if filepath.Base(os.Args[0]) == program.Xwaykeyz.Name {
		os.Exit(runCommand(newXwaykeyz(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// execute runs toshy with arguments and returns its exit code.
func execute(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return runCommand(newRoot(), args, stdin, stdout, stderr)
}

func runCommand(root *cobra.Command, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	c, err := root.ExecuteC()
	return report(stderr, usageFailure(c, err))
}
