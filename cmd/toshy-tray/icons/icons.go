// Package icons has the icon that desktops show for toshy, for installers.
package icons

import _ "embed"

// SVG is the icon that packages install as /usr/share/icons/hicolor/scalable/apps/toshy.svg.
//
//go:embed active.svg
var SVG []byte
