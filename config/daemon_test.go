package config

import "testing"

func TestDaemon(t *testing.T) {
	for text, want := range map[string]Daemon{
		"": {},
		"[daemon]\nmonitor = \"keys\"\ntype = true\npress = true\n":      {},
		"[daemon]\nmonitor = \"no-keys\"\n":                              {NoKeys: true},
		"[daemon]\ntype = false\n":                                       {NoType: true},
		"[daemon]\nmonitor = \"no-keys\"\ntype = false\npress = false\n": {NoKeys: true, NoType: true, NoPress: true},
		"[daemon]\nconsole = true\n":                                     {Console: true},
	} {
		c, err := Parse("config.toml", []byte("extends = \"none\"\n"+text), Options{})
		if err != nil || c.Daemon != want {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	}
	for _, text := range []string{"daemon = 1", "[daemon]\nmonitor = true", "[daemon]\ntype = \"no\"", "[daemon]\nmonitors = \"keys\""} {
		if _, err := Parse("config.toml", []byte(text), Options{}); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
