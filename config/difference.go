package config

import (
	"maps"
	"reflect"
	"slices"

	"github.com/BurntSushi/toml"
)

// A Change is a value that two texts have differently. One that a text does not have is nil.
type Change struct {
	Path          []string // ["keymap", "mine", "keys", "Cmd-K"]
	Before, After any
}

// deepest is how many names lead to a value at most: tables in it belong to it, such as an action.
const deepest = 4

// Changes are the values in which two texts differ, sorted by their paths.
func Changes(before, after string) ([]Change, error) {
	var was, is map[string]any
	if _, err := toml.Decode(before, &was); err != nil {
		return nil, err
	}
	if _, err := toml.Decode(after, &is); err != nil {
		return nil, err
	}
	return changes(nil, nil, was, is), nil
}

func changes(list []Change, path []string, was, is map[string]any) []Change {
	names := maps.Clone(was)
	if names == nil {
		names = map[string]any{}
	}
	maps.Copy(names, is)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		at := append(slices.Clone(path), name)
		a, b := was[name], is[name]
		if reflect.DeepEqual(a, b) {
			continue
		}
		before, isTable := a.(map[string]any)
		after, isTable2 := b.(map[string]any)
		if len(at) < deepest && (isTable || a == nil) && (isTable2 || b == nil) {
			list = changes(list, at, before, after)
			continue
		}
		list = append(list, Change{at, a, b})
	}
	return list
}
