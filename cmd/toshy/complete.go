package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/program"
	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/key"
)

// Completions come from the configuration that the command would use: the one that -c names on the command line being
// typed, else the one in the usual places.

type completion = func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective)

const noFiles = cobra.ShellCompDirectiveNoFileComp

// fromConfig makes a completion from a list in a configuration.
func fromConfig(list func(p *program.Program, args []string) []string) completion {
	return func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		path := ""
		if f := c.Flags().Lookup("config"); f != nil {
			path = f.Value.String()
		}
		p, err := loadConfig(path)
		if err != nil {
			return nil, noFiles
		}
		return beginning(list(p, args), begun), noFiles
	}
}

// withoutFiles has the commands that take no argument offer none: shells would offer files.
func withoutFiles(root *cobra.Command) {
	for _, c := range root.Commands() {
		if c.ValidArgsFunction == nil && len(c.ValidArgs) == 0 && !strings.Contains(c.Use, " ") && !c.HasSubCommands() {
			c.ValidArgsFunction = cobra.NoFileCompletions
		}
	}
}

func beginning(list []string, begun string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return !strings.HasPrefix(s, begun) })
}

var (
	completeSetting = fromConfig(func(p *program.Program, args []string) (list []string) {
		for _, s := range p.Settings {
			switch {
			case len(args) == 0:
				list = append(list, s.Name+"\t"+s.Description)
			case len(args) == 1 && args[0] == s.Name:
				list = append(list, s.Values...)
			}
		}
		return list
	})
	completeLayer        = fromConfig(func(p *program.Program, _ []string) []string { return slices.Clone(p.Program.Layers) })
	completeLayerCommand = fromConfig(func(p *program.Program, args []string) []string {
		switch len(args) {
		case 0:
			return slices.Clone(p.Program.Layers)
		case 1:
			return []string{"on", "off", "toggle"}
		}
		return nil
	})
	completeMap = fromConfig(func(p *program.Program, _ []string) (list []string) {
		for i := range p.Program.Modmaps {
			list = append(list, p.Program.Modmaps[i].Name)
		}
		for i := range p.Program.TapHolds {
			list = append(list, p.Program.TapHolds[i].Name)
		}
		for i := range p.Program.Chords {
			list = append(list, p.Program.Chords[i].Name)
		}
		for i := range p.Program.Keymaps {
			list = append(list, p.Program.Keymaps[i].Name)
		}
		slices.Sort(list)
		return slices.Compact(list)
	})
	// completeAssignment is for flags with name=value.
	completeAssignment = fromConfig(func(p *program.Program, _ []string) (list []string) {
		for _, v := range p.Program.Vars {
			_, short, _ := strings.Cut(v.Name, ".")
			for _, x := range v.Values {
				list = append(list, short+"="+x)
			}
		}
		return list
	})
	// completeApp offers the applications that the configuration has rules for.
	completeApp = fromConfig(func(p *program.Program, _ []string) (list []string) {
		var walk func(c *remap.Cond)
		walk = func(c *remap.Cond) {
			if c == nil {
				return
			}
			if c.Op == remap.CondEqual && c.Field == remap.FieldApp {
				list = append(list, c.Strings...)
			}
			for _, k := range c.Kids {
				walk(k)
			}
		}
		for i := range p.Program.Groups {
			walk(p.Program.Groups[i].Cond)
		}
		for i := range p.Program.Keymaps {
			walk(p.Program.Keymaps[i].When)
		}
		slices.Sort(list)
		return slices.Compact(list)
	})
	completeKeyboardType = fromConfig(func(p *program.Program, _ []string) (list []string) {
		for _, k := range p.Keyboards {
			list = append(list, k.Type)
		}
		slices.Sort(list)
		return slices.Compact(list)
	})
)

// completeDevice suggests the names of the input devices.
func completeDevice(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	found, err := evdev.List(nil)
	if err != nil {
		return nil, noFiles
	}
	var list []string
	for i := range found {
		list = append(list, found[i].Info.Name+"\t"+found[i].Info.Path)
	}
	return beginning(list, begun), noFiles
}

// completeCombo suggests modifiers and keys after the modifiers that are already there, including the configuration's names for
// modifiers. Case does not matter in names, so it keeps what you typed.
func completeCombo(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	word := begun[strings.LastIndexAny(begun, "-+")+1:]
	names, _ := fromConfig(func(p *program.Program, _ []string) (list []string) {
		for _, m := range p.Modifiers {
			list = append(list, m.Name)
		}
		return list
	})(c, args, "")
	var list []string
	offer := func(name string) {
		if len(name) >= len(word) && strings.EqualFold(name[:len(word)], word) {
			list = append(list, begun+name[len(word):])
		}
	}
	for m := key.Mod(0); m <= key.Meta; m++ {
		if m < key.Custom0 || m.IsGeneric() {
			offer(m.String() + "-")
		}
	}
	for _, name := range names {
		offer(name + "-")
	}
	for name := range key.Names {
		offer(name)
	}
	slices.Sort(list)
	return slices.Compact(list), noFiles | cobra.ShellCompDirectiveNoSpace
}

// completeKey offers the names of keys.
func completeKey(_ *cobra.Command, args []string, begun string) (list []string, _ cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, noFiles
	}
	for name := range key.Names {
		if strings.HasPrefix(name, strings.ToLower(begun)) {
			list = append(list, begun+name[len(begun):])
		}
	}
	slices.Sort(list)
	return list, noFiles
}

var (
	completeTable = fromConfig(func(p *program.Program, args []string) (list []string) {
		if len(args) > 0 {
			return nil
		}
		for _, r := range tableRows(p.Config) {
			list = append(list, r.Table)
		}
		return list
	})
	completeGroup = fromConfig(func(p *program.Program, args []string) (list []string) {
		if len(args) > 0 {
			return nil
		}
		for _, g := range p.Groups {
			list = append(list, g.Name)
		}
		return list
	})
)
