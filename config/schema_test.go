package config

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(SchemaID, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// jsonOf returns a TOML file as an editor passes it to the validator; false if it is not valid TOML.
func jsonOf(t *testing.T, data []byte) (any, bool) {
	t.Helper()
	var values map[string]any
	if _, err := toml.Decode(strings.TrimPrefix(string(data), bom), &values); err != nil {
		return nil, false
	}
	text, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return v, true
}

// takes returns why a schema refuses a configuration.
func takes(t *testing.T, s *jsonschema.Schema, name string, data []byte) {
	t.Helper()
	v, ok := jsonOf(t, data)
	if !ok {
		t.Errorf("%s is no TOML", name)
		return
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

func TestSchemaTakesWhatIsGood(t *testing.T) {
	s := compiledSchema(t)
	n := 0
	for _, pattern := range []string{"mac/*.toml", "testdata/good/*.toml", "testdata/good/conf.d/*.toml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			n++
			takes(t, s, f, data)
		}
	}
	if n < 20 {
		t.Errorf("only %d files found", n)
	}
}

// This shows what a schema says about the files below testdata/bad: it refuses most mistakes, too. The golden file lists those that
// only toshy check finds: names that must exist, conditions, several files.
func TestSchemaRefusesWhatIsBad(t *testing.T) {
	s := compiledSchema(t)
	var taken strings.Builder
	refused, total := 0, 0
	for _, name := range inputs(t, "testdata/bad") {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		v, ok := jsonOf(t, data)
		if !ok {
			continue // the editor reports this before it asks a schema
		}
		total++
		if s.Validate(v) != nil {
			refused++
			continue
		}
		taken.WriteString(filepath.Base(name) + "\n")
	}
	golden(t, "testdata/schema-takes.golden", taken.String())
	if refused < 50 {
		t.Errorf("only %d of %d are refused", refused, total)
	}
}

// The schema contains each word in the tables of the language. This compares it with the tables that are not part of them.
func TestFormsAreInOrder(t *testing.T) {
	if diff := cmp.Diff(slices.Sorted(maps.Keys(forms)), slices.Sorted(slices.Values(formNames))); diff != "" {
		t.Errorf("forms and formNames differ (-forms +formNames):\n%s", diff)
	}
	for _, n := range formNames {
		if f := forms[n]; f.doc == "" || f.value == nil {
			t.Errorf("%s says nothing of itself", n)
		}
	}
}
