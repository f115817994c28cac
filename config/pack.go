package config

import (
	"cmp"
	"encoding/binary"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// Snapshots are packed values: one text that contains all strings, and numbers. A struct has a bit for each exported field
// that is not zero, followed by the values of these fields. A slice or map has its length plus 1, since it may be nil. A
// pointer is 0 for nil, 1 before a value that appears for the first time, or at least 2 for an earlier value. A regular
// expression is its text. The names of the fields come first. So types can get more fields, in any place, and old packed
// data can still be read.

var errPacked = errors.New("the packed data is damaged, or was packed by another version")

// A plan says how to pack a type.
type plan struct {
	of        reflect.Type
	kind      reflect.Kind // Int64 and Uint64 mean integers of any size
	fields    []plannedField
	key, elem *plan
}

type plannedField struct {
	name  string
	index int
	*plan
}

var regexpType = reflect.TypeFor[regexp.Regexp]()

// plans makes plans, one for each type.
type plans map[reflect.Type]*plan

func (m plans) plan(t reflect.Type) *plan {
	if p := m[t]; p != nil {
		return p
	}
	p := &plan{of: t, kind: t.Kind()}
	m[t] = p
	switch p.kind {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32:
		p.kind = reflect.Int64
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		p.kind = reflect.Uint64
	case reflect.Bool, reflect.Int64, reflect.Uint64, reflect.String:
	case reflect.Slice:
		p.elem = m.plan(t.Elem())
	case reflect.Map:
		p.key, p.elem = m.plan(t.Key()), m.plan(t.Elem())
	case reflect.Pointer:
		if t.Elem() != regexpType {
			p.elem = m.plan(t.Elem())
		}
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				p.fields = append(p.fields, plannedField{f.Name, i, m.plan(f.Type)})
			}
		}
	default:
		panic("cannot pack a " + t.String())
	}
	return p
}

