package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"toshy/remap"
)

// Each TOML block in the reference is a configuration that loads without errors or warnings.
func TestReference(t *testing.T) {
	text, err := os.ReadFile("../docs/CONFIG.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatchIndex(string(text), -1)
	if len(blocks) < 10 {
		t.Fatalf("%d blocks found", len(blocks))
	}
	for _, at := range blocks {
		line := 1 + strings.Count(string(text[:at[2]]), "\n")
		t.Run(fmt.Sprintf("line %d", line), func(t *testing.T) {
			c, err := Parse("CONFIG.md", text[at[2]:at[3]], Options{Files: Texts{}})
			if err != nil {
				t.Fatalf("%v", err)
			}
			for _, w := range c.Warnings {
				if w.File == "CONFIG.md" && !strings.Contains(w.Message, "used nowhere") {
					t.Error(w)
				}
			}
			if _, err := remap.Compile(c.Program); err != nil {
				t.Error(err)
			}
		})
	}
}

// The reference has every key of the language: a key without a description does not exist.
func TestReferenceIsComplete(t *testing.T) {
	data, err := os.ReadFile("../docs/CONFIG.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	if len(forms) != len(formNames) {
		t.Errorf("%d forms of action, %d names", len(forms), len(formNames))
	}
	var words []string
	words = append(words, topLevel...)
	words = append(words, formNames...)
	words = append(words, nestedKeys...)
	words = append(words, optionKeys...)
	words = append(words, timingFields.names()...)
	words = append(words, matchKeys...)
	words = append(words, factNames...)
	words = append(words, presets...)
	words = append(words, wordBlock, wordNothing, wordPass, wordUnset)
	for _, t := range []table{
		includeTable, settingTable, stateTable, groupTable, modifierTable, keyboardTable, deviceTable, devicesTable, daemonTable, actionTable, actionRuleTable, modmapTable, tapHoldTable, handsTable, chordTable,
		layerTable, keymapTable, composeTable, abbreviationsTable, timingTable, timingRuleTable, pacingTable, pacingRuleTable, unicodeTable, unicodeRuleTable, optionsTable, sequenceTable,
	} {
		words = append(words, t.names()...)
	}
	for _, n := range ActionNames {
		words = append(words, n.Name)
	}
	for _, list := range [][]string{unicodeMethods, unreachables, foldeds, layouts, otherwises, escapes, untils, agains} {
		words = append(words, list...)
	}
	for f := range textFields {
		words = append(words, f)
	}
	for _, f := range forms {
		words = append(words, f.with.names()...)
	}
	for _, w := range words {
		if !regexp.MustCompile("`[^`\n]*\\b" + regexp.QuoteMeta(w) + "\\b[^`\n]*`").MatchString(text) {
			t.Errorf("%q is not described", w)
		}
	}
}

// The schema accepts what the documents show.
func TestSchemaTakesTheDocuments(t *testing.T) {
	s := compiledSchema(t)
	docs, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range docs {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllSubmatch(text, -1) {
			n++
			takes(t, s, f, block[1])
		}
	}
	if n < 10 {
		t.Errorf("only %d examples found", n)
	}
}
