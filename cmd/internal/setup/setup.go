// Package setup installs on a machine without a package what the service needs, and removes it again. It first makes a
// plan, which can be shown. Nothing changes before the plan is carried out, and nothing at all if there is a file in the
// way that setup did not create.
package setup

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"toshy/systemd"
)

// Options say what to install.
type Options struct {
	Root    string // of the machine's files; "": this machine's, and only then commands run
	System  bool   // the daemon and the agent, instead of one user process
	Program string // path of this program
	Bin     string // folder for programs; "": /usr/local/bin
	Init    Init
	FnKeys  string // of FnKeys; "": unchanged
	Shared  []File // below /usr/local/share: completions, manual pages, documents
}

// An Init is the system that starts services on a machine.
type Init string

// The systems that Detect distinguishes.
const (
	Systemd Init = "systemd"
	OpenRC  Init = "openrc"
	Runit   Init = "runit"
	Other   Init = "other"
)

// Detect finds out what starts services. For a root that does not run (an image), it looks at what is installed.
func Detect(root string) Init {
	for _, x := range []struct {
		path string
		init Init
	}{
		{"run/systemd/system", Systemd},
		{"run/openrc", OpenRC},
		{"run/runit", Runit},
		{"usr/lib/systemd/systemd", Systemd},
		{"lib/systemd/systemd", Systemd},
		{"sbin/openrc-run", OpenRC},
		{"etc/runit", Runit},
	} {
		if _, err := os.Stat((&Options{Root: root}).at("/" + x.path)); err == nil {
			return x.init
		}
	}
	return Other
}

// places are where an administrator's files go instead of a package's (file-hierarchy(7), udev(7), sysusers.d(5),
// modules-load.d(5)). libinput reads only one file of the administrator's, whatever its name in a package.
var places = []struct{ packaged, local string }{
	{"/usr/lib/systemd/system/", "/etc/systemd/system/"},
	{"/usr/lib/systemd/user/", "/etc/systemd/user/"},
	{"/usr/lib/udev/rules.d/", "/etc/udev/rules.d/"},
	{"/usr/share/toshy/70-toshy.rules", "/etc/udev/rules.d/70-toshy.rules"}, // the administrator must choose it, and does so by running setup
	{"/usr/lib/sysusers.d/", "/etc/sysusers.d/"},
	{"/usr/lib/modules-load.d/", "/etc/modules-load.d/"},
	{"/usr/share/libinput/30-toshy.quirks", quirks},
	{"/usr/share/applications/", "/usr/local/share/applications/"},
	{"/usr/share/icons/", "/usr/local/share/icons/"},
}

const (
	quirks   = "/etc/libinput/local-overrides.quirks"
	packaged = "/usr/bin/toshy" // in the packaged units
	localBin = "/usr/local/bin"
	record   = "/etc/toshy/setup.json"
)

// local returns where a file of a package goes, "" for a file that has no place here.
func localPath(p string) string {
	for _, x := range places {
		if rest, ok := strings.CutPrefix(p, x.packaged); ok {
			return x.local + rest
		}
	}
	return ""
}

// A File is a file to create.
type File struct {
	Path string // below the root
	Text []byte
	Mode fs.FileMode
}

// A Plan says what to do, in this order.
type Plan struct {
	Before  [][]string // commands
	Remove  []string   // files
	Files   []File
	After   [][]string
	Notes   []string // what is left out, and why
	Next    []string // what people must still do
	options Options
	made    made
	removal bool
}

// made is the record of what setup has created, so that it recognises its files.
type made struct {
	System  bool              `json:"system"`
	Init    Init              `json:"init"`
	Files   map[string]string `json:"files"`   // SHA-256 by path
	Folders []string          `json:"folders"` // created for them, the outermost first
}

// at is the path of a file of the machine. A relative root is below the current folder.
func (o *Options) at(p string) string {
	if o.Root == "" {
		return p
	}
	return filepath.Join(o.Root, p)
}

// readRecord returns the record; an empty one if there is none.
func (o *Options) readRecord() (m made, err error) {
	b, err := os.ReadFile(o.at(record))
	if errors.Is(err, fs.ErrNotExist) {
		return made{}, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		return made{}, fmt.Errorf("the record of what toshy setup has installed cannot be read: %w", err)
	}
	return m, nil
}

