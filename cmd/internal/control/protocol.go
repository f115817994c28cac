// Package control lets other programs talk to the running daemon: on a Unix socket, each line is one JSON value, with
// requests one way and answers the other. docs/CONTROL.md describes it for scripts and status bars.
//
// On the daemon's side, a client never waits for a key, and a key never for a client: each request is answered on a
// separate goroutine, and events that a client does not read in time are dropped.
package control

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Version of the protocol. A request may name a version; the daemon refuses others.
const Version = 1

// Limits of a connection.
const (
	MaxRequest = 4096             // bytes per line
	MaxClients = 256              // at a time; more are disconnected at once, except those of root and of the served user
	MaxPerUser = 64               // of these, for one user
	MaxRate    = 100              // requests per second for one user; more wait
	idleLimit  = 10 * time.Second // a client that sends nothing for this long is disconnected
	writeLimit = 2 * time.Second  // how long a client may take to read
	eventQueue = 256              // events that may wait for one client; more are lost, and it learns how many
)

// A Request is one line from a client.
type Request struct {
	Version int    `json:"version,omitempty"` // 0: the daemon's
	Command string `json:"command"`           // "status", "pause", ...
	Name    string `json:"name,omitempty"`    // set: the setting; layer: the layer; keyboard-type: the id of a keyboard
	Value   string `json:"value,omitempty"`   // set: its value; layer: "on", "off" or "toggle"; keyboard-type: the type, "" for the configuration's
	Keys    bool   `json:"keys,omitempty"`    // monitor, status: show which letters and digits
	Default bool   `json:"default,omitempty"` // set: the configuration's value instead of Value
	Wait    bool   `json:"wait,omitempty"`    // reload: answer when the configuration is in use
	Text    string `json:"text,omitempty"`    // type: what to type
	// Combos are the combos for press, in the configuration's words.
	Combos []string `json:"combos,omitempty"`
	// Kinds are the events for a monitor; none: all but "status".
	Kinds []string `json:"kinds,omitempty"`
}

// A Response is the answer to one request. After "monitor", Events follow, one per line.
type Response struct {
	Version int     `json:"version"`
	OK      bool    `json:"ok"`
	Error   string  `json:"error,omitempty"`
	Hint    string  `json:"hint,omitempty"`
	Kind    Kind    `json:"kind,omitempty"`    // of the error
	Pending bool    `json:"pending,omitempty"` // reload: the configuration is still being read
	Status  *Status `json:"status,omitempty"`
	// Settings is the answer to "settings", in the order of the configuration.
	Settings []Setting `json:"settings,omitempty"`
	// Unused says for people which kept settings the configuration does not use.
	Unused []string `json:"unused,omitempty"`
	// Note is what the client should know although the request succeeded, for example that a setting is not kept.
	Note string `json:"note,omitempty"`
}

// A Setting is a value that people can change while the daemon runs.
type Setting struct {
	Name        string   `json:"name"` // without "settings."
	Value       string   `json:"value"`
	Values      []string `json:"values"` // a boolean has "false", "true"
	Description string   `json:"description,omitempty"`
	Parent      string   `json:"parent,omitempty"` // the boolean setting without which it does nothing
	Configured  string   `json:"configured"`       // the configuration's value
	Kept        bool     `json:"kept,omitempty"`   // the value was chosen while the daemon ran, and survives a restart
}

// A KeptSetting is a change of a setting, to be kept for the next start.
type KeptSetting struct {
	Name    string `json:"name"` // without "settings."
	Value   string `json:"value,omitempty"`
	Default bool   `json:"default,omitempty"` // the setting is no longer changed, and Value is ignored
}

// A Kind tells programs what an error is about.
type Kind string

// Kinds of errors; "": any other.
const (
	KindRequest       Kind = "request"       // the request is wrong: it will fail again
	KindConfiguration Kind = "configuration" // the configuration contains a mistake
	KindState         Kind = "state"         // not possible now
	KindAccess        Kind = "access"        // the client has no permission
)

// Status is the answer to "status".
type Status struct {
	PID           int                 `json:"pid"`
	Program       string              `json:"program"` // version of the program
	Since         time.Time           `json:"since"`
	Configuration string              `json:"configuration"`
	ConfigError   string              `json:"config_error,omitempty"` // of the last reload; the previous configuration is in use
	Paused        bool                `json:"paused"`
	Passthrough   bool                `json:"passthrough"`      // keys are not mapped: the screen is locked, or another machine has the pointer
	Reason        string              `json:"reason,omitempty"` // why keys are not mapped, or the keyboards not taken
	Mode          string              `json:"mode"`             // "single": run by its user; "system": serves agents
	Agents        []AgentStatus       `json:"agents,omitempty"` // that are attached
	Keyboards     []Keyboard          `json:"keyboards"`        // grabbed, or to be grabbed
	OtherDevices  []Keyboard          `json:"other_devices"`    // left alone
	Window        Window              `json:"window"`
	Layout        string              `json:"layout,omitempty"`    // name of the keyboard layout
	Types         bool                `json:"types"`               // the desktop types what no key types
	Maps          []string            `json:"maps"`                // active for the keyboard used last
	Layers        []string            `json:"layers,omitempty"`    // the layers that are on
	Recording     string              `json:"recording,omitempty"` // the macro being recorded
	AllLayers     []string            `json:"all_layers,omitempty"`
	KeyboardTypes []string            `json:"keyboard_types,omitempty"` // in the configuration
	Settings      map[string]string   `json:"settings"`
	Choices       map[string][]string `json:"choices"`          // the possible values of each setting
	Held          []HeldKey           `json:"held"`             // keys that are physically down
	Down          []DownKey           `json:"down"`             // keys that are down on the virtual keyboard
	Queued        int                 `json:"queued,omitempty"` // events that wait for a decision or a macro
	Latency       Latency             `json:"latency"`
	Counters      Counters            `json:"counters"`
}

