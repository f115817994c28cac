package shortcuts

import "testing"

func TestLabwc(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want map[string]string
	}{
		"nothing": {"", map[string]string{
			"switch-applications": "Alt-Tab", "switch-applications-backward": "Alt-Shift-Tab", "terminal": "Super-Enter", "close": "Alt-F4", "maximize": "Super-A",
		}},
		"own": {`<?xml version="1.0"?><labwc_config><keyboard>
			<keybind key="W-d"><action name="Execute" command="wofi --show drun"/></keybind>
			<keybind key="W-q"><action name="Close"/></keybind>
			<keybind key="W-C-Right"><action name="GoToDesktop" to="right"/></keybind>
			<keybind key="W-t"><action name="Execute"><command>foot</command></action></keybind>
			<keybind key="W-d"><action name="Execute" command="fuzzel"/></keybind>
			<keybind key="XF86Nothing"><action name="Exit"/></keybind><keybind key="W-x"/></keyboard></labwc_config>`, map[string]string{
			"launcher": "Super-D", "close": "Super-Q", "workspace-right": "Ctrl-Super-Right", "terminal": "Super-T",
		}},
		"own and default": {`<openbox_config><keyboard><default/><keybind key="W-q"><action name="Close"/></keybind></keyboard></openbox_config>`, map[string]string{
			"switch-applications": "Alt-Tab", "switch-applications-backward": "Alt-Shift-Tab", "terminal": "Super-Enter", "close": "Super-Q", "maximize": "Super-A",
		}},
		"broken": {`<labwc_config><keyboard><keybind key="W-q"`, map[string]string{}},
		"binary": {"\x00\xff\xfe<", map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &Found{}
			labwcConfig(tt.text, "rc.xml", f)
			check(t, f, tt.want)
		})
	}
	f := find(t.Context(), "labwc", home(t, nil))
	check(t, f, map[string]string{
		"switch-applications": "Alt-Tab", "switch-applications-backward": "Alt-Shift-Tab", "terminal": "Super-Enter", "close": "Alt-F4", "maximize": "Super-A",
	})
}
