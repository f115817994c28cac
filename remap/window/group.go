package window

import "context"

// A Group says which of the keyboard layouts is active, as far as the desktop reports it.
type Group struct {
	Index int    // in the keymap, from 0; negative if only the name is known
	Name  string // as in the keymap, such as "French"; "" if only the index is known
}

// A GroupSource follows the active keyboard layout through one desktop interface. It is for desktops whose keymap comes
// from elsewhere and does not say which group is active: a Wayland compositor announces group switches only to the focused
// client.
type GroupSource interface {
	// Name is a short constant name, like Source.Name.
	Name() string
	// RunGroup reports the active group, now and at each change, as Source.Run reports the focus.
	RunGroup(ctx context.Context, report func(Group)) error
}