// An InTheWay says that there are files that setup did not create, or that were changed since.
type InTheWay struct{ Paths []string }

func (e *InTheWay) Error() string {
	return "toshy setup did not make these files, or they were changed since: " + strings.Join(e.Paths, ", ")
}

// ErrManaged says that the system's configuration creates these files.
var ErrManaged = errors.New("this is NixOS: its files come from its configuration")

// Install plans the installation. If files are in the way, the error is *InTheWay.
func Install(o Options) (*Plan, error) {
	if _, err := os.Lstat(o.at("/etc/NIXOS")); err == nil {
		return nil, ErrManaged
	}
	switch {
	case o.Bin == "":
	case !path.IsAbs(o.Bin) || strings.ContainsAny(o.Bin, " \t\n%\"'\\$"):
		return nil, fmt.Errorf("%q is not a valid folder for the program: give its path from /, without spaces and quotes", o.Bin)
	case o.System && underHome(o.Bin):
		return nil, fmt.Errorf("%s is in a home, which the daemon cannot see: give a folder in /var or /opt", o.Bin)
	}
	before, err := o.readRecord()
	if err != nil {
		return nil, err
	}
	p := &Plan{options: o, made: made{System: o.System, Init: o.Init, Files: map[string]string{}, Folders: before.Folders}}
	program, err := p.program(before)
	if err != nil {
		return nil, err
	}
	needed := map[systemd.Way]bool{systemd.Both: true, systemd.Split: o.System, systemd.Single: !o.System}
	for _, c := range companions {
		if needed[c.way], err = p.companion(program, c.suffix, before); err != nil {
			return nil, err
		}
	}
	for _, f := range systemd.Files {
		if !needed[f.Way] {
			continue
		}
		if err := p.add(f, program); err != nil {
			return nil, err
		}
	}
	p.shared()
	if err := p.fnKeys(before); err != nil {
		return nil, err
	}
	if err := p.sift(before); err != nil {
		return nil, err
	}
	for old := range before.Files {
		if _, ok := p.made.Files[old]; !ok {
			p.Remove = append(p.Remove, old)
		}
	}
	slices.Sort(p.Remove)
	p.commands(program, before)
	return p, nil
}

func underHome(p string) bool {
	p = path.Clean(p) + "/"
	return strings.HasPrefix(p, "/home/") || strings.HasPrefix(p, "/root/") || strings.HasPrefix(p, "/var/home/")
}

// program decides where units find the program: in its current place, if that is a folder for programs, else in a copy. A
// program that an earlier setup has installed stays in setup's record, so that a removal finds it.
func (p *Plan) program(before made) (string, error) {
	self := p.options.Program
	to := path.Join(cmp.Or(p.options.Bin, localBin), "toshy")
	if dir := path.Dir(self); p.options.Root == "" && (dir == "/usr/bin" || dir == localBin) && (p.options.Bin == "" || p.options.Bin == dir) {
		if to = self; before.Files[self] == "" {
			return self, nil
		}
	}
	text, err := os.ReadFile(self)
	if err != nil {
		return "", fmt.Errorf("read this program to install it: %w", err)
	}
	p.Files = append(p.Files, File{to, text, 0o755})
	return to, nil
}

// companions are the programs that may be next to toshy, by the suffix of their names.
var companions = []struct {
	way    systemd.Way
	suffix string
}{{systemd.Tray, "-tray"}, {systemd.Page, "-ui"}}

// companion says whether a program is next to this one, and installs it to the same folder.
func (p *Plan) companion(program, suffix string, before made) (bool, error) {
	text, err := os.ReadFile(p.options.Program + suffix)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read toshy%s to install it: %w", suffix, err)
	}
	if program != p.options.Program || before.Files[program+suffix] != "" {
		p.Files = append(p.Files, File{program + suffix, text, 0o755})
	}
	return true, nil
}

