package softkvm

import "strings"

// maxLine is more than the length of any line about the pointer, in bytes.
const maxLine = 1024

// saying is the state that a log has reported so far.
type saying struct {
	server bool // it is a server's log: a client's "leaving screen" is about keys that come from elsewhere
	away   bool
}

// take parses one line, "[2016-07-27T16:26:06] INFO: leaving screen" (lib/base/Log.cpp, the messages of
// lib/server/Server.cpp and lib/deskflow/Screen.cpp in the programs' sources). A server logs "switch from ... to ..." just
// before; a client never does.
func (s *saying) take(line string) {
	message, ok := message(line)
	if !ok {
		return
	}
	switch {
	case strings.HasPrefix(message, "started server"), strings.HasPrefix(message, "stopped server"):
		s.server, s.away = true, false
	case strings.HasPrefix(message, "switch from "):
		s.server = true
	case strings.HasPrefix(message, "started client"), strings.HasPrefix(message, "connecting to "), message == "connected to server":
		s.server, s.away = false, false
	case message == "leaving screen":
		s.away = s.server
	case message == "entering screen":
		s.away = false
	}
}

// message removes the time and the level from a line.
func message(line string) (string, bool) {
	line = strings.TrimRight(line, "\r \t")
	if len(line) > maxLine {
		return "", false
	}
	if strings.HasPrefix(line, "[") {
		_, rest, ok := strings.Cut(line, "] ")
		if !ok {
			return "", false
		}
		line = rest
	}
	level, message, ok := strings.Cut(line, ": ")
	switch level {
	case "FATAL", "ERROR", "WARNING", "NOTE", "INFO", "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5":
		return message, ok
	}
	return "", false
}