// names are the structs of the plans with the names of their fields, in bit order: "config.Setting Name Value\n".
func (m plans) names() string {
	var lines []string
	for t, p := range m {
		if p.kind == reflect.Struct {
			line := t.String()
			for _, f := range p.fields {
				line += " " + f.name
			}
			lines = append(lines, line+"\n")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// reorder gives the fields of structs the bits that they have in names. A field that no longer exists gets no plan.
func (m plans) reorder(names string) {
	order := map[string][]string{}
	for line := range strings.Lines(names) {
		f := strings.Fields(line)
		order[f[0]] = f[1:]
	}
	for t, p := range m {
		if p.kind != reflect.Struct {
			continue
		}
		var fields []plannedField
		for _, name := range order[t.String()] {
			f := plannedField{name: name}
			if i := slices.IndexFunc(p.fields, func(f plannedField) bool { return f.name == name }); i >= 0 {
				f = p.fields[i]
			}
			fields = append(fields, f)
		}
		p.fields = fields
	}
}

type packer struct {
	text   []byte
	places map[string]int // of strings in the text
	data   []byte
	seen   map[any]uint64 // pointers, with their types
}

// pack packs the value of a pointer.
func pack(from any) []byte {
	p := &packer{places: map[string]int{}, seen: map[any]uint64{}}
	v := reflect.ValueOf(from).Elem()
	m := plans{}
	p.value(m.plan(v.Type()), v)
	names := m.names()
	out := append(binary.AppendUvarint(nil, uint64(len(names))), names...)
	return slices.Concat(binary.AppendUvarint(out, uint64(len(p.text))), p.text, p.data)
}

func (p *packer) number(n uint64) { p.data = binary.AppendUvarint(p.data, n) }

func (p *packer) value(t *plan, v reflect.Value) {
	switch t.kind {
	case reflect.Bool:
		p.number(map[bool]uint64{true: 1}[v.Bool()])
	case reflect.Int64:
		p.data = binary.AppendVarint(p.data, v.Int())
	case reflect.Uint64:
		p.number(v.Uint())
	case reflect.String:
		p.string(v.String())
	case reflect.Struct:
		bits := uint64(0)
		for i, f := range t.fields {
			if !v.Field(f.index).IsZero() {
				bits |= 1 << i
			}
		}
		p.number(bits)
		for i, f := range t.fields {
			if bits&(1<<i) != 0 {
				p.value(f.plan, v.Field(f.index))
			}
		}
	case reflect.Slice:
		if p.length(v) {
			for i := range v.Len() {
				p.value(t.elem, v.Index(i))
			}
		}
	case reflect.Map:
		if p.length(v) {
			for _, k := range sortedKeys(v) {
				p.value(t.key, k)
				p.value(t.elem, v.MapIndex(k))
			}
		}
	case reflect.Pointer:
		p.pointer(t, v)
	}
}

func (p *packer) string(s string) {
	at, known := p.places[s]
	if !known {
		at = len(p.text)
		p.places[s] = at
		p.text = append(p.text, s...)
	}
	p.number(uint64(len(s)))
	p.number(uint64(at))
}

// length packs the length of a slice or map, and says whether it is not nil.
func (p *packer) length(v reflect.Value) bool {
	if v.IsNil() {
		p.number(0)
		return false
	}
	p.number(uint64(v.Len()) + 1)
	return true
}

// sortedKeys are the keys of a map in a fixed order, so that the same value is always packed into the same bytes.
func sortedKeys(m reflect.Value) []reflect.Value {
	return slices.SortedFunc(slices.Values(m.MapKeys()), func(a, b reflect.Value) int {
		if a.Kind() == reflect.String {
			return cmp.Compare(a.String(), b.String())
		}
		return cmp.Compare(a.Uint(), b.Uint())
	})
}

func (p *packer) pointer(t *plan, v reflect.Value) {
	if v.IsNil() {
		p.number(0)
		return
	}
	if n, seen := p.seen[v.Interface()]; seen {
		p.number(n)
		return
	}
	p.seen[v.Interface()] = uint64(len(p.seen)) + 2
	p.number(1)
	if t.elem == nil {
		p.string(v.Interface().(*regexp.Regexp).String())
		return
	}
	p.value(t.elem, v.Elem())
}

type unpacker struct {
	text string
	data string
	seen []reflect.Value
}

// unpack stores a packed value where a pointer points. Strings share memory with packed.
func unpack(packed string, into any) (err error) {
	defer func() {
		if recover() != nil { // an invalid index, length or string
			err = errPacked
		}
	}()
	u := &unpacker{data: packed}
	v := reflect.ValueOf(into).Elem()
	m := plans{}
	root := m.plan(v.Type())
	m.reorder(u.cut())
	u.text = u.cut()
	u.value(root, v)
	if len(u.data) > 0 {
		return errPacked
	}
	return nil
}

// cut is a text that has its length in front.
func (u *unpacker) cut() string {
	n := u.number()
	s := u.data[:n]
	u.data = u.data[n:]
	return s
}

func (u *unpacker) number() uint64 {
	n, shift := uint64(0), 0
	for i := 0; ; i++ {
		c := u.data[i]
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			u.data = u.data[i+1:]
			return n
		}
		shift += 7
	}
}

// signed is a number in the form of binary.AppendVarint.
func (u *unpacker) signed() int64 {
	n := u.number()
	return int64(n>>1) ^ -int64(n&1)
}

func (u *unpacker) string() string {
	n := u.number()
	at := u.number()
	return u.text[at : at+n]
}

func (u *unpacker) value(t *plan, v reflect.Value) {
	switch t.kind {
	case reflect.Bool:
		v.SetBool(u.number() != 0)
	case reflect.Int64:
		v.SetInt(u.signed())
	case reflect.Uint64:
		v.SetUint(u.number())
	case reflect.String:
		v.SetString(u.string())
	case reflect.Struct:
		bits := u.number()
		for i := 0; bits != 0; i++ {
			if bits&1 != 0 {
				f := &t.fields[i]
				u.value(f.plan, v.Field(f.index))
			}
			bits >>= 1
		}
	case reflect.Slice:
		if n, is := u.length(); is {
			s := reflect.MakeSlice(t.of, n, n)
			for i := range n {
				u.value(t.elem, s.Index(i))
			}
			v.Set(s)
		}
	case reflect.Map:
		if n, is := u.length(); is {
			m := reflect.MakeMapWithSize(t.of, n)
			for range n {
				k, e := reflect.New(t.key.of).Elem(), reflect.New(t.elem.of).Elem()
				u.value(t.key, k)
				u.value(t.elem, e)
				m.SetMapIndex(k, e)
			}
			v.Set(m)
		}
	case reflect.Pointer:
		u.pointer(t, v)
	}
}

// length is the length of a slice or map; false if it is nil.
func (u *unpacker) length() (int, bool) {
	n := u.number()
	if n > uint64(len(u.data)) { // each element takes a byte
		panic(errPacked)
	}
	return int(n) - 1, n > 0
}

func (u *unpacker) pointer(t *plan, v reflect.Value) {
	switch n := u.number(); {
	case n == 0:
	case n > 1:
		v.Set(u.seen[n-2])
	case t.elem == nil:
		re := regexp.MustCompile(u.string())
		v.Set(reflect.ValueOf(re))
		u.seen = append(u.seen, v)
	default:
		p := reflect.New(t.elem.of)
		u.seen = append(u.seen, p)
		v.Set(p)
		u.value(t.elem, p.Elem())
	}
}
