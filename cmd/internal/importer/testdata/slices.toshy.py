# A configuration of Toshy, with what its user has changed.
from xwaykeyz.config_api import *

###  SLICE_MARK_START: keymapper_api  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE
throttle_delays(
    key_pre_delay_ms    = 10,
    key_post_delay_ms   = 14,
)
devices_api(
    only_devices = [],
)
###  SLICE_MARK_END: keymapper_api  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE

terminals = ["alacritty", "kitty"]

def toRgxStr(lst):
    return "|".join(lst)

modmap("Cond modmap - GUI - Win kb", {
    Key.LEFT_ALT: Key.RIGHT_CTRL,
}, when = lambda ctx: isKBtype('Windows', map="mmap GUI")(ctx))

###  SLICE_MARK_START: user_custom_lists  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE
my_editors = ["helix", "zed"]
###  SLICE_MARK_END: user_custom_lists  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE

keymap("General GUI", {
    C("RC-Q"): C("Alt-F4"),
}, when = lambda ctx: cnfg.screen_has_focus)

###  SLICE_MARK_START: user_custom_modmaps  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE
modmap("my keys", {
    Key.PAUSE: Key.PLAYPAUSE,
}, when = lambda ctx: isKBtype('Apple', map="x")(ctx) and cnfg.multi_lang is False)
###  SLICE_MARK_END: user_custom_modmaps  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE

###  SLICE_MARK_START: user_apps  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE
keymap("User overrides: editors", {
    C("RC-Comma"): [iEF2NT(), C("C-Comma")],
    C("RC-Tab"): [iEF2NT(), bind, C("Alt-Tab")],
    C("RC-R"): iEF2(C("F5"), True),
}, when = lambda ctx:
    cnfg.screen_has_focus and
    matchProps(clas=toRgxStr(my_editors))(ctx) )

keymap("General GUI", {
    C("RC-H"): C("Super-H"),
}, when = lambda ctx: matchProps(not_clas="^(?:alacritty|kitty)$")(ctx) and cnfg.screen_has_focus)
###  SLICE_MARK_END: user_apps  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE
