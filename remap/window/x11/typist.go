package x11

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"toshy/remap/window"
)

// A Typist types any text in the programs of an X server: it puts the characters on codes that have no symbol, and has the
// server press these (the extension XTEST). Programs read a changed keymap some time later, so that a character stays on its code
// until another one needs it, or Close. A code has up to four characters: levels says how.
type Typist struct {
	wire     *wire
	stop     func() bool
	xtest    byte // opcode of the extension
	xkb      byte // and of the keyboard extension; 0: the server has none
	active   uint32
	xwayland bool
	first    []uint16      // kernel codes that are used first
	idle     byte          // one that stays without a symbol
	codes    []byte        // that are free, or ours
	levels   levels        // of our codes; none: not looked for yet
	slots    []slot        // all of them
	on       map[slot]rune // characters on our codes
	at       map[rune]slot // the places of characters
	order    []slot        // places in use, the one that was used longest ago first
	used     map[slot]time.Time
}

// Opcodes, and what goes with them.
const (
	opChangeKeyboardMapping = 100
	opGetKeyboardMapping    = 101

	xkbLatchLockState = 5
	lockMask          = 1 << 1 // Caps Lock

	xtestFakeInput = 2
	evKeyPress     = 2
	evKeyRelease   = 3

	firstCode = 8
	allCodes  = 248

	// voidSymbol on the second level marks codes as ours.
	voidSymbol = 0xffffff
	// maxCodes is how many codes are used at most.
	maxCodes = 32
	// reuse is how long after a character programs may still read what is on its code.
	reuse = 300 * time.Millisecond
)

// ErrLater says that there is no room on the free codes for so many different characters now: there are too few codes, or they have
// characters that programs may still read. Nothing was typed.
var ErrLater = errors.New("the free key codes of this X server have no room for these characters now")

// DialTypist connects to the X server of a session. Of the free codes it uses those first that are in codes. xwayland says whether it is to be that of a Wayland session, or none of these.
func DialTypist(ctx context.Context, o Options, codes []uint16, xwayland bool) (*Typist, error) {
	s := New(o)
	var failed error = fmt.Errorf("x11: %w: there is no X server", window.ErrUnavailable)
	for _, name := range s.displays() {
		t, err := s.typist(ctx, name, codes, xwayland)
		if err == nil {
			return t, nil
		}
		failed = fmt.Errorf("x11: X server %s: %w", name, err)
	}
	return nil, failed
}

func (s *Source) typist(ctx context.Context, name string, codes []uint16, xwayland bool) (*Typist, error) {
	d, err := parseDisplay(name)
	if err != nil {
		return nil, err
	}
	if xwayland && !hasClients(d) { // it may not have been started yet, and would be now
		return nil, fmt.Errorf("%w: no program uses it", window.ErrUnavailable)
	}
	dialing, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	c, err := d.dial(dialing)
	if err != nil {
		return nil, err
	}
	t := &Typist{
		wire: &wire{c: c, r: bufio.NewReaderSize(c, 4096), on: func(event) {}, msg: make([]byte, maxMap)},
		stop: context.AfterFunc(ctx, func() { c.Close() }), first: codes, xwayland: xwayland,
	}
	if err := t.open(d, s.authority(), xwayland); err != nil {
		t.stop()
		c.Close()
		return nil, err
	}
	return t, nil
}

// hasClients says whether some program is connected to a display of this machine.
func hasClients(d display) bool {
	const connected = "03"
	b, err := os.ReadFile("/proc/net/unix") // Num RefCount Protocol Flags Type St Inode Path
	if err != nil || d.socket() == "" {
		return false
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) == 8 && f[5] == connected && strings.TrimPrefix(f[7], "@") == d.socket() {
			return true
		}
	}
	return false
}

