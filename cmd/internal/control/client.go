package control

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// answerLimit is how long a daemon may take to answer. On an overloaded machine, that is seconds.
const answerLimit = 15 * time.Second

// longLimit is the limit for requests that take long: typing is paced, and a configuration must be read.
const longLimit = 2*time.Minute + answerLimit

// ErrTooLong says that a request is too long.
var ErrTooLong = errors.New("the request is too long")

// A Refusal is an answer that refuses the request.
type Refusal struct{ Answer *Response }

func (r *Refusal) Error() string { return r.Answer.Error }

// A Client is a connection to the daemon.
type Client struct {
	path string
	in   *json.Decoder
	raw  *bufio.Reader

	mu     sync.Mutex // Close may come while a request waits
	conn   net.Conn
	closed bool
}

// Open connects to the daemon that serves this user: the first of Sockets that answers.
func Open() (*Client, error) {
	err := ErrNoDaemon
	for _, path := range Sockets() {
		c, failed := Dial(path)
		if failed == nil {
			return c, nil
		}
		err = failed
	}
	return nil, err
}

// Dial connects to a daemon. If none is running, the error wraps ErrNoDaemon.
func Dial(path string) (*Client, error) {
	conn, err := net.DialTimeout("unix", path, answerLimit)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNoDaemon, err)
	}
	raw := bufio.NewReader(conn)
	return &Client{path: path, conn: conn, in: json.NewDecoder(raw), raw: raw}, nil
}

// Close ends the connection.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return c.conn.Close()
}

// write sends a request. The daemon lets everybody go when the session changes, and says on a new connection what is in use now. So a client
// that had not asked before asks there.
func (c *Client) write(b []byte, limit time.Duration) error {
	_ = c.conn.SetDeadline(time.Now().Add(limit))
	if _, err := c.conn.Write(b); !errors.Is(err, unix.EPIPE) {
		return err
	}
	again, err := Dial(c.path)
	if err != nil {
		return err
	}
	c.mu.Lock()
	_ = c.conn.Close()
	c.conn, c.in, c.raw = again.conn, again.in, again.raw
	if c.closed {
		_ = c.conn.Close()
	}
	c.mu.Unlock()
	_ = c.conn.SetDeadline(time.Now().Add(limit))
	_, err = c.conn.Write(b)
	return err
}

// rest is the data after the last answer.
func (c *Client) rest() io.Reader { return io.MultiReader(c.in.Buffered(), c.raw) }

// Do sends a request and returns the answer. A refusal is an error.
func (c *Client) Do(r Request) (*Response, error) {
	r.Version = Version
	b, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if len(b) >= MaxRequest {
		return nil, fmt.Errorf("%w: it has %d bytes and the daemon takes %d", ErrTooLong, len(b), MaxRequest-1)
	}
	limit := answerLimit
	if r.Wait || r.Command == "type" || r.Command == "press" {
		limit = longLimit
	}
	if err := c.write(append(b, '\n'), limit); err != nil {
		return nil, fmt.Errorf("ask the daemon: %w", err)
	}
	var a Response
	if err := c.in.Decode(&a); err != nil {
		return nil, fmt.Errorf("answer of the daemon: %w", err)
	}
	if !a.OK {
		return &a, &Refusal{&a}
	}
	return &a, nil
}

// Monitor requests events and calls report for each until the connection ends.
func (c *Client) Monitor(keys bool, report func(Event) error) error {
	return c.follow(Request{Command: "monitor", Keys: keys}, nil, report)
}

// Watch requests events of these kinds and calls report for each until the connection ends. It calls began when the daemon
// starts to report, so that no change is missed between a look at the status and the first event.
func (c *Client) Watch(kinds []string, began func() error, report func(Event) error) error {
	return c.follow(Request{Command: "monitor", Kinds: kinds}, began, report)
}

func (c *Client) follow(r Request, began func() error, report func(Event) error) error {
	if _, err := c.Do(r); err != nil {
		return err
	}
	if began != nil {
		if err := began(); err != nil {
			return err
		}
	}
	_ = c.conn.SetDeadline(time.Time{})
	for {
		var e Event
		switch err := c.in.Decode(&e); {
		case errors.Is(err, io.EOF):
			return errors.New("the daemon has ended, or let us go")
		case err != nil:
			return fmt.Errorf("events of the daemon: %w", err)
		}
		if err := report(e); err != nil {
			return err
		}
	}
}
