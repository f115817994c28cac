package characters

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestConfFiles: toshy adds its option to the user's options. Removing it leaves the file as it was.
func TestConfFiles(t *testing.T) {
	for _, c := range []struct{ place, file, text, layouts, options, want string }{
		{"sway", "sway/config", "set $mod Mod4\n", "", "", "input type:keyboard xkb_options toshy:characters\n"},
		{"sway", "sway/config", "input * xkb_layout \"us,de\"\ninput * xkb_options \"ctrl:nocaps\"\n", "us,de", "ctrl:nocaps", "input * xkb_options \"ctrl:nocaps,toshy:characters\"\n"},
		{"sway", "sway/config", "input type:keyboard {\n    xkb_layout fr\n    xkb_options compose:ralt # mine\n}\n", "fr", "compose:ralt", "    xkb_options compose:ralt,toshy:characters # mine\n"},
		{"labwc", "labwc/environment", "", "", "", "XKB_DEFAULT_OPTIONS=toshy:characters\n"},
		{"labwc", "labwc/environment", "XKB_DEFAULT_LAYOUT=de\nXKB_DEFAULT_OPTIONS=\n", "de", "", "XKB_DEFAULT_OPTIONS=toshy:characters\n"},
		{"wayfire", "wayfire.ini", "[core]\nplugins = move\n\n[input]\nxkb_layout = us\n\n[move]\n", "us", "", "[input]\n# " + confBegin + "xkb_options = toshy:characters\n"},
		{"wayfire", "wayfire.ini", "[core]\nplugins = move\n", "", "", "[input]\nxkb_options = toshy:characters\n"},
		{"wayfire", "wayfire/wayfire.ini", "[input]\nxkb_options = compose:ralt\n", "", "compose:ralt", "xkb_options = compose:ralt,toshy:characters\n"},
		{"hyprland", "hypr/hyprland.conf", "input {\n    kb_layout = us\n    kb_options = grp:alt_shift_toggle\n}\n", "us", "grp:alt_shift_toggle", "    kb_options = grp:alt_shift_toggle,toshy:characters\n"},
		{"hyprland", "hypr/hyprland.conf", "input {\n    kb_layout = us\n}\n", "us", "", "input:kb_options = toshy:characters\n"},
		{"hyprland", "hypr/hyprland.lua", "hl.config({\n    input = {\n        kb_layout  = \"us,de\",\n        kb_variant = \"\",\n        kb_options = \"\",\n    },\n})\n", "us,de", "", "        kb_options = \"toshy:characters\",\n"},
		{"hyprland", "hypr/hyprland.lua", "-- kb_options = \"a\"\nhl.config({ input = { kb_layout = 'fr', kb_options = 'compose:ralt' } })\n", "fr", "compose:ralt", "kb_options = 'compose:ralt,toshy:characters' } })\n"},
		{"hyprland", "hypr/hyprland.lua", "hl.monitor({ output = \"\" })\n", "", "", "-- " + confBegin + "hl.config({ input = { kb_options = \"toshy:characters\" } })\n-- " + confEnd},
		{"niri", "niri/config.kdl", "input {\n    keyboard {\n        xkb {\n            layout \"us,ru\"\n            // options \"a\"\n        }\n    }\n}\nlayout {\n    gaps 16\n}\n", "us,ru", "", "xkb {\n// " + confBegin + "options \"toshy:characters\"\n// " + confEnd},
		{"niri", "niri/config.kdl", "input { keyboard {\n  xkb {\n    layout \"de\"\n    variant \"neo\"\n    options \"ctrl:nocaps\"\n  }\n} }\n", "de", "ctrl:nocaps", "    options \"ctrl:nocaps,toshy:characters\"\n"},
		{"cosmic", "cosmic/com.system76.CosmicComp/v1/xkb_config", "(\n    rules: \"\",\n    model: \"\",\n    layout: \"us\",\n    variant: \"\",\n    options: None,\n    repeat_delay: 600,\n    repeat_rate: 25,\n)", "us", "", "    options: Some(\"toshy:characters\"),\n"},
		{"cosmic", "cosmic/com.system76.CosmicComp/v1/xkb_config", "(rules: \"\", model: \"pc105\", layout: \"de,us\", variant: \",\", options: Some(\"grp:alts_toggle\"), repeat_delay: 600, repeat_rate: 25)", "de,us", "grp:alts_toggle", "options: Some(\"grp:alts_toggle,toshy:characters\"), "},
		{"cosmic", "cosmic/com.system76.CosmicComp/v1/xkb_config", "(\n    rules: \"\",\n    model: \"\",\n    layout: \"br\",\n    variant: \"\",\n    options: Some(\",compose:ralt\"),\n    repeat_delay: 600,\n    repeat_rate: 25,\n)", "br", ",compose:ralt", "    options: Some(\",compose:ralt,toshy:characters\"),\n"}, // as COSMIC's settings write a first option
		{"cosmic", "cosmic/com.system76.CosmicComp/v1/xkb_config", "(\n    rules: \"\",\n    model: \"\",\n    layout: \"us,de\",\n    variant: \",neo\",\n    options: Some(\"lv3:ralt_switch, compose:caps\"),\n)\n", "us,de", "lv3:ralt_switch, compose:caps", "Some(\"lv3:ralt_switch, compose:caps,toshy:characters\")"},
	} {
		dir := t.TempDir()
		t.Setenv("XDG_CONFIG_HOME", dir)
		path := filepath.Join(dir, c.file)
		put(t, path, c.text)
		var ran []string
		run := func(_ context.Context, args ...string) (string, error) {
			ran = append(ran, strings.Join(args, " "))
			return "", nil
		}
		p := Places[c.place]
		if l, err := p.Layout(t.Context(), run); err != nil || l.Layouts != c.layouts || l.Options != c.options {
			t.Errorf("%q: %+v, %v", c.text, l, err)
		}
		for range 2 {
			if err := p.Switch(t.Context(), run, true); err != nil {
				t.Fatal(err)
			}
		}
		if b, err := os.ReadFile(path); err != nil || !strings.Contains(string(b), c.want) || strings.Count(string(b), Option) != 1 {
			t.Errorf("%q became %q, %v", c.text, b, err)
		}
		if err := p.Switch(t.Context(), run, false); err != nil {
			t.Fatal(err)
		}
		if b, _ := os.ReadFile(path); string(b) != c.text {
			t.Errorf("%q is %q after the removal", c.text, b)
		}
		if want := map[string][]string{"sway": {"swaymsg reload", "swaymsg reload"}, "labwc": {"labwc --reconfigure", "labwc --reconfigure"}}[c.place]; !slices.Equal(ran, want) {
			t.Errorf("%s: ran %q", c.place, ran)
		}
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if text == "" {
		return
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestConfFileRefused: toshy does not touch a file that it cannot change safely.
func TestConfFileRefused(t *testing.T) {
	for name, c := range map[string]struct{ place, file, text, otherFile, other, says string }{
		"none":       {"sway", "sway/config", "", "", "", "there is no "},
		"twice":      {"sway", "sway/config", "input 1:1:a xkb_options a\ninput 2:2:b xkb_options b\n", "", "", "in more than one place"},
		"included":   {"sway", "sway/config", "include input.d/*\n", "sway/input.d/one", "input * xkb_options a\n", "includes it"},
		"huge":       {"sway", "sway/config", strings.Repeat("#", maxFile+1), "", "", "at most"},
		"variable":   {"hyprland", "hypr/hyprland.lua", "local o = \"a\"\nhl.config({ input = { kb_options = o } })\n", "", "", "in a way that toshy cannot change"},
		"module":     {"hyprland", "hypr/hyprland.lua", "require(\"my.input\")\n", "hypr/my/input.lua", "hl.config({ input = { kb_options = \"a\" } })\n", "includes it"},
		"no layout":  {"niri", "niri/config.kdl", "input {\n    keyboard {\n        xkb {\n        }\n    }\n}\n", "", "", "sets no layout"},
		"one line":   {"niri", "niri/config.kdl", "input { keyboard { xkb { layout \"us\"; options \"ctrl:nocaps\"; } } }\n", "", "", "in a way that toshy cannot change"},
		"raw":        {"niri", "niri/config.kdl", "input {\n keyboard {\n  xkb {\n   layout \"us\"\n   options r\"ctrl:nocaps\"\n  }\n }\n}\n", "", "", "in a way that toshy cannot change"},
		"optional":   {"niri", "niri/config.kdl", "include optional=true \"input.kdl\"\n", "niri/input.kdl", "input {\n keyboard {\n  xkb {\n   layout \"us\"\n  }\n }\n}\n", "sets the layout, and "},
		"there":      {"niri", "niri/config.kdl", "include \"./input.kdl\"\n", "niri/input.kdl", "input { keyboard { xkb { options \"a\"; } } }\n", "sets the options, and "},
		"no section": {"niri", "niri/config.kdl", "input { keyboard { xkb {\nlayout \"us\"\n} } }\n", "", "", "has no section for the options"},
		"no line":    {"cosmic", "cosmic/com.system76.CosmicComp/v1/xkb_config", "(layout: \"us\")", "", "", "has no line that sets the options"},
		"lines":      {"cosmic", "cosmic/com.system76.CosmicComp/v1/xkb_config", "(\n    layout: \"us\",\n    options: Some(\n        \"a\",\n    ),\n)", "", "", "in a way that toshy cannot change"},
		"comment":    {"cosmic", "cosmic/com.system76.CosmicComp/v1/xkb_config", "(\n    layout: \"us\",\n    // options: Some(\"a\"),\n    options: None,\n)", "", "", "in a way that toshy cannot change"},
		"cut":        {"cosmic", "cosmic/com.system76.CosmicComp/v1/xkb_config", "(\n    layout: \"us\",\n    options: Some(\"a", "", "", "in a way that toshy cannot change"},
		"quote":      {"cosmic", "cosmic/com.system76.CosmicComp/v1/xkb_config", "(layout: \"us\", options: Some(\"a\\\"b\"))", "", "", "in a way that toshy cannot change"},
		"expression": {"cosmic", "cosmic/com.system76.CosmicComp/v1/xkb_config", "(layout: \"us\", options: Some(r#\"a\"#))", "", "", "in a way that toshy cannot change"},
	} {
		dir := t.TempDir()
		t.Setenv("XDG_CONFIG_HOME", dir)
		path := filepath.Join(dir, c.file)
		put(t, path, c.text)
		put(t, filepath.Join(dir, c.otherFile), c.other)
		err := Places[c.place].Switch(t.Context(), func(context.Context, ...string) (string, error) { return "", nil }, true)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: it says %v", name, err)
		}
		if b, _ := os.ReadFile(path); string(b) != c.text {
			t.Errorf("%s: the file has changed", name)
		}
	}
}

// TestConfFileIsALink: dotfiles are often links into another folder. The link stays a link.
func TestConfFileIsALink(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	real, path := filepath.Join(dir, "dotfiles/sway"), filepath.Join(dir, "sway/config")
	put(t, real, "# mine\n")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, path); err != nil {
		t.Fatal(err)
	}
	if err := Places["sway"].Switch(t.Context(), func(context.Context, ...string) (string, error) { return "", nil }, true); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("%v, %v", info, err)
	}
	if b, _ := os.ReadFile(real); !strings.Contains(string(b), Option) {
		t.Errorf("%q", b)
	}
	if info, err := os.Stat(real); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}
