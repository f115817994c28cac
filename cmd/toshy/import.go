package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"toshy/cmd/internal/importer"
	"toshy/cmd/internal/program"
)

// importFlags say where to write the result.
type importFlags struct {
	write, nix bool
}

func newImport() *cobra.Command {
	var flags importFlags
	c := &cobra.Command{
		Use:   "import [FILE]...",
		Short: "Convert the configuration of another remapper",
		Long: `Convert the configuration of another remapper into toshy's language, on standard output. Standard error lists
what toshy did not convert and what behaves differently, with line numbers. toshy never runs anything in the
file. FILE - is standard input. The command detects which remapper FILE is for; you can also say it: toshy
import KIND FILE. Several files of keyd become one configuration. Without FILE, the command lists the
configurations of other remappers that it finds.`,
		Example: "  toshy import\n  toshy import --write ~/.config/xremap/config.yml\n  toshy import keyd --nix /etc/keyd/default.conf",
		Args:    cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			switch _, err := os.Stat(arg0(args)); {
			case len(args) == 0:
				return offer(c)
			case len(args) > 1 && errors.Is(err, os.ErrNotExist):
				return unknown("kind of configuration", args[0], kindNames())
			}
			return flags.run(c, nil, args)
		},
	}
	c.PersistentFlags().BoolVar(&flags.write, "write", false, "write the result to your configuration file, unless it exists")
	c.PersistentFlags().BoolVar(&flags.nix, "nix", false, "print services.toshy for NixOS or Home Manager instead of TOML")
	c.MarkFlagsMutuallyExclusive("write", "nix")
	for i := range importer.Kinds {
		k := &importer.Kinds[i]
		c.AddCommand(&cobra.Command{
			Use:     k.Name + " FILE" + map[bool]string{true: "..."}[k.Several != nil],
			Example: "  toshy import " + k.Name + " FILE > config.toml\n  toshy import --write " + k.Name + " FILE",
			Short:   "Convert a configuration of " + k.Of,
			Args:    map[bool]cobra.PositionalArgs{true: cobra.MinimumNArgs(1), false: cobra.ExactArgs(1)}[k.Several != nil],
			RunE:    func(c *cobra.Command, args []string) error { return flags.run(c, k, args) },
		})
	}
	return c
}

func kindNames() []string {
	var names []string
	for _, k := range importer.Kinds {
		names = append(names, k.Name)
	}
	return names
}

func arg0(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// run converts files of a kind; nil: the kind that the first file looks like.
func (f *importFlags) run(c *cobra.Command, k *importer.Kind, names []string) error {
	var files []importer.File
	for _, n := range names {
		name, text, err := readInput(n, c.InOrStdin())
		if errors.Is(err, os.ErrNotExist) && k == nil && !strings.ContainsAny(n, "./") {
			return unknown("file or kind of configuration", n, kindNames())
		}
		if err != nil {
			return err
		}
		files = append(files, importer.File{Name: name, Source: []byte(text)})
	}
	for i := 0; k == nil && i < len(files); i++ {
		var err error
		if k, err = importer.Detect(files[i].Name, files[i].Source); errors.Is(err, importer.ErrUnclear) && i == len(files)-1 {
			return fail(exitConfig, err, "KIND is one of "+strings.Join(kindNames(), ", "))
		} else if err != nil && !errors.Is(err, importer.ErrUnclear) {
			return fail(exitConfig, err)
		}
	}
	r, err := k.ReadFiles(files, included(names))
	if r != nil {
		if err := writeNotes(c.ErrOrStderr(), files, r); err != nil {
			return output(err)
		}
	}
	if err != nil {
		return fail(exitConfig, err)
	}
	return f.put(c, r)
}

// put writes the result where the flags say.
func (f *importFlags) put(c *cobra.Command, r *importer.Result) error {
	out := c.OutOrStdout()
	switch {
	case f.nix:
		text, err := r.Nix()
		if err != nil {
			return fail(exitConfig, err)
		}
		_, err = io.WriteString(out, text)
		return output(err)
	case f.write:
		path, err := place(r.TOML)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "wrote %s; check it with: toshy check\n", path)
		return output(err)
	}
	_, err := out.Write(r.TOML)
	return output(err)
}

