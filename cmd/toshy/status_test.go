package main

import (
	"testing"

	"toshy/cmd/internal/control"
)

func TestDownText(t *testing.T) {
	by := func(holders ...control.Holder) []control.Holder { return holders }
	for want, k := range map[string]control.DownKey{
		"a":                                   {Key: "a", By: by(control.Holder{Key: "a", For: "itself"})},
		"b":                                   {Key: "b"}, // just being tapped
		"leftctrl (by capslock)":              {Key: "leftctrl", By: by(control.Holder{Key: "capslock", For: "itself"})},
		"f1 (in a combo by c)":                {Key: "f1", By: by(control.Holder{Key: "c", For: "combo"})},
		"leftshift (for the next key)":        {Key: "leftshift", By: by(control.Holder{For: "one-shot"})},
		"leftalt (until leftmeta goes up)":    {Key: "leftalt", By: by(control.Holder{Key: "leftmeta", For: "bound"})},
		"leftctrl (by leftctrl, by capslock)": {Key: "leftctrl", By: by(control.Holder{Key: "leftctrl", For: "itself"}, control.Holder{Key: "capslock", For: "itself"})},
	} {
		if got := downText(k); got != want {
			t.Errorf("%+v is %q, want %q", k, got, want)
		}
	}
}
