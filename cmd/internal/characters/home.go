package characters

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Home has the places of a user's files.
type Home struct {
	Config string // XDG_CONFIG_HOME of the desktop
	State  string // the file that records the previous state
}

// NewHome returns the home of the user who runs this program.
func NewHome() (Home, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Home{}, fmt.Errorf("no place for the files: %w", err)
	}
	folder := func(name, otherwise string) string {
		if dir := os.Getenv(name); filepath.IsAbs(dir) {
			return dir
		}
		return filepath.Join(home, otherwise)
	}
	return Home{folder("XDG_CONFIG_HOME", ".config"), filepath.Join(folder("XDG_STATE_HOME", ".local/state"), "toshy", "characters.json")}, nil
}

func (h Home) path(name string) string { return filepath.Join(h.Config, "xkb", name) }

// A record is the previous state before an installation, so that a removal can restore it.
type record struct {
	Rules   string   `json:"rules"`             // the rules file that was changed or made
	Folders []string `json:"folders,omitempty"` // folders that were created, below the configuration folder
	Layouts []Layout `json:"layouts"`           // with which everything was compiled
	Place   string   `json:"place,omitempty"`   // the desktop whose option was set
	Count
	Missing int    `json:"missing"`
	Wanted  string `json:"wanted"` // including those without room
}

func (h Home) record() (record, bool, error) {
	b, err := os.ReadFile(h.State)
	if errors.Is(err, fs.ErrNotExist) {
		return record{}, false, nil
	}
	var r record
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err == nil && r.Rules != rulesFile && r.Rules != postFile {
		err = fmt.Errorf("it names the file %q", r.Rules)
	}
	if err != nil {
		return r, false, fmt.Errorf("%s is not what toshy characters wrote: %w", h.State, err)
	}
	return r, true, nil
}

// maxFile is the largest file of the user's to read.
const maxFile = 1 << 20

// read returns the text of a file in the folder, "" if the file does not exist. It refuses links and whatever is not a
// regular file: toshy did not make them.
func (h Home) read(name string) (string, error) {
	path := h.path(name)
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is a link or a folder that another program has made; toshy does not change it", path)
	case info.Size() > maxFile:
		return "", fmt.Errorf("%s has %d bytes; at most %d are read", path, info.Size(), maxFile)
	}
	b, err := os.ReadFile(path)
	return string(b), err
}

// A Plan is an installation that was tested.
type Plan struct {
	Assignment
	home    Home
	files   []file // in the order of installation
	layouts []Layout
	rules   string
}

// A file is its text, and the previous text, "" for none.
type file struct{ name, text, before string }

// Layouts are the layouts with which the plan was compiled.
func (p *Plan) Layouts() []Layout { return p.layouts }

// Files are the paths that an installation writes.
func (p *Plan) Files() (paths []string) {
	for _, f := range p.files {
		paths = append(paths, p.home.path(f.name))
	}
	return paths
}

