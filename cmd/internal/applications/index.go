package applications

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"toshy/remap"
)

// Limits for reading the folders, whose content can be anything.
const (
	maxFolders = 256
	maxEntries = 10_000
	maxDepth   = 3
)

// An Index finds the categories of a window's application. All names in it are in lower case.
type Index struct {
	byID      map[string]string // file name without .desktop; entries in subfolders are a-b
	byClass   map[string]string // StartupWMClass
	byTail    map[string]string // the last part of an id: firefox for org.mozilla.firefox
	byProgram map[string]string

	folders []string // that may contain entries, to be watched
}

// Folders are where desktops look for entries, in order of priority: those in the environment, and those of Flatpak, snap
// and Nix, which a service's environment may lack.
func Folders(env func(string) string) []string {
	home := env("HOME")
	or := func(name, otherwise string) []string {
		if v := env(name); v != "" {
			return filepath.SplitList(v)
		}
		return filepath.SplitList(otherwise)
	}
	var data []string
	data = append(data, or("XDG_DATA_HOME", filepath.Join(home, ".local/share"))...)
	data = append(data, filepath.Join(home, ".local/share/flatpak/exports/share"))
	data = append(data, or("XDG_DATA_DIRS", "/usr/local/share:/usr/share")...)
	data = append(data, "/var/lib/flatpak/exports/share", "/var/lib/snapd/desktop", filepath.Join(home, ".nix-profile/share"),
		"/run/current-system/sw/share", "/usr/local/share", "/usr/share")
	var all []string
	for _, d := range data {
		if f := filepath.Join(d, "applications"); filepath.IsAbs(d) && !slices.Contains(all, f) && len(all) < maxFolders {
			all = append(all, f)
		}
	}
	return all
}

// Read reads the entries below folders.
func Read(folders []string) *Index {
	x := newIndex()
	seen := map[string]bool{} // the first one of an id is used
	for _, top := range folders {
		x.folders = append(x.folders, top)
		x.read(top, "", 0, seen)
	}
	return x
}

func newIndex() *Index {
	return &Index{byID: map[string]string{}, byClass: map[string]string{}, byTail: map[string]string{}, byProgram: map[string]string{}}
}

// read reads a folder and its subfolders, whose names are the beginning of an id.
func (x *Index) read(folder, prefix string, depth int, seen map[string]bool) {
	list, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, f := range list {
		name := filepath.Join(folder, f.Name())
		id, isEntry := strings.CutSuffix(strings.ToLower(prefix+f.Name()), ".desktop")
		switch {
		case isEntry && !seen[id] && len(seen) < maxEntries:
			seen[id] = true
			if e, ok := readEntry(name); ok && !e.hidden {
				x.add(id, e)
			}
		case !isEntry && f.Type()&fs.ModeDir != 0 && depth < maxDepth && len(x.folders) < maxFolders:
			x.folders = append(x.folders, name)
			x.read(name, prefix+f.Name()+"-", depth+1, seen)
		}
	}
}

// add adds an entry. If several applications share a name that is not their own, such as the program that starts them, only
// their common categories are used.
func (x *Index) add(id string, e entry) {
	x.byID[id] = e.categories
	share := func(in map[string]string, name string) {
		if name == "" || e.categories == "" {
			return
		}
		if have, ok := in[name]; ok {
			in[name] = common(have, e.categories)
		} else {
			in[name] = e.categories
		}
	}
	share(x.byClass, strings.ToLower(e.class))
	share(x.byProgram, e.program)
	if i := strings.LastIndexByte(id, '.'); i >= 0 {
		share(x.byTail, id[i+1:])
	}
}

// common are the categories that both have.
func common(a, b string) string {
	var both []string
	for _, name := range remap.CategoryNames(a) {
		if strings.Contains(b, ";"+name+";") {
			both = append(both, name)
		}
	}
	return remap.CategoryList(both)
}

// Categories are the categories of a window's application, in the form of remap.CategoryList; "" if no entry is found. app
// is its class or app_id, exe the path of its program, if known.
func (x *Index) Categories(app, exe string) string {
	if x == nil {
		return ""
	}
	name := strings.TrimSuffix(strings.ToLower(app), ".desktop")
	if c, ok := x.named(name); ok {
		return c
	}
	if plain := strings.ReplaceAll(name, " ", "-"); plain != name {
		if c, ok := x.named(plain); ok {
			return c
		}
	}
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		if c, ok := x.byID[name[i+1:]]; ok {
			return c
		}
	}
	return x.byProgram[programName(exe)]
}

// named looks up a name in every way in which it can name an application.
func (x *Index) named(name string) (string, bool) {
	if name == "" {
		return "", false
	}
	for _, in := range []map[string]string{x.byID, x.byClass, x.byTail, x.byProgram} {
		if c, ok := in[name]; ok {
			return c, true
		}
	}
	return "", false
}
