package shortcuts

import (
	"path"
	"slices"
	"strings"
	"sync"
)

// programs are the purposes of commands that shortcuts start.
var programs = map[string]string{
	"launcher": "dmenu dmenu_path dmenu_run i3-dmenu-desktop wofi rofi hyprlauncher fuzzel bemenu bemenu-run tofi tofi-run tofi-drun wmenu wmenu-run anyrun walker sirula nwg-drawer " +
		"sway-launcher-desktop j4-dmenu-desktop ulauncher ulauncher-toggle albert kickoff onagre cosmic-launcher krunner xfce4-popup-whiskermenu " +
		"xfce4-popup-applicationsmenu xfce4-appfinder",
	"lock":     "swaylock swaylock-effects i3lock hyprlock gtklock waylock xflock4 slock dm-tool cinnamon-screensaver-command light-locker-command xscreensaver-command",
	"logout":   "xfce4-session-logout hyprshutdown wlogout nwg-bar",
	"terminal": "foot footclient alacritty kitty wezterm ghostty konsole gnome-terminal kgx ptyxis xterm urxvt st termite tilix xfce4-terminal terminator i3-sensible-terminal x-terminal-emulator",
	"files":    "nautilus thunar Thunar dolphin nemo pcmanfm pcmanfm-qt caja cosmic-files",
	"settings": "xfce4-settings-manager gnome-control-center systemsettings cosmic-settings",
}

var programAction = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for action, names := range programs {
		for name := range strings.FieldsSeq(names) {
			m[name] = action
		}
	}
	return m
})

// commandAction is the action of a command, "" for none.
func commandAction(command string) string {
	words := strings.FieldsFunc(command, func(r rune) bool { return strings.ContainsRune(" \t\"';|&()$", r) })
	for i := range words {
		words[i] = path.Base(words[i])
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(names, w) })
	}
	if has("grim", "grimshot", "grimblast", "hyprshot", "maim", "scrot", "xfce4-screenshooter", "flameshot", "spectacle", "gnome-screenshot", "cosmic-screenshot") {
		return pictureAction(has)
	}
	if has("exo-open") {
		switch {
		case has("FileManager"):
			return "files"
		case has("TerminalEmulator"):
			return "terminal"
		}
		return ""
	}
	if has("swaymsg", "swaynag", "i3-nagbar", "i3-msg") && has("exit") {
		return "logout"
	}
	for _, w := range words {
		if a := programAction()[w]; a != "" {
			return a
		}
	}
	return ""
}

// pictureAction is the action that a screenshot program's arguments request.
func pictureAction(has func(...string) bool) string {
	action := "screenshot-screen"
	switch {
	case has("slurp", "area", "region", "-r", "--region", "-s", "--select", "-a", "--area"):
		action = "screenshot-area"
	case has("window", "active", "-w", "--window", "-u", "--focused"):
		action = "screenshot-window"
	case has("gui", "--interactive", "-i", "xfce4-screenshooter", "spectacle") && !has("-f", "--fullscreen"):
		return "screenshot"
	}
	if has("copy", "wl-copy", "xclip", "-c", "--clipboard", "--clipboard-only") {
		action += "-clipboard"
	}
	return action
}