// Prepare plans what an installation would write, and compiles everything in a copy of the user's folder. It changes
// nothing.
func Prepare(ctx context.Context, h Home, runes []rune, layouts []Layout) (*Plan, error) {
	post, err := readsPost(ctx)
	if err != nil {
		return nil, err
	}
	p := &Plan{home: h, layouts: layouts, rules: rulesFile}
	if post {
		p.rules = postFile
	}
	if r, ok, err := h.record(); err != nil {
		return nil, err
	} else if ok {
		p.rules = r.Rules // a newer library also reads the old file
	}
	before := map[string]string{}
	for _, name := range append(slices.Clone(ownFiles), p.rules) {
		text, err := h.read(name)
		if err != nil {
			return nil, err
		}
		if name != p.rules && text != "" && !strings.HasPrefix(text, header) {
			return nil, fmt.Errorf("%s was not made by toshy characters and is in the way: move it away", h.path(name))
		}
		before[name] = text
	}
	staged, err := os.MkdirTemp("", "toshy-characters-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(staged)
	if err := copyFolder(filepath.Join(h.Config, "xkb"), filepath.Join(staged, "xkb")); err != nil {
		return nil, err
	}
	stage := Home{Config: staged}
	for _, name := range ownFiles { // the state without our files
		_ = os.Remove(stage.path(name))
	}
	rest := withoutBlock(before[p.rules])
	if rest == "" {
		_ = os.Remove(stage.path(p.rules))
	} else if err := stage.put(p.rules, rest); err != nil {
		return nil, err
	}
	codes, err := free(ctx, staged, layouts)
	if err != nil {
		return nil, err
	}
	p.Assignment = Assign(runes, codes)
	p.files = []file{
		{symbolsFile, p.symbols(), before[symbolsFile]},
		{keycodesFile, p.keycodes(), before[keycodesFile]},
		{typesFile, types, before[typesFile]},
		{p.rules, rules(before[p.rules], p.rules == postFile), before[p.rules]},
	}
	for _, f := range p.files {
		if err := stage.put(f.name, f.text); err != nil {
			return nil, err
		}
	}
	for _, l := range layouts {
		if err := p.verify(ctx, staged, l); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// maxFolder is how many files a user's folder may have.
const maxFolder = 1000

// copyFolder copies a folder, links resolved: XKB follows them.
func copyFolder(from, to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	n := 0
	var walk func(from, to string, depth int) error
	walk = func(from, to string, depth int) error {
		entries, err := os.ReadDir(from)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			a, b := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
			info, err := os.Stat(a)
			if n++; n > maxFolder || depth > 5 {
				return fmt.Errorf("%s has more files than a folder of keyboard layouts", from)
			}
			switch {
			case err != nil: // a link to nowhere
			case info.IsDir():
				if err := os.MkdirAll(b, 0o700); err != nil {
					return err
				}
				if err := walk(a, b, depth+1); err != nil {
					return err
				}
			case info.Mode().IsRegular() && info.Size() <= maxFile:
				text, err := os.ReadFile(a)
				if err != nil {
					return err
				}
				if err := os.WriteFile(b, text, 0o600); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return walk(from, to, 0)
}

// put makes a file at once: no program sees half of it.
func (h Home) put(name, text string) error {
	return putFile(h.path(name), text, 0o644)
}

func putFile(path, text string, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	t, err := os.CreateTemp(filepath.Dir(path), ".toshy-*")
	if err != nil {
		return err
	}
	_, err = t.WriteString(text)
	err = errors.Join(err, t.Chmod(mode), t.Sync(), t.Close())
	if err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		_ = os.Remove(t.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// Install puts the files in place, the rules last. If that fails, it restores everything.
func (p *Plan) Install() (err error) {
	r := record{Rules: p.rules, Layouts: p.layouts, Count: p.Count(), Missing: len(p.Left), Wanted: p.wanted()}
	old, again, err := p.home.record()
	if err != nil {
		return err
	}
	if again {
		r.Folders, r.Place = old.Folders, old.Place
	} else {
		r.Folders = p.home.missingFolders()
	}
	if err := p.home.save(r); err != nil {
		return err
	}
	for i, f := range p.files {
		if now, err := p.home.read(f.name); err != nil || now != f.before {
			return errors.Join(fmt.Errorf("%s has changed meanwhile: run toshy characters install again", p.home.path(f.name)), err, p.undo(i, old, again))
		}
		if err := p.home.put(f.name, f.text); err != nil {
			return errors.Join(err, p.undo(i, old, again))
		}
	}
	return nil
}

// Undo restores the state before Install.
func (p *Plan) Undo(old *Installed) error {
	if old != nil {
		return p.undo(len(p.files), old.record, true)
	}
	return p.undo(len(p.files), record{}, false)
}

// undo restores the first n files, the rules first.
func (p *Plan) undo(n int, old record, again bool) error {
	var all []error
	for i := n - 1; i >= 0; i-- {
		if f := p.files[i]; f.before == "" {
			all = append(all, removed(p.home.path(f.name)))
		} else {
			all = append(all, p.home.put(f.name, f.before))
		}
	}
	if again {
		return errors.Join(append(all, p.home.save(old))...)
	}
	r, _, _ := p.home.record()
	p.home.removeFolders(r.Folders)
	return errors.Join(append(all, removed(p.home.State))...)
}

func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (h Home) save(r record) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return putFile(h.State, string(b)+"\n", 0o600)
}

// folders are the folders of the files, the inner ones last.
var folders = []string{".", "symbols", "keycodes", "types", "rules"}

// ownFiles are the files that are all ours.
var ownFiles = []string{symbolsFile, keycodesFile, typesFile}

func (h Home) missingFolders() (missing []string) {
	for _, f := range folders {
		if _, err := os.Lstat(h.path(f)); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, f)
		}
	}
	return missing
}

// removeFolders removes the created folders that are empty.
func (h Home) removeFolders(made []string) {
	for i := len(folders) - 1; i >= 0; i-- {
		for _, m := range made {
			if m == folders[i] {
				_ = os.Remove(h.path(m)) // someone else may have put something there
			}
		}
	}
}

// Installed describes an installation.
type Installed struct {
	record
	Trouble []string // what has changed since the installation
}

// Look returns what is installed, nil for nothing.
func Look(h Home) (*Installed, error) {
	r, ok, err := h.record()
	if err != nil || !ok {
		return nil, err
	}
	in := &Installed{record: r}
	for _, name := range append(slices.Clone(ownFiles), r.Rules) {
		text, err := h.read(name)
		switch {
		case err != nil:
			in.Trouble = append(in.Trouble, err.Error())
		case text == "":
			in.Trouble = append(in.Trouble, h.path(name)+" is missing")
		case name == r.Rules && !strings.Contains(text, block), name != r.Rules && !strings.HasPrefix(text, header):
			in.Trouble = append(in.Trouble, h.path(name)+" was changed by another program")
		}
	}
	return in, nil
}

// Check compiles what is installed, as the desktop does at each login.
func (in *Installed) Check(ctx context.Context, h Home) error {
	for _, l := range in.Layouts {
		if _, err := compile(ctx, h.Config, l.with(true)); err != nil {
			return err
		}
	}
	return nil
}

// New are those of the characters that were not wanted at the time of the installation.
func (in *Installed) New(wanted []rune) (all []rune) {
	for _, r := range wanted {
		if !strings.ContainsRune(in.Wanted, r) {
			all = append(all, r)
		}
	}
	return all
}

// Place is the desktop whose option was set, "" for none.
func (in *Installed) Place() string { return in.record.Place }

// SetPlace notes the desktop whose option was set.
func SetPlace(h Home, place string) error {
	r, ok, err := h.record()
	if err != nil || !ok {
		return err
	}
	r.Place = place
	return h.save(r)
}

// Remove removes the files, the rules first.
func (in *Installed) Remove(h Home) error {
	text, err := h.read(in.Rules)
	if err != nil {
		return err
	}
	switch rest := withoutBlock(text); {
	case text == "":
	case rest == "":
		err = removed(h.path(in.Rules))
	case rest != text:
		err = h.put(in.Rules, rest)
	case strings.Contains(text, blockBegin):
		err = fmt.Errorf("%s: the line %q is missing; remove by hand what toshy has put there", h.path(in.Rules), strings.TrimSpace(blockEnd))
	}
	if err != nil {
		return err
	}
	for _, name := range ownFiles {
		text, err := h.read(name)
		if err != nil {
			return err
		}
		if strings.HasPrefix(text, header) {
			if err := removed(h.path(name)); err != nil {
				return err
			}
		}
	}
	h.removeFolders(in.Folders)
	return removed(h.State)
}
