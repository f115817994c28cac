package evdev

// Pointer is the virtual mouse. It sends the motion, wheel and buttons of grabbed keyboards that contain a pointer, and
// mapped mouse buttons. Make it only when there is something to send.
type Pointer struct {
	Writer
	node string
}

// NewPointer makes the virtual mouse and waits for its node; errors as in NewKeyboard. It also has the smooth wheel axes:
// otherwise those of a grabbed device would be lost.
func NewPointer() (*Pointer, error) {
	v := virtual{
		name: PointerName, phys: pointerPhys, product: pointerProduct,
		bits: []bitRange{
			{uiSetEvbit, []uint16{EvKey, EvRel, EvMsc}},
			{uiSetKeybit, pointerButtons()},
			{uiSetRelbit, []uint16{RelX, RelY, RelHWheel, RelWheel, RelWheelHiRes, RelHWheelHiRes}},
			{uiSetMscbit, []uint16{MscScan}},
		},
	}
	p := &Pointer{}
	if err := p.start(&v, &p.node); err != nil {
		return nil, err
	}
	return p, nil
}

func pointerButtons() (codes []uint16) {
	for code := uint16(BtnLeft); code <= BtnTask; code++ {
		codes = append(codes, code)
	}
	return codes
}

// IsPointerButton says whether the Pointer sends a code.
func IsPointerButton(code uint16) bool { return code >= BtnLeft && code <= BtnTask }

// Node is the device node, /dev/input/event8.
func (p *Pointer) Node() string { return p.node }
