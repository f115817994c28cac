package importer

import (
	"fmt"
	"slices"
	"strings"
)

var unusedLayer = pattern("^" + checkWarns + `layer "(.*)" is never turned on`)

// explainUnusedLayers says which lines would turn on a layer if they were converted. Without that, the warning of toshy
// check about the layer would blame the file.
func (r *Result) explainUnusedLayers(files []File) {
	for i := range r.Notes {
		n := &r.Notes[i]
		m := unusedLayer().FindStringSubmatch(n.Reason)
		if m == nil {
			continue
		}
		file := slices.IndexFunc(files, func(f File) bool { return f.Name == n.File || n.File == "" })
		if file < 0 {
			continue
		}
		lines := strings.Split(string(files[file].Source), "\n")
		name, _, _ := strings.Cut(strings.TrimPrefix(m[1], files[file].prefix()), withModifiers)
		for _, lost := range r.Notes {
			if lost.Lost && lost.File == n.File && lost.Line > 0 && lost.Line <= len(lines) && lost.Line != n.Line && hasWord(lines[lost.Line-1], name) {
				n.Reason = fmt.Sprintf("layer %q is never turned on, because line %d is not converted", m[1], lost.Line)
				break
			}
		}
	}
}

var calledName = pattern(`[\w-]+\(`)

// hasWord says whether a line names something by itself, not as a part of a longer name or as a function.
func hasWord(line, word string) bool {
	line = calledName().ReplaceAllString(line, "(")
	return word != "" && slices.Contains(strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune("()[]{},=:+\"'@ \t\r", r) }), word)
}
