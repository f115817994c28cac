package seat

// Text consoles and login screens, where the administrator's configuration has [daemon] console = true: the keys of these are
// mapped by that configuration and by no other. It was written by root, so nobody's own configuration can reach a password
// that is typed there, and while it is in use only root may ask the daemon for anything (access).

// consolePrefix begins the names of consoles, which no user's is (owner).
const consolePrefix = "console, "

// console names the text console or login screen that is mapped, "" if none is. Each has its own name, so that the engine is
// replaced between them: nothing of what was typed at a login prompt is known in the session after it. Under mu.
func (s *Seat) console() string {
	if !s.system.Config.Daemon.Console || !s.known || s.session == nil { // who is at the seat unknown means nobody
		return ""
	}
	if s.session.ID == "" {
		return consolePrefix + "nobody is logged in"
	}
	uid, ok := s.active()
	switch {
	case !ok: // a greeter, or a screen that a display manager locks
	case s.session.Type != "tty" || s.agents[uid] != nil || s.users[uid] != nil:
		return ""
	}
	return consolePrefix + "session " + s.session.ID
}

// errConsole refuses what others than root ask for meanwhile.
const errConsole = "a text console or login screen is shown, and the system's configuration maps its keys: only root may ask"
