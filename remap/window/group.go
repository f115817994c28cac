package window

import "context"

// A Group says which of the keyboard layouts is active, as far as a desktop tells.
type Group struct {
	Index int    // in the keymap, from 0; below 0 when only the name is known
	Name  string // as in the keymap, such as "French"; "" when only the index is known
}

// A GroupSource follows the active keyboard layout on one desktop interface. It is for desktops whose
// keymap comes another way and does not tell: a Wayland compositor announces group switches only to
// the client that has the focus.
type GroupSource interface {
	// Name is a short constant name, as Source.Name.
	Name() string
	// RunGroup reports the active group, now and at each change, as Source.Run does the focus.
	RunGroup(ctx context.Context, report func(Group)) error
}
