package main

import (
	"bytes"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/setup"
	"toshy/cmd/toshy-tray/icons"
	"toshy/config"
)

// sharedFiles are what setup installs in addition to the units: completions, the icon, manual pages, the built-in
// configuration as text, and the documents next to the program.
func sharedFiles(root *cobra.Command, program string) ([]setup.File, error) {
	const share = "/usr/local/share/"
	files := []setup.File{{Path: share + "icons/hicolor/scalable/apps/toshy.svg", Text: icons.SVG, Mode: 0o644}}
	for _, x := range []struct {
		path string
		make func(*bytes.Buffer) error
	}{
		{"bash-completion/completions/toshy", func(b *bytes.Buffer) error { return root.GenBashCompletionV2(b, true) }},
		{"fish/vendor_completions.d/toshy.fish", func(b *bytes.Buffer) error { return root.GenFishCompletion(b, true) }},
		{"zsh/site-functions/_toshy", func(b *bytes.Buffer) error { return root.GenZshCompletion(b) }},
	} {
		var b bytes.Buffer
		if err := x.make(&b); err != nil {
			return nil, err
		}
		files = append(files, setup.File{Path: share + x.path, Text: b.Bytes(), Mode: 0o644})
	}
	builtin, err := config.BuiltinFiles()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(builtin)) {
		files = append(files, setup.File{Path: share + "doc/toshy/builtin/" + name, Text: builtin[name], Mode: 0o644})
	}
	pages := manualPages(root)
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		section := strings.TrimPrefix(filepath.Ext(name), ".")
		files = append(files, setup.File{Path: share + "man/man" + section + "/" + name, Text: pages[name], Mode: 0o644})
	}
	documents, err := setup.Documents(program, share+"doc/toshy")
	return append(files, documents...), err
}
