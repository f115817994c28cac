package x11

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"toshy/remap/window"
	"toshy/remap/window/internal/xkb"
)

// The part of the keyboard extension (x.org, "The X Keyboard Extension: Protocol Specification", appendix D) that reports
// the meaning of keys. The server has the whole keymap, including xmodmap's changes, so no rules have to be compiled here.

// Minor opcodes of requests.
const (
	xkbUseExtension = 0
	xkbSelectEvents = 1
	xkbGetState     = 4
	xkbGetMap       = 8
	xkbGetNames     = 17

	opGetAtomName = 17
)

// Kinds of events, and the bits that select them.
const (
	xkbNewKeyboard = 0
	xkbMap         = 1
	xkbState       = 2

	stateGroup = 1 << 4 // of StateNotify: only the effective group; modifiers change all the time
)

const (
	coreKeyboard = 0x100   // XkbUseCoreKbd
	groupNames   = 1 << 12 // of GetNames
	shiftMask    = 1 << 0
	mod3Mask     = 1 << 5 // where all rules put LevelFive
	mod5Mask     = 1 << 7 // and LevelThree
	maxMap       = 256 << 10
)

const (
	staleMap = 1 << iota
	staleGroup
)

// RunKeymap reports the keymap and the active group, now and at each change, until ctx ends or the connection is lost, like
// Run.
func (s *Source) RunKeymap(ctx context.Context, report func(k *xkb.Keymap, group int)) error {
	return s.run(ctx, func(f *follower) error {
		k := &keyboard{wire: f.wire}
		k.wire.on = func(event) {}
		k.wire.msg = make([]byte, maxMap)
		return k.follow(func(m *xkb.Keymap, group int) {
			if ctx.Err() == nil {
				report(m, group)
			}
		})
	})
}

type keyboard struct {
	wire   *wire
	major  byte // opcode of the extension
	stale  int
	keymap *xkb.Keymap
}

// follow reads and reports until the connection ends. It returns the reason, never nil.
func (k *keyboard) follow(report func(*xkb.Keymap, int)) error {
	if err := k.open(); err != nil {
		return err
	}
	k.stale = staleMap | staleGroup
	last := -1
	for {
		stale := k.stale
		k.stale = 0
		if stale&staleMap != 0 {
			m, err := k.readMap()
			if err != nil {
				return err
			}
			if !reflect.DeepEqual(m, k.keymap) { // Typist changes only what is no part of the layout
				k.keymap, last = m, -1
			}
		}
		r, err := k.ask(xkbGetState, coreKeyboard)
		if err != nil {
			return err
		}
		if group := int(r[12]); group != last {
			last = group
			report(k.keymap, group)
		}
		for k.stale == 0 || k.wire.r.Buffered() >= 32 {
			if _, err := k.wire.read(); err != nil && !refused(err) {
				return err
			}
		}
	}
}

// ask sends a request of the extension; the words are its body.
func (k *keyboard) ask(minor byte, body ...uint32) ([]byte, error) {
	return k.wire.call(k.major, minor, words(body...))
}

func (k *keyboard) open() error {
	const name = "XKEYBOARD"
	b := order.AppendUint32(nil, uint32(len(name)))
	r, err := k.wire.call(opQueryExtension, 0, append(b, name...))
	if err != nil {
		return err
	}
	if r[8] == 0 {
		return fmt.Errorf("%w: the server has no keyboard extension", window.ErrUnavailable)
	}
	k.major, k.wire.xkb = r[9], r[10]
	k.wire.onXKB = func(kind byte) {
		switch kind {
		case xkbNewKeyboard, xkbMap:
			k.stale |= staleMap | staleGroup
		case xkbState:
			k.stale |= staleGroup
		}
	}
	if r, err = k.ask(xkbUseExtension, 1); err != nil { // version 1.0
		return err
	}
	if r[1] == 0 {
		return fmt.Errorf("%w: the server's keyboard extension is not version 1", window.ErrUnavailable)
	}
	half := func(v ...uint16) (b []byte) {
		for _, w := range v {
			b = order.AppendUint16(b, w)
		}
		return b
	}
	const whole = 1<<xkbNewKeyboard | 1<<xkbMap
	return k.wire.send(k.major, xkbSelectEvents,
		half(coreKeyboard, whole|1<<xkbState, 0, whole, 0xff, 0xff, stateGroup, stateGroup))
}

var errMap = errors.New("the server's keymap is cut short")

