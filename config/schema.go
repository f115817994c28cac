package config

import (
	"encoding/json"
	"maps"
	"slices"
)

// SchemaID is the name of the schema. Nothing is downloaded from there.
const SchemaID = "urn:toshy:config"

// Schema returns the JSON Schema (draft 2020-12) of a configuration file, for TOML editors. It is made from the same tables
// as the parser. It refuses what one file alone shows to be wrong: unknown keys, values of the wrong type, invalid choices.
// toshy check checks names of keys, groups and settings.
func Schema() ([]byte, error) {
	defs := schema{
		"key":       schema{"description": "the name of a key, as toshy keys lists them", "type": "string", "minLength": 1},
		"combo":     schema{"description": "a key with modifiers: Ctrl-Shift-T or Ctrl+Shift+T", "type": "string", "minLength": 1},
		"condition": schema{"description": `a condition: app == "kitty" and not (title contains "vim")`, "type": "string", "pattern": `\S`, "maxLength": maxWhen},
		"duration":  schema{"description": `a time: "200ms", "1.5s"`, "type": "string", "pattern": `^\+?(0|(([0-9]+\.?[0-9]*|\.[0-9]+) *(ns|us|µs|μs|ms|s|m|h) *)+)$`},
		"action":    actionSchema(),
		"keys":      named(actionValue),
		"modmapKeys": named(schema{"anyOf": []schema{
			{"description": `the key that it becomes, or "unset"`, "type": "string", "minLength": 1}, ref("tapHold"),
		}}),
		"tapHold": tapHoldTable.schema(schema{"required": []string{"tap"}, "oneOf": []schema{{"required": []string{"hold"}}, {"required": []string{"layer"}}}}),
		"group": schema{"anyOf": []schema{
			{"description": "a condition", "$ref": "#/$defs/condition"},
			{"description": "application classes: exact, or /regular expression/", "type": "array", "items": anyText, "minItems": 1},
			ref("matchTable"),
		}},
		"matchTable": groupTable.schema(schema{"minProperties": 1}),
		"modifier": schema{"anyOf": []schema{
			{"description": "another name of a modifier", "type": "string", "minLength": 1},
			modifierTable.schema(schema{"required": []string{"carrier"}}),
		}},
		"devicesList": oneOrMore(schema{"anyOf": []schema{anyText, ref("deviceMatch")}}),
		"timingRule":  timingRuleTable.schema(schema{"required": []string{"when"}}),
		"pacingRule":  pacingRuleTable.schema(schema{"required": []string{"when"}}),
		"unicodeRule": unicodeRuleTable.schema(schema{"required": []string{"when"}}),
		"includeOn":   includeTable.schema(schema{"required": []string{"file", "host"}}),
		"actionRule":  actionRuleTable.schema(schema{"required": []string{"do"}}),
		"keyboard":    keyboardTable.schema(schema{"anyOf": []schema{{"required": []string{"type"}}, {"required": []string{"debounce"}}}}),
	}
	for name, t := range map[string]table{
		"setting": settingTable, "state": stateTable, "deviceMatch": deviceTable, "devices": devicesTable, "daemon": daemonTable, "timing": timingTable, "pacing": pacingTable, "unicode": unicodeTable,
		"options": optionsTable, "desktopAction": actionTable, "hands": handsTable, "modmap": modmapTable, "chord": chordTable, "layer": layerTable, "compose": composeTable, "abbreviations": abbreviationsTable, "keymap": keymapTable, "words": wordsTable,
	} {
		defs[name] = t.schema(nil)
	}
	return json.MarshalIndent(fileTable.schema(schema{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"$id":         SchemaID,
		"title":       "toshy configuration",
		"description": "The configuration language of toshy; docs/CONFIG.md is its reference.",
		"$defs":       defs,
	}), "", "  ")
}

// schema is a table that may have only these keys; more adds further rules.
func (t table) schema(more schema) schema {
	properties := schema{}
	for _, f := range t {
		properties[f.name] = described(f.value, f.doc)
	}
	s := schema{"type": "object", "properties": properties, "additionalProperties": false}
	maps.Copy(s, more)
	return s
}

// described is a value with its description.
func described(s schema, doc string) schema {
	s = maps.Clone(s)
	s["description"] = doc
	return s
}

// actionSchema is an action: a combo or word, a list, a table of one kind, or a sequence.
func actionSchema() schema {
	ways := []schema{
		{"description": `a combo, "block", "nothing", "pass" or "unset"`, "type": "string", "minLength": 1},
		{"description": "one after the other", "type": "array", "items": actionValue, "minItems": 1},
	}
	for _, name := range formNames {
		form := forms[name]
		fields := append(table{{name, form.doc, form.value}}, form.with...)
		ways = append(ways, fields.schema(schema{"description": form.doc, "required": []string{name}}))
	}
	strokes := sequenceTable.schema(schema{
		"description":          "a sequence: second stroke = action",
		"additionalProperties": actionValue,
		"propertyNames":        schema{"not": schema{"enum": slices.Sorted(maps.Keys(forms))}},
		"minProperties":        1,
	})
	return schema{"anyOf": append(ways, strokes)}
}
