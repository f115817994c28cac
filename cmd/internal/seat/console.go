package seat

// Text consoles and login screens, if the administrator's configuration has [daemon] console = true. Only that
// configuration maps their keys. Root wrote it, so no user's own configuration can reach a password that is typed there.
// While it is in use, only root may make requests to the daemon (access).

// consolePrefix begins the owner names of consoles; no user's name begins like this (owner).
const consolePrefix = "console, "

// console names the text console or login screen whose keys are mapped, "" if there is none. Each has its own name, so that
// the engine is replaced between them: the session after a login knows nothing that was typed at the prompt. Under mu.
func (s *Seat) console() string {
	if !s.system.Config.Daemon.Console || !s.known || s.session == nil { // if we do not know who is at the seat, nobody is
		return ""
	}
	if s.session.ID == "" {
		return consolePrefix + "nobody is logged in"
	}
	uid, ok := s.active()
	switch {
	case !ok: // a greeter, or a screen locked by a display manager
	case s.session.Type != "tty" || s.agents[uid] != nil || s.users[uid] != nil:
		return ""
	}
	return consolePrefix + "session " + s.session.ID
}

// errConsole refuses requests from anyone but root during that time.
const errConsole = "a text console or login screen is shown, and the system's configuration maps its keys: only root may ask"