// readMap reads the meaning of all keys.
func (k *keyboard) readMap() (*xkb.Keymap, error) {
	// full: key types and symbols; the ranges of parts are empty.
	r, err := k.ask(xkbGetMap, coreKeyboard|3<<16, 0, 0, 0, 0, 0)
	if err != nil {
		return nil, err
	}
	m, err := parseMap(r)
	if err != nil {
		return nil, err
	}
	m.Names, err = k.names()
	return m, err
}

// A keyType says which level of a key each combination of Shift, the third and the fifth level chooses, in the order of
// xkb.Levels.
type keyType struct {
	mods  byte // that matter
	width int
	sets  [8]int
}

// parseTypes reads the key types in the reply to GetMap. rest is what follows them.
func parseTypes(r []byte) (types []keyType, rest []byte, _ error) {
	if len(r) < 40 {
		return nil, nil, errMap
	}
	types, rest = make([]keyType, r[15]), r[40:]
	for i := range types {
		if len(rest) < 8 {
			return nil, nil, errMap
		}
		head := rest[:8]
		n := 8 * int(head[5])
		end := 8 + n
		if head[6] != 0 { // the preserved modifiers
			end += 4 * int(head[5])
		}
		if len(rest) < end {
			return nil, nil, errMap
		}
		entries := rest[8 : 8+n]
		rest = rest[end:]
		types[i].mods, types[i].width = head[0], int(head[4])
		for set, mask := range [8]byte{
			0, shiftMask, mod5Mask, shiftMask | mod5Mask,
			mod3Mask, shiftMask | mod3Mask, mod5Mask | mod3Mask, shiftMask | mod5Mask | mod3Mask,
		} {
			for e := entries; len(e) > 0; e = e[8:] {
				if e[0] != 0 && e[1] == mask&head[0] {
					types[i].sets[set] = int(e[2])
				}
			}
		}
	}
	return types, rest, nil
}

// parseMap reads the reply to GetMap.
func parseMap(r []byte) (*xkb.Keymap, error) {
	types, b, err := parseTypes(r)
	if err != nil {
		return nil, err
	}
	first, keys := int(r[17]), int(r[20])
	take := func(n int) []byte {
		if n > len(b) {
			return nil
		}
		v := b[:n]
		b = b[n:]
		return v
	}
	m := &xkb.Keymap{Keys: make(map[uint16][]xkb.Levels, keys)}
	for code := first; code < first+keys; code++ {
		head := take(8)
		if head == nil {
			return nil, errMap
		}
		groups, width, n := min(int(head[4]&0x0f), 4), int(head[5]), int(order.Uint16(head[6:]))
		syms := take(4 * n)
		if syms == nil && n > 0 {
			return nil, errMap
		}
		if groups == 0 || code < 8 {
			continue
		}
		key := make([]xkb.Levels, groups)
		for g := range key {
			if int(head[g]) >= len(types) {
				return nil, errMap
			}
			for set, level := range types[head[g]].sets {
				if at := g*width + level; level < width && at < n {
					key[g][set] = xkb.Sym(order.Uint32(syms[4*at:]))
				}
			}
		}
		isTypists := key[0][1] == voidSymbol // for a moment
		if isTypists || !slices.ContainsFunc(key, func(l xkb.Levels) bool { return l != xkb.Levels{} }) {
			continue
		}
		m.Keys[uint16(code-8)] = key
	}
	return m, nil
}

// names reads the groups' names. It is no error if the server has none.
func (k *keyboard) names() (names []string, err error) {
	r, err := k.ask(xkbGetNames, coreKeyboard, groupNames)
	if refused(err) {
		return nil, nil
	}
	if err != nil || len(r) < 32 || order.Uint32(r[8:])&groupNames == 0 {
		return nil, err
	}
	var atoms []uint32
	for b, mask := r[32:], r[15]&0x0f; mask != 0 && len(b) >= 4; mask >>= 1 {
		atom := uint32(0)
		if mask&1 != 0 {
			atom, b = order.Uint32(b), b[4:]
		}
		atoms = append(atoms, atom)
	}
	for _, a := range atoms {
		r, err := k.wire.call(opGetAtomName, 0, words(a))
		if err != nil && !refused(err) {
			return nil, err
		}
		name := ""
		if err == nil {
			name = window.Text(string(r[32:32+min(int(order.Uint16(r[8:])), len(r)-32)]), window.MaxClass)
		}
		names = append(names, name)
	}
	return names, nil
}
