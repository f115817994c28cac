package main

import (
	"bytes"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/setup"
	"toshy/cmd/toshy-tray/icons"
	"toshy/config"
)

// sharedFiles are what setup installs beside the units: completions, the icon, and the built-in configuration to read.
// Manual pages are not among them: their generator is in no program that people run.
func sharedFiles(root *cobra.Command) ([]setup.File, error) {
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
	return files, nil
}
