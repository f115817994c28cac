package x11

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"toshy/remap/window"
	"toshy/remap/window/internal/sock"
)

const socketDir = "/tmp/.X11-unix"

// A display is a parsed display name: [HOST]:NUMBER[.SCREEN].
type display struct {
	host   string // "" for this machine
	number int
	screen int
}

func parseDisplay(s string) (display, error) {
	host, rest, ok := cutLast(s, ":")
	number, screen, _ := strings.Cut(rest, ".")
	d := display{host: strings.TrimPrefix(host, "unix")}
	var err error
	if d.number, err = strconv.Atoi(number); !ok || err != nil || d.number < 0 {
		return display{}, fmt.Errorf("display name %q is not [HOST]:NUMBER[.SCREEN]", s)
	}
	if screen != "" {
		if d.screen, err = strconv.Atoi(screen); err != nil || d.screen < 0 {
			return display{}, fmt.Errorf("display name %q is not [HOST]:NUMBER[.SCREEN]", s)
		}
	}
	return d, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

func (d display) String() string { return fmt.Sprintf("%s:%d", d.host, d.number) }

// socket is the path of a display on this machine, "" for another one.
func (d display) socket() string {
	if d.host != "" {
		return ""
	}
	return filepath.Join(socketDir, "X"+strconv.Itoa(d.number))
}

func (d display) dial(ctx context.Context) (net.Conn, error) {
	var nd net.Dialer
	if d.host != "" {
		return nd.DialContext(ctx, "tcp", net.JoinHostPort(d.host, strconv.Itoa(6000+d.number)))
	}
	c, err := nd.DialContext(ctx, "unix", d.socket())
	if errors.Is(err, fs.ErrNotExist) { // some servers only listen on the abstract socket
		if a, aerr := nd.DialContext(ctx, "unix", "@"+d.socket()); aerr == nil {
			c, err = a, nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		err = fmt.Errorf("%w: %w", window.ErrUnavailable, err)
	}
	if err != nil {
		return nil, err
	}
	if err := sock.CheckPeer(c); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// findDisplays lists the displays whose socket on this machine does not belong to another user, lowest number first.
func findDisplays() []string {
	paths, _ := filepath.Glob(filepath.Join(socketDir, "X*")) // fails only on a bad pattern
	var numbers []int
	for _, p := range paths {
		if n, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(p), "X")); err == nil && n >= 0 && sock.Own(p) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	var names []string
	for _, n := range numbers {
		names = append(names, ":"+strconv.Itoa(n))
	}
	return names
}

// Families of addresses in an authority file (X11/Xauth.h).
const (
	familyLocal = 256
	familyWild  = 65535
)

const cookieName = "MIT-MAGIC-COOKIE-1"

// cookie finds the display's MIT-MAGIC-COOKIE-1 in an authority file (Xau(3)): big-endian family, then address, number,
// name and data, each preceded by its length.
func (d display) cookie(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	host := d.host
	if host == "" || host == "localhost" {
		if host, err = os.Hostname(); err != nil {
			return nil, err
		}
	}
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return nil, err
	}
	for len(b) >= 2 {
		family := binary.BigEndian.Uint16(b)
		b = b[2:]
		var field [4]string // address, number, name, data
		for i := range field {
			if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
				return nil, fmt.Errorf("%s: cut off in the middle of an entry", file)
			}
			n := int(binary.BigEndian.Uint16(b))
			field[i], b = string(b[2:2+n]), b[2+n:]
		}
		here := family == familyWild || family == familyLocal && field[0] == host
		if here && (field[1] == "" || field[1] == strconv.Itoa(d.number)) && field[2] == cookieName {
			return []byte(field[3]), nil
		}
	}
	return nil, nil
}
