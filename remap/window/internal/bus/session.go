package bus

import "os"

// SessionType is "x11" or "wayland" according to our own environment, for a desktop that does not report it; "" if the
// environment does not say.
func SessionType() string {
	switch t := os.Getenv("XDG_SESSION_TYPE"); t {
	case "x11", "wayland":
		return t
	}
	return ""
}

// SystemAddress is the address of the machine's system bus.
func SystemAddress() string {
	if a := os.Getenv("DBUS_SYSTEM_BUS_ADDRESS"); a != "" {
		return a
	}
	return "unix:path=/run/dbus/system_bus_socket"
}
