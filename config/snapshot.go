package config

import (
	_ "embed"
	"fmt"

	"toshy/remap/key"
)

// Reading the TOML of a built-in configuration takes most of the start-up time. So the result is stored beside it in a form
// that can be read in a fraction of that time. What depends on the machine is decided when it is read: see forMachine. A
// test writes the snapshots and checks that they match the TOML (make snapshots).

var (
	//go:embed snapshots/mac
	macSnapshot string
	//go:embed snapshots/mac-minimal
	macMinimalSnapshot string
	//go:embed snapshots/windows
	windowsSnapshot string
)

func packedSnapshot(name string) string {
	switch name {
	case "mac":
		return macSnapshot
	case "mac-minimal":
		return macMinimalSnapshot
	}
	return windowsSnapshot
}

// A snapshot is a built-in configuration.
type snapshot struct {
	Config    Config // exported fields only
	Modifiers map[string]key.Mod
	Machine   forMachine
}

// fromSnapshot makes a built-in configuration from its snapshot.
func fromSnapshot(name string, opts Options) (*Config, error) {
	var s snapshot
	if err := unpack(packedSnapshot(name), &s); err != nil {
		return nil, fmt.Errorf("built-in configuration %q: %w", name, err)
	}
	b := newBuilder(newLoader(opts))
	c := s.Config // without the rest
	b.config, b.program, b.machine = &c, c.Program, s.Machine
	b.decideAll()
	c.modifiers, c.Texts = s.Modifiers, b.texts
	return &c, nil
}

// takeSnapshot reads the TOML of a built-in configuration and packs the result.
func takeSnapshot(name string) ([]byte, error) {
	b := newBuilder(newLoader(Options{Quiet: true}))
	c, err := b.read(func(l *loader) { l.builtin(name) })
	if err != nil {
		return nil, err
	}
	s := snapshot{Config: *c, Modifiers: c.modifiers, Machine: b.machine}
	// decideAll makes these again, so leave them out.
	s.Config.Actions, s.Config.Texts = nil, nil
	for _, u := range s.Machine.Uses {
		u.Action.Conds, u.Action.List = nil, nil
	}
	for i := range s.Config.Program.Vars {
		s.Config.Program.Vars[i].SetBy = nil
	}
	return pack(&s), nil
}
