package x11

import "slices"

// Levels are how a Typist puts several characters on one code: a key type of the server's keymap and keys of it choose
// one. Shift is no such key: the symbol on its level marks codes as ours.
type levels struct {
	kind byte // the key type; 0: that of a code with one character
	all  []level
}

// A level is a symbol of a code, and the keys that choose it.
type level struct {
	keys []byte
	xkb  int // index among the symbols of the code
	core int // index among its symbols in the core protocol
}

const (
	opGetModifierMapping = 119
	xkbSetMap            = 9

	rowMod3 = 5
	rowMod5 = 7

	level3Shift = 0xfe03
	level5Shift = 0xfe11
	modeSwitch  = 0xff7e
)

// oneLevel is a code with one character.
func oneLevel() levels { return levels{all: []level{{}}} }

// findLevels finds out how many characters a code can have.
func (t *Typist) findLevels() (levels, error) {
	if t.xkb == 0 || t.xwayland { // the keyboards of Xwayland have keymaps with different types
		return oneLevel(), nil
	}
	// Each keyboard has its own keymap. The server reports that of the keyboard that was used last.
	if err := t.wire.write(t.tap(nil, t.idle)); err != nil {
		return levels{}, err
	}
	three, five, err := t.levelKeys()
	if err != nil || three == 0 {
		return oneLevel(), err
	}
	const keyTypes = 1
	r, err := t.wire.call(t.xkb, xkbGetMap, words(coreKeyboard|keyTypes<<16, 0, 0, 0, 0, 0))
	if err != nil {
		return levels{}, err
	}
	types, _, err := parseTypes(r)
	return bestLevels(types, three, five), err
}

// bestLevels finds a type that has the third level, and the fifth if there is a key for it.
func bestLevels(types []keyType, three, five byte) levels {
	const four, eight = shiftMask | mod5Mask, shiftMask | mod5Mask | mod3Mask
	is := func(mods byte, width int) func(k keyType) bool {
		return func(k keyType) bool {
			for set := range width {
				if k.sets[set] != set {
					return false
				}
			}
			return k.mods == mods && k.width == width
		}
	}
	if i := slices.IndexFunc(types, is(eight, 8)); i > 0 && five != 0 {
		return levels{byte(i), []level{{}, {[]byte{three}, 2, 4}, {[]byte{five}, 4, 6}, {[]byte{three, five}, 6, 8}}}
	}
	if i := slices.IndexFunc(types, is(four, 4)); i > 0 {
		return levels{byte(i), []level{{}, {[]byte{three}, 2, 4}}}
	}
	return oneLevel()
}

// levelKeys finds the keys of the third and the fifth level, 0 for none. A modifier that other keys have too may mean
// something else to programs.
func (t *Typist) levelKeys() (three, five byte, _ error) {
	r, err := t.wire.call(opGetModifierMapping, 0, nil)
	if err != nil {
		return 0, 0, err
	}
	n := int(r[1])
	if len(r) < 32+8*n {
		return 0, 0, errMap
	}
	rows := slices.Clone(r[32 : 32+8*n])
	of, err := t.symbols()
	if err != nil {
		return 0, 0, err
	}
	find := func(row int, want uint32) (key byte) {
		for _, code := range rows[n*row : n*(row+1)] {
			if code < firstCode {
				continue
			}
			switch sym := order.Uint32(of(code)); {
			case sym != want && sym != 0 && sym != modeSwitch:
				return 0
			case key == 0 && isOnly(of(code), want):
				key = code
			}
		}
		return key
	}
	return find(rowMod5, level3Shift), find(rowMod3, level5Shift), nil
}

// isOnly says whether a key has this symbol on some level, and no other.
func isOnly(syms []byte, want uint32) (is bool) {
	for ; len(syms) >= 4; syms = syms[4:] {
		switch order.Uint32(syms) {
		case want:
			is = true
		case 0:
		default:
			return false
		}
	}
	return is
}

// put gives codes the symbols of the characters that are on them.
func (t *Typist) put(codes []byte) error {
	for _, code := range codes {
		if t.levels.kind == 0 {
			if err := t.change(code, symOf(t.on[slot{code, 0}]), voidSymbol); err != nil {
				return err
			}
			continue
		}
		syms := make([]uint32, 2*len(t.levels.all))
		for i, l := range t.levels.all {
			if r, ok := t.on[slot{code, i}]; ok {
				syms[l.xkb] = symOf(r)
			}
		}
		syms[1] = voidSymbol
		if err := t.setMap(code, syms); err != nil {
			return err
		}
	}
	return nil
}

// clear takes all symbols from a code.
func (t *Typist) clear(code byte) error {
	if t.levels.kind == 0 {
		return t.change(code, 0)
	}
	return t.setMap(code, nil)
}

// setMap changes the symbols of a code, on all keyboards.
func (t *Typist) setMap(code byte, syms []uint32) error {
	const keySyms, recomputeActions = 1 << 1, 1 << 1
	n := uint16(len(syms))
	b := make([]byte, 32, 40+4*len(syms))
	order.PutUint16(b, coreKeyboard)
	order.PutUint16(b[2:], keySyms)
	order.PutUint16(b[4:], recomputeActions)
	b[6], b[7] = firstCode, firstCode+allCodes-1
	b[10], b[11] = code, 1
	order.PutUint16(b[12:], n)
	groups := byte(min(n, 1))
	b = append(b, t.levels.kind*groups, 0, 0, 0, groups, byte(n))
	b = order.AppendUint16(b, n)
	for _, s := range syms {
		b = order.AppendUint32(b, s)
	}
	return t.wire.send(t.xkb, xkbSetMap, b)
}
