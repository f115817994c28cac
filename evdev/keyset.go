package evdev

import (
	"encoding/binary"
	"math/bits"
)

// KeySet is a set of key codes from 0 to KeyMax. The zero value is empty.
type KeySet [(KeyMax + 1) / 64]uint64

// keyBytes is the size of the kernel's bitmap of all keys.
const keyBytes = (KeyMax + 1) / 8

// Has says whether code is in the set. Codes above KeyMax never are.
func (s *KeySet) Has(code uint16) bool {
	return code <= KeyMax && s[code/64]>>(code%64)&1 != 0
}

// Add adds code. It ignores codes above KeyMax.
func (s *KeySet) Add(code uint16) {
	if code <= KeyMax {
		s[code/64] |= 1 << (code % 64)
	}
}

// Remove removes code.
func (s *KeySet) Remove(code uint16) {
	if code <= KeyMax {
		s[code/64] &^= 1 << (code % 64)
	}
}

// Empty says whether the set is empty.
func (s *KeySet) Empty() bool { return *s == KeySet{} }

// Len is the number of codes in the set.
func (s *KeySet) Len() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// Append adds the codes to dst in rising order.
func (s *KeySet) Append(dst []uint16) []uint16 {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			dst = append(dst, uint16(i*64+bits.TrailingZeros64(w)))
		}
	}
	return dst
}

// fromBitmap copies the kernel's bitmap of unsigned longs. On 64-bit machines and on little-endian 32-bit machines, those
// are the words of KeySet. A big-endian 32-bit kernel has the halves in the other order.
func (s *KeySet) fromBitmap(b *[keyBytes]byte) {
	for i := range s {
		if wordSize == 8 {
			s[i] = binary.NativeEndian.Uint64(b[i*8:])
		} else {
			s[i] = uint64(binary.NativeEndian.Uint32(b[i*8:])) | uint64(binary.NativeEndian.Uint32(b[i*8+4:]))<<32
		}
	}
}
