# Key bindings of an office laptop with an external keyboard.
import re
import subprocess
from datetime import datetime

from xwaykeyz.config_api import *
from xwaykeyz.lib.logger import debug, error

STARTED = datetime.now()

# ---------------------------------------------------------------------------
# What the machine is
# ---------------------------------------------------------------------------

DESKTOP_ENV = None
DISTRO_ID = detect_distro()

environ_api(
    session_type="wayland",
    wl_desktop_env="kde",
)

devices_api(
    only_devices=[
        "AT Translated Set 2 keyboard",
        "Office Keyboard Model 5",
        "/dev/input/by-id/usb-Clicker-event-kbd",
    ],
    ignore_devices=["YubiKey OTP"],
)

timeouts(multipurpose=0.4, suspend=0.25)

timeouts(
    suspend=1,
    tap_interval=0.3,
    when=lambda ctx: ctx.wm_class == "firefox",
)

throttle_delays(key_pre_delay_ms=4, key_post_delay_ms=6)

dump_diagnostics_key(Key.F13)
emergency_eject_key(Key.F14)
ignore_repeating_keys(False)

add_modifier("HYPER", aliases=["Hyper"], key=Key.F24)

# ---------------------------------------------------------------------------
# Lists of applications
# ---------------------------------------------------------------------------

terminals = [
    "alacritty",
    "Gnome-Terminal",
    "kitty",
    "org.kde.konsole",
    "xterm",
]
terminals = [x.casefold() for x in terminals]
terminals_re = "|".join("^" + x + "$" for x in terminals)

editors = ["Code", "VSCodium"]
editors += ["sublime_text"]

browsers: list = ["firefox", "chromium"] + ["brave-browser"]
browser_class = re.compile("^(?:" + "|".join(browsers) + ")$", re.IGNORECASE)

remotes = ["remmina", "xfreerdp"]

dialogs = [
    {"clas": "^zenity$"},
    {"clas": "^kate$", "name": "Configure|Settings"},
    {"clas": "^thunderbird$", "not_name": "^Write:"},
]

ST = to_US_keystrokes
UC = unicode_keystrokes
ignore_key = ComboHint.IGNORE


def is_remote(ctx):
    """Another machine's screen."""
    return ctx.wm_class.casefold() in remotes


def is_terminal(ctx) -> bool:
    return re.search(terminals_re, ctx.wm_class, re.I)


def after_hours(ctx):
    hour = datetime.now().hour
    if hour > 18:
        return True
    return False


def lock_screen():
    subprocess.run(["loginctl", "lock-session"])


class Latch:
    armed = False

    def flip(self):
        self.armed = not self.armed


latch = Latch()


# ---------------------------------------------------------------------------
# Keys that are other keys
# ---------------------------------------------------------------------------

modmap("everywhere", {
    Key.CAPSLOCK: Key.LEFT_CTRL,
    Key.RIGHT_META: Key.RIGHT_CTRL,
    Key.SCROLLLOCK: Key.F24,
})

modmap("the external keyboard", {
    Key.LEFT_META: Key.LEFT_ALT,
    Key.LEFT_ALT: Key.RIGHT_CTRL,
    Key.KPENTER: Key.ENTER,
}, when=lambda ctx: ctx.device_name == "Office Keyboard Model 5" and not is_terminal(ctx))

modmap("keypad", {
    Key.KP8: Key.UP,
    Key.KP2: Key.DOWN,
}, when=matchProps(numlk=False, not_devn="^AT "))

multipurpose_modmap("enter", {
    Key.ENTER: [Key.ENTER, Key.RIGHT_CTRL],
    Key.LEFT_CTRL: [Key.ESC, Key.LEFT_CTRL],
})

multipurpose_modmap("space in terminals", {
    Key.SPACE: [Key.SPACE, Key.RIGHT_SHIFT],
}, when=lambda ctx: ctx.wm_class.casefold() in terminals)

# ---------------------------------------------------------------------------
# Applications
# ---------------------------------------------------------------------------

keymap("Compose window", {
    C("RC-Enter"): C("Ctrl-Enter"),
    C("Alt-Super-I"): C("Shift-C-i"),
}, when=matchProps(clas="^thunderbird$", name="^Write:"))

keymap("Dialogs", {
    C("RC-w"): [C("Esc")],
    C("RC-Dot"): Key.ESC,
}, when=matchProps(lst=dialogs))

