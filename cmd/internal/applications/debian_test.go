package applications

import (
	"os"
	"slices"
	"strings"
	"testing"

	"toshy/cmd/internal/program"
	"toshy/config"
	"toshy/remap"
)

// The built-in groups contain the desktop applications of Debian that belong in them, and no others.
func TestDebian(t *testing.T) {
	c, err := config.Builtin(program.Builtin, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := remap.Compile(c.Program)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/debian-sid.tsv")
	if err != nil {
		t.Fatal(err)
	}
	x := newIndex()
	type application struct {
		id, name   string
		categories []string
	}
	var all []application
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") {
			continue
		}
		a := application{f[0], f[1], strings.Split(f[2], ";")}
		all = append(all, a)
		x.add(strings.ToLower(a.id), entry{categories: remap.CategoryList(a.categories)})
	}
	// This uses only the lists of names, because the category says nothing here.
	listed := map[string][]string{"terminals": {"com.raggesilver.blackbox"}, "filemanagers": {"nemo", "thunar"}}
	kinds := map[string]string{"TerminalEmulator": "terminals", "WebBrowser": "browsers", "FileManager": "filemanagers"}
	count := map[string]int{}
	for _, a := range all {
		groups := compiled.Groups(&remap.Situation{Window: remap.Window{App: a.id, Categories: x.Categories(a.id, "")}})
		var is []string
		for category, group := range kinds {
			in := slices.Contains(groups, group)
			switch {
			case slices.Contains(a.categories, category):
				count[category]++
				if !in {
					t.Errorf("%s (%s) is a %s and not in %s", a.id, a.name, category, group)
				}
			case in && !slices.Contains(listed[group], strings.ToLower(a.id)):
				t.Errorf("%s (%s) is in %s and has the categories %s", a.id, a.name, group, a.categories)
			}
			if in {
				is = append(is, group)
			}
		}
		if len(is) > 1 {
			t.Errorf("%s (%s) is in %v", a.id, a.name, is)
		}
	}
	t.Logf("%d applications: %v", len(all), count)
	if count["TerminalEmulator"] != 35 || count["WebBrowser"] != 17 || count["FileManager"] != 15 {
		t.Errorf("of %d applications: %v", len(all), count)
	}
}

// The names of newer applications on X11 and Wayland, from Flatpak and snap, without a desktop entry.
func TestNames(t *testing.T) {
	c, err := config.Builtin(program.Builtin, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := remap.Compile(c.Program)
	if err != nil {
		t.Fatal(err)
	}
	for group, names := range map[string]string{
		"browsers": "org.chromium.Chromium com.google.Chrome com.brave.Browser com.vivaldi.Vivaldi com.microsoft.Edge io.gitlab.librewolf-community " +
			"app.zen_browser.zen one.ablaze.floorp net.waterfox.waterfox net.mullvad.MullvadBrowser Opera Helium Thorium Epiphany qutebrowser Angelfish Ladybird " +
			"chrome-cifhbcnohmdccbgoicgdjpfamggdegmo-Default msedge-abcdefgh-Profile_2 crx_cifhbcnohmdccbgoicgdjpfamggdegmo chrome-www.example.org__-Default",
		"browsers_chrome": "com.google.Chrome com.brave.Browser chrome-cifhbcnohmdccbgoicgdjpfamggdegmo-Default Brave-browser",
		"terminals":       "com.gexperts.Tilix rio warp waveterm cool-retro-term st-256color rxvt havoc org.gnome.Ptyxis com.mitchellh.ghostty foot net.kovidgoyal.kitty",
		"filemanagers":    "dev.tchx84.Portfolio doublecmd gnome-commander xfe Org.gnome.Nautilus",
		"vscodes":         "Windsurf dev.zed.Zed Kiro Positron Trae com.visualstudio.code com.vscodium.codium Code VSCodium code_code",
		"gui":             "chrome gimp terminal-of-nobody",
	} {
		for name := range strings.FieldsSeq(names) {
			if !slices.Contains(compiled.Groups(&remap.Situation{Window: remap.Window{App: name}}), group) {
				t.Errorf("%s is not in %s", name, group)
			}
		}
	}
}
