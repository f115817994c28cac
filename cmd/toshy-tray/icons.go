package main

import _ "embed"

// The icons are drawn for toshy, in icons/*.svg; the PNGs beside them come out of `make icons`. Their colours
// stand out from light and dark panels alike, and each has a form of its own, for those who do not see colours.

//go:embed icons/active.png
var iconActive []byte

//go:embed icons/paused.png
var iconPaused []byte

//go:embed icons/passing.png
var iconPassing []byte

//go:embed icons/broken.png
var iconBroken []byte

//go:embed icons/absent.png
var iconAbsent []byte
