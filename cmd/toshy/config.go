package main

import (
	"errors"
	"fmt"
	"strings"

	"toshy/cmd/internal/program"
	"toshy/config"
	"toshy/remap/sim"
)

// loadConfig reads the configuration from a flag or from the usual places.
func loadConfig(given string) (*program.Program, error) { return loadFlavour(program.Toshy, given) }

func loadFlavour(v program.Flavour, given string) (*program.Program, error) {
	path := v.Find(given)
	p, err := v.Load(path, program.Around{})
	if err != nil {
		return nil, configFailure(path, err)
	}
	return p, nil
}

// configFailure reports the mistakes in a configuration.
func configFailure(path string, err error) error {
	if path == "" {
		path = "the built-in configuration"
	}
	problems := config.Problems(err)
	if problems == nil {
		return fail(exitConfig, err)
	}
	var details strings.Builder
	errorCount := 0
	for _, p := range problems {
		p.WriteTo(&details) // a strings.Builder does not fail
		if p.Severity == config.SeverityError {
			errorCount++
		}
	}
	return &failure{code: exitConfig, details: details.String(), err: fmt.Errorf("%s in %s", plural(errorCount, "error"), path)}
}

// unjoin splits an error of errors.Join.
func unjoin(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// scriptFailure reports the mistakes in a script.
func scriptFailure(name string, err error) error {
	var details strings.Builder
	list := unjoin(err)
	for _, e := range list {
		var mistake *sim.Error
		if !errors.As(e, &mistake) {
			return fail(exitConfig, err)
		}
		details.WriteString(scriptMistake(mistake))
	}
	return &failure{code: exitConfig, details: details.String(), err: fmt.Errorf("%s in %s", plural(len(list), "error"), name)}
}

// scriptMistake shows a mistake in the same form as package config.
func scriptMistake(e *sim.Error) string {
	s := fmt.Sprintf("%s:%d:%d: %s\n    %s\n", e.File, e.Line, e.Column, e.Message, strings.ReplaceAll(e.Excerpt(), "\n", "\n    "))
	if e.Hint != "" {
		s += fmt.Sprintf("hint: did you mean %q?\n", e.Hint)
	}
	return s
}
