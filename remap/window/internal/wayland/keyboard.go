package wayland

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"toshy/remap/window/internal/xkb"
)

// maxDescriptors bounds the descriptors that a compositor can make us hold open.
const maxDescriptors = 8

// descriptors reads a connection and keeps the descriptors that accompany the bytes, in order.
type descriptors struct {
	c    *net.UnixConn
	keep bool
	got  []int
}

func (d *descriptors) Read(p []byte) (int, error) {
	if !d.keep {
		return d.c.Read(p)
	}
	var beside [256]byte
	n, m, _, _, err := d.c.ReadMsgUnix(p, beside[:])
	if err != nil {
		return max(n, 0), err
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	messages, perr := unix.ParseSocketControlMessage(beside[:m])
	if perr != nil {
		return n, perr
	}
	for _, msg := range messages {
		fds, ferr := unix.ParseUnixRights(&msg)
		if ferr != nil {
			continue
		}
		for _, fd := range fds {
			if len(d.got) < maxDescriptors {
				d.got = append(d.got, fd)
			} else {
				_ = unix.Close(fd)
			}
		}
	}
	return n, nil
}

// take removes and returns the next one, nil if none has arrived.
func (d *descriptors) take() *os.File {
	if len(d.got) == 0 {
		return nil
	}
	f := os.NewFile(uintptr(d.got[0]), "descriptor of the compositor")
	d.got = d.got[1:]
	return f
}

func (d *descriptors) close() {
	for f := d.take(); f != nil; f = d.take() {
		_ = f.Close()
	}
}

// Opcodes and values of wl_seat and wl_keyboard (wayland.xml).
const (
	seatCapabilities = 0
	seatGetKeyboard  = 1
	capKeyboard      = 2

	keyboardKeymap  = 0
	keyboardRelease = 0 // from version 3 on
	formatXKB       = 1
)

// TypingKeymap is the name in the keymaps of keyboards that toshy makes to type characters that no key types. They
// say nothing of the user's keyboard.
const TypingKeymap = "toshy_typing"

// FollowKeymaps reports the keymap of the first seat's keyboard, now and when it changes, until the connection ends. A
// compositor tells only the focused client which group is active. While there is no keyboard, nothing is reported.
func (c *Conn) FollowKeymaps(report func(*xkb.Keymap)) error {
	return c.FollowKeymapTexts(func(text string) {
		k, err := xkb.ParseText(text)
		if err != nil {
			c.Fail(err)
			return
		}
		report(k)
	})
}

// FollowKeymapTexts is FollowKeymaps with the keymaps in their text form, unread.
func (c *Conn) FollowKeymapTexts(report func(text string)) error {
	c.fds.keep = true
	var seat, version, keyboard uint32
	last := ""
	take := func(a *Args) {
		format, size := a.Uint(), a.Uint()
		f := c.fds.take()
		if f == nil {
			c.Fail(fmt.Errorf("%w: a keymap without its file", ErrProtocol))
			return
		}
		defer f.Close()
		if format != formatXKB { // no keymap: clients get raw codes
			return
		}
		// Read instead of mapped: a file shorter than announced would kill us with a signal. It is read at offsets, because
		// other clients share the file position.
		b, err := io.ReadAll(io.NewSectionReader(f, 0, int64(min(size, xkb.MaxText))))
		if err != nil {
			c.Fail(fmt.Errorf("read the keymap: %w", err))
			return
		}
		text := string(b)
		if text == last || strings.Contains(text, TypingKeymap) { // ours, or the one before that comes back after ours
			return
		}
		last = text
		report(text)
	}
	seat, version, err := c.Bind("wl_seat", 5, func(op uint16, a *Args) {
		if op != seatCapabilities {
			return
		}
		has := a.Uint()&capKeyboard != 0
		switch {
		case has && keyboard == 0:
			keyboard = c.New(func(op uint16, a *Args) {
				if op == keyboardKeymap {
					take(a)
				}
			})
			c.Fail(c.Send(seat, seatGetKeyboard, keyboard))
		case !has && keyboard != 0:
			if version >= 3 {
				c.Fail(c.Send(keyboard, keyboardRelease))
			}
			keyboard = 0
		}
	})
	if err != nil {
		return err
	}
	return c.Follow(func() {})
}