// place writes the user's configuration if there is none.
func place(text []byte) (string, error) {
	path := program.Toshy.UserPath()
	if path == "" {
		return "", fail(exitUsage, errors.New("there is no home folder for the configuration"))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", fail(exitPermission, fmt.Errorf("write the configuration: %w", err))
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return "", fail(exitUsage, fmt.Errorf("%s exists and was not changed", path), "move it away, or leave out --write and merge the two yourself")
	}
	if err != nil {
		return "", fail(exitPermission, fmt.Errorf("write the configuration: %w", err))
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fail(exitPermission, errors.Join(fmt.Errorf("write the configuration: %w", err), os.Remove(path)))
	}
	return path, nil
}

// included reads files that a configuration includes: from its own folder, or from the folder where keyd installs its
// files.
func included(files []string) importer.Include {
	if slices.Contains(files, "-") {
		return nil
	}
	var dirs []string
	for _, f := range files {
		dirs = append(dirs, filepath.Dir(f))
	}
	return func(name string) ([]byte, error) {
		var first error
		for _, dir := range append(dirs, "/usr/share/keyd") {
			b, err := readBelow(dir, name)
			if err == nil {
				return b, nil
			}
			if first == nil {
				first = err
			}
		}
		return nil, first
	}
}

// readBelow reads a file inside a folder, whatever its name says.
func readBelow(dir, name string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0) // it may be a pipe, for which opening would wait
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil, errors.Join(err, fmt.Errorf("%s is not a regular file", name))
	}
	return io.ReadAll(io.LimitReader(f, 2<<20))
}

// offer shows the configurations of other remappers on this machine.
func offer(c *cobra.Command) error {
	var b strings.Builder
	for _, k := range importer.Kinds {
		var words []string
		for _, p := range k.Places {
			found, err := filepath.Glob(expand(p))
			if err != nil {
				continue
			}
			slices.Sort(found)
			for _, f := range found {
				words = append(words, shellWord(f))
			}
		}
		if k.Several != nil && words != nil { // they are one configuration
			words = []string{strings.Join(words, " ")}
		}
		for _, w := range words {
			fmt.Fprintf(&b, "toshy import --write %s\n", w)
		}
	}
	if b.Len() == 0 {
		return fail(exitConfig, errors.New("no configuration of another remapper is in its usual place"), "name the file: toshy import FILE", "remappers: "+strings.Join(kindNames(), ", "))
	}
	_, err := io.WriteString(c.OutOrStdout(), b.String())
	return output(err)
}

// expand replaces the user's folders in a place.
func expand(place string) string {
	if rest, ok := strings.CutPrefix(place, "~/.config/"); ok {
		if dir, err := os.UserConfigDir(); err == nil {
			return filepath.Join(dir, rest)
		}
	}
	if rest, ok := strings.CutPrefix(place, "~/"); ok {
		if dir, err := os.UserHomeDir(); err == nil {
			return filepath.Join(dir, rest)
		}
	}
	return place
}

// shellWord is a path in the form that a shell reads.
func shellWord(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@%:,") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// writeNotes writes the report: what is converted with a difference, what is not converted, and how much of each. If
// several lines have the same remark, it is there once.
func writeNotes(w io.Writer, files []importer.File, r *importer.Result) error {
	name := files[0].Name
	lines := map[importer.Note][]string{} // for each remark
	for _, n := range r.Notes {
		lines[remark(n)] = append(lines[remark(n)], strconv.Itoa(n.Line))
	}
	var b strings.Builder
	count := map[bool]int{}
	for _, lost := range []bool{false, true} {
		for _, n := range r.Notes {
			if n.Lost != lost {
				continue
			}
			count[lost]++
			on := lines[remark(n)]
			if on == nil {
				continue
			}
			delete(lines, remark(n))
			if n.File == "" {
				n.File = name
			}
			b.WriteString(printable(n.File))
			if n.Line > 0 {
				fmt.Fprintf(&b, ":%d", n.Line)
			}
			fmt.Fprintf(&b, ": %s: %s", map[bool]string{false: "different", true: "not converted"}[lost], printable(n.Reason))
			if len(on) > 1 {
				fmt.Fprintf(&b, " (also on %s %s)", map[bool]string{false: "lines", true: "line"}[len(on) == 2], strings.Join(on[1:], ", "))
			}
			b.WriteByte('\n')
		}
	}
	if len(files) > 1 {
		name = fmt.Sprintf("%d files", len(files))
	}
	fmt.Fprintf(&b, "%s: %s in %s converted, %s, %s not converted\n", printable(name), entries(r.Entries), plural(r.Tables, "table"), plural(count[false], "difference"), plural(count[true], "part"))
	_, err := io.WriteString(w, b.String())
	return err
}

// remark is a note without its line.
func remark(n importer.Note) importer.Note {
	n.Line = 0
	return n
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}
