package config

import (
	"strings"
	"testing"
)

// Each mistake in this table gets a hint that says what was probably meant.
func TestHints(t *testing.T) {
	const keys, when = "[keymap.k.keys]\n", "[keymap.k]\nwhen = '%'\nkeys.Cmd-K = \"A\"\n"
	ask := func(c string) string { return strings.ReplaceAll(when, "%", c) }
	for _, c := range []struct{ name, text, says string }{
		// Files of other remappers.
		{"kanata", "(defcfg)\n(defsrc caps)\n(deflayer base esc)\n", "toshy import kanata"},
		{"kmonad", "(defcfg input (device-file \"/dev/input/x\"))\n(defsrc caps)\n", "toshy import kmonad"},
		{"keyd", "[ids]\n*\n[main]\ncapslock = esc\n", "toshy import keyd"},
		{"xremap in YAML", "modmap:\n  - remap:\n      CapsLock: Esc\n", "toshy import xremap"},
		{"xremap in TOML", "[[modmap]]\nname = \"x\"\n[modmap.remap]\nCapsLock = \"Esc\"\n", "toshy import xremap"},
		{"evremap", "[[remap]]\ninput = [\"KEY_A\"]\noutput = [\"KEY_B\"]\n\x00", "toshy import evremap"},
		{"dual-function-keys", "MAPPINGS:\n  - KEY: KEY_CAPSLOCK\n", "toshy import dual-function-keys"},
		{"karabiner", "{ \"profiles\": [{ \"complex_modifications\": {} }] }\n", "toshy import karabiner"},
		{"input-remapper", "[{\"input_combination\": []}]\n", "toshy import input-remapper"},
		{"keymapper", "CapsLock >> Escape\n", "toshy import keymapper"},
		{"xkeysnail", "from xkeysnail.transform import *\n", "toshy import xkeysnail"},
		{"xwaykeyz", "from xwaykeyz.config_api import *\n", "toshy import xwaykeyz"},
		{"keyszer", "from keyszer.config_api import *\n", "toshy import keyszer"},
		{"toshy in Python", "import toshy_common.settings\n", "toshy import toshy"},
		{"keyd without ids", "[main]\ncapslock = overload(control, esc)\n", "toshy import keyd"},
		{"layer of keyd", "[nav:C]\nh = left\n", "toshy import keyd"},

		// Files that toshy cannot convert.
		{"AutoHotkey", "CapsLock::Esc\n^!t::Run \"wt.exe\"\n", `AutoHotkey, but toshy's files are TOML; for a key that becomes another key, write [modmap.mine.keys] CapsLock = "Esc"`},
		{"AutoHotkey with directives", "#NoEnv\nSendMode Input\n", "AutoHotkey"},
		{"xmodmap", "remove Lock = Caps_Lock\nkeysym Caps_Lock = Escape\n", "xmodmap"},
		{"xmodmap with key codes", "keycode 66 = Escape\n", "xmodmap"},
		{"sxhkd", "super + Return\n\tkitty\n", "run = ["},
		{"hwdb", "evdev:input:b0003v05ACp024F*\n KEYBOARD_KEY_70039=leftctrl\n", "hwdb"},
		{"QMK", "#include QMK_KEYBOARD_H\nconst uint16_t PROGMEM keymaps[][6][6] = { [0] = LAYOUT(KC_ESC, LT(1, KC_SPC)) };\n", "[layer.NAME.keys]"},
		{"QMK in JSON", "{\"keyboard\": \"planck\", \"layout\": \"LAYOUT\", \"layers\": []}\n", "QMK"},
		{"ZMK", "#include <behaviors.dtsi>\n/ { bindings = <&kp TAB>; };\n", "ZMK"},
		{"XKB", "xkb_symbols \"x\" { key <CAPS> { [ Escape ] }; };\n", "XKB"},
		{"xbindkeys", "\"xterm\"\n  control + shift + q\n", "xbindkeys"},
		{"a script", "setxkbmap -option caps:escape\n", "a shell script"},
		{"i3", "bindsym $mod+Return exec kitty\n", "i3 or sway"},
		{"Hyprland", "bind = SUPER, Return, exec, kitty\n", "Hyprland"},
		{"Interception Tools", "- JOB: \"intercept -g $DEVNODE | uinput -d $DEVNODE\"\n", "Interception Tools"},
		{"Hammerspoon", "hs.hotkey.bind({\"cmd\"}, \"R\", f)\n", "Hammerspoon"},
		{"skhd", "cmd - return : open -a iTerm\n", "skhd"},
		{"key bindings of macOS", "{\n  \"~left\" = \"moveWordLeft:\";\n}\n", "key bindings file of macOS"},
		{"registry", "Windows Registry Editor Version 5.00\n", "registry"},
		{"PowerToys", "{\"remapKeys\":{\"inProcess\":[]}}\n", "PowerToys"},
		{"JSON", "{ \"keymap\": { \"mine\": {} } }\n", "looks like JSON"},
		{"YAML", "keymap:\n  mine:\n    Cmd-K: Ctrl-L\n", "looks like YAML"},

		// Characters that look like others.
		{"typographic quotes", keys + "\"Cmd-K\" = “Ctrl-L”\n", "U+201C): write \""},
		{"low quote", keys + "\"Cmd-K\" = „Ctrl-L“\n", "a typographic quote"},
		{"single typographic quotes", "[keymap.k]\nwhen = ‘app == \"x\"’\n", "write '"},
		{"dash in a key", keys + "Cmd–K = \"Ctrl-L\"\n", "a dash, not a hyphen"},
		{"dash in quotes", keys + "\"Cmd—K\" = \"Ctrl-L\"\n", "a dash, not a hyphen"},
		{"dash in a value", keys + "\"Cmd-K\" = \"Ctrl–L\"\n", "a dash, not a hyphen"},
		{"minus sign", keys + "\"Cmd−K\" = \"Ctrl-L\"\n", "a minus sign"},
		{"no-break hyphen", keys + "\"Cmd‑K\" = \"Ctrl-L\"\n", "a no-break hyphen"},
		{"no-break space", keys + "Cmd-K\u00a0= \"Ctrl-L\"\n", "a no-break space"},
		{"space of no width", keys + "\"Cmd-K\u200b\" = \"Ctrl-L\"\n", "delete it"},
		{"wide equals sign", keys + "Cmd-K ＝ \"Ctrl-L\"\n", "a wide equals sign"},
		{"typographic quotes in a condition", ask("app == “firefox”"), "a typographic quote"},
		{"dash in a name of a table", "[keymap.k]\npass–modifiers = true\n", "a dash"},
		{"dash in a key of a modmap", "[modmap.m.keys]\n\"Left–Ctrl\" = \"A\"\n", "a dash"},
		{"dash in a key that it becomes", "[modmap.m.keys]\nA = \"Left–Ctrl\"\n", "a dash"},

		// The place of things.
		{"entry beside keys", "[keymap.k]\nCmd-K = \"Ctrl-L\"\n", "below [keymap.k.keys]"},
		{"entry of a modmap beside keys", "[modmap.m]\nCapsLock = \"Esc\"\n", "below [modmap.m.keys]"},
		{"entry of a layer beside keys", "[layer.l]\nH = \"Left\"\n", "below [layer.l.keys]"},
		{"chord beside keys", "[chord.c]\n\"J+K\" = \"Esc\"\n", "below [chord.c.keys]"},
		{"entry at the top", "\"Cmd-K\" = \"Ctrl-L\"\n", "below [keymap.mine.keys]"},
		{"keymap without a name", "[keymap]\nCmd-K = \"Ctrl-L\"\n", "[keymap.mine.keys]"},
		{"keymap as a list", "[[keymap.mine]]\n", "one pair of brackets"},
		{"extends after a table", "[settings]\n[keymap.k]\nextends = \"mac\"\n", "before the first [table]"},
		{"extends among entries", keys + "extends = \"mac\"\n", "before the first [table]"},
		{"include after a table", "[options]\ninclude = \"x.toml\"\n", "before the first [table]"},
		{"when among entries", keys + "when = 'app == \"x\"'\n", "belongs in the table itself"},
		{"when in a modmap's keys", "[modmap.m.keys]\nwhen = \"A\"\n", "belongs in the table itself"},
		{"app in a keymap", "[keymap.k]\napp = \"firefox\"\n", `when = 'app == "firefox"'`},
		{"apps in a keymap", "[keymap.k]\napp = [\"firefox\"]\n", "app in"},
		{"class in a keymap", "[keymap.k]\nclass = \"firefox\"\n", `when = 'app == "firefox"'`},
		{"desktop in a modmap", "[modmap.k]\ndesktop = \"kde\"\n", `when = 'desktop == "kde"'`},
		{"app among entries", keys + "app = \"firefox\"\n", "when = 'app =="},
		{"if in a keymap", "[keymap.k]\nif = 'app == \"x\"'\n", "when = '...'"},
		{"condition in a keymap", "[keymap.k]\ncondition = 'app == \"x\"'\n", "when = '...'"},
		{"enabled", "[keymap.k]\nenabled = false\n", "disabled = true"},
		{"bindings", "[keymap.k.bindings]\nA = \"B\"\n", "[keymap.k.keys]"},
		{"list for when", "[keymap.k]\nwhen = [\"firefox\"]\n", "app in"},
		{"remap at the top", "[remap]\nA = \"B\"\n", "[modmap.mine.keys]"},
		{"keys at the top", "[keys]\nA = \"B\"\n", "[modmap.mine.keys]"},
		{"apps at the top", "[apps]\nx = \"B\"\n", "[groups]"},
		{"global at the top", "[global]\nx = \"B\"\n", "[options]"},
		{"layers at the top", "[layers]\nx = \"B\"\n", "[layer.NAME]"},
		{"name of a keyboard beside match", "[[keyboard]]\nname = \"K3\"\ntype = \"apple\"\n", "match = { name"},
		{"value of a setting", "[setting.x]\nvalue = true\ndefault = true\n", "write default"},

		// Actions.
		{"command", keys + "Cmd-K = { command = \"kitty\" }\n", "{ run ="},
		{"cmd", keys + "Cmd-K = { cmd = \"kitty\" }\n", "{ run ="},
		{"shell", keys + "Cmd-K = { shell = \"kitty\" }\n", "{ run ="},
		{"exec", keys + "Cmd-K = { exec = [\"kitty\"] }\n", "{ run ="},
		{"launch", keys + "Cmd-K = { launch = [\"kitty\"] }\n", "{ run ="},
		{"run as a string", keys + "Cmd-K = { run = \"kitty -e top\" }\n", `run = ["kitty", "-e", "top"]`},
		{"type", keys + "Cmd-K = { type = \"hello\" }\n", "{ text ="},
		{"string", keys + "Cmd-K = { string = \"hello\" }\n", "{ text ="},
		{"paste a text", keys + "Cmd-K = \"hello world\"\n", "{ text ="},
		{"keys", keys + "Cmd-K = { keys = \"Ctrl-L\" }\n", `write "Ctrl-T"`},
		{"press", keys + "Cmd-K = { press = \"Ctrl-L\" }\n", `write "Ctrl-L"`},
		{"sequence", keys + "Cmd-K = { sequence = [\"A\", \"B\"] }\n", "are a list"},
		{"sleep", keys + "Cmd-K = [{ sleep = 50 }]\n", "{ wait ="},
		{"delay", keys + "Cmd-K = [{ delay = \"50ms\" }]\n", "{ wait ="},
		{"layer-switch", keys + "Cmd-K = { layer-switch = \"x\" }\n", "{ layer ="},
		{"sticky", keys + "Cmd-K = { sticky = \"Shift\" }\n", "one_shot"},
		{"message", keys + "Cmd-K = { message = \"x\" }\n", "notify"},
		{"scroll", keys + "Cmd-K = { scroll = 1 }\n", "wheel"},
		{"click", keys + "Cmd-K = { click = 1 }\n", "BtnLeft"},
		{"noop", keys + "Cmd-K = { noop = true }\n", `"block"`},
		{"none", keys + "Cmd-K = \"none\"\n", `"block"`},
		{"noop as a string", keys + "Cmd-K = \"noop\"\n", `"block"`},
		{"emoji", keys + "Cmd-K = { emoji = \"x\" }\n", "unicode"},
		{"two meanings in a keymap", keys + "CapsLock = { tap = \"Esc\", hold = \"Ctrl-A\" }\n", "[modmap.mine.keys]"},
		{"tap_hold", keys + "CapsLock = { tap_hold = \"Esc\" }\n", "[modmap.mine.keys]"},
		{"tap-dance", keys + "Cmd-K = { tap-dance = [\"A\"] }\n", "taps"},
		{"path as an action", keys + "Cmd-K = \"/usr/bin/kitty\"\n", "{ run ="},
		{"number as an action", keys + "Cmd-K = 2\n", `"2"`},
		{"a layer where a key is wanted", "[layer.nav.keys]\nH = \"Left\"\n[keymap.k.keys]\nCmd-K = \"nav\"\n", `{ layer = "nav" }`},
		{"a layer as what is held", "[layer.nav.keys]\nH = \"Left\"\n[modmap.m.keys]\nA = { tap = \"A\", hold = \"nav\" }\n", `layer = "nav"`},
		{"a layer in a modmap", "[layer.nav.keys]\nH = \"Left\"\n[modmap.m.keys]\nA = \"nav\"\n", `layer = "nav"`},
		{"block in a modmap", "[modmap.m.keys]\nA = \"block\"\n", `"block"`},
		{"strokes in one text", keys + "Cmd-K = \"Ctrl-A Ctrl-C\"\n", `["Ctrl-A", "Ctrl-C"]`},
		{"strokes with a comma", keys + "\"Cmd-K,Cmd-C\" = \"A\"\n", "several strokes"},

		// Names of keys and modifiers.
		{"Apple's signs", keys + "\"⌘K\" = \"Ctrl-L\"\n", `"Cmd-K"`},
		{"more of Apple's signs", keys + "\"⌥⇧⌘K\" = \"Ctrl-L\"\n", `"Opt-Shift-Cmd-K"`},
		{"Apple's arrow", keys + "\"⌘←\" = \"Ctrl-L\"\n", `"Cmd-Left"`},
		{"Apple's signs at the top", "\"⌘K\" = \"A\"\n", "below [keymap.mine.keys]"},
		{"Hyper", keys + "Hyper-K = \"A\"\n", "[modifiers] Hyper"},
		{"Meh", keys + "Meh-K = \"A\"\n", "[modifiers] Meh"},
		{"mod4", keys + "mod4-x = \"A\"\n", "Super"},
		{"$mod", keys + "\"$mod-x\" = \"A\"\n", "Super, Alt or Cmd"},
		{"angle brackets", keys + "\"<Ctrl>x\" = \"A\"\n", "no <>"},
		{"X's names of keys", keys + "XF86AudioRaiseVolume = \"A\"\n", "volumeup"},
		{"bspc", "[modmap.m.keys]\nA = \"bspc\"\n", "Backspace"},
		{"question mark", keys + "\"Cmd-?\" = \"A\"\n", "Shift-Slash"},
		{"character as an action", keys + "Cmd-K = \"@\"\n", "Shift-2"},
		{"combo in a modmap", "[modmap.m.keys]\nCtrl-A = \"B\"\n", "combos belong in a [keymap]"},
		{"combo that a key becomes", "[modmap.m.keys]\nA = \"Ctrl-B\"\n", "combos belong in a [keymap]"},
		{"copilot", "[modmap.m.keys]\nCopilot = \"RightCtrl\"\n", "F23"},

		// The form of the file.
		{"quotes in quotes", keys + "Cmd-K = { text = \"a\" }\nCmd-L = \"say \"hi\"\"\n", `\"`},
		{"apostrophe in single quotes", keys + "Cmd-K = 'it's'\n", "double quotes"},
		{"colon", keys + "Cmd-K: \"A\"\n", "write = instead of :"},
		{"arrow", keys + "Cmd-K => \"A\"\n", "write ="},
		{"two equals signs", keys + "Cmd-K == \"A\"\n", "a single ="},
		{"slashes", "// a comment\n", "begins with #"},
		{"semicolon", "; a comment\n", "begins with #"},
		{"semicolon at the end", keys + "Cmd-K = \"A\";\n", "does not end with a comma or semicolon"},
		{"comma at the end", keys + "Cmd-K = \"A\",\n", "does not end with a comma or semicolon"},
		{"True", "[options]\nmasking = True\n", "write true"},
		{"yes", "[options]\nmasking = yes\n", "write true"},
		{"off", "[options]\nmasking = off\n", "write false"},
		{"no quotes", keys + "Cmd-K = Ctrl-L\n", `"Ctrl-L"`},
		{"closing quote", keys + "Cmd-K = \"Ctrl-L\n", "closing quote"},
		{"header without end", "[keymap.k\nA = \"B\"\n", "ends with ]"},
		{"header of two brackets", "[[keyboard]\ntype = \"x\"\n", "]]"},
		{"space in a header", "[keymap.my rules.keys]\nA = \"B\"\n", "in quotes"},

		// Conditions.
		{"one equals sign", ask(`app = "x"`), "equal is =="},
		{"=~", ask(`title =~ "x"`), "matches"},
		{"<>", ask(`app <> "x"`), "!="},
		{"is", ask(`app is "x"`), "=="},
		{"like", ask(`app like "x"`), "contains"},
		{"starts_with", ask(`app starts_with "x"`), "startsWith"},
		{"two texts", ask(`app == "x" or "y"`), `in ["a", "b"]`},
		{"wm_class", ask(`wm_class == "x"`), "app"},
		{"window_title", ask(`window_title == "x"`), "title"},
		{"hostname", ask(`hostname == "x"`), "host"},
		{"wayland", ask(`wayland`), `session == "wayland"`},
		{"plasma as a name", ask(`plasma`), `desktop == "kde"`},
		{"terminal", ask(`terminal`), "terminals"},
		{"no quotes in a condition", ask(`app == firefox`), "quotes"},
		{"not before a comparison", ask(`not app == "firefox"`), `not (app == "firefox")`},
		{"! before a comparison", ask(`!app in ["firefox"]`), `not (app in ["firefox"])`},
		{"round brackets for a list", ask(`app in ("firefox", "kitty")`), "square brackets"},
		{"an application alone", ask("firefox"), `when = 'app == "firefox"'`},
		{"one text with in", ask(`app in "firefox"`), `app == "firefox"`},
		{"a group with in", "[groups]\ng = [\"kitty\"]\n" + ask("app in g"), `when = "g"`},
		{"a group in quotes with in", "[groups]\ng = [\"kitty\"]\n" + ask(`app in "g"`), `when = "g"`},
		{"a group in quotes", "[groups]\ng = [\"kitty\"]\n" + ask(`"g"`), `when = "g"`},
		{"the text of a group", "[groups]\ng = \"firefox\"\n", `g = ["firefox"]`},
		{"url", ask(`url contains "github"`), "the title of the window"},
		{"layout", ask(`layout == "de"`), "whatever the layout"},
		{"table for when", "[keymap.k.when]\napp = \"firefox\"\n", `when = 'app == "firefox"'`},

		// What other files and other languages have.
		{"inherits", "inherits = \"mac\"\n", `extends = "mac"`},
		{"null", keys + "Cmd-K = null\n", `"block"`},
		{"no comma", keys + "Cmd-K = [\"A\" \"B\"]\n", "a comma"},
		{"backslashes", keys + "Cmd-K = { text = \"C:\\Users\" }\n", "single quotes"},
		{"sign in the name of a table", "[keymap.firefox!]\n", `[keymap."C++"]`},
		{"plus without quotes", keys + "Cmd+K = \"A\"\n", `"Cmd+K" = ...`},
		{"false as an action", keys + "Cmd-K = false\n", `"block"`},
		{"disable as an action", keys + "Cmd-K = \"disable\"\n", `"block"`},
		{"exclude in devices", "[devices]\nexclude = [\"Mouse\"]\n", "ignore"},
		{"devices as a list", "devices = [\"Keychron\"]\n", "[devices]"},
		{"name for match", "[[keyboard]]\nmatch = \"Keychron\"\ntype = \"apple\"\n", `match = { name = "Keychron" }`},
		{"list in a modmap", "[modmap.m.keys]\nA = [\"B\", \"C\"]\n", "[keymap.mine.keys]"},
		{"layer without a tap", "[layer.nav.keys]\nH = \"Left\"\n[modmap.m.keys]\nCapsLock = { layer = \"nav\" }\n", `{ tap = "CapsLock", layer = "nav" }`},
		{"text of an abbreviation", "[abbreviations]\naddr = \"my street\"\n", "[abbreviations.mine.texts]"},
		{"a layer without quotes", "[layer.nav.keys]\nH = \"Left\"\n[modmap.m.keys]\nCapsLock = { tap = \"Esc\", layer = nav }\n", `"nav"`},
		{"a word in a list without quotes", keys + "Cmd-K = { run = [kitty] }\n", `put text in quotes: "kitty"`},
		{"a combo with a bracket without quotes", keys + "Cmd-K = Ctrl-Shift-[\n", `"Ctrl-Shift-["`},
		{"Apple's signs without quotes", keys + "Cmd-K = ⌘L\n", `"Cmd-L"`},
		{"a condition without quotes", "[keymap.k]\nwhen = app == \"firefox\"\n", `when = 'app == "firefox"'`},
		{"notify without a text", keys + "Cmd-K = { notify = true }\n", "{ notify = \"Saved\" }"},
		{"home in include", "include = \"~/x.toml\"\n", "not expanded"},
		{"a variable in include", "include = \"$HOME/x.toml\"\n", "not expanded"},
		{"a function of keyd", "[modmap.m.keys]\ncapslock = overload(control, esc)\n", "tap ="},
		{"a function of keyd in quotes", "[modmap.m.keys]\ncapslock = \"overload(control, esc)\"\n", "tap ="},
		{"a layer of keyd in a modmap", "[modmap.m.keys]\ncapslock = layer(nav)\n", "{ layer ="},
		{"a macro of keyd", keys + "Cmd-K = \"macro(C-a C-c)\"\n", "are a list"},
		{"modifiers in the name of a layer", "[layer.nav:C.keys]\nh = \"left\"\n", "modifiers = \"Ctrl\""},
		{"a time of another remapper", "[timing]\ntap_timeout = 200\n", "tap_hold ="},
		{"on_tap", "[modmap.m.keys]\nCapsLock = { on_tap = \"Esc\", on_hold = \"LeftCtrl\" }\n", "write tap"},
		{"a layer as text", "[modmap.m.keys]\nSpace = { tap = \"Space\", hold = \"layer:nav\" }\n", `layer = "nav"`},
		{"two meanings with a slash", "[modmap.m.keys]\nCapsLock = \"Esc/Ctrl\"\n", "tap ="},
		{"two meanings in a list", "[modmap.m.keys]\nCapsLock = [\"Esc\", \"LeftCtrl\"]\n", "tap ="},
		{"apostrophe as a key", keys + "'Cmd-'' = \"A\"\n", "Cmd-Apostrophe"},
		{"quote as a key", keys + "\"Cmd-\"\" = \"A\"\n", "Cmd-Shift-Apostrophe"},
		{"backslash as a key", keys + "Cmd-\\ = \"A\"\n", "Cmd-Backslash"},
		{"backslash as a key in quotes", keys + "\"Cmd-\\\" = \"A\"\n", "Cmd-Backslash"},
		{"a key's name in two words", keys + "Cmd-Up Arrow = \"A\"\n", `"Cmd-Up Arrow"`},
		{"a list without its end", "[groups]\ng = [\"kitty\"\n[keymap.k]\n", "no closing ]"},
		{"strokes without brackets", keys + "Cmd-K = \"A\", \"B\"\n", "a list in one pair of brackets"},
		{"strokes that are added", keys + "Cmd-K = \"Ctrl-A\" + \"Ctrl-C\"\n", "a list in one pair of brackets"},
		{"strokes in round brackets", keys + "Cmd-K = (\"A\", \"B\")\n", "square brackets"},
		{"strokes with a semicolon", keys + "Cmd-K = \"Ctrl-A; Ctrl-C\"\n", `["Ctrl-A", "Ctrl-C"]`},
		{"strokes with an arrow", keys + "Cmd-K = \"Ctrl-A > Ctrl-C\"\n", `["Ctrl-A", "Ctrl-C"]`},
		{"run in words", keys + "Cmd-K = \"run kitty -e top\"\n", `run = ["kitty", "-e", "top"]`},
		{"type in words", keys + "Cmd-K = \"type hello\"\n", `text = "hello"`},
		{"a text of two lines", keys + "Cmd-K = { text = \"a\nb\" }\n", `is \n`},
		{"a hardware number without 0x", "[[keyboard]]\nmatch = { vendor = 05ac }\ntype = \"apple\"\n", "0x05ac"},
		{"a setting that nothing declares", "[setting]\nfoo = true\n", "[setting.foo] default = true"},
		{"an abbreviation beside texts", "[abbreviations.m]\n\";mail\" = \"x\"\n", "[abbreviations.m.texts]"},
		{"a method in a condition", ask(`app.contains("fire")`), `write app contains "fire"`},
		{"a merge conflict", "<<<<<<< HEAD\n", "merge conflict"},
		{"a sentence", "Remap CapsLock to Escape\n", "a line is a header"},
		{"a list of keymaps", "[[keymap]]\nkeys = { \"Cmd-K\" = \"A\" }\n", "one pair of brackets"},
		{"a header twice", keys + "Cmd-K = \"A\"\n" + keys + "Cmd-L = \"A\"\n", "merge the two"},

		{"setting among options", "extends = \"mac\"\n[options]\ncontrol_k_cuts = true\n", "[settings] control_k_cuts = true"},
		{"setting at the top", "extends = \"mac\"\ncontrol_k_cuts = true\n", "[settings] control_k_cuts = true"},
		{"value of a setting in its declaration", "extends = \"mac\"\n[setting]\ncontrol_k_cuts = true\n", "[settings]"},
		{"option among settings", "extends = \"mac\"\n[settings]\nmasking = true\n", "[options] masking = true"},
		{"option at the top", "masking = true\n", "[options] masking = true"},
		{"quotes around a header", "[\"keymap.mine.keys\"]\nCmd-K = \"A\"\n", "[keymap.mine.keys]"},
		{"name after keys", "[keymap.keys.mine]\nCmd-K = \"A\"\n", "[keymap.mine.keys]"},
		{"entry on the header's line", "[keymap.k.keys] Cmd-K = \"A\"\n", "a separate line"},
		{"no equals sign", keys + "Cmd-K \"A\"\n", "write ="},
		{"semicolon in a list", keys + "Cmd-K = [\"A\"; \"B\"]\n", "a comma"},
		{"text for keys", "[keymap.k]\nkeys = \"Cmd-K\"\n", `keys.Cmd-K = "Ctrl-L"`},
		{"false for a key", "[modmap.m.keys]\nCapsLock = false\n", `CapsLock = "block"`},
		{"a modifier of several", "[modifiers]\nHyper = [\"Ctrl\", \"Alt\"]\n", "carrier"},
		{"a modifier of a combo", "[modifiers]\nHyper = \"Ctrl-Alt-Shift\"\n", "carrier"},
		{"time in a list", keys + "Cmd-K = [\"A\", \"50ms\"]\n", `{ wait = "50ms" }`},

		// How a combo is written.
		{"key as a modifier", keys + "CapsLock-H = \"Left\"\n", `[chord.mine.keys] "CapsLock+H"`},
		{"keys together", keys + "\"J+K\" = \"Esc\"\n", `layer = "mine"`},
		{"modifier last", keys + "K-Cmd = \"A\"\n", `"Cmd-K"`},
		{"modifier twice", keys + "Cmd-Cmd-K = \"A\"\n", "once"},
		{"plus", keys + "\"Cmd-+\" = \"A\"\n", "Shift-Equal"},
		{"Plus", keys + "Cmd-Plus = \"A\"\n", "Shift-Equal"},
		{"LeftArrow", keys + "Cmd-LeftArrow = \"A\"\n", "write Left"},
		{"Right Arrow", keys + "\"Cmd-Right Arrow\" = \"A\"\n", "write Right"},
		{"Numpad1", keys + "Cmd-Numpad1 = \"A\"\n", "write KP1"},
		{"KP_Enter", "[modmap.m.keys]\nKP_Enter = \"A\"\n", "write KPEnter"},
		{"underscore", keys + "Cmd_K = \"A\"\n", `"Cmd-K"`},
		{"space", keys + "\"Cmd K\" = \"A\"\n", `"Cmd-K"`},
		{"space in what is sent", keys + "Cmd-K = \"Ctrl Shift T\"\n", `"Ctrl-Shift-T"`},
		{"dot", keys + "Cmd.K = \"A\"\n", `"Cmd-K"`},
		{"dots", keys + "Cmd.Shift.K = \"A\"\n", `"Cmd-Shift-K"`},
		{"two strokes", keys + "\"A B\" = \"C\"\n", `"A" = { "B" = ... }`},
		{"tapped twice", keys + "Shift-Shift = \"A\"\n", "taps ="},
		{"modifiers only", keys + "Ctrl-Shift = \"A\"\n", `"Ctrl-Shift-K"`},
		{"a modifier alone", keys + "Super = \"A\"\n", `leftmeta = { tap = "F13", hold = "leftmeta" }`},
		{"CmdOrCtrl", keys + "CmdOrCtrl-K = \"A\"\n", "write Cmd"},
		{"U+", keys + "Cmd-K = \"U+00E9\"\n", `{ unicode = "U+00E9" }`},
		{"number of a key", "[modmap.m.keys]\n58 = \"Esc\"\n", "capslock"},
		{"number of a key in a combo", keys + "Cmd-58 = \"A\"\n", "capslock"},
		{"signs of AutoHotkey", keys + "\"^!c\" = \"A\"\n", `"Ctrl-Alt-C"`},
		{"signs of AutoHotkey without quotes", keys + "^c = \"A\"\n", `"Ctrl-C"`},
		{"KC_ESC", keys + "Cmd-K = \"KC_ESC\"\n", "write esc"},
		{"KC_BSPC", "[modmap.m.keys]\nA = \"KC_BSPC\"\n", "write Backspace"},
		{"VK_ESCAPE", "[modmap.m.keys]\nVK_ESCAPE = \"A\"\n", "write esc"},
		{"Globe", keys + "Globe-E = \"A\"\n", "write Fn"},
		{"Click", keys + "Cmd-Click = \"A\"\n", "BtnLeft"},
		{"Volume Up", keys + "F13 = \"Volume Up\"\n", "write VolumeUp"},
		{"Left Alt", "[modmap.m.keys]\n\"Left Alt\" = \"A\"\n", "write LeftAlt"},
		{"Brightness+", keys + "F13 = \"Brightness+\"\n", "BrightnessUp"},
		{"a space", keys + "F13 = \" \"\n", `"Space"`},
		{"fourth button", keys + "Mouse4 = \"A\"\n", "BtnSide"},
		{"letter of a layout", "[modmap.m.keys]\n\"ö\" = \"A\"\n", "toshy keys --press"},
		{"letter of a layout in a combo", keys + "\"Cmd-ö\" = \"A\"\n", "toshy keys --press"},
		{"Strg", keys + "Strg-C = \"A\"\n", "write Ctrl"},
		{"Maj", keys + "Maj-C = \"A\"\n", "write Shift"},
		{"Entf", "[modmap.m.keys]\nEntf = \"A\"\n", "write Delete"},
		{"Bild auf", keys + "\"Cmd-Bild auf\" = \"A\"\n", "write PageUp"},
		{"Suppr as what a key becomes", "[modmap.m.keys]\nA = \"Suppr\"\n", "write Delete"},
	} {
		t.Run(c.name, func(t *testing.T) { hinted(t, c.text, c.says, SeverityError) })
	}
}

