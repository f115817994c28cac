# -*- coding: utf-8 -*-
# The old way: xkeysnail and Kinto.
import re
from xkeysnail.transform import *

define_timeout(1)

define_modmap({
    Key.CAPSLOCK: Key.LEFT_CTRL,
})

define_conditional_modmap(re.compile(r'Emacs'), {
    Key.RIGHT_CTRL: Key.ESC,
})

define_conditional_modmap(lambda wm_class, device_name: device_name.startswith("Apple"), {
    Key.LEFT_META: Key.RIGHT_CTRL,
})

define_multipurpose_modmap({
    Key.SPACE: [Key.SPACE, Key.LEFT_SHIFT],
})

define_conditional_multipurpose_modmap(lambda wm_class, device_name: wm_class == "Gimp", {
    Key.TAB: [Key.TAB, Key.LEFT_ALT],
})

terminals = ("urxvt", "konsole")

define_keymap(re.compile("Firefox|Google-chrome", re.I), {
    K("C-M-j"): K("C-TAB"),
    K("C-M-k"): K("C-Shift-TAB"),
    K("C-f"): {
        K("C-h"): K("C-page_up"),
        K("C-x"): pass_through_key,
    },
    Key.F1: launch(["gnome-help"]),
}, "browsers")

define_keymap(lambda wm_class: wm_class.casefold() not in terminals, {
    K("C-b"): with_mark(K("left")),
    K("C-space"): set_mark(True),
    K("C-g"): [K("esc"), set_mark(False)],
    K("LC-q"): escape_next_key,
    K("Super-LM-x"): [K("C-x"), K("C-s")],
    K("C-x"): launch(["sh", "-c", f"notify-send {terminals}"]),
}, "Emacs-like keys")

define_keymap(None, {
    K("RC-Tab"): K("RM-Tab"),
    K("C-semicolon"): Key.SEMICOLON,
})
