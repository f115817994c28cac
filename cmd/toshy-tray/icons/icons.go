// Package icons holds the icon that desktops show for toshy, for those who install it.
package icons

import _ "embed"

// SVG is the icon, as packages have it in /usr/share/icons/hicolor/scalable/apps/toshy.svg.
//
//go:embed active.svg
var SVG []byte