// A configuration that is valid but probably does something other than intended gets a warning with a hint.
func TestHintsOfWarnings(t *testing.T) {
	const keys = "[keymap.k.keys]\n"
	ask := func(c string) string { return "[keymap.k]\nwhen = '" + c + "'\nkeys.Cmd-F5 = \"A\"\n" }
	for _, c := range []struct{ name, text, says string }{
		{"type of a keyboard", "[[keyboard]]\nmatch = { name = \"K3\" }\ntype = \"aple\"\n", `did you mean "apple"?`},
		{"mac as a type", "[[keyboard]]\nmatch = { name = \"K3\" }\ntype = \"mac\"\n", `did you mean "apple"?`},
		{"type in a condition", ask(`keyboard == "aple"`), `did you mean "apple"?`},
		{"plasma", ask(`desktop == "plasma"`), `write "kde"`},
		{"gnome-shell", ask(`desktop == "gnome-shell"`), `write "gnome"`},
		{"a desktop in a list", ask(`desktop in ["kde", "xfce4"]`), `write "xfce"`},
		{"misspelt desktop", ask(`desktop == "hyperland"`), `did you mean "hyprland"?`},
		{"session x", ask(`session == "x"`), `"x11"`},
		{"session weyland", ask(`session == "weyland"`), `"wayland"`},
		{"desktop file", ask(`app == "firefox.desktop"`), `write "firefox"`},
		{"asterisk", ask(`title == "*vim*"`), `title contains "vim"`},
		{"regular expression", ask(`title == "^vim"`), "title matches"},
		{"exe", ask(`exe == "firefox"`), `endsWith "/firefox"`},
		{"asterisk in a group", "[groups]\ng = [\"fire.*\"]\n[keymap.k]\nwhen = \"g\"\nkeys.Cmd-F5 = \"A\"\n", "between slashes"},
		{"LCmd where Cmd is another key", "extends = \"mac\"\n" + keys + "LCmd-F5 = \"A\"\n", "write Cmd"},
		{"RightCommand where Cmd is another key", "extends = \"mac\"\n" + keys + "RightCommand-F5 = \"A\"\n", "write Cmd"},
		{"Ctrl where it is another key", "extends = \"mac\"\n" + keys + "Ctrl-F5 = \"A\"\n", "MacCtrl for the key labelled Ctrl"},
		{"Control where it is another key", "extends = \"mac\"\n" + keys + "Shift-Control-F5 = \"A\"\n", "write Cmd for that"},
		{"Alt where it is another key", "extends = \"mac\"\n" + keys + "Alt-F5 = \"A\"\n", "write Opt for that, and Cmd for the key labelled Alt"},
		{"Alt with Shift where it is another key", keys + "\"Shift+Alt+F5\" = \"A\"\n", "write Opt for that"},
		{"Super where it is another key", "extends = \"mac\"\n" + keys + "Super-F5 = \"A\"\n", "write MacCtrl"},
		{"LWin where it is another key", "extends = \"mac\"\n" + keys + "LWin-F5 = \"A\"\n", "write MacCtrl"},
		{"macro", keys + "Cmd-F5 = { macro = [\"A\", \"B\"] }\n", "are a list"},
		{"command in one text", keys + "Cmd-F5 = { run = [\"kitty -e top\"] }\n", `run = ["kitty", "-e", "top"]`},
		{"home in a command", keys + "Cmd-F5 = { run = [\"~/bin/x\"] }\n", `"sh", "-c"`},
		{"shell in a command", keys + "Cmd-F5 = { run = [\"a\", \"&&\", \"b\"] }\n", `"sh", "-c"`},
		{"combo as a text", keys + "Cmd-F5 = { text = \"Ctrl-C\" }\n", `write "Ctrl-C"`},
		{"a table of the built-in configuration", "[keymap.terminals]\nwhen = 'app == \"kitty\"'\n", "extend = true"},
		{"a group of the built-in configuration", "[groups]\nterminals = [\"kitty\"]\n", "add = [...]"},
	} {
		t.Run(c.name, func(t *testing.T) { hinted(t, c.text, c.says, SeverityWarning) })
	}
}

