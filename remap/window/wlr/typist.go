package wlr

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"toshy/remap/window/internal/wayland"
)

// A Typist types any text by a keyboard of its own (zwp_virtual_keyboard_v1), whose keymap has nothing but the characters
// of the text. Compositors hand out the keymap of the keyboard that was used last, or made last: so it is made for the first text,
// or a program that asks for the keymap before the next key would get this one. From then on it stays.
//
// It is right in Wayland programs only: Xwayland's programs look the keys up in the keymap of another keyboard.
type Typist struct {
	conn          *wayland.Conn
	known, others []uint16 // codes, see DialTypist
	manager, seat uint32
	keyboard      uint32          // 0: not made yet
	codes         map[rune]uint32 // of the keymap
}

// Requests of zwp_virtual_keyboard_v1 (virtual-keyboard-unstable-v1.xml).
const (
	typistKeymap    = 0
	typistKey       = 1
	typistModifiers = 2

	formatXKB = 1
)

// ErrTooMany says that a text has more different characters than a keymap has codes for.
var ErrTooMany = errors.New("too many different characters")

// DialTypist connects. The keyboard uses others, which no keyboard sends, and known, which are the codes that Chromium knows.
// Chromium ignores the others. Of a character above U+FFFF it takes the lower 16 bits, so these only get codes that it ignores. The error
// wraps window.ErrUnavailable if the compositor has no such keyboards.
func DialTypist(ctx context.Context, o Options, known, others []uint16) (*Typist, error) {
	c, err := o.Dial(ctx)
	if err != nil {
		return nil, err
	}
	t := &Typist{conn: c, known: known, others: others}
	if err := t.open(); err != nil {
		c.Close()
		return nil, err
	}
	return t, nil
}

func (t *Typist) open() error {
	var err error
	if t.manager, _, err = t.conn.Bind("zwp_virtual_keyboard_manager_v1", 1, nil); err != nil {
		return err
	}
	if t.seat, _, err = t.conn.Bind("wl_seat", 1, nil); err != nil {
		return err
	}
	return t.Check()
}

// Check says whether the compositor is there and takes what we send: one that does not let us ends the connection.
func (t *Typist) Check() error {
	if err := t.conn.Limit(time.Now().Add(checkLimit)); err != nil {
		return err
	}
	return t.conn.Roundtrip()
}

// checkLimit is how long a compositor may take to answer.
const checkLimit = time.Second

// Close ends the connection, and with it the keyboard.
func (t *Typist) Close() { t.conn.Close() }

// Type types a text. It returns when the compositor has passed the keys on.
func (t *Typist) Type(text string, limit time.Time) error {
	if err := t.conn.Limit(limit); err != nil {
		return err
	}
	if t.keyboard == 0 {
		t.keyboard = t.conn.New(nil)
		if err := t.conn.Send(t.manager, 0, t.seat, t.keyboard); err != nil { // create_virtual_keyboard
			return err
		}
	}
	for _, r := range text {
		if t.codes[r] == 0 {
			if err := t.setKeymap(text); err != nil {
				return err
			}
			break
		}
	}
	if err := t.conn.Send(t.keyboard, typistModifiers, uint32(0), uint32(0), uint32(0), uint32(0)); err != nil {
		return err
	}
	for _, r := range text {
		for _, pressed := range []uint32{1, 0} {
			if err := t.conn.Send(t.keyboard, typistKey, milliseconds(), t.codes[r], pressed); err != nil {
				return err
			}
		}
	}
	return t.conn.Roundtrip()
}

// milliseconds is the time as compositors stamp keys with it.
func milliseconds() uint32 {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) // cannot fail
	return uint32(ts.Nano() / int64(time.Millisecond))
}

// setKeymap gives the keyboard a keymap with the characters of a text.
func (t *Typist) setKeymap(text string) error {
	const last = 0xffff // that Chromium takes
	known, others := t.known, t.others
	assigned := map[rune]uint32{}
	var codes, symbols strings.Builder
	for _, r := range text {
		if assigned[r] != 0 {
			continue
		}
		from := &others
		if r <= last && len(known) > 0 {
			from = &known
		}
		if len(*from) == 0 {
			return ErrTooMany
		}
		n, code := len(assigned), uint32((*from)[0])
		*from = (*from)[1:]
		assigned[r] = code
		const offset = 8 // XKB's codes are the kernel's and 8
		fmt.Fprintf(&codes, "<T%d> = %d; ", n, code+offset)
		fmt.Fprintf(&symbols, "key <T%d> { [ U%04X ] }; ", n, r)
	}
	f, err := memoryFile(fmt.Sprintf(`xkb_keymap {
xkb_keycodes "%[1]s" { minimum = 8; maximum = 708; %[2]s};
xkb_types "%[1]s" { type "ONE_LEVEL" { modifiers = none; level_name[1] = "Any"; }; };
xkb_compatibility "%[1]s" { };
xkb_symbols "%[1]s" { %[3]s};
};
`, wayland.TypingKeymap, codes.String(), symbols.String()) + "\x00")
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	t.codes = assigned
	return t.conn.Send(t.keyboard, typistKeymap, uint32(formatXKB), wayland.FD(f.Fd()), uint32(size))
}

// memoryFile is a file in memory with a text.
func memoryFile(text string) (*os.File, error) {
	fd, err := unix.MemfdCreate("keymap", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "keymap")
	if _, err := f.WriteString(text); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