// AgentStatus is one attached agent.
type AgentStatus struct {
	UID    uint32 `json:"uid"`
	User   string `json:"user"`
	Active bool   `json:"active"`           // its user is at the seat
	Silent bool   `json:"silent,omitempty"` // it does not answer a ping, so its window is not used
}

// Counters count events since the start.
type Counters struct {
	In            uint64 `json:"in"`  // events of keyboards, repeats and pointers included
	Out           uint64 `json:"out"` // events written
	Focus         uint64 `json:"focus"`
	Reloads       uint64 `json:"reloads"`
	BrokenReloads uint64 `json:"broken_reloads"`
	Grabs         uint64 `json:"grabs"`
	Lost          uint64 `json:"lost"` // keyboards that disappeared
	Pauses        uint64 `json:"pauses"`
	Refused       uint64 `json:"refused"` // texts that could not be typed
}

// Keyboard is one input device.
type Keyboard struct {
	Name    string `json:"name"`
	Path    string `json:"path"`
	ID      string `json:"id"`
	Type    string `json:"type,omitempty"`
	Grabbed bool   `json:"grabbed"`
	Why     string `json:"why"`              // for people: why it is grabbed or not
	Chosen  bool   `json:"chosen,omitempty"` // a request set the type, not the configuration
}

// Window is what is known about the focused window.
type Window struct {
	App        string        `json:"app"`
	Title      string        `json:"title"`
	Exe        string        `json:"exe,omitempty"`
	Desktop    string        `json:"desktop,omitempty"`
	Categories []string      `json:"categories,omitempty"` // of the application's desktop entry
	Source     string        `json:"source,omitempty"`     // which source reports the focus
	State      string        `json:"state,omitempty"`      // "known", "stale" or "unknown"
	Age        time.Duration `json:"age_ns"`
}

// HeldKey is a key that is down, and what it became.
type HeldKey struct {
	Keyboard  string `json:"keyboard"`
	Key       string `json:"key"`
	Is        string `json:"is"`
	Undecided bool   `json:"undecided,omitempty"` // tap or hold is not known yet
	Withheld  bool   `json:"withheld,omitempty"`  // waits until toshy knows whether it is part of a combo
}

// DownKey is a key that is down on the virtual keyboard, and what holds it there. A key that is just being tapped has no
// holder.
type DownKey struct {
	Key string   `json:"key"`
	By  []Holder `json:"by,omitempty"`
}

// Holder is one reason why a key is down.
type Holder struct {
	Keyboard string `json:"keyboard,omitempty"`
	Key      string `json:"key,omitempty"` // the physical key that must go up
	For      string `json:"for"`           // itself, combo, bound or one-shot
}

// Latency is the time from the kernel's time stamp of a key to the write of its output, since the start.
type Latency struct {
	Events uint64        `json:"events"`
	P50    time.Duration `json:"p50_ns"`
	P99    time.Duration `json:"p99_ns"`
	Max    time.Duration `json:"max_ns"`
}

// An Event is one line of a monitor.
type Event struct {
	Kind    string  `json:"kind"` // "in", "match", "out", "focus", "status" (something in it has changed: ask for it), "lost"
	Key     string  `json:"key,omitempty"`
	Value   string  `json:"value,omitempty"` // "down", "up", "repeat"
	Device  string  `json:"device,omitempty"`
	Map     string  `json:"map,omitempty"`  // "match": the matching rule, such as "keymap firefox"
	File    string  `json:"file,omitempty"` // where the rule is written
	Line    int     `json:"line,omitempty"` // 0 if it would reveal which character was typed
	Window  *Window `json:"window,omitempty"`
	Dropped int     `json:"dropped,omitempty"` // "lost": events that this client did not read in time
}

// EventKinds are the events that a monitor can request.
var EventKinds = []string{"in", "match", "out", "focus", "status"}

// wants says whether a monitor with this request gets such events.
func (r *Request) wants(kind string) bool {
	if len(r.Kinds) == 0 {
		return kind != "status"
	}
	return slices.Contains(r.Kinds, kind)
}

// ErrNoDaemon says that no daemon listens.
var ErrNoDaemon = errors.New("no daemon is running")

// SystemSocket is the socket of a daemon that serves agents.
const SystemSocket = "/run/toshy/toshy.sock"

// SocketVariable is the environment variable with the socket for all commands.
const SocketVariable = "TOSHY_SOCKET"

// SystemPath is the socket of such a daemon: $TOSHY_SOCKET, else SystemSocket.
func SystemPath() string {
	if path := os.Getenv(SocketVariable); path != "" {
		return path
	}
	return SystemSocket
}

// SocketPath is the socket of this user's own daemon: $TOSHY_SOCKET, else $XDG_RUNTIME_DIR/toshy.sock.
func SocketPath() (string, error) {
	if path := os.Getenv(SocketVariable); path != "" {
		return path, nil
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return "", errors.New("XDG_RUNTIME_DIR is not set, so there is no place for the control socket")
	}
	return filepath.Join(dir, "toshy.sock"), nil
}

// Sockets are where to look for a daemon, in this order: only $TOSHY_SOCKET if it is set, else the socket of this user's
// daemon, then the system's.
func Sockets() []string {
	path, err := SocketPath()
	switch {
	case err != nil:
		return []string{SystemSocket}
	case os.Getenv(SocketVariable) != "":
		return []string{path}
	}
	return []string{path, SystemSocket}
}
