package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A spdxPackage is a module, or the program itself, in the format SPDX 2.3.
type spdxPackage struct {
	ID           string    `json:"SPDXID"`
	Name         string    `json:"name"`
	Version      string    `json:"versionInfo"`
	Download     string    `json:"downloadLocation"`
	Analyzed     bool      `json:"filesAnalyzed"`
	Licence      string    `json:"licenseConcluded"`
	Declared     string    `json:"licenseDeclared"`
	Copyright    string    `json:"copyrightText"`
	ExternalRefs []spdxRef `json:"externalRefs,omitempty"`
}

type spdxRef struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type spdxRelation struct {
	Element string `json:"spdxElementId"`
	Kind    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

// sbom lists what the programs are made of: toshy, the standard library, and each linked module.
func (d *dist) sbom() error {
	modules, err := d.modules()
	if err != nil {
		return err
	}
	goVersion, err := d.command(nil, "go", "env", "GOVERSION")
	if err != nil {
		return err
	}
	const none = "NOASSERTION"
	toshy := spdxPackage{ID: "SPDXRef-toshy", Name: "toshy", Version: d.release, Download: none, Licence: "GPL-3.0-or-later", Declared: "GPL-3.0-or-later", Copyright: none}
	packages := []spdxPackage{toshy}
	relations := []spdxRelation{{"SPDXRef-DOCUMENT", "DESCRIBES", toshy.ID}}
	add := func(name, version string) {
		p := spdxPackage{
			ID: fmt.Sprintf("SPDXRef-module-%d", len(packages)), Name: name, Version: version, Download: none, Licence: none, Declared: none, Copyright: none,
			ExternalRefs: []spdxRef{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + name + "@" + version}},
		}
		packages = append(packages, p)
		relations = append(relations, spdxRelation{toshy.ID, "DEPENDS_ON", p.ID})
	}
	add("std", strings.TrimPrefix(strings.TrimSpace(string(goVersion)), "go"))
	for _, m := range modules {
		add(m.path, m.version)
	}
	text, err := json.MarshalIndent(map[string]any{
		"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "toshy-" + d.release,
		// A name, not an address. Other contents must have another name.
		"documentNamespace": "https://spdx.org/spdxdocs/toshy-" + d.release + "-" + cmp.Or(d.revision, "source"),
		"creationInfo":      map[string]any{"created": d.epoch.Format(time.RFC3339), "creators": []string{"Tool: toshy-dist"}},
		"packages":          packages, "relationships": relations,
	}, "", "  ")
	if err != nil {
		return err
	}
	target := filepath.Join(d.out, "toshy-"+d.release+".spdx.json")
	if err := os.WriteFile(target, append(text, '\n'), 0o644); err != nil {
		return err
	}
	d.say(target)
	return nil
}

// sums writes SHA256SUMS for all files in the result folder.
func (d *dist) sums() error {
	const name = "SHA256SUMS"
	entries, err := os.ReadDir(d.out)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, e := range entries {
		if e.IsDir() || e.Name() == name {
			continue
		}
		text, err := os.ReadFile(filepath.Join(d.out, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(text), e.Name())
	}
	return os.WriteFile(filepath.Join(d.out, name), b.Bytes(), 0o644)
}

// A module is a Go module that the programs contain.
type module struct{ path, version, dir string }

func (d *dist) modules() ([]module, error) {
	const format = `{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}`
	args := []string{"list", "-deps", "-f", format}
	for _, p := range programs {
		args = append(args, "./cmd/"+p)
	}
	out, err := d.command([]string{"GOOS=linux"}, "go", args...)
	if err != nil {
		return nil, err
	}
	var modules []module
	for line := range strings.Lines(string(out)) {
		if w := strings.Fields(line); len(w) == 3 {
			modules = append(modules, module{w[0], w[1], w[2]})
		}
	}
	slices.SortFunc(modules, func(a, b module) int { return strings.Compare(a.path, b.path) })
	return slices.Compact(modules), nil
}
