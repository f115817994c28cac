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
		if err := f.send(typ, ""); err != nil {
			return nil, sock.Failed(ctx, s.name, err)
		}
		got, body, err := f.receive()
		if err != nil {
			return nil, sock.Failed(ctx, s.name, err)
		}
		if got != typ {
			return nil, fmt.Errorf("%s answers question %d with %d", s.name, typ, got)
		}
		if err := parse(body, v); err != nil {
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
