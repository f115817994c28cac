package shortcuts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const riverInit = `#!/bin/sh
# mod=Alt
mod="Super" term='foot -e zsh'
shot=~/bin/shot.sh
riverctl map normal $mod Q close          # Super+Q
riverctl map normal ${mod}+Shift E exit
riverctl map normal "$mod" Return spawn "$term"
riverctl map normal Super+Control Space \
    spawn 'fuzzel --show="all apps"'
riverctl map -release normal None Print spawn 'grim -g "$(slurp)" - | wl-copy'
riverctl map -repeat normal Super J focus-view next; riverctl map normal Super K focus-view previous
/usr/bin/riverctl map normal Mod1 F11 toggle-fullscreen
riverctl map locked None XF86Eject spawn 'eject -T'
riverctl map normal Super L spawn $locker
riverctl map normal $shot S close
riverctl map -layout 1 normal Super T spawn foot
riverctl map-pointer normal Super BTN_LEFT move-view
riverctl map normal Super question spawn swaylock
riverctl map normal Super X close
riverctl unmap normal Super X
cat >/tmp/x <<EOF
riverctl map normal Super Z exit
EOF
for i in $(seq 1 9)
do
    mod=Alt
    riverctl map normal Super $i spawn thunar
done
if [ -x /usr/bin/foo ]; then riverctl map normal Super A spawn thunar; else riverctl map normal Super B spawn thunar; fi
keys() {
    riverctl map normal Super C spawn thunar
}
[ -e /x ] && {
    riverctl map normal Super D spawn thunar
}
test -x foo || riverctl map normal Super E spawn thunar
riverctl map normal Super F spawn thunar
riverctl map normal Super F spawn 'pkill waybar'
riverctl map normal $mod G spawn thunar
exec rivertile -view-padding 6
riverctl map normal Super H spawn thunar
`

func TestRiver(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want map[string]string
		read bool
	}{
		"usual": {riverInit, map[string]string{
			"close": "Super-Q", "logout": "Shift-Super-E", "terminal": "Super-Enter", "launcher": "Ctrl-Super-Space", "screenshot-area-clipboard": "SysRq",
			"switch-applications": "Super-J", "switch-applications-backward": "Super-K", "fullscreen": "Alt-F11", "lock": "Shift-Super-Slash",
		}, true},
		"no interpreter": {"riverctl map normal Super Q close\n", map[string]string{"close": "Super-Q"}, true},
		"env":            {"#!/usr/bin/env -S bash -eu\nriverctl map normal Super Q close\n", map[string]string{"close": "Super-Q"}, true},
		"fish":           {"#!/usr/bin/env fish\nriverctl map normal Super Q close\n", map[string]string{}, false},
		"river 0.4":      {"#!/bin/sh\nexec rill\n", map[string]string{}, true},
		"unclosed":       {"riverctl map normal Super Q 'close\nriverctl map normal Super W close", map[string]string{}, true},
		"binary":         {"\x00\xff\xfe$\\", map[string]string{}, true},
		"growing":        {"a=xxxxxxxxxxxxxxxx\n" + strings.Repeat("a=$a$a\n", 100) + "riverctl map normal $a Q close\n", map[string]string{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := &Found{}
			riverScript(tt.text, "init", f)
			check(t, f, tt.want)
			if f.Read != tt.read {
				t.Errorf("read: %v", f.Read)
			}
		})
	}
	p := home(t, nil)
	file := filepath.Join(p.configs[0], "river/init")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[os.FileMode]map[string]string{0o755: {"close": "Super-Q"}, 0o644: {}} { // river runs no other file
		if err := os.WriteFile(file, []byte("riverctl map normal Super Q close\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		check(t, find(t.Context(), "river", p), want)
	}
}