func (t *Typist) open(d display, authority string, xwayland bool) error {
	if err := t.limit(time.Now().Add(setupTimeout)); err != nil {
		return err
	}
	if err := t.wire.open(d, authority); err != nil {
		return err
	}
	is, err := t.wire.hasExtension("XWAYLAND")
	if err != nil {
		return err
	}
	if is != xwayland {
		return fmt.Errorf("%w: it is not the server that is asked for", window.ErrUnavailable)
	}
	const name = "XTEST"
	r, err := t.wire.call(opQueryExtension, 0, append(order.AppendUint32(nil, uint32(len(name))), name...))
	if err != nil {
		return err
	}
	if r[8] == 0 {
		return fmt.Errorf("%w: the server has no extension %s", window.ErrUnavailable, name)
	}
	t.xtest = r[9]
	if t.active, err = t.wire.atom("_NET_ACTIVE_WINDOW"); err != nil {
		return err
	}
	if err := t.openLocks(); err != nil {
		return err
	}
	return t.findCodes()
}

// openLocks prepares setLocks.
func (t *Typist) openLocks() error {
	const name = "XKEYBOARD"
	r, err := t.wire.call(opQueryExtension, 0, append(order.AppendUint32(nil, uint32(len(name))), name...))
	if err != nil || r[8] == 0 {
		return err
	}
	t.xkb = r[9]
	_, err = t.wire.call(t.xkb, xkbUseExtension, words(1)) // version 1.0
	return err
}

// state says which locks are on, of those that change which character programs get: Caps Lock, and Shift Lock. levels says
// whether the third or the fifth level is on.
func (t *Typist) state() (locks byte, levels bool, _ error) {
	if t.xkb == 0 {
		return 0, false, nil
	}
	r, err := t.wire.call(t.xkb, xkbGetState, words(coreKeyboard))
	if err != nil {
		return 0, false, err
	}
	return r[11] & (shiftMask | lockMask), r[8]&(mod3Mask|mod5Mask) != 0, nil
}

// setLocks appends the request that turns locks on or off.
func (t *Typist) setLocks(requests []byte, locks byte, on bool) []byte {
	if locks == 0 {
		return requests
	}
	body := order.AppendUint16(make([]byte, 0, 12), coreKeyboard)
	if body = append(body, locks, 0); on {
		body[3] = locks
	}
	return t.wire.request(requests, t.xkb, xkbLatchLockState, body[:12])
}

func (t *Typist) limit(at time.Time) error { return t.wire.c.SetDeadline(at) }

// symbols returns the symbols of each code, four bytes each, valid until the next request.
func (t *Typist) symbols() (of func(code byte) []byte, err error) {
	r, err := t.wire.call(opGetKeyboardMapping, 0, []byte{firstCode, allCodes, 0, 0})
	if err != nil {
		return nil, err
	}
	size, all := 4*int(r[1]), r[32:]
	if size == 0 || len(all) < size*allCodes {
		return nil, errMap
	}
	return func(code byte) []byte { i := int(code - firstCode); return all[size*i : size*(i+1)] }, nil
}

// isOurs says whether the symbols of a code are those of one that a typist uses.
func isOurs(syms []byte) bool { return len(syms) > 4 && order.Uint32(syms[4:]) == voidSymbol }

