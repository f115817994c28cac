package config

import (
	"regexp"
	"sync"
)

// A foreignKind is another remapper, with texts that only its files contain. It only serves for a hint. Package importer,
// which converts the files, distinguishes them more precisely.
type foreignKind struct {
	name string // as in "toshy import"
	has  func() *regexp.Regexp
}

// An otherFormat is a kind of file that toshy cannot convert, with an example of what to write instead.
type otherFormat struct {
	what, instead string
	has           func() *regexp.Regexp
}

// only is a regular expression that is compiled when first used, so that a start does not wait for any.
func only(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

var foreignKinds = []foreignKind{
	{"kmonad", only(`(?m)^[^;\n]*\((?:device-file|low-level-hook|iokit-name|uinput-sink|kext)\b`)},
	{"kanata", only(`(?m)^\s*\((?:defsrc|deflayer|deflayermap|defcfg|defalias|defvar)\b`)},
	{"xremap", only(`(?ms)^\s*(?:modmap|keymap)\s*:\s*(?:#[^\n]*)?\n\s*-|^\s*virtual_modifiers\s*:|^\s*\[\[\s*(?:modmap|keymap)\s*\]\].*\bremap\b`)},
	{"evremap", only(`(?m)^\s*\[\[\s*(?:dual_role|remap)\s*\]\]`)},
	{"dual-function-keys", only(`(?m)^\s*MAPPINGS\s*:`)},
	{"karabiner", only(`"(?:complex_modifications|manipulators|simple_modifications)"\s*:`)},
	{"input-remapper", only(`"(?:input_combination|output_symbol)"\s*:`)},
	{"keyd", only(`(?m)^\s*\[(?:ids|main)\]\s*$|^\s*\[\w+:[CMASG](?:-[CMASG])*\]`)},
	{"keymapper", only(`(?m)^[^#"'\n]*[^>\s]\s*>>\s`)},
	{"toshy", only(`\btoshy_common\b|SLICE_MARK_START`)},
	{"xwaykeyz", only(`(?m)^\s*(?:from|import)\s+xwaykeyz\b|^\s*(?:keymap|modmap|multipurpose_modmap)\s*\(`)},
	{"keyszer", only(`(?m)^\s*(?:from|import)\s+keyszer\b`)},
	{"xkeysnail", only(`(?m)^\s*(?:from|import)\s+xkeysnail\b|^\s*define_(?:conditional_)?(?:multipurpose_)?(?:modmap|keymap)\s*\(`)},
}

const (
	modmapExample = `for a key that becomes another key, write [modmap.mine.keys] CapsLock = "Esc"`
	runExample    = `for a shortcut that starts a program, write [keymap.mine.keys] Super-Enter = { run = ["kitty"] }`
	comboExample  = `for a shortcut, write [keymap.mine.keys] Cmd-K = "Ctrl-L"`
)

var otherFormats = []otherFormat{
	{"a script of AutoHotkey", modmapExample, only(`(?m)^[^"'=\s;]*[^"'=\s;:]::|^::[^\s:]+::|^\s*#(?:Requires|NoEnv|SingleInstance|IfWinActive|HotIf)\b|^\s*SendMode\b`)},
	{"a file of xmodmap", modmapExample, only(`(?mi)^\s*(?:xmodmap\b|keycode\s+\d|keysym\s+\w|(?:add|remove|clear)\s+(?:lock|control|shift|mod[1-5])\b)`)},
	{"a file of udev's hardware database (hwdb)", modmapExample, only(`(?m)^\s+KEYBOARD_KEY_[0-9a-fA-F]+\s*=|^evdev:\w+:`)},
	{"a keymap of QMK", `write each layer as [layer.NAME.keys], and keys with two meanings as [modmap.mine.keys] Space = { tap = "Space", layer = "nav" }`, only(`QMK_KEYBOARD_H|"layout"\s*:\s*"LAYOUT|\bKC_[A-Z0-9]+\s*[,)]`)},
	{"a keymap of ZMK", `write each layer as [layer.NAME.keys], and keys with two meanings as [modmap.mine.keys] Space = { tap = "Space", layer = "nav" }`, only(`zmk,|&kp\s`)},
	{"a keyboard layout of XKB", modmapExample + ". Letters belong in the layout of the desktop", only(`(?m)^\s*(?:(?:partial|default|hidden|alphanumeric_keys|modifier_keys)\s+)*xkb_(?:symbols|keycodes|keymap|types|compat\w*|geometry)\b`)},
	{"a shell script", modmapExample, only(`(?m)\A#!|^\s*(?:setxkbmap|xkbcomp|localectl|gsettings|hidutil)\s`)},
	{"a file of sxhkd", runExample, only(`(?m)^(?:super|hyper|meta|alt|control|ctrl|shift|mod[1-5])\b[^=\n"'\[]*\n[ \t]+\w[^=\n]*$`)},
	{"a file of xbindkeys", runExample, only(`(?m)^"[^"\n]+"[ \t]*\n[ \t]+(?:m:0x|[A-Za-z][\w:]*[ \t]*\+)`)},
	{"a configuration of i3 or sway", runExample, only(`(?m)^\s*(?:bindsym|bindcode)\s`)},
	{"a configuration of Hyprland", runExample, only(`(?m)^\s*bind[a-z]{0,3}\s*=\s*[^"'\[{\n]*,`)},
	{"a configuration of Interception Tools", modmapExample, only(`(?m)^\s*-\s*(?:JOB|CMD)\s*:`)},
	{"a script of Hammerspoon", comboExample, only(`\bhs\.\w+(?:\.\w+)*\s*[({]`)},
	{"a configuration of skhd", comboExample, only(`(?m)^(?:cmd|alt|ctrl|shift|fn|hyper|meh|lcmd|rcmd|lalt|ralt)(?:\s*\+\s*\w+)*\s+-\s+\w+\s*(?::|->|;)`)},
	{"a key bindings file of macOS", comboExample, only(`"[^"\n]*"\s*=\s*(?:\(\s*)?"\w+:"\s*[;,]`)},
	{"a file of the Windows registry", modmapExample, only(`^\s*Windows Registry Editor|"Scancode Map"`)},
	{"a configuration of PowerToys", modmapExample, only(`"(?:remapKeys|remapShortcuts)"\s*:`)},
	{"JSON", comboExample, only(`\A\s*\{`)},
	{"YAML", comboExample, only(`\A(?:[ \t]*(?:#[^\n]*)?\n)*(?:---|- |[\w-]+:[ \t]*(?:#[^\n]*)?\n[ \t]+[\w-])`)},
}

// maxForeign is how much of a file is searched.
const maxForeign = 64 << 10

// foreign returns the name of the remapper whose configuration a text seems to be. It returns "" if toshy cannot import the text.
func foreign(text string) string {
	for i := range foreignKinds {
		if foreignKinds[i].has().MatchString(text) {
			return foreignKinds[i].name
		}
	}
	return ""
}

// ownTable is what only toshy's files have. A mistake in such a file is explained, whatever else its comments and scripts look like.
var ownTable = only(`(?m)^\s*extends\s*=|^\s*\[(?:keymap|modmap|layer|chord)\.[^\]\n]*\bkeys\]`)

// foreignHint is the hint for another remapper's file, "" for a file that may be toshy's.
func foreignHint(src *source) string {
	text := src.text[:min(len(src.text), maxForeign)]
	if ownTable().MatchString(text) {
		return ""
	}
	if name := foreign(text); name != "" {
		return "this looks like a configuration of " + name + "; convert it with: toshy import " + name + " " + src.name
	}
	for _, k := range otherFormats {
		if k.has().MatchString(text) {
			return "this looks like " + k.what + ", but toshy's files are TOML; " + k.instead
		}
	}
	return ""
}
