package sheet

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// Text is the sheet for a terminal.
func (s *Sheet) Text() string {
	wide := 0
	for i := range s.Rows {
		wide = max(wide, utf8.RuneCountInString(s.Rows[i].Combo))
	}
	var b strings.Builder
	group := ""
	for i := range s.Rows {
		r := &s.Rows[i]
		if r.Group != group {
			if group != "" {
				b.WriteByte('\n')
			}
			group = r.Group
			b.WriteString(group + "\n")
		}
		line := "  " + r.Combo + strings.Repeat(" ", wide-utf8.RuneCountInString(r.Combo)) + "  " + r.What
		if r.Sends != "" && !strings.HasPrefix(r.What, "Sends ") {
			line += " (" + r.Sends + ")"
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// Title is what the sheet is about.
func (s *Sheet) Title() string {
	if s.App == "" {
		return "Shortcuts"
	}
	return "Shortcuts in " + s.App
}

// HTML is the sheet as a complete page, for printing.
func (s *Sheet) HTML(d Drawing) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>
%s</style>
<h1>%s</h1>
`, html.EscapeString(s.Title()), printStyle+svgStyle, html.EscapeString(s.Title()))
	b.WriteString(d.SVG(s))
	b.WriteString("<main>\n")
	group := ""
	for i := range s.Rows {
		r := &s.Rows[i]
		if r.Group != group {
			if group != "" {
				b.WriteString("</table></section>\n")
			}
			group = r.Group
			fmt.Fprintf(&b, "<section><h2>%s</h2><table>\n", html.EscapeString(group))
		}
		fmt.Fprintf(&b, "<tr><th scope=row><kbd>%s</kbd><td>%s\n", html.EscapeString(r.Combo), html.EscapeString(r.What))
	}
	if group != "" {
		b.WriteString("</table></section>\n")
	}
	b.WriteString("</main>\n</html>\n")
	return b.String()
}

// Standalone is the drawing as a complete file.
func (s *Sheet) Standalone(d Drawing) string {
	return strings.Replace(d.SVG(s), ">\n", ">\n<style>"+svgStyle+"</style>\n", 1)
}

const svgStyle = `.keyboard { font-family: system-ui, sans-serif; }
.key rect { fill: #f6f6f7; stroke: #b9bcc4; }
.key text { fill: #23252b; }
.key .is { fill: #4a3fc4; font-weight: 600; }
.mod rect { fill: #e6e4fb; stroke: #857ce0; }
.used rect { fill: #e9f3ec; stroke: #8dbb9b; }
`

const printStyle = `body { font: 13px/1.4 system-ui, sans-serif; max-width: 62rem; margin: 1.5rem auto; padding: 0 1rem; color: #1d1e22; }
h1 { font-size: 1.5rem; } h2 { font-size: 1rem; margin: 1rem 0 .3rem; }
svg { width: 100%; height: auto; }
main { columns: 19rem; column-gap: 2rem; } section { break-inside: avoid-column; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .1rem .6rem .1rem 0; vertical-align: top; font-weight: 400; }
th { white-space: nowrap; width: 9rem; } kbd { font: 600 12px ui-monospace, monospace; }
`
