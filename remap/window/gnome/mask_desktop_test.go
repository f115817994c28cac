//go:build desktop

package gnome

import (
	"testing"

	"toshy/remap/window/windowtest"
)

func TestMask(t *testing.T) {
	g := keyboarded{(&windowtest.GNOME{}).Launch(t)}
	g.Start(t)
	windowtest.Masks(t, g)
	g.ControlMasks(t)
}
