package importer

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"toshy/config"
	"toshy/remap/key"
)

// A File is one of several files that are converted together.
type File struct {
	Name   string
	Source []byte
}

// prefix begins the names of tables and layers, where several files become one configuration.
func (f *File) prefix() string {
	return strings.TrimSuffix(filepath.Base(f.Name), filepath.Ext(f.Name)) + "-"
}

// Keyd converts a configuration of keyd: sections in brackets, lines of key = value.
func Keyd(name string, source []byte, include Include) (*Result, error) {
	return KeydFiles([]File{{name, source}}, include)
}

// KeydFiles converts several keyd files into one configuration: one file per kind of keyboard, and app.conf of
// keyd-application-mapper.
func KeydFiles(files []File, include Include) (*Result, error) {
	title := files[0].Name
	if len(files) > 1 {
		title = fmt.Sprintf("%s and %d more", title, len(files)-1)
	}
	d := newDocument(title)
	d.single("options").set("layout", str("us"), 0) // keyd goes by the places of keys
	include = include.limited()
	var all []*keyd
	var read [][]keydLine
	var apps []keydApp
	first := []int{}
	lines, size := 0, 0
	for _, f := range files {
		if size += len(f.Source); size > config.MaxFileSize {
			return nil, fmt.Errorf("%s is larger than %d KiB", title, config.MaxFileSize>>10)
		}
		first = append(first, lines)
		k := newKeyd(d, include, lines)
		lines += strings.Count(string(f.Source), "\n") + 1
		if filepath.Base(f.Name) == "app.conf" {
			apps = append(apps, k.apps(string(f.Source))...)
			continue
		}
		list, ids := k.read(string(f.Source))
		if !ids {
			return nil, fmt.Errorf("%s: a configuration of keyd has a section [ids]; this file has none. Is it for another remapper?", f.Name)
		}
		k.prefix = f.prefix()
		all, read = append(all, k), append(read, list)
	}
	if len(all) == 0 { // app.conf alone
		all, read = []*keyd{newKeyd(d, include, 0)}, [][]keydLine{nil}
	}
	if len(all) == 1 {
		all[0].prefix = ""
	}
	for i, k := range all {
		for _, l := range read[i] {
			if l.section == "ids" {
				k.id(l)
			}
		}
	}
	keydDevices(d, all)
	for i, k := range all {
		k.convert(read[i], apps)
	}
	r, err := d.finish()
	if err != nil {
		return nil, err
	}
	r.tellRefusalsOnly(all)
	if len(files) > 1 {
		r.tellFiles(files, first)
	}
	return r, nil
}

// tellRefusalsOnly removes what is said about the differences of lines that are not in the result. A line is one entry, if it includes
// no file.
func (r *Result) tellRefusalsOnly(all []*keyd) {
	lost := map[int]bool{}
	for _, n := range r.Notes {
		several := slices.ContainsFunc(all, func(k *keyd) bool { return k.including[n.Line] })
		lost[n.Line] = lost[n.Line] || n.Lost && n.Line > 0 && !several
	}
	r.Notes = slices.DeleteFunc(r.Notes, func(n Note) bool {
		return lost[n.Line] && !n.Lost && !strings.HasPrefix(n.Reason, checkWarns)
	})
}

// tellFiles adds the file of their line to notes. first says how many lines come before each file.
func (r *Result) tellFiles(files []File, first []int) {
	for i := range r.Notes {
		n := &r.Notes[i]
		f, found := slices.BinarySearch(first, n.Line)
		if n.Line == 0 || found && f == 0 {
			continue
		}
		n.File = files[f-1].Name
		n.Line -= first[f-1]
	}
}

func newKeyd(d *document, include Include, offset int) *keyd {
	k := &keyd{doc: d, include: include, offset: offset, aliases: map[string][]key.Code{}, own: map[key.Code]bool{}, layers: map[string]*keydLayer{}, including: map[int]bool{}, first: "main"}
	for n, names := range keydAliases {
		for _, c := range names {
			code, _ := key.Parse(c)
			k.aliases[n] = append(k.aliases[n], code)
		}
	}
	k.board = newBoard(d)
	return k
}

// convert translates the lines of a file, and then of app.conf.
func (k *keyd) convert(lines []keydLine, apps []keydApp) {
	k.board.main.name = k.prefix + "main"
	k.headings(lines)
	for i := len(apps) - 1; i >= 0; i-- { // of several sections that count the last one decides
		for _, l := range apps[i].lines {
			k.appLine(&apps[i], l)
		}
	}
	ofApps := len(k.board.combos)
	for _, l := range lines {
		switch base, _, _ := strings.Cut(l.section, ":"); base {
		case "aliases", "global", "ids":
			continue
		case "main":
			k.entry(k.board.main, l)
		default:
			k.layerLine(base, l)
		}
		k.tellOtherKeys(l)
	}
	// [control+shift] comes before [control] and [shift].
	slices.SortStableFunc(k.board.combos[ofApps:], func(a, b boardCombo) int { return len(b.combo.Mods) - len(a.combo.Mods) })
	k.waitForLongerChords()
	k.ignoreHolders()
	k.tellDifferences()
	k.board.emit()
}

