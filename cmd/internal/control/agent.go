package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"toshy/config"
)

// Limits of an agent's connection.
const (
	MaxConfig = 4 << 20  // bytes of a line with a configuration, whose files are in base64
	MaxLayout = 1 << 20  // bytes of a line with a layout
	MaxWindow = 64 << 10 // bytes of any other line of an agent

	// maxValues is how many values a line longer than MaxWindow may have: a value of a few bytes takes a hundred in memory.
	// A layout has some thousands, a configuration some hundreds.
	maxValues = 50_000

	agentRate   = 1 << 20          // bytes per second for a user's agents, however often they attach; more wait
	agentWeight = 4 << 10          // bytes that each message counts at least
	agentQueue  = 64               // messages that may wait for an agent; more are lost
	lineLimit   = 10 * time.Second // how long a line may take, once it has begun
	attachLimit = 2 * time.Second  // how long the last messages may take when the daemon drops an agent
)

// An AgentMessage is one line from an agent. Kind says which of the other fields is used.
type AgentMessage struct {
	Kind   string       `json:"kind"` // "config", "window", "layout", "types", "typed", "away", "pong"
	Config *AgentConfig `json:"config,omitempty"`
	Window *AgentWindow `json:"window,omitempty"`
	Layout *AgentLayout `json:"layout,omitempty"`
	Types  bool         `json:"types,omitempty"` // the desktop types what no key types
	Typed  *AgentTyped  `json:"typed,omitempty"`
	Away   bool         `json:"away,omitempty"` // the pointer is on another machine
}

// limit is the longest line with this message.
func (m *AgentMessage) limit() int {
	switch m.Kind {
	case "config":
		return MaxConfig
	case "layout":
		return MaxLayout
	}
	return MaxWindow
}

// An AgentConfig is a user's configuration: everything that the daemon needs to read it without
// opening a file.
type AgentConfig struct {
	Serial     uint64            `json:"serial,omitempty"`     // of the last "reload" that the agent had received when it read the files
	Main       string            `json:"main,omitempty"`       // the first file; "": the user has none
	Files      config.Texts      `json:"files,omitempty"`      // by name
	Unreadable map[string]string `json:"unreadable,omitempty"` // files that could not be read, and why
	Facts      map[string]string `json:"facts,omitempty"`
	Actions    map[string]string `json:"actions,omitempty"`  // shortcuts of the desktop: combos by action
	Settings   map[string]string `json:"settings,omitempty"` // that the user has changed, by name; they override the files
}

// An AgentWindow is the focused window.
type AgentWindow struct {
	App     string `json:"app,omitempty"`
	Title   string `json:"title,omitempty"`
	Exe     string `json:"exe,omitempty"`
	Desktop string `json:"desktop,omitempty"`
	Session string `json:"session,omitempty"`
	// Categories are those of the application's desktop entry.
	Categories []string `json:"categories,omitempty"`
}

// An AgentLayout is the active keyboard layout, by the kernel's key codes.
type AgentLayout struct {
	Name    string                 `json:"name,omitempty"`
	US      bool                   `json:"us,omitempty"`      // it is the US layout: the other fields are ignored
	Map     map[uint16]uint16      `json:"map,omitempty"`     // the US key of the symbol that a key types
	Symbols map[string][]AgentStep `json:"symbols,omitempty"` // the keystrokes of each character
}

// An AgentStep is one keystroke with its modifiers.
type AgentStep struct {
	Mods []uint16 `json:"mods,omitempty"`
	Key  uint16   `json:"key"`
}

// An AgentTyping asks an agent to have a text typed that no key types.
type AgentTyping struct {
	Serial uint64        `json:"serial"`
	Text   string        `json:"text"`
	Until  time.Duration `json:"until_ns"` // by the monotonic clock: an agent that reads it later must not type it
}

// An AgentTyped is the answer.
type AgentTyped struct {
	Serial uint64 `json:"serial"`
	Result string `json:"result"` // "done", "failed", or "x11": nothing was typed because the window belongs to an X11 program
}

// A DaemonMessage is one line to an agent.
type DaemonMessage struct {
	Kind     string           `json:"kind"`               // "active", "accepted", "refused", "reload", "run", "notify", "action", "type", "setting", "ping", "replaced"
	Active   bool             `json:"active,omitempty"`   // "active": this user is at the seat
	Why      string           `json:"why,omitempty"`      // "active": a reason, for the log
	Problems []config.Problem `json:"problems,omitempty"` // "accepted", "refused": of the configuration
	More     int              `json:"more,omitempty"`     // "accepted", "refused": the number of problems left out
	Serial   uint64           `json:"serial,omitempty"`   // "reload": to be returned with the configuration; "accepted" and "refused" use it to name the configuration
	Args     []string         `json:"args,omitempty"`     // "run": the command
	Text     string           `json:"text,omitempty"`     // "notify", "action"
	Typing   *AgentTyping     `json:"typing,omitempty"`   // "type"
	Setting  *KeptSetting     `json:"setting,omitempty"`  // "setting": a changed setting
}

// Errors that end an agent's connection.
var (
	errTooLong = errors.New("a line is too long")
	errTooMany = fmt.Errorf("a line has more than %d values", maxValues)
)

