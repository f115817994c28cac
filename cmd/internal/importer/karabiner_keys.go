package importer

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"toshy/remap/key"
)

var karabinerMods = map[string]key.Mod{
	"command": key.Meta, "left_command": key.LMeta, "right_command": key.RMeta, "left_gui": key.LMeta, "right_gui": key.RMeta,
	"control": key.Ctrl, "left_control": key.LCtrl, "right_control": key.RCtrl, "shift": key.Shift, "left_shift": key.LShift, "right_shift": key.RShift,
	"option": key.Alt, "left_option": key.LAlt, "right_option": key.RAlt, "left_alt": key.LAlt, "right_alt": key.RAlt, "fn": key.ModFn,
}

// karabinerKeys are names of keys that differ from the kernel's.
var karabinerKeys = map[string]string{
	"return_or_enter": "enter", "return": "enter", "escape": "esc", "delete_or_backspace": "backspace", "delete_forward": "delete", "spacebar": "space",
	"hyphen": "minus", "equal_sign": "equal", "open_bracket": "leftbrace", "close_bracket": "rightbrace", "non_us_pound": "backslash", "quote": "apostrophe",
	"grave_accent_and_tilde": "grave", "period": "dot", "caps_lock": "capslock", "print_screen": "sysrq", "scroll_lock": "scrolllock",
	"page_up": "pageup", "page_down": "pagedown", "right_arrow": "right", "left_arrow": "left", "down_arrow": "down", "up_arrow": "up",
	"keypad_num_lock": "numlock", "keypad_slash": "kpslash", "keypad_asterisk": "kpasterisk", "keypad_hyphen": "kpminus", "keypad_plus": "kpplus",
	"keypad_enter": "kpenter", "keypad_period": "kpdot", "keypad_equal_sign": "kpequal", "non_us_backslash": "102nd", "application": "compose",
	"left_control": "leftctrl", "left_shift": "leftshift", "left_option": "leftalt", "left_alt": "leftalt", "left_command": "leftmeta", "left_gui": "leftmeta",
	"right_control": "rightctrl", "right_shift": "rightshift", "right_option": "rightalt", "right_alt": "rightalt", "right_command": "rightmeta", "right_gui": "rightmeta",
	"volume_increment": "volumeup", "volume_decrement": "volumedown", "play_or_pause": "playpause", "fast_forward": "nextsong", "fastforward": "nextsong", "scan_next_track": "nextsong",
	"rewind": "previoussong", "scan_previous_track": "previoussong", "display_brightness_increment": "brightnessup", "display_brightness_decrement": "brightnessdown",
	"illumination_increment": "kbdillumup", "illumination_decrement": "kbdillumdown", "mission_control": "scale", "launchpad": "dashboard",
	"japanese_eisuu": "muhenkan", "japanese_kana": "henkan", "lang1": "hangeul", "lang2": "hanja", "button1": "btn_left", "button2": "btn_right", "button3": "btn_middle",
	"button4": "btn_side", "button5": "btn_extra", "power": "power", "mute": "mute", "fn": "fn", "keyboard_fn": "fn",
	"international1": "ro", "international2": "katakanahiragana", "international3": "yen", "international4": "henkan", "international5": "muhenkan", "international6": "kpjpcomma",
	"japanese_pc_katakana": "katakanahiragana", "japanese_pc_xfer": "henkan", "japanese_pc_nfer": "muhenkan",
	"lang3": "katakana", "lang4": "hiragana", "lang5": "zenkakuhankaku", "menu": "props", "select": "front", "execute": "open", "keypad_comma": "kpcomma",
	"eject": "ejectcd", "vk_consumer_play": "playpause", "vk_consumer_next": "nextsong", "vk_consumer_previous": "previoussong",
}

// karabinerName is the name of the key in an event.
func karabinerName(e *yaml.Node) string {
	for _, f := range []string{"key_code", "consumer_key_code", "pointing_button", "apple_vendor_top_case_key_code", "apple_vendor_keyboard_key_code"} {
		if n := get(e, f); n != nil {
			return n.Value
		}
	}
	for _, p := range pairs(e) {
		return p.key
	}
	return "what is missing"
}

// key is karabinerKey, with a remark about keys that only a Mac's keyboard has.
func (k *karabiner) key(e *yaml.Node) (key.Code, bool) {
	c, ok := karabinerKey(e)
	if name := karabinerName(e); ok && (name == "japanese_eisuu" || name == "japanese_kana") {
		k.doc.note(e.Line, "%s is %s here, the key of other Japanese keyboards in its place; that of a Mac's keyboard is %s in toshy", name, keyText(c), map[bool]string{true: "Hanja", false: "Hangeul"}[name == "japanese_eisuu"])
	}
	return c, ok
}

func karabinerKey(e *yaml.Node) (key.Code, bool) {
	name := karabinerName(e)
	if to, ok := karabinerKeys[name]; ok {
		return key.Parse(to)
	}
	if digit, ok := strings.CutPrefix(name, "keypad_"); ok && len(digit) == 1 {
		return key.Parse("kp" + digit)
	}
	if get(e, "any") != nil {
		return 0, false
	}
	return key.Parse(name)
}