keymap("Browsers", {
    # tabs
    C("RC-Shift-Left_Brace"): [bind, C("C-Page_Up")],
    C("RC-Shift-Right_Brace"): [bind, C("C-Page_Down")],
    C("RC-Comma"): [C("C-t"), sleep(0.1), ST("about:preferences"), Key.ENTER],
    C("RC-Key_1"): C("Alt-1"),
    C("RC-Key_2"): C("Alt-2"),
    # nothing to minimise
    C("RC-m"): ignore_key,
    C("RC-h"): None,
    C("RC-y"): [C("C-h"), usleep(50), C("C-f")],
    C("RC-backslash"): lambda: subprocess.Popen(["xdg-open", "https://example.org"]),
    C("RC-slash"): toggle_reader_mode,
}, when=lambda ctx: browser_class.search(ctx.wm_class))

keymap("Editors", {
    C("RC-k"): {
        C("RC-s"): C("C-k"),
        C("RC-c"): [C("C-k"), C("C-c")],
        C("u"): {
            C("x"): C("F5"),
        },
    },
    C("RC-x"): {
        immediately: C("Esc"),
        C("RC-f"): C("C-o"),
        C("RC-s"): C("C-s"),
    },
    C("C-Space"): set_mark(True),
    C("C-f"): with_mark(C("Right")),
    C("C-g"): [C("Esc"), set_mark(False)],
    C("C-q"): escape_next_key,
    C("M-q"): escape_next_combo,
}, when=lambda ctx: ctx.wm_class in editors)

keymap("Not JetBrains toolbox", {
    C("RC-n"): C("Alt-Insert"),
}, when=matchProps(clas=r"^jetbrains-(?!toolbox).*$"))

keymap("Terminals", {
    C("RC-c"): C("C-Shift-c"),
    C("RC-v"): C("C-Shift-v"),
    C("RC-Dot"): C("C-c"),
    C("RC-k"): lock_screen,
    C("LC-RC-f"): C("Alt-F10"),
    C("Alt-Backspace"): C("C-w"),
    C("Alt-Delete"): [C("Esc"), C("d")],
}, when=is_terminal)

keymap("Evenings", {
    C("RC-e"): C("F20"),
}, when=after_hours)

if DESKTOP_ENV == "kde":
    keymap("KDE", {
        C("RC-Space"): C("Alt-F2"),
        C("Super-Left"): C("C-F1"),
    })
elif DESKTOP_ENV in ["gnome", "cinnamon"]:
    keymap("GNOME", {
        C("RC-Space"): Key.LEFT_META,
    }, when=lambda ctx: not is_remote(ctx))
else:
    keymap("other desktops", {
        C("RC-Space"): C("Alt-F1"),
    })

if latch.armed:
    keymap("latched", {
        C("RC-l"): C("F12"),
    })

if DISTRO_ID == "fedora" and SESSION_TYPE == "wayland":
    keymap("Fedora", {
        C("RC-q"): C("Super-q"),
    })

for n in range(1, 10):
    keymap("workspace %d" % n, {
        C("Super-%d" % n): C("C-F%d" % n),
    })

keymap("Special characters", {
    C("Alt-Shift-Key_8"): UC(0x00B0),
    C("Alt-e"): UC(0x20AC),
    C("Alt-Shift-Minus"): [UC(0x2014), ST("dash")],
    C("Alt-n"): UC(0x0303),
    C("Alt-x"): UC(ord("x")),
}, when=lambda ctx: not is_terminal(ctx) and not is_remote(ctx) and ctx.capslock_on is False)

keymap("Hyper", {
    C("Hyper-h"): C("Left"),
    C("Hyper-j"): C("Down"),
    C("Shift-Hyper-h"): C("Shift-Left"),
    C("Hypr-l"): C("Right"),
    C("Hyper-NOSUCHKEY"): C("Right"),
})

keymap("Everywhere", {
    C("RC-Tab"): [bind, C("Alt-Tab")],
    C("RC-Shift-Tab"): [bind, C("Alt-Shift-Tab")],
    C("RC-Left"): C("Home"),
    C("RC-Right"): C("End"),
    C("RC-Shift-Left"): C("Shift-Home"),
    C("RC-Up"): C("C-Home"),
    C("RC-Down"): C("C-End"),
    C("Alt-Left"): C("C-Left"),
    C("Alt-Right"): C("C-Right"),
    C("Super-a"): C("Home"),
    C("Super-e"): C("End"),
    C("Super-k"): [C("Shift-End"), C("Backspace")],
    C("RC-Shift-d"): [
        ST("Kind regards,\n"
           "the office"),
    ],
    C("RC-F5"): MultiTap({1: C("F5"), 2: [C("Shift-F5")]}),
    C("RC-F6"): latch.flip,
    C("RC-F7"): [C("F7"), lambda: latch.flip(), C("F8")],
}, when=lambda ctx: ctx.wm_class not in remotes and "gimp" not in ctx.wm_class)

try:
    from local_bindings import *
except ImportError:
    debug("no local bindings")

print("loaded at", STARTED)
include("more.py")