// tooMany says whether a line has too many values. Base64 has no commas, and other texts have few.
func tooMany(line []byte) bool {
	return len(line) > MaxWindow && bytes.Count(line, []byte{','}) > maxValues
}

// readLine reads a line of at most limit bytes. It waits for ever for the beginning of a line, and lineLimit for its end.
func readLine(conn net.Conn, in *bufio.Reader, limit int) ([]byte, error) {
	_ = conn.SetReadDeadline(time.Time{})
	if _, err := in.Peek(1); err != nil {
		return nil, err
	}
	_ = conn.SetReadDeadline(time.Now().Add(lineLimit))
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > limit {
			return nil, errTooLong
		}
		if err == nil && line == nil {
			return part, nil
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// A Link is the daemon's end of an agent's connection.
type Link struct {
	Peer Peer

	ctx   context.Context
	conn  *net.UnixConn
	in    *bufio.Reader
	rate  *rate.Limiter
	queue chan DaemonMessage
	keep  keeper
	end   chan struct{}
	once  sync.Once
	wrote sync.WaitGroup
}

func newLink(ctx context.Context, p Peer, conn *net.UnixConn, in *bufio.Reader, limiter *rate.Limiter) *Link {
	return &Link{
		Peer: p, ctx: ctx, conn: conn, in: in, rate: limiter,
		queue: make(chan DaemonMessage, agentQueue), keep: keeper{due: make(chan struct{}, 1)}, end: make(chan struct{}),
	}
}

// Accept tells the agent that it is attached, and starts to send.
func (l *Link) Accept() error {
	if err := answer(l.conn, Response{Version: Version, OK: true}); err != nil {
		return err
	}
	l.wrote.Go(l.write)
	return nil
}

// Send queues a message. It never waits. If an agent does not read, it loses the message, and Send returns false.
func (l *Link) Send(m DaemonMessage) bool {
	select {
	case l.queue <- m:
		return true
	default:
		return false
	}
}

// write sends queued messages until the link is closed, and then the remaining ones.
func (l *Link) write() {
	defer l.conn.Close()
	for {
		select {
		case m := <-l.queue:
			if answer(l.conn, m) != nil {
				return
			}
		case <-l.keep.due:
			if l.writeKept() != nil {
				return
			}
		case <-l.end:
			last := time.Now().Add(attachLimit)
			for time.Now().Before(last) {
				select {
				case m := <-l.queue:
					if answer(l.conn, m) != nil {
						return
					}
				case <-l.keep.due:
					if l.writeKept() != nil {
						return
					}
				default:
					return
				}
			}
			return
		}
	}
}

// Receive waits for a message. An error ends the connection.
func (l *Link) Receive() (*AgentMessage, error) {
	for {
		line, err := readLine(l.conn, l.in, MaxConfig)
		if err != nil {
			return nil, err
		}
		if err := l.rate.WaitN(l.ctx, len(line)+agentWeight); err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if tooMany(line) {
			return nil, errTooMany
		}
		var m AgentMessage
		if err := json.Unmarshal(line, &m); err != nil {
			return nil, fmt.Errorf("not a message: %w", err)
		}
		if len(line) > m.limit() {
			return nil, errTooLong
		}
		return &m, nil
	}
}

// Close drops the agent after queued messages are sent. It does not wait.
func (l *Link) Close() { l.once.Do(func() { close(l.end) }) }

// An Attached is the agent's end of its connection.
type Attached struct {
	conn net.Conn
	in   *bufio.Reader
}

// Attach connects to the daemon as the agent of this user.
func Attach(path string) (*Attached, error) {
	c, err := Dial(path)
	if err != nil {
		return nil, err
	}
	if _, err := c.Do(Request{Command: "attach"}); err != nil {
		_ = c.Close()
		return nil, err
	}
	_ = c.conn.SetDeadline(time.Time{})
	return &Attached{conn: c.conn, in: bufio.NewReader(c.rest())}, nil
}

// Send sends a message.
func (a *Attached) Send(m AgentMessage) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if len(b) >= m.limit() {
		return fmt.Errorf("%s: %w: %d bytes, at most %d", m.Kind, errTooLong, len(b), m.limit()-1)
	}
	if tooMany(b) {
		return fmt.Errorf("%s: %w", m.Kind, errTooMany)
	}
	_ = a.conn.SetWriteDeadline(time.Now().Add(lineLimit))
	_, err = a.conn.Write(append(b, '\n'))
	return err
}

// TooLong says whether an error of Send means that the message can never be sent.
func TooLong(err error) bool { return errors.Is(err, errTooLong) || errors.Is(err, errTooMany) }

// Receive waits for a message.
func (a *Attached) Receive() (*DaemonMessage, error) {
	var line []byte
	for len(bytes.TrimSpace(line)) == 0 { // the end of the answer's line comes first
		var err error
		if line, err = readLine(a.conn, a.in, MaxConfig); err != nil {
			return nil, err
		}
	}
	var m DaemonMessage
	if err := json.Unmarshal(line, &m); err != nil {
		return nil, fmt.Errorf("message of the daemon: %w", err)
	}
	return &m, nil
}

// Close ends the connection.
func (a *Attached) Close() error { return a.conn.Close() }