// add plans one of the files.
func (p *Plan) add(f systemd.File, program string) error {
	to := localPath(f.Path)
	if to == "" {
		return fmt.Errorf("%s: there is no administrator's folder for %s", f.Name, f.Path)
	}
	if p.options.Bin != "" && strings.HasPrefix(to, "/usr/") {
		p.Notes = append(p.Notes, to+" is left out: with --bin nothing is written below /usr")
		return nil
	}
	unit := strings.HasSuffix(f.Name, ".service")
	if p.options.Init != Systemd && (unit || strings.Contains(f.Path, "sysusers.d")) {
		return nil
	}
	if _, err := os.Stat(p.options.at(f.Path)); err == nil && !strings.HasPrefix(f.Path, "/usr/share/toshy/") {
		p.Notes = append(p.Notes, f.Path+" is there already, from a package")
		return nil
	}
	text, err := systemd.FS.ReadFile(f.Name)
	if err != nil {
		return err
	}
	if unit || f.Way == systemd.Tray || f.Way == systemd.Page {
		text = []byte(strings.ReplaceAll(string(text), packaged, program))
	}
	p.Files = append(p.Files, File{to, text, 0o644})
	return nil
}

// shared plans the files below /usr/local/share, unless a package has them.
func (p *Plan) shared() {
	if p.options.Bin != "" {
		if len(p.options.Shared) > 0 {
			p.Notes = append(p.Notes, "completions, manual pages, documents and the icon are left out: with --bin nothing is written below /usr")
		}
		return
	}
	for _, f := range p.options.Shared {
		packaged := p.options.at(strings.Replace(f.Path, "/usr/local/", "/usr/", 1))
		if exists(packaged) || exists(packaged+".gz") {
			continue
		}
		p.Files = append(p.Files, f)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// sift removes from the plan what already exists, and finds what is in the way.
func (p *Plan) sift(before made) error {
	var inTheWay []string
	var files []File
	for _, f := range p.Files {
		sum := sumOf(f.Text)
		now, err := p.options.current(f.Path)
		ours := before.Files[f.Path] != "" && before.Files[f.Path] == now
		switch {
		case err != nil:
			return err
		case now == "", ours && now != sum:
			files = append(files, f)
		case ours, now == sum && before.Files[f.Path] != "": // or someone has already put the right content there
		case now == sum:
			p.Notes = append(p.Notes, f.Path+" is there already, as it should be")
			continue // and it stays when everything else is removed
		case f.Path == quirks:
			p.Notes = append(p.Notes, quirks+" belongs to someone else: to switch the touchpad off while you type, add to it\n"+indent(string(f.Text)))
			continue
		default:
			inTheWay = append(inTheWay, f.Path)
		}
		p.made.Files[f.Path] = sum
	}
	for old, sum := range before.Files {
		if _, ok := p.made.Files[old]; ok {
			continue
		}
		if now, err := p.options.current(old); err != nil {
			return err
		} else if now != "" && now != sum {
			inTheWay = append(inTheWay, old)
		}
	}
	if len(inTheWay) > 0 {
		slices.Sort(inTheWay)
		return &InTheWay{slices.Compact(inTheWay)}
	}
	p.Files = files
	return nil
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			b.WriteString("    " + line)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// current is the sum of a file, or "" if the file does not exist. Anything but a plain file, such as the link of a masked
// unit, does not count as created by setup.
// count as made by setup.
func (o *Options) current(p string) (string, error) {
	info, err := os.Lstat(o.at(p))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "not a plain file", nil
	}
	text, err := os.ReadFile(o.at(p))
	return sumOf(text), err
}

// Uninstall plans the removal of everything that setup created. Files that were changed since are in the way, unless force
// is given: then they are removed, too.
func Uninstall(o Options, force bool) (*Plan, error) {
	before, err := o.readRecord()
	if err != nil {
		return nil, err
	}
	p := &Plan{options: o, made: before, removal: true}
	var inTheWay []string
	for f, sum := range before.Files {
		now, err := o.current(f)
		if err != nil {
			return nil, err
		}
		if now != "" && now != sum && !force {
			inTheWay = append(inTheWay, f)
		}
		if now != "" {
			p.Remove = append(p.Remove, f)
		}
	}
	if len(inTheWay) > 0 {
		slices.Sort(inTheWay)
		return nil, &InTheWay{inTheWay}
	}
	slices.Sort(p.Remove)
	p.removalCommands(before)
	return p, nil
}

// Empty says that there is nothing to do.
func (p *Plan) Empty() bool {
	return len(p.Files)+len(p.Remove) == 0
}
