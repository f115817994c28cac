package config

import (
	"maps"
	"slices"
)

// A ReferenceTable is a table of the language: its keys, and the meaning of each in a line.
type ReferenceTable struct {
	Name   string // "": the top level of a file
	Fields []ReferenceField
}

// A ReferenceField is a key of a table.
type ReferenceField struct{ Name, Doc string }

// ActionsReference is the name of the table of actions.
const ActionsReference = "action of a key"

// Reference returns the tables of the language, for a manual.
func Reference() []ReferenceTable {
	fields := func(t table) (list []ReferenceField) {
		for _, f := range t {
			list = append(list, ReferenceField{f.name, f.doc})
		}
		return list
	}
	actions := ReferenceTable{Name: ActionsReference}
	for _, name := range formNames {
		actions.Fields = append(actions.Fields, ReferenceField{name, forms[name].doc})
		for _, f := range forms[name].with {
			actions.Fields = append(actions.Fields, ReferenceField{name + ", " + f.name, f.doc})
		}
	}
	all := []ReferenceTable{actions}
	for _, t := range []struct {
		name  string
		table table
	}{
		{"", fileTable},
		{"[keymap.NAME]", keymapTable},
		{"[modmap.NAME]", modmapTable},
		{"key with two meanings", tapHoldTable},
		{"[layer.NAME]", layerTable},
		{"[chord.NAME]", chordTable},
		{"[compose.NAME]", composeTable},
		{"sequence", sequenceTable},
		{"[groups]", groupTable},
		{"[modifiers]", modifierTable},
		{"[setting.NAME]", settingTable},
		{"[state.NAME]", stateTable},
		{"[[keyboard]]", keyboardTable},
		{"device", deviceTable},
		{"[devices]", devicesTable},
		{"[daemon]", daemonTable},
		{"[action.NAME]", actionTable},
		{"[timing]", timingTable},
		{"[pacing]", pacingTable},
		{"[unicode]", unicodeTable},
		{"[options]", optionsTable},
		{"[words.NAME]", wordsTable},
	} {
		all = append(all, ReferenceTable{t.name, fields(t.table)})
	}
	return all
}

// ConditionNames are the predeclared names in conditions.
func ConditionNames() []string {
	return append(slices.Sorted(maps.Keys(textFields)), append([]string{"category", "held", "last", "layer", "capslock", "numlock", "level3"}, factNames...)...)
}
