package config

// A Daemon is what the system's daemon allows programs of the user at the seat to request. It takes effect only in the
// administrator's configuration: the daemon ignores it in a user's.
type Daemon struct {
	NoKeys  bool // monitors and statuses do not show letters and digits
	NoType  bool
	NoPress bool
	Console bool // text consoles and login screens are mapped, by the administrator's configuration
}

var monitors = []string{"keys", "no-keys"}

var daemonTable = table{
	{"monitor", "whether programs of the user may see which letters and digits are typed", choice(monitors...)},
	{"type", "whether programs of the user may type texts", schema{"type": "boolean"}},
	{"press", "whether programs of the user may press combos", schema{"type": "boolean"}},
	{"console", "whether text consoles and login screens are mapped, with the administrator's configuration; false", schema{"type": "boolean"}},
}

// buildDaemon reads [daemon].
func (b *builder) buildDaemon() {
	for _, d := range b.docs {
		t := d.root.get("daemon")
		if t == nil || !b.is(t, kindTable, "daemon") {
			continue
		}
		b.checkKeys(t, "[daemon]", daemonTable.names()...)
		for _, n := range t.kids {
			switch n.key {
			case "monitor":
				b.config.Daemon.NoKeys = b.choice(n, monitors...) == 1
			case "type":
				b.config.Daemon.NoType = !b.boolean(n)
			case "press":
				b.config.Daemon.NoPress = !b.boolean(n)
			case "console":
				b.config.Daemon.Console = b.boolean(n)
			}
		}
	}
}
