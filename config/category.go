package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"toshy/remap"
)

// categoryNames are the categories of the Desktop Menu Specification, for hints. Applications may have others.
var categoryNames = strings.Fields(`
	AudioVideo Audio Video Development Education Game Graphics Network Office Science Settings System Utility
	Building Debugger IDE GUIDesigner Profiling RevisionControl Translation Calendar ContactManagement Database Dictionary Chart
	Email Finance FlowChart PDA ProjectManagement Presentation Spreadsheet WordProcessor 2DGraphics VectorGraphics RasterGraphics
	3DGraphics Scanning OCR Photography Publishing Viewer TextTools DesktopSettings HardwareSettings Printing PackageManager
	Dialup InstantMessaging Chat IRCClient Feed FileTransfer HamRadio News P2P RemoteAccess Telephony TelephonyTools
	VideoConference WebBrowser WebDevelopment Midi Mixer Sequencer Tuner TV AudioVideoEditing Player Recorder DiscBurning
	ActionGame AdventureGame ArcadeGame BoardGame BlocksGame CardGame KidsGame LogicGame RolePlaying Shooter Simulation
	SportsGame StrategyGame Art Construction Music Languages ArtificialIntelligence Astronomy Biology Chemistry ComputerScience
	DataVisualization Economy Electricity Geography Geology Geoscience History Humanities ImageProcessing Literature Maps Math
	NumericalAnalysis MedicalSoftware Physics Robotics Spirituality Sports ParallelComputing Amusement Archiving Compression
	Electronics Emulator Engineering FileTools FileManager TerminalEmulator Filesystem Monitor Security Accessibility Calculator
	Clock TextEditor Documentation Adult Core KDE GNOME XFCE DDE GTK Qt Motif Java ConsoleOnly`)

// functionNames are the functions in conditions.
var functionNames = []string{"category", "held", "last"}

// functionHints show how each function is written.
var functionHints = map[string]string{"category": `write category("TerminalEmulator")`, "held": `write held("A")`, "last": `write last("Space")`}

// call compiles a function: category("TerminalEmulator"), held("A") or last("Space").
func (w *conditions) call(n *ast.CallNode) *remap.Cond {
	name, ok := n.Callee.(*ast.IdentifierNode)
	if !ok || !slices.Contains(functionNames, name.Value) {
		if m, is := n.Callee.(*ast.MemberNode); is && len(n.Arguments) == 1 {
			if op, is := m.Property.(*ast.StringNode); is && slices.Contains([]string{"contains", "startsWith", "endsWith", "matches"}, op.Value) {
				return w.wrong(n, fmt.Sprintf("write %s %s %s", w.source(m.Node), op.Value, w.source(n.Arguments[0])), "there is no function %s", w.source(n.Callee))
			}
		}
		return w.wrong(n, `the functions are category("TerminalEmulator"), held("A") and last("Space")`, "there is no function %s", w.source(n.Callee))
	}
	if name.Value != "category" {
		return w.keyCall(n, name.Value, n.Arguments)
	}
	const hint = `category("TerminalEmulator")`
	if len(n.Arguments) != 1 {
		return w.wrong(n, hint, "category asks for one category")
	}
	text, ok := n.Arguments[0].(*ast.StringNode)
	if !ok || !remap.IsCategory(text.Value) {
		return w.wrong(n.Arguments[0], hint, "%s is not the name of a category", w.source(n.Arguments[0]))
	}
	known := func(c string) bool { return strings.EqualFold(c, text.Value) }
	if !strings.HasPrefix(strings.ToUpper(text.Value), "X-") && !slices.ContainsFunc(categoryNames, known) {
		h := "a desktop entry says which it has; toshy windows shows those of the window in focus"
		if near := nearest(text.Value, categoryNames); near != "" {
			h = fmt.Sprintf("did you mean %q?", near)
		}
		w.ps.warn(w.span(n.Arguments[0]), h, "the menu specification has no category %q", text.Value)
	}
	if !w.within(text.Value, remap.FieldCategories, w.span(n)) {
		return nil
	}
	return w.cond(n, remap.InCategory(text.Value))
}