// findCodes finds the codes without a symbol, and those that are ours from before; t.first come first.
func (t *Typist) findCodes() error {
	of, err := t.symbols()
	if err != nil {
		return err
	}
	t.codes = nil
	for i := 1; i < allCodes; i++ { // the first is no key's
		code := byte(firstCode + i)
		free := !slices.ContainsFunc(of(code), func(b byte) bool { return b != 0 })
		if free || isOurs(of(code)) {
			t.codes = append(t.codes, code)
		}
	}
	rank := func(code byte) int {
		if slices.Contains(t.first, uint16(code-firstCode)) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(t.codes, func(a, b byte) int { return rank(a) - rank(b) })
	t.codes = t.codes[:min(len(t.codes), maxCodes)]
	last := len(t.codes) - 1
	if last < 1 {
		return fmt.Errorf("%w: all key codes of the server have symbols", window.ErrUnavailable)
	}
	t.idle, t.codes = t.codes[last], t.codes[:last]
	t.useLevels(levels{})
	if !isOurs(of(t.idle)) {
		return nil
	}
	return t.change(t.idle, 0)
}

// HasFocus says whether one of the server's windows has the focus, as its window manager says. Those of wlroots name a window of their
// own as the active one while a Wayland window has the focus, and leave the input focus to nobody.
func (t *Typist) HasFocus(limit time.Time) (bool, error) {
	if err := t.limit(limit); err != nil {
		return false, err
	}
	w, err := t.wire.cardinal(t.wire.root, t.active)
	if err != nil || w == 0 {
		return false, err
	}
	const pointerRoot = 1
	focus, err := t.wire.inputFocus()
	return focus > pointerRoot, err
}

// Type types a text. It returns when the server has passed the keys on.
func (t *Typist) Type(text string, limit time.Time) error {
	if err := t.limit(limit); err != nil {
		return err
	}
	if err := t.follow(); err != nil {
		return err
	}
	locks, on, err := t.state()
	if err != nil {
		return err
	}
	if err := t.chooseLevels(on); err != nil {
		return err
	}
	if err := t.placeAll(text); err != nil {
		return err
	}
	// All of it is sent at once: whatever happens to this process, no key stays down.
	requests := t.setLocks(nil, locks, false)
	// The server's own keyboard becomes the one that was used last with its first key, which some programs lose.
	requests = t.tap(requests, t.idle)
	for _, r := range text {
		at := t.at[r]
		requests = t.tap(requests, at.code, t.levels.all[at.level].keys...)
	}
	if err := t.wire.write(t.setLocks(requests, locks, true)); err != nil {
		return err
	}
	err = t.Check()
	now := time.Now()
	for _, r := range text {
		t.used[t.at[r]] = now
	}
	return err
}

// follow finds new codes if the layout has changed since the last text: ours have then lost their characters.
func (t *Typist) follow() error {
	if len(t.on) == 0 {
		return nil
	}
	left, err := t.left()
	if err != nil || len(left) == len(t.on) {
		return err
	}
	if err := t.giveBack(codesOf(left)); err != nil {
		return err
	}
	return t.findCodes()
}

// tap appends the requests that press a key and release it, while others are held.
func (t *Typist) tap(requests []byte, code byte, held ...byte) []byte {
	fake := func(kind, code byte) {
		body := make([]byte, 32)
		body[0], body[1] = kind, code
		requests = t.wire.request(requests, t.xtest, xtestFakeInput, body)
	}
	for _, h := range held {
		fake(evKeyPress, h)
	}
	fake(evKeyPress, code)
	fake(evKeyRelease, code)
	for _, h := range held {
		fake(evKeyRelease, h)
	}
	return requests
}

// Check returns when the server has done everything so far. An error says that something was refused, or that it is gone.
func (t *Typist) Check() error {
	_, err := t.wire.inputFocus()
	return err
}

func (t *Typist) change(code byte, syms ...uint32) error {
	body := []byte{code, byte(len(syms)), 0, 0}
	for _, s := range syms {
		body = order.AppendUint32(body, s)
	}
	return t.wire.send(opChangeKeyboardMapping, 1, body)
}

// symOf is the keysym of a character (x.org, "X Window System Protocol", appendix A).
func symOf(r rune) uint32 {
	if r >= 0xa0 && r <= 0xff || r >= ' ' && r <= '~' {
		return uint32(r)
	}
	return 1<<24 | uint32(r)
}

// Close gives the codes back and ends the connection.
func (t *Typist) Close() {
	if t.limit(time.Now().Add(setupTimeout)) == nil {
		if left, err := t.left(); err == nil && t.giveBack(codesOf(left)) == nil {
			_ = t.Check()
		}
	}
	t.stop()
	_ = t.wire.c.Close()
}