// A keydDevice is a line of [ids].
type keydDevice struct {
	match string // TOML; empty for *
	not   bool
	line  int
}

var keydID = pattern(`^(-?)(?:k:|m:)?([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?::[0-9a-fA-F]+)?$`)

func (k *keyd) id(l keydLine) {
	switch m := keydID().FindStringSubmatch(l.key); {
	case l.key == "":
	case l.key == "*":
		k.ids = append(k.ids, keydDevice{line: l.line})
	case m == nil:
		k.doc.lost(l.line, "the device %s: toshy devices shows what a rule of [devices] can ask for", l.key)
	default:
		k.ids = append(k.ids, keydDevice{inline("vendor", "0x"+m[2], "product", "0x"+m[3]), m[1] != "", l.line})
	}
}

func (k *keyd) all() bool {
	return slices.ContainsFunc(k.ids, func(d keydDevice) bool { return d.match == "" })
}

// keydDevices says which keyboards to take and, for several files, which file applies to each.
func keydDevices(d *document, all []*keyd) {
	everything := slices.ContainsFunc(all, (*keyd).all)
	claimed := map[string]bool{}
	var types []string
	for _, k := range all {
		own := false
		for _, id := range k.ids {
			if id.match == "" || id.not || k.all() {
				continue
			}
			claimed[id.match] = true
			list := "allow"
			if everything {
				list = "also"
			}
			d.single("devices").extend(list, id.match, id.line)
			if len(all) > 1 {
				own = true
				s := d.element("keyboard", id.line)
				s.set("match", id.match, id.line)
				s.set("type", str(typeName(k.prefix)), id.line)
			}
		}
		if own {
			types = append(types, typeName(k.prefix))
			k.board.guard = equal("keyboard", typeName(k.prefix))
		}
	}
	for _, k := range all {
		if k.all() && len(types) > 0 {
			k.board.guard = not(equal("keyboard", types...))
		}
		for _, id := range k.ids {
			if id.not && !claimed[id.match] {
				d.single("devices").extend("ignore", id.match, id.line)
			}
		}
	}
}

// extend adds an element to a list.
func (s *section) extend(field, value string, line int) {
	for _, f := range s.fields {
		if f.key == field {
			value = strings.TrimSuffix(strings.TrimPrefix(f.value, "["), "]") + ", " + value
		}
	}
	s.set(field, "["+value+"]", line)
}

// apps reads app.conf of keyd-application-mapper.
func (k *keyd) apps(source string) []keydApp {
	var list []keydApp
	n := k.offset
	for text := range strings.Lines(source) {
		n++
		text = strings.TrimSpace(text)
		if keydSection().MatchString(text) {
			class, title, _ := strings.Cut(text[1:len(text)-1], "|")
			app := keydApp{title: strings.Join(strings.Fields("app "+class+" "+title), " ")}
			if class == "" && title == "" {
				app.title = "app without a name"
			}
			for slices.ContainsFunc(list, func(a keydApp) bool { return a.title == app.title }) {
				app.title += " again"
			}
			var err error
			if app.when, err = keydWindow(class, title); err != nil {
				k.doc.lost(n, "the section %s: %v", text, err)
				app.when = cond{text: never}
			}
			list = append(list, app)
			continue
		}
		if text == "reset" {
			continue
		}
		section := ""
		if len(list) > 0 {
			section = "app"
		}
		if l, ok := k.line(text, section, n); ok && list[len(list)-1].when.text != never {
			last := &list[len(list)-1]
			last.lines = append(last.lines, l)
		}
	}
	return list
}

// keydWindow is true for windows whose class and title match patterns with * and ?. keyd-application-mapper compares with
// names in lower case, with a dash in place of everything but letters and digits.
func keydWindow(class, title string) (cond, error) {
	var all []cond
	for _, p := range [][2]string{{"app", class}, {"title", title}} {
		if strings.Trim(p[1], "*") == "" && (p[1] != "" || p[0] == "title") {
			continue
		}
		if p[1] != strings.ToLower(p[1]) || strings.ContainsAny(p[1], `._ /:\()`) {
			return cond{}, fmt.Errorf("keyd compares %s with names in small letters, digits and dashes, which it can never be", p[1])
		}
		if strings.ContainsAny(p[1], "[]") {
			return cond{}, fmt.Errorf("a pattern with brackets (%s)", p[1])
		}
		if p[0] == "app" && strings.Trim(p[1], "abcdefghijklmnopqrstuvwxyz0123456789") == "" {
			all = append(all, equal("app", p[1]))
			continue
		}
		all = append(all, atom("%s matches %s", p[0], quoteCond(keydGlob(p[1]))))
	}
	return allOf(all...), nil
}

// keydGlob is a pattern with * and ? as a regular expression.
func keydGlob(p string) string {
	expr := strings.NewReplacer("*", ".*", "?", ".", "-", `[\W_]+`).Replace(strings.Trim(p, "*"))
	if !strings.HasPrefix(p, "*") {
		expr = `^[\W_]*` + expr
	}
	if !strings.HasSuffix(p, "*") {
		expr += `[\W_]*$`
	}
	return expr
}
