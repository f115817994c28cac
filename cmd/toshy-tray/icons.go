package main

import _ "embed"

// The icons are drawn for toshy, in icons/*.svg; `make icons` makes the PNGs beside them. Their colours are visible on
// light and dark panels. Each has its own shape, for people who cannot tell the colours apart.

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
