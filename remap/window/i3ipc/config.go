package i3ipc

import (
	"bufio"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"toshy/remap/window/internal/sock"
)

// Questions of sway-ipc(7) and of i3's IPC.
const (
	msgGetVersion = 7
	msgGetConfig  = 9
)

// A Config is the configuration with which a window manager runs.
type Config struct {
	Path  string // of the main file
	Texts []string
}

// Config asks for the configuration: the main file, and included files if the window manager reports them (i3 does). Other
// included files are left out.
func (s *Source) Config(ctx context.Context) (*Config, error) {
	c, done, err := sock.Dial(ctx, s.sockets()...)
	if err != nil {
		return nil, sock.Failed(ctx, s.name, err)
	}
	defer done()
	f := &follower{c: c, r: bufio.NewReader(c)}
	var version struct {
		Path string `json:"loaded_config_file_name"`
	}
	var answer struct {
		Config   string
		Included []struct {
			Contents string `json:"variable_replaced_contents"`
			Raw      string `json:"raw_contents"`
		} `json:"included_configs"`
	}
	for typ, v := range map[uint32]any{msgGetVersion: &version, msgGetConfig: &answer} {
		if err := s.ask(ctx, f, typ, v); err != nil {
			return nil, err
		}
	}
	all := &Config{Path: filepath.Clean(version.Path), Texts: []string{answer.Config}}
	for _, i := range answer.Included {
		text := i.Contents
		if strings.TrimSpace(text) == "" {
			text = i.Raw
		}
		all.Texts = append(all.Texts, text)
	}
	return all, nil
}

// ask asks one question, and reads the answer into v.
func (s *Source) ask(ctx context.Context, f *follower, typ uint32, v any) error {
	if err := f.send(typ, ""); err != nil {
		return sock.Failed(ctx, s.name, err)
	}
	got, body, err := f.receive()
	if err != nil {
		return sock.Failed(ctx, s.name, err)
	}
	if got != typ {
		return fmt.Errorf("%s answers question %d with %d", s.name, typ, got)
	}
	return parse(body, v)
}

// A Keyboard is a keyboard that sway knows.
type Keyboard struct {
	Identifier string   // for its configuration: vendor, product and name
	Layouts    []string // their names, such as "German"
}

// Keyboards asks sway for its keyboards. i3 does not report them.
func (s *Source) Keyboards(ctx context.Context) ([]Keyboard, error) {
	c, done, err := sock.Dial(ctx, s.sockets()...)
	if err != nil {
		return nil, sock.Failed(ctx, s.name, err)
	}
	defer done()
	var inputs []input
	if err := s.ask(ctx, &follower{c: c, r: bufio.NewReader(c)}, msgGetInputs, &inputs); err != nil {
		return nil, err
	}
	var all []Keyboard
	for _, i := range inputs {
		if i.Type == "keyboard" && len(i.Names) > 0 {
			all = append(all, Keyboard{i.Identifier, i.Names})
		}
	}
	return all, nil
}
