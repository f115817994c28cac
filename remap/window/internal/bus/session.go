package bus

import "os"

// SessionType is "x11" or "wayland" by our own environment, for a desktop that does not tell; "" if
// that does not say.
func SessionType() string {
	switch t := os.Getenv("XDG_SESSION_TYPE"); t {
	case "x11", "wayland":
		return t
	}
	return ""
}