// Correct configurations get none of these warnings.
func TestNoHints(t *testing.T) {
	for _, text := range []string{
		"[modmap.m.keys]\nCapsLock = \"LeftCtrl\"\n",
		"extends = \"none\"\n[keymap.k.keys]\nLCmd-F5 = \"A\"\nSuper-F6 = \"A\"\n",
		"extends = \"none\"\n[keymap.k.keys]\nCtrl-F5 = \"A\"\n",
		"extends = \"none\"\n[keymap.k.keys]\nAlt-F5 = \"A\"\n",
		"extends = \"windows\"\n[keymap.k.keys]\nAlt-F5 = \"A\"\n",
		"extends = \"mac\"\n[keymap.k.keys]\nOpt-F5 = \"Alt-A\"\nOption-F6 = \"A\"\nLeftAlt-F7 = \"A\"\nAltGr-F8 = \"A\"\n",
		"extends = \"mac\"\n[modifiers]\nAlt = \"Alt\"\n[keymap.k.keys]\nAlt-F5 = \"A\"\n",
		"extends = \"windows\"\n[keymap.k.keys]\nCtrl-F5 = \"A\"\n",
		"extends = \"mac\"\n[keymap.k.keys]\nMacCtrl-F5 = \"Ctrl-L\"\nRightCtrl-F6 = \"A\"\n",
		"extends = \"mac\"\n[keymap.k.keys]\nCmd-F5 = \"A\"\nLeftMeta-F6 = \"A\"\n", // the kernel's name is meant
		"[keymap.k.keys]\nF13 = \"LeftMeta\"\nCapsLock = \"Ctrl\"\n",                // its key is that modifier while it is held
		"[[keyboard]]\nmatch = { name = \"K3\" }\ntype = \"split\"\n[keymap.k]\nwhen = 'keyboard == \"split\"'\nkeys.Cmd-F5 = \"A\"\n",
		"[[keyboard]]\nmatch = { name = \"K3\" }\ntype = \"ibn\"\n[keymap.k.keys]\nCmd-F5 = { if = 'keyboard == \"ibn\"', then = \"A\" }\n",
		"[keymap.k]\nwhen = 'desktop in [\"kde\", \"xfce\", \"mydesktop\"] and session == \"x11\" and exe == \"/usr/bin/x\"'\nkeys.Cmd-F5 = \"A\"\n",
		"[keymap.k.keys]\nCmd-F5 = { run = [\"sh\", \"-c\", \"a && b > ~/x\"] }\nCmd-F6 = { text = \"well-known\" }\nCmd-F7 = { run = [\"/opt/My Program/x\", \"a b\"] }\n",
	} {
		c, err := Parse("config.toml", []byte(text), Options{})
		if err != nil {
			t.Errorf("%s\n%v", text, err)
			continue
		}
		for _, w := range c.Warnings {
			t.Errorf("%s\n%v", text, w)
		}
	}
}

func hinted(t *testing.T, text, says string, severity Severity) {
	t.Helper()
	c, err := Parse("config.toml", []byte(text), Options{})
	problems := Problems(err)
	switch {
	case severity == SeverityError && err == nil:
		t.Fatalf("it is accepted:\n%s", text)
	case severity == SeverityWarning && err != nil:
		t.Fatalf("it is refused: %v", err)
	case err == nil:
		problems = c.Warnings
	}
	for _, p := range problems {
		if p.Severity == severity && strings.Contains(p.Hint, says) {
			return
		}
	}
	t.Errorf("no hint says %q:\n%s", says, (&Error{problems}).Error())
}
