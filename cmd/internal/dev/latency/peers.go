package main

import (
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"toshy/cmd/internal/dev/vm"
)

// peer is a remapper to measure, configured for three things: unmapped keys pass through, CapsLock is Esc, Super-C is
// Ctrl-C.
type peer struct {
	name    string
	keys    []string          // flags of the harness, where the three keys are others
	command []string          // in the guest
	program string            // on this computer, for /bin of the guest
	files   map[string]string // path in the guest to content
	desktop string            // that it follows, of desktops; "" for none
	socket  bool              // it has a control socket
	clients bool              // that speak to it
}

// toshyConfig is the same configuration that floor.c has built in.
const toshyConfig = `extends = "none"

[modmap.bench]
keys.CapsLock = "Esc"

[keymap.bench]
[keymap.bench.keys]
Super-C = "Ctrl-C"
`

//go:embed c
var cSources embed.FS

// costsOnly leaves out what no other program can change: how an overflow is handled, and how a keyboard is found. Only the
// cost of such a program matters.
var costsOnly = []string{"-n", "300", "--paced", "0", "--idle", "2", "--rest", "0", "--hogs", "0", "--burst", "2000", "--floods", "0", "--no-hotplug"}

// newPeer knows floor, the minimum of any remapper; floor-lights, whose virtual keyboard has three lights as toshy's has; toshy
// with the same configuration as floor; and toshy-mac with the built-in configuration: LeftMeta is LeftAlt, and Cmd-Up is
// Ctrl-Home. toshy-hung and so on are toshy with a desktop of that kind, see desktops; toshy-clients has clients of its socket,
// and toshy-alone has none; toshy-service is toshy daemon with a user's agent. It builds what is needed into dir.
func newPeer(name, toshy, dir string) (peer, error) {
	switch name {
	case "floor":
		program, err := compile("floor", dir)
		return peer{name: name, command: []string{"/bin/floor"}, program: program}, err
	case "floor-lights":
		program, err := compile("floor", dir, "-DLIGHTS")
		return peer{name: name, command: []string{"/bin/" + name}, program: program, keys: costsOnly}, err
	case "toshy":
		_, err := os.Stat(toshy)
		return peer{
			name: name, command: []string{"/bin/toshy", "run", "--config", "/etc/bench.toml"}, program: toshy,
			files: map[string]string{"/etc/bench.toml": toshyConfig},
		}, err
	case "toshy-idle", "toshy-hung", "toshy-half", "toshy-lying", "toshy-titles", "toshy-huge":
		p, err := newPeer("toshy", toshy, dir)
		p.name, p.desktop, p.command[0] = name, strings.TrimPrefix(name, "toshy-"), "/bin/"+name
		p.keys = costsOnly
		return p, err
	case "toshy-service":
		p, err := newPeer("toshy", toshy, dir)
		p.name, p.command = name, []string{"/bin/latency", "service", "/bin/" + name, "/etc/bench.toml"}
		return p, err
	case "toshy-alone", "toshy-clients":
		p, err := newPeer("toshy", toshy, dir)
		p.name, p.socket, p.clients, p.command[0] = name, true, name == "toshy-clients", "/bin/"+name
		p.keys = costsOnly
		return p, err
	case "toshy-mac":
		_, err := os.Stat(toshy)
		return peer{
			name: name, keys: []string{"--remap", "125:56", "--combo", "56+103:97+102"},
			command: []string{"/bin/toshy-mac", "run"}, program: toshy,
		}, err
	}
	return peer{}, fmt.Errorf("no peer %q: there are floor, floor-lights, toshy, toshy-mac, toshy-service, toshy-alone, toshy-clients, and toshy-KIND beside a desktop: idle, hung, half, lying, titles, huge", name)
}

// add puts the peer into the guest's root.
func (p peer) add(c *vm.Config, dir string) error {
	c.Files = append(c.Files, vm.File{Source: p.program, Target: "/bin/" + p.name})
	for target, content := range p.files {
		source := filepath.Join(dir, p.name+"-"+filepath.Base(target))
		if err := os.WriteFile(source, []byte(content), 0o644); err != nil {
			return err
		}
		c.Files = append(c.Files, vm.File{Source: source, Target: target})
	}
	return nil
}

// compile builds the C program with that name as a static one.
func compile(name, dir string, flags ...string) (string, error) {
	source, program := filepath.Join(dir, name+".c"), filepath.Join(dir, name+strings.Join(flags, ""))
	text, err := cSources.ReadFile("c/" + name + ".c")
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(source, text, 0o644); err != nil {
		return "", err
	}
	if out, err := exec.Command("cc", append(flags, "-O2", "-static", "-o", program, source)...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("cc %s.c: %w\n%s", name, err, out)
	}
	return program, nil
}
