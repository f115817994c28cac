# A configuration of Toshy, with what its user has changed.
from xwaykeyz.config_api import *

###  SLICE_MARK_START: keymapper_api  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE
dump_diagnostics_key(Key.F15)
emergency_eject_key(Key.F16)
timeouts(
    multipurpose        = 1,
    suspend             = 1,
)
throttle_delays(
    key_pre_delay_ms    = 12,
    key_post_delay_ms   = 14,
)
devices_api(
    only_devices = [],
)
###  SLICE_MARK_END: keymapper_api  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE

try:
    keyboard_layout_correction(
        correction_enabled  = False,
    )
except NameError:
    pass

###  SLICE_MARK_START: env_overrides  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE
OVERRIDE_DISTRO_ID              = None
OVERRIDE_DESKTOP_ENV            = 'kde'
wlroots_compositors             = [
    'obscurewm',
]
###  SLICE_MARK_END: env_overrides  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE

terminals = ["alacritty", "kitty"]
terminals = [x.casefold() for x in terminals]

###  SLICE_MARK_START: kbtype_override  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE
keyboards_UserCustom_dct = {
    # Valid types to map device to: Apple, Windows, IBM, Chromebook (case sensitive)
    'My Keyboard Device Name': 'Apple',
    'Keychron K3': 'Apple',
    'Strange Board': 'Amiga',
}
###  SLICE_MARK_END: kbtype_override  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE

###  SLICE_MARK_START: exclude_kpad_devs  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE
exclude_kpad_devs_UserCustom_lod = [
    {devn: 'Numpad of Mine'},
]
###  SLICE_MARK_END: exclude_kpad_devs  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE

def toRgxStr(lst):
    return "|".join(lst)

modmap("Cond modmap - GUI - Win kb", {
    Key.LEFT_ALT: Key.RIGHT_CTRL,
}, when = lambda ctx: isKBtype('Windows', map="mmap GUI")(ctx))

###  SLICE_MARK_START: user_custom_lists  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE
my_editors = ["helix", "zed"]
terminals.extend(["warp.*", "rio"])
terminals.append("blink")
applelogoalert_enabled = False
###  SLICE_MARK_END: user_custom_lists  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE

keymap("General GUI", {
    C("RC-Q"): C("Alt-F4"),
}, when = lambda ctx: cnfg.screen_has_focus)

###  SLICE_MARK_START: user_custom_modmaps  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE
modmap("my keys", {
    Key.PAUSE: Key.PLAYPAUSE,
}, when = lambda ctx: isKBtype('Apple', map="x")(ctx) and cnfg.multi_lang is False)
###  SLICE_MARK_END: user_custom_modmaps  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE

###  SLICE_MARK_START: user_custom_functions  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE
def my_greeting():
    os.system("echo " + name)
    return None
###  SLICE_MARK_END: user_custom_functions  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE

###  SLICE_MARK_START: user_apps  ###  EDITS OUTSIDE THESE MARKS WILL BE LOST ON UPGRADE
keymap("User hardware keys", {
    C("Print"): C("Super-Print"),
}, when = lambda ctx:
    cnfg.screen_has_focus and
    not ctx_app_is_remote
)

keymap("Windows keyboards in terminals", {
    C("Super-K"): C("C-L"),
}, when = lambda ctx: KBTYPE == 'Windows' and ctx.wm_class.casefold() in terminals)

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
