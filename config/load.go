package config

import (
	"cmp"
	"embed"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed mac/*.toml mac-minimal/*.toml windows/*.toml
var embedded embed.FS

// builtinPrefix marks the name of an embedded file in messages.
const builtinPrefix = "builtin:"

func builtinNames() []string { return []string{"mac", "mac-minimal", "windows"} }

// A document is one file in order of priority.
type document struct {
	root  *node
	layer int // 0: the user's file and the files that it includes; 1: what that extends; and so on
}

// loader reads files and puts them in order: a file, then its includes in order, then the file that it extends. Earlier
// files override later ones.
type loader struct {
	opts     Options
	ps       problems
	docs     []document
	layer    int
	stack    []string // files being read, for cycles
	read     []string // every file in the order of reading
	files    []string
	patterns []string
	texts    Texts
	room     int // how many more items the user's files may have
}

func newLoader(opts Options) *loader {
	if opts.Files == nil {
		opts.Files = Disk{}
	}
	return &loader{opts: opts, ps: problems{ctx: opts.Context}, texts: make(Texts), room: maxItems}
}

// embeddedFiles lets files be read from the embedded ones.
type embeddedFiles struct{}

func (embeddedFiles) ReadFile(name string) ([]byte, error) {
	return embedded.ReadFile(strings.TrimPrefix(name, builtinPrefix))
}

func (embeddedFiles) Glob(pattern string) ([]string, error) {
	names, err := fs.Glob(embedded, strings.TrimPrefix(pattern, builtinPrefix))
	for i := range names {
		names[i] = builtinPrefix + names[i]
	}
	return names, err
}

func (l *loader) from(name string) Files {
	if strings.HasPrefix(name, builtinPrefix) {
		return embeddedFiles{}
	}
	return l.opts.Files
}

// builtin reads a built-in configuration; false if there is none with that name.
func (l *loader) builtin(name string) bool {
	if !slices.Contains(builtinNames(), name) {
		return false
	}
	l.open(builtinPrefix+name+"/"+name+".toml", span{})
	return true
}

// open reads a file that at names; at is empty for the first file.
func (l *loader) open(name string, at span) {
	files := l.from(name)
	data, err := files.ReadFile(name)
	if err != nil {
		message, hint := describe(err)
		if at.src != nil {
			if strings.Contains(name, "~/") || strings.Contains(name, "$") {
				hint = `~ and $HOME are not expanded: write the path from this file on, such as "work.toml", or the whole path`
			}
			l.ps.error(at, hint, "%s: %s", name, message)
			return
		}
		l.read = append(l.read, name)
		l.ps.error(span{src: &source{name: name}}, hint, "%s", message)
		return
	}
	_, ours := files.(embeddedFiles)
	l.text(name, data, ours)
}

// text reads a file's text, then the files that it names. ours: it is an embedded one.
func (l *loader) text(name string, data []byte, ours bool) {
	first := len(l.stack) == 0
	l.read = append(l.read, name)
	if !strings.HasPrefix(name, builtinPrefix) {
		l.files = append(l.files, name)
		l.texts[name] = data
	}
	if len(data) > MaxFileSize {
		l.ps.error(span{src: &source{name: name}}, "split it with include", "the file is larger than %d KiB", MaxFileSize>>10)
		return
	}
	src := newSource(name, data)
	room := &l.room
	if ours {
		room = new(maxItems)
	}
	root := parse(src, room, &l.ps)
	if root == nil {
		return
	}
	l.docs = append(l.docs, document{root, l.layer})
	l.stack = append(l.stack, name)
	if inc := root.get("include"); inc != nil {
		for i, n := range list(inc) {
			if i == MaxFiles {
				l.ps.error(n.valueSpan(), "", "more than %d files", MaxFiles)
				break
			}
			switch n.kind {
			case kindString:
				l.include(n)
			case kindTable:
				if f := l.onHost(n); f != nil {
					l.include(f)
				}
			default:
				l.ps.error(n.valueSpan(), `include = ["conf.d/*.toml"]`, "include is a list of strings, but this is %s", n.kind)
			}
		}
	}
	l.extend(root, first)
	l.stack = l.stack[:len(l.stack)-1]
}

// strings returns the elements of a list of strings; a single string counts as a list of one.
func (l *loader) strings(n *node) []*node {
	if n.kind == kindString {
		return []*node{n}
	}
	if n.kind != kindArray {
		l.ps.error(n.valueSpan(), "", "%s is a list of strings, not %s", n.key, n.kind)
		return nil
	}
	var list []*node
	for _, e := range n.kids {
		if e.kind != kindString {
			l.ps.error(e.valueSpan(), "", "%s is a list of strings, but this is %s", n.key, e.kind)
			continue
		}
		list = append(list, e)
	}
	return list
}

// relative resolves a name that another file gives.
func relative(from, name string) string {
	if path.IsAbs(name) {
		return name
	}
	if rest, ok := strings.CutPrefix(from, builtinPrefix); ok {
		return builtinPrefix + path.Join(path.Dir(rest), name)
	}
	return path.Join(path.Dir(from), name)
}

// onHost is the file of { file = "...", host = "..." }, nil on other machines.
func (l *loader) onHost(n *node) *node {
	for _, k := range n.kids {
		if !slices.Contains(includeTable.names(), k.key) {
			l.ps.error(k.keySpan(), didYouMean(k.key, includeTable.names()), "unknown key %q in an include", k.key)
			return nil
		}
	}
	file, host := n.get("file"), n.get("host")
	if file == nil || host == nil || file.kind != kindString {
		l.ps.error(n.valueSpan(), `{ file = "laptop.toml", host = "laptop" }`, "an include with a host needs file and host")
		return nil
	}
	for _, h := range l.strings(host) {
		if strings.EqualFold(h.str(), l.opts.Facts["host"]) {
			return file
		}
	}
	return nil
}

func (l *loader) include(n *node) {
	name := relative(n.src.name, n.str())
	if n.str() == "" {
		l.ps.error(n.valueSpan(), "", "an include needs the name of a file")
		return
	}
	names := []string{name}
	if strings.ContainsAny(n.str(), "*?[") {
		found, err := l.from(name).Glob(name)
		if err != nil {
			hint := ""
			if errors.Is(err, path.ErrBadPattern) || errors.Is(err, filepath.ErrBadPattern) {
				hint = "* matches any characters, ? matches one, [abc] one of these"
			}
			l.ps.error(n.valueSpan(), hint, "%v", err)
			return
		}
		if !strings.HasPrefix(name, builtinPrefix) {
			l.patterns = append(l.patterns, name)
		}
		names = found
	}
	for _, f := range names {
		l.another(f, n)
	}
}

// another reads a file that n names, unless that makes a circle or exceeds a limit.
func (l *loader) another(name string, n *node) {
	if i := slices.Index(l.stack, name); i >= 0 {
		if (n.key == "" || n.key == "file") && strings.ContainsAny(n.str(), "*?[") && name == n.src.name {
			return // a pattern that matches its own file
		}
		l.ps.error(n.valueSpan(), "remove one of them", "the files include each other in a circle: %s -> %s", strings.Join(l.stack[i:], " -> "), name)
		return
	}
	if slices.Contains(l.read, name) {
		return // already read by another path
	}
	if len(l.read) >= MaxFiles {
		l.ps.error(n.valueSpan(), "", "more than %d files", MaxFiles)
		return
	}
	l.open(name, n.valueSpan())
}

// extend reads what a file builds on. If the first file does not say, it extends Options.Extends.
func (l *loader) extend(root *node, first bool) {
	n := root.get("extends")
	if n == nil {
		if first && !strings.HasPrefix(root.src.name, builtinPrefix) {
			l.layer++
			l.builtin(cmp.Or(l.opts.Extends, "mac")) // "none" finds no files
			l.layer--
		}
		return
	}
	if n.kind != kindString {
		l.ps.error(n.valueSpan(), `"mac", "mac-minimal", "windows", "none" or the path of a file`, "extends is a string, not %s", n.kind)
		return
	}
	if !first && l.layer == 0 {
		l.ps.error(n.keySpan(), "write extends in the first file", "an included file cannot extend another")
		return
	}
	if n.str() == "none" {
		return
	}
	l.layer++
	defer func() { l.layer-- }()
	if l.builtin(n.str()) {
		return
	}
	if !strings.ContainsAny(n.str(), "./") {
		l.ps.error(n.valueSpan(), didYouMean(n.str(), append(builtinNames(), "none"))+" (a path has a / or a dot in it)", "there is no built-in configuration %q", n.str())
		return
	}
	l.another(relative(n.src.name, n.str()), n)
}

// BuiltinNames are the names that extends accepts, other than files.
func BuiltinNames() []string { return append(slices.Clone(builtinNames()), "none") }
