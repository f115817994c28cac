package importer

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"toshy/config"
)

// maxYAML bounds the size after a YAML file's aliases are expanded: a few lines can become billions.
const maxYAML = 200_000

// readYAML is the first document of a text in YAML, nil for an empty one.
func readYAML(name string, source []byte) (*yaml.Node, error) {
	if len(source) > config.MaxFileSize {
		return nil, fmt.Errorf("%s is larger than %d KiB", name, config.MaxFileSize>>10)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(source, &root); err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(root.Content) == 0 {
		return nil, nil
	}
	left := maxYAML
	if !within(root.Content[0], &left, 0) {
		return nil, fmt.Errorf("%s: %w", name, errUnfolded)
	}
	return root.Content[0], nil
}

var errUnfolded = errors.New("its aliases refer to themselves, or expand to too much")

// within counts the nodes of a document with its aliases expanded.
func within(n *yaml.Node, left *int, depth int) bool {
	if *left--; *left < 0 || depth > 100 {
		return false
	}
	if n.Kind == yaml.AliasNode {
		return within(n.Alias, left, depth+1)
	}
	for _, c := range n.Content {
		if !within(c, left, depth+1) {
			return false
		}
	}
	return true
}

// readTOML reads a text in TOML as the same tree.
func readTOML(name string, source []byte) (*yaml.Node, error) {
	if len(source) > config.MaxFileSize {
		return nil, fmt.Errorf("%s is larger than %d KiB", name, config.MaxFileSize>>10)
	}
	t, err := config.ReadTree(name, string(source))
	if err != nil {
		return nil, err
	}
	return yamlOf(t), nil
}

func yamlOf(t *config.Tree) *yaml.Node {
	n := &yaml.Node{Line: t.Line}
	switch {
	case t.Value != nil:
		n.Kind, n.Value, n.Tag = yaml.ScalarNode, fmt.Sprint(t.Value), "!!str"
		switch t.Value.(type) {
		case bool:
			n.Tag = "!!bool"
		case int64:
			n.Tag = "!!int"
		case float64:
			n.Tag = "!!float"
		}
	case t.List:
		n.Kind = yaml.SequenceNode
		for _, k := range t.Kids {
			n.Content = append(n.Content, yamlOf(k))
		}
	default:
		n.Kind = yaml.MappingNode
		for _, k := range t.Kids {
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: k.Key, Line: k.Line}, yamlOf(k))
		}
	}
	return n
}

type pair struct {
	key   string
	value *yaml.Node
	line  int
}

// pairs are the keys and values of a mapping; << includes those of another one.
func pairs(n *yaml.Node) []pair {
	n = resolve(n)
	var list []pair
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		k, v := n.Content[i], resolve(n.Content[i+1])
		if k.Value == "<<" {
			for _, from := range elements(v) {
				list = append(pairs(from), list...)
			}
			continue
		}
		list = append(list, pair{k.Value, v, k.Line})
	}
	return list
}

func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// elements are those of a list; a single value counts as one.
func elements(n *yaml.Node) []*yaml.Node {
	n = resolve(n)
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

func get(n *yaml.Node, key string) *yaml.Node {
	for _, p := range pairs(n) {
		if p.key == key {
			return p.value
		}
	}
	return nil
}

// values are the texts of a list, or the one of a single value.
func values(n *yaml.Node) []string {
	var list []string
	for _, e := range elements(n) {
		list = append(list, resolve(e).Value)
	}
	return list
}
